"""The report as a file: written whole or not at all, and never over a file that is something else."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from core.errors import BookError

from ...books.atomic import replace_file
from ...books.target import content_of
from ...books.workbook import Workbook
from .page import GENERATOR, report_page

__all__ = ["report_beside", "write_report"]

SUFFIXES = (".html", ".htm")
HEAD = 4096
"""Bytes at the beginning of a page within which a report names itself."""


def write_report(book: Workbook, path: Path, now: datetime | None = None) -> Path:
    """Write the page of a desk to `path`, over an older report (then kept as `NAME.bak`); the path.

    Raises BookError when the name is not that of a page, another file has it, or the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise BookError(f"{path.name} is no name for a page; end it in .html")
    if path.is_dir() or (path.exists() and not _is_report(path)):
        raise BookError(f"{path} exists and is no report of PerpDesk; give another name with --out, or move it away")
    before = content_of(path)
    replace_file(path, report_page(book, now), before=before)
    return path


def report_beside(book: Path) -> Path:
    """Where the report of a workbook goes unless somebody says: `desk.results.xlsx` -> `desk.results.html`."""
    return book.with_suffix(".html")


def _is_report(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return f'content="{GENERATOR} '.encode() in file.read(HEAD)
    except OSError as error:
        raise BookError(f"{path} cannot be read: {error.strerror or error}; give another name with --out") from None
