"""What is refused before anything is unpacked: files that are no workbooks, too large ones, dangerous ones."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from core.errors import BookError

__all__ = ["LARGEST_FILE", "ZIP_FAULTS", "checked_archive", "read_file"]

LARGEST_FILE = 256 << 20
MOST_PARTS = 5_000
LARGEST_PART = 256 << 20
LARGEST_BOOK = 1 << 30
USUAL_BOOK = 200 << 20
USUAL_PART = 10 << 20
LARGEST_RATIO = 400
"""How many times its packed size a part above the usual size may have; spreadsheet XML stays below 100."""
LARGEST_BOOK_RATIO = 60
"""How many times its own size a file above the usual size may unpack to; numbers have 4, blank styled rows 8."""
LONGEST_NAME = 255

ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_file(path: Path) -> bytes:
    """The content of an ordinary file of a size that a workbook has; never waits for one that is none.

    Raises BookError: a pipe or device, or too large. Raises OSError as `open` does.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise BookError(f"{path} is no ordinary file; name a workbook file")
        if found.st_size > LARGEST_FILE:
            raise BookError(
                f"{path.name} has {found.st_size >> 20:,} MB and a workbook may have {LARGEST_FILE >> 20}; "
                "keep a shorter history in it"
            )
        return file.read(LARGEST_FILE + 1)


def checked_archive(name: str, raw: bytes) -> zipfile.ZipFile:
    """The archive, of which nothing but the directory is read. Raises BookError when it is not a workbook's."""
    if raw.startswith(_COMPOUND_FILE):
        if _ENCRYPTED in raw:
            raise BookError(
                f"{name} is protected by a password; take the password off in Excel (File > Info) and save it"
            )
        raise BookError(f"{name} is an old .xls under a new name; save it in Excel as Excel Workbook (*.xlsx)")
    if not raw.startswith(b"PK\x03\x04"):
        raise BookError(f"{name} is not a workbook (it is no zip archive); save it in Excel as Excel Workbook (*.xlsx)")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except ZIP_FAULTS:
        raise BookError(f"{name} is cut short or damaged; restore it from the backup") from None
    infos = archive.infolist()
    names = [info.filename.lower() for info in infos]
    if len(infos) > MOST_PARTS or len(set(names)) != len(names):
        raise BookError(
            f"{name} holds too many or duplicate parts, as no spreadsheet program writes them; it is not opened"
        )
    for info in infos:
        _refuse_member(name, info)
    total = sum(info.file_size for info in infos)
    if total > LARGEST_BOOK or (total > USUAL_BOOK and total > LARGEST_BOOK_RATIO * len(raw)):
        raise BookError(f"{name} unpacks to {total >> 20} MB; it is not opened, keep a shorter history in it")
    return archive


def _refuse_member(name: str, info: zipfile.ZipInfo) -> None:
    part = info.filename
    outside = part.startswith("/") or "\\" in part or ".." in part.split("/")
    if outside or not part or len(part) > LONGEST_NAME or info.flag_bits & 1:
        raise BookError(f"{name} holds the unsafe or encrypted part '{part[:60]}'; it is not opened")
    bomb = info.file_size > USUAL_PART and info.file_size > LARGEST_RATIO * max(info.compress_size, 1)
    if info.file_size > LARGEST_PART or bomb:
        raise BookError(f"{name} holds the part '{part}' that unpacks to {info.file_size >> 20} MB; it is not opened")
