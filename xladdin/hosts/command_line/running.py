"""One job on one workbook: read, run, draw, commit, show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ...books.workbook import Workbook
from ...desk.jobs import Report
from . import console
from .results import landing
from .values import setting_values

__all__ = ["run_job"]


def run_job(
    job: Callable[[Workbook], Report],
    path: Path,
    out: Path | None,
    *,
    force: bool,
    settings: Sequence[str] = (),
) -> bool:
    """Whether all is well: False when a check failed or figures differ, which the results then say too.

    Nothing is shown before the results have landed, and nothing lands that could not be shown. Raises PerpDeskError.
    """
    with landing(path, out, force=force) as landed:
        for name, value in setting_values(settings).items():
            landed.book.write_value(name, value)
        report = job(landed.book)
        drawn = console.drawn(landed.told(report), landed.book)
        written = landed.book.commit(landed.target)
        console.show(drawn)
        console.wrote(written)
        if report.walk is not None:
            report.walk.write()
            console.wrote(report.walk.path)
    return report.passed
