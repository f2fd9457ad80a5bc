"""The run log: one row a run, only ever added, so that an auditor can follow which inputs led to which figures."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from core.errors import DataWarning, listed
from core.records import dataclass

from ...books.workbook import CellValue, Workbook
from ...version import __version__
from ..layout.sheets import TABLES
from ..read.headings import refuse_other_columns

__all__ = ["Run", "heard_warnings", "log_run"]


MOST_WARNINGS = 40
"""Of one run: more do not fit a cell that people read; the command line prints them all."""


@dataclass(frozen=True)
class Run:
    """What the log keeps of one run, apart from when it was and which version ran it."""

    job: str
    fingerprint: str
    parameters: str
    model: str = ""
    solver: str = ""
    certificate: float | None = None
    warnings: Sequence[str] = ()


@contextmanager
def heard_warnings() -> Iterator[list[str]]:
    """A list that fills, when the block ends, with what the core wanted known: each DataWarning once."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", DataWarning)
        yield said
    said.extend(dict.fromkeys(str(warning.message) for warning in caught))


def log_run(book: Workbook, run: Run, now: datetime | None = None) -> None:
    """Stage one more row of the Runs table; `now` is UTC without a zone, by default the clock's. Raises BookError."""
    row: dict[str, CellValue] = {
        "Time": now or datetime.now(UTC).replace(microsecond=0, tzinfo=None),
        "Job": run.job,
        "Version": __version__,
        "InputsHash": run.fingerprint,
        "Parameters": run.parameters,
        "Model": run.model,
        "Solver": run.solver,
        "Certificate": run.certificate,
        "Warnings": listed(run.warnings, MOST_WARNINGS, "; "),
    }
    refuse_other_columns(book.header("Runs"), TABLES["Runs"])
    book.append_rows("Runs", [[row[name] for name in TABLES["Runs"].header]])
