"""The desk workbook that ships: drawn from the layout, filled with the sample desk, its jobs run once."""

from __future__ import annotations

from pathlib import Path

from ..books.file_book import FileBook
from . import jobs
from .sample import sample_desk
from .template import build

__all__ = ["build_desk"]


def build_desk(path: Path, *, run_jobs: bool = True) -> None:
    """Write a desk workbook with the synthetic sample desk at `path`; with the results of its jobs, or without.

    The runs bear the time of the sample's last bar, so that the same code builds the same desk. Raises BookError.
    """
    sample = sample_desk()
    build(path, sample)
    if not run_jobs:
        return
    now = sample.panel.times[-1].item()
    with FileBook.open(path) as book:
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, now)
        book.commit()
