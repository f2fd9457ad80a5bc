"""Names that a workbook file may have, told before anything is opened."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from core.errors import BookError

__all__ = ["SUFFIXES", "check_suffix", "is_backup", "refuse_bad_name", "suffix_of"]

SUFFIXES = (".xlsx", ".xlsm")
BACKUP = ".bak"

LONGEST_NAME = 230
"""Bytes of a file's name: a disk takes 255, and the names of lock, backup and half-written files are longer by 19."""


def check_suffix(path: Path) -> None:
    """Nothing for the file name of a workbook or its backup. Raises BookError that says what to do with any other."""
    suffix = suffix_of(path).lower()
    if suffix in SUFFIXES:
        return
    if suffix in {".csv", ".gz", ".parquet"}:
        remedy = "load market data into a desk with `perpdesk refresh BOOK --from FILE`"
    elif suffix in {".xls", ".xlsb", ".ods", ".xltx", ".xltm", ".xlam"}:
        remedy = "open it in Excel or Calc and save it as Excel Workbook (*.xlsx)"
    elif path.is_dir():
        remedy = "name a workbook in that folder"
    else:
        remedy = "name a file that ends with .xlsx or .xlsm"
    raise BookError(f"{path.name or path} is not an .xlsx or .xlsm workbook; {remedy}")


def suffix_of(path: Path) -> str:
    """The ending that says what kind of workbook a file is: that of `desk.xlsx.bak` is `.xlsx`."""
    return Path(path.stem).suffix if is_backup(path) else path.suffix


def is_backup(path: Path) -> bool:
    """Whether a file bears the name of a workbook's backup."""
    return path.suffix.lower() == BACKUP and Path(path.stem).suffix.lower() in SUFFIXES


def refuse_bad_name(path: Path) -> None:
    """Nothing for a path that this machine can look at. Raises BookError for a name that is too long."""
    length = len(os.fsencode(path.name))
    if length > LONGEST_NAME:
        raise BookError(
            f"the name {path.name[:40]}... has {length} bytes and may have {LONGEST_NAME}, for its backup beside it "
            "is longer; shorten it"
        )
    try:
        path.stat()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise BookError(f"{str(path)[:200]} cannot be read: {error.strerror}; check the path") from None
