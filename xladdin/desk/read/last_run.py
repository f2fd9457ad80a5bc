"""What the run log says of the last run of a job."""

from __future__ import annotations

from ...books.workbook import Workbook

__all__ = ["last_fingerprint"]


def last_fingerprint(book: Workbook, job: str) -> str | None:
    """The inputs hash of the latest run of a job; None when it never ran."""
    runs = book.table("Runs")
    hashes = [
        fingerprint
        for name, fingerprint in zip(runs.column("Job"), runs.column("InputsHash"), strict=True)
        if name == job
    ]
    return str(hashes[-1]) if hashes else None
