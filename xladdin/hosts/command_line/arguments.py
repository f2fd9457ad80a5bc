"""Arguments that several commands take in the same words."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from .declared import argument

__all__ = ["BOOK", "DRY_RUN", "FORCE", "JSON", "OUT", "SET", "count"]


def count(word: str) -> int:
    """A whole number from 1. Raises ArgumentTypeError."""
    if not word.isdecimal() or int(word) < 1:
        raise ArgumentTypeError(f"{word} is no whole number from 1")
    return int(word)


BOOK = argument("book", metavar="BOOK", type=Path, help="The desk workbook (.xlsx).")

OUT = argument(
    "--out",
    metavar="FILE",
    type=Path,
    help="Where to write; by default NAME.results.xlsx beside BOOK, in which it goes on.",
)

FORCE = argument(
    "--force",
    action="store_true",
    help="Replace what stands there even if it is none of this desk's (kept as NAME.bak).",
)

SET = argument(
    "--set",
    metavar="NAME=VALUE",
    dest="settings",
    action="append",
    default=[],
    help="A setting to change in what is written; NAME= blanks it.",
)

JSON = argument("--json", dest="as_json", action="store_true", help="As JSON, for programs.")

DRY_RUN = argument("--dry-run", action="store_true", help="List the steps, and take none.")
