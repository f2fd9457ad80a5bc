"""Whether a person has a workbook open in Excel or Calc, as the lock files of these programs say."""

from __future__ import annotations

import csv
from pathlib import Path

from core.errors import BookError

__all__ = ["opened_by", "refuse_opened"]

SOMEONE = "someone"
LONGEST_OWNER = 54
"""Bytes that Excel keeps for the name in its `~$` file."""


def opened_by(book: Path) -> str | None:
    """Who has the workbook open in Excel or Calc, as their lock files say; None when nobody has."""
    excel = book.with_name(f"~${book.name}")
    if excel.exists():
        return _excel_owner(excel)
    calc = book.with_name(f".~lock.{book.name}#")
    if calc.exists():
        return _calc_owner(calc)
    return None


def refuse_opened(book: Path) -> None:
    """Nothing when nobody has the workbook open. Raises BookError that names who has."""
    owner = opened_by(book)
    if owner is not None:
        raise BookError(
            f"{book.name} is open in {owner}; close it there, or write to another file with --out "
            f"(if nobody has it open, delete the leftover lock file beside it)"
        )


def _excel_owner(lock: Path) -> str:
    """Excel writes the length of the name, the name in one-byte characters, then both again in UTF-16."""
    try:
        content = lock.read_bytes()
    except OSError:
        return f"Excel ({SOMEONE})"
    name = content[1 : 1 + min(content[0], LONGEST_OWNER)].decode("latin-1").strip() if content else ""
    return f"Excel ({name or SOMEONE})"


def _calc_owner(lock: Path) -> str:
    """LibreOffice writes one line: full name, user name, machine, time, profile."""
    try:
        fields = next(csv.reader([lock.read_text("utf-8", errors="replace").strip()], escapechar="\\"), [])
    except (OSError, csv.Error):
        fields = []
    name = next((field.strip() for field in fields[:2] if field.strip()), SOMEONE)
    return f"LibreOffice ({name})"
