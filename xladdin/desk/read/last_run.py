"""What the run log says of the last run of a job."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.records import dataclass

from ...books.workbook import Workbook
from .inputs import Desk

__all__ = ["Source", "belongs_to_inputs", "last_job", "last_source"]

_SOURCE = re.compile(r"source=(?P<name>.+?); symbols=.*; bars=(?P<bars>\d+|all)")


@dataclass(frozen=True)
class Source:
    """Where a refresh read: the name of the folder or file, and how many bars (None: all there were)."""

    name: str
    bars: int | None


def belongs_to_inputs(book: Workbook, desk: Desk, job: str) -> bool:
    """Whether the latest run of a job had the inputs that the desk has now; it did not when it never ran."""
    hashes = _of_runs(book, job, "InputsHash")
    return bool(hashes) and str(hashes[-1]) == desk.fingerprint(job)


def last_job(book: Workbook, jobs: Sequence[str]) -> str | None:
    """Which of these jobs ran last; None when none did."""
    ran = [str(job) for job in book.table("Runs").column("Job") if job in jobs]
    return ran[-1] if ran else None


def last_source(book: Workbook) -> Source | None:
    """The source of the latest refresh; None when there was none."""
    asked = _of_runs(book, "refresh", "Parameters")
    match = _SOURCE.fullmatch(str(asked[-1])) if asked else None
    return Source(match["name"], None if match["bars"] == "all" else int(match["bars"])) if match else None


def _of_runs(book: Workbook, job: str, column: str) -> list[object]:
    """A column of the run log, for the runs of one job."""
    runs = book.table("Runs")
    return [value for name, value in zip(runs.column("Job"), runs.column(column), strict=True) if name == job]
