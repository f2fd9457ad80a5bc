"""The sample desk with a short past, and surgery on the archive that a workbook file is."""

from __future__ import annotations

import zipfile
from pathlib import Path

__all__ = ["BARS", "made", "members", "packed", "worked"]

BARS = 90
WINDOW = 60.0


def made(path: Path, bars: int = BARS) -> Path:
    """The sample desk with its last bars, before any job."""
    from xladdin.desk.template.build import sample_book

    with sample_book() as book:
        for name in ("Prices", "Funding"):
            past = book.series(name)
            book.write_series(name, past.times[-bars:], past.numbers[-bars:], past.header)
        book.write_value("Window", WINDOW)
        return book.commit(path)


def worked(path: Path) -> Path:
    """That desk once Rebalance, Hedge, Stress and Check have run: every kind of result stands in it."""
    from xladdin.books.file_book import FileBook
    from xladdin.desk import jobs

    made(path)
    with FileBook.open(path) as book:
        for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
            job(book)
        book.commit()
    path.with_name(f"{path.name}.bak").unlink()
    return path


def members(path: Path) -> dict[str, bytes]:
    """The parts of a workbook file, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    """A workbook file of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path
