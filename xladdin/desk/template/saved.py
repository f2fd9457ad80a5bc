"""A workbook as a file whose bytes depend on its content alone, not on when or where it was written."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

__all__ = ["save"]

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""The time every part of the package bears, so that the same workbook is the same file."""

NAMES = re.compile(rb"(?<=<definedNames>).*(?=</definedNames>)", re.DOTALL)
NAME = re.compile(rb"<definedName .*?</definedName>", re.DOTALL)
AREA = b'"_xlnm.Print_Area"'


def save(book: Workbook, path: Path) -> None:
    """Write the package with fixed times, so that equal workbooks are equal files."""
    draft = io.BytesIO()
    book.save(draft)
    with zipfile.ZipFile(draft) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, FIXED_TIME)
            member.compress_type = zipfile.ZIP_DEFLATED
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2025-01-01T00:00:00Z", content)
            if name == "xl/workbook.xml":
                content = NAMES.sub(_areas_first, content)
            target.writestr(member, content)


def _areas_first(names: re.Match[bytes]) -> bytes:
    """The names with print areas before all others: LibreOffice breaks all sheets into pages for each title it reads.

    It does so within the areas that it knows by then, and opens the workbook in three quarters of the time.
    """
    each: list[bytes] = NAME.findall(names[0])
    each.sort(key=lambda name: AREA not in name)
    return b"".join(each)
