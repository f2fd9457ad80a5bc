"""The desk workbook that ships: drawn from the layout, filled with the sample desk, its jobs run once.

openpyxl, which draws, is loaded only where a desk is drawn: no other command needs to wait for it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...books.file_book import FileBook
from .. import jobs
from .sample import SAMPLE_END, sample_desk

__all__ = ["build_desk", "build_empty_desk", "sample_book"]


@contextmanager
def sample_book() -> Iterator[FileBook]:
    """The synthetic sample desk before any job has run; in a temporary folder until it is committed to a path."""
    from .workbook import build

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "desk.xlsx"
        build(path, sample_desk())
        with FileBook.open(path) as book:
            yield book


def build_empty_desk(path: Path) -> None:
    """Write a desk workbook without a sample at `path`: the settings and the shipped scenarios. Raises BookError."""
    from .workbook import build

    build(path)


def build_desk(path: Path) -> None:
    """Write the desk workbook at `path`: the sample desk with the results of rebalance, hedge, stress and backtest.

    The runs bear the time of the sample's last bar, so that the same code builds the same desk. Raises BookError.
    """
    with sample_book() as book:
        for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.backtest):
            job(book, SAMPLE_END)
        book.commit(path)
