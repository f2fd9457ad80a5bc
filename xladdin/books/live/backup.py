"""A copy of the open workbook, made before the first results of a session go in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import BookError

from .excel import excel_said, save_copy

__all__ = ["keep_copy", "local_path"]

_kept: set[Path] = set()
"""The workbooks of which this process has made a copy: a session is the life of the process that Excel talks to."""


def keep_copy(book: Any) -> None:
    """Write `NAME.bak` beside the workbook, once a session. Raises BookError when that is not possible.

    A workbook in the cloud has its versions there and gets no copy.
    """
    path = local_path(book)
    if path is None or path in _kept:
        return
    backup = path.with_name(f"{path.name}.bak")
    try:
        with excel_said(f"keep a copy of {path.name}"):
            save_copy(book, backup)
    except OSError as error:
        raise BookError(
            f"no copy of {path.name} can be kept beside it ({error.strerror or error}); nothing was written"
        ) from error
    _kept.add(path)


def local_path(book: Any) -> Path | None:
    """The file of an open book, None for one in the cloud. Raises BookError for one that was never saved."""
    from xlwings import XlwingsError

    try:
        name = str(book.fullname)
    except XlwingsError:
        return None
    if "://" in name:
        return None
    path = Path(name)
    if not path.is_absolute():
        raise BookError(f"{name} was never saved; save it once, so that a copy can be kept before results go in")
    return path
