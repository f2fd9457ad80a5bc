"""Arguments that several commands take in the same words.

Those in `TOLD` say how a job tells what came of it: to a person or a program, all or little, with a file or without.
"""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from .declared import argument
from .known import setting_assignments, table_names

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "AS_OF",
    "BASE_URL",
    "BOOK",
    "CSV",
    "DRY_RUN",
    "FORCE",
    "JSON",
    "OUT",
    "PROXY",
    "QUIET",
    "SET",
    "STEPS_ONLY",
    "STORE",
    "TOLD",
    "VENUE",
    "VERBOSE",
    "as_path",
    "count",
    "venue_names",
]


def count(word: str) -> int:
    """A whole number from 1. Raises ArgumentTypeError."""
    if not word.isdecimal() or int(word) < 1:
        raise ArgumentTypeError(f"{word} is no whole number from 1")
    return int(word)


def as_path(word: str) -> Path:
    """A file or a folder by its name; the folder here, which `.` means, by the name that it has."""
    from pathlib import Path

    path = Path(word)
    return path if path.name else path.absolute()


BOOK = argument("book", metavar="BOOK", type=as_path, help="The desk workbook (.xlsx).")

OUT = argument(
    "--out",
    metavar="FILE",
    type=as_path,
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
    completes=setting_assignments,
    help="A setting to change in what is written; NAME= blanks it.",
)

JSON = argument("--json", dest="as_json", action="store_true", alone_in="form", help="As JSON, for programs.")

CSV = argument("--csv", dest="as_csv", action="store_true", alone_in="form", help="As CSV, with one line of headings.")

STEPS_ONLY = argument("--dry-run", action="store_true", help="List the steps, and take none.")

DRY_RUN = argument("--dry-run", action="store_true", help="Do all the work, say what would be written, write nothing.")

STORE = argument(
    "--store",
    metavar="DIR",
    type=as_path,
    help="Folder of what was read from venues; by default PERPDESK_STORE, or this user's own.",
)


def venue_names() -> tuple[str, ...]:
    """The exchanges that can be read, as an option says them."""
    from ....feeds.venue.declared import VENUES

    return tuple(VENUES)


VENUE = argument(
    "--venue",
    metavar="NAME",
    alone_in="source",
    completes=venue_names,
    help="Read this exchange, without a key: bybit, okx, kraken and others of docs/data.md; by default Settings'.",
)

BASE_URL = argument(
    "--base-url", metavar="URL", help="Scheme and host asked instead of the venue's (or PERPDESK_BASE_URL)."
)

PROXY = argument("--proxy", metavar="URL", help="Proxy to the venue; by default that of HTTPS_PROXY or the system.")

AS_OF = argument(
    "--as-of",
    metavar="TIME",
    help="Only what had been read from the venue by then, UTC, as Runs says it; nothing is asked.",
)

TABLE = argument(
    "--table",
    dest="tables",
    metavar="NAME",
    action="append",
    default=[],
    completes=table_names,
    help="Tell this table of the workbook, with all of its columns, instead of the job's own; may be given again.",
)

QUIET = argument(
    *("-q", "--quiet"),
    action="store_true",
    alone_in="words",
    help="Say nothing but what is wrong (on the error stream).",
)

VERBOSE = argument(
    *("-v", "--verbose"),
    action="store_true",
    alone_in="words",
    help="Tell all columns of the tables, and how long each step took.",
)

TOLD = (DRY_RUN, JSON, CSV, TABLE, QUIET, VERBOSE)
