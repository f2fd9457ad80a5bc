"""The desk that ships, its results of a day in it, with the last hours of its history only: cut once, then copied.

path = shipped_desk(tmp_path / "desk.xlsx")

It holds two fifths of the cells, which is what it takes to read it and to compare it. The hours are the window of the
sample desk and some decisions of a backtest more. Rows that are printed again on each page are left out: LibreOffice
takes as long for them as for all the rest of the workbook when it opens it.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook

__all__ = ["BARS", "shipped_desk"]

BARS = 1_000

TITLES = re.compile(rb'<definedName [^>]*"_xlnm.Print_Titles"[^>]*>[^<]*</definedName>')


def shipped_desk(path: Path) -> Path:
    """Write it to `path`, which is the answer too."""
    path.write_bytes(_short())
    return path


@cache
def _short() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(shutil.copy(ROOT / "workbooks" / "PerpDesk.xlsx", folder))
        with FileBook.open(path) as book:
            for name in ("Prices", "Funding", "Factors"):
                past = book.series(name)
                book.write_series(name, past.times[-BARS:], past.numbers[-BARS:], past.header)
            book.commit()
        return _without_titles(path)


def _without_titles(path: Path) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            data = before.read(name)
            after.writestr(name, TITLES.sub(b"", data) if name == "xl/workbook.xml" else data)
    return written.getvalue()
