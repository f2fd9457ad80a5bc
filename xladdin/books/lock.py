"""Who has the workbook: one job at a time, and never beside a person who has it open in Excel or Calc."""

from __future__ import annotations

import contextlib
import csv
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import BookError

__all__ = ["BookLock", "opened_by", "refuse_opened"]

SOMEONE = "someone"
LONGEST_OWNER = 54
"""Bytes that Excel keeps for the name in its `~$` file."""


class BookLock:
    """The exclusive right of one job to work on a workbook, from reading it to writing the results.

    It is a lock on the hidden file `.NAME.lock` beside the workbook, which is gone once the job is done. In a folder
    that cannot be written nobody can replace the workbook either, so there reading goes on without a lock.
    """

    def __init__(self, book: Path, wait: float) -> None:
        self._path = book.with_name(f".{book.name}.lock")
        self._lock: FileLock | None = FileLock(self._path, timeout=wait)
        try:
            self._lock.acquire()
        except Timeout:
            raise BookError(
                f"{book.name} is in use by another PerpDesk job; wait until it is done, then run this one again"
            ) from None
        except OSError:
            self._lock = None

    def release(self) -> None:
        """Let the next job in."""
        if self._lock is None:
            return
        with contextlib.suppress(OSError):  # Windows refuses while the lock is held and removes the file itself
            self._path.unlink(missing_ok=True)
        self._lock.release()
        self._lock = None


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
