"""Jobs on one workbook: read, run, draw, commit, tell.

Nothing is told before the results have landed, and nothing lands that could not be told.
"""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.checks import nearest
from core.errors import ArgumentError, BookError
from core.numeric.compiled import counting

from ....books.file_book import FileBook
from ....desk.jobs import Report
from ....desk.layout.sheets import TABLES
from ..told.answers import document_of
from ..told.console import show_refusal
from ..told.drawing import drawn
from ..typed.settings import setting_values
from .changes import changes, state_of
from .done import Done
from .progress import progress
from .results import landing
from .telling import tell

if TYPE_CHECKING:
    from ....desk.write.backtest_path import WalkFile

__all__ = ["Job", "run_job", "run_jobs"]

Job = Callable[..., Report]
"""A job of the desk: the workbook in, a report out."""

MAIN_TABLE = {"rebalance": "Weights", "sweep": "Sweep"}
"""What `--csv` tells of a job, where that is not the first table that it shows."""


def run_job(job: Job, given: Namespace, *, target: Path | None = None, counts: bool = False) -> bool:
    """Whether all is well: False when a check failed or figures differ, which the results then say too.

    `target` is where the results go unless `--out` says so; `counts`: the job tells how far it is (`moved`).
    Raises PerpDeskError.
    """
    done = _run([job], given, target, counts=counts)
    tell(done, given, done.documents[0] if given.as_json else {})
    return done.passed


def run_jobs(name: str, jobs: Sequence[Job], given: Namespace, *, target: Path | None = None) -> bool:
    """Jobs one after the other on one workbook, which lands once; after one that is not well none follows.

    Raises PerpDeskError, and then nothing has landed.
    """
    done = _run(jobs, given, target)
    stopped = None if len(done.reports) == len(jobs) else done.reports[-1].job
    tell(done, given, {"job": name, "passed": done.passed, "stopped_after": stopped, "jobs": done.documents})
    if stopped and not given.as_json:
        show_refusal(f"stopped after {stopped}, as a check failed; what comes after it has not run")
    return done.passed


def _run(jobs: Sequence[Job], given: Namespace, target: Path | None, *, counts: bool = False) -> Done:
    tables = [_known(name) for name in given.tables]
    if given.as_csv and len(tables) > 1:
        raise ArgumentError("--csv tells one table; give --table once")
    done = Done(setting_values(getattr(given, "settings", ())))
    with progress(given.book.name) as moved, landing(given.book, given.out or target, force=given.force) as landed:
        book = landed.book
        before = state_of(book) if given.dry_run else {}
        for name, value in done.settings.items():
            book.write_value(name, value)
        for job in jobs:
            began = time.perf_counter()
            with counting():
                report = job(book, moved=moved) if counts else job(book)
            done.reports.append(report if done.reports else landed.told(report))
            _draw(done, book, tables or report.tables, given)
            done.seconds[report.job] = time.perf_counter() - began
            if not report.passed:
                break
        began = time.perf_counter()
        if given.dry_run:
            done.changed = changes(before, state_of(book))
        if given.as_csv:
            done.table = book.table(*(tables or [MAIN_TABLE.get(report.job, report.tables[0])]))
        land = _rehearsed if given.dry_run else _landed
        done.files = land(book, landed.target, report.walk)
        done.seconds["writing"] = time.perf_counter() - began
    return done


def _draw(done: Done, book: FileBook, tables: Sequence[str], given: Namespace) -> None:
    """Keep what is to be told of the last report: for a program or for a person."""
    if given.as_json:
        done.documents.append(document_of(done.reports[-1], book, tables))
    else:
        done.lines += drawn(done.reports[-1], book, tables, whole=given.verbose or bool(given.tables))


def _landed(book: FileBook, target: Path, walk: WalkFile | None) -> list[Path]:
    """The files that now hold the results, the workbook first. Raises BookError."""
    files = [book.commit(target)]
    if walk is not None:
        try:
            walk.write()
        except BookError as error:
            raise BookError(f"the results are in {files[0]}, but its walk could not be written: {error}") from None
        files.append(walk.path)
    return files


def _rehearsed(book: FileBook, target: Path, walk: WalkFile | None) -> list[Path]:
    """The files that would hold them. Raises BookError."""
    return [*book.rehearse(target), *([walk.path] if walk is not None else [])]


def _known(table: str) -> str:
    """A table of the workbook by its name, in any case. Raises ArgumentError."""
    names = {name.lower(): name for name in TABLES}
    if table.lower() not in names:
        raise ArgumentError(f"--table {table}: the workbook has no such table{nearest(table, TABLES)}")
    return names[table.lower()]
