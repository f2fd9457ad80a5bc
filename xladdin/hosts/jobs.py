"""The desk's day on a workbook that is open in a program: the same steps, words and message in each host.

report = on_open_book("rebalance", book, folder, step)      # step("reading Prices") may raise, which stops the job
said, well = in_one_message("rebalance", lambda: ...)       # what came of it, or why not; never raises
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.arrays import Array, Times
from core.errors import BookError, PerpDeskError, listed

from ..books.beside import landed_beside, read_beside
from ..books.live.staged import HalfWrittenError
from ..books.workbook import Block, CellValue, NamedCell, Series, Workbook
from ..desk.jobs import Report
from . import menu
from .refusal import refusal

__all__ = ["JOBS", "LONGEST_MESSAGE", "in_one_message", "on_open_book"]

LONGEST_MESSAGE = 1000
"""Characters that a message box shows."""

MOST_NOTES = 4

JOBS: dict[str, Callable[[Workbook, Path | None], Report]] = {name: job.run for name, job in menu.JOBS.items()}
"""What each button runs: a job on a workbook and the folder in which that lies, None where it lies in no folder."""


def on_open_book(name: str, book: Workbook, folder: Path | None, step: Callable[[str], None]) -> Report:
    """Run a job of `JOBS` and commit it; `step` is told what is being done. Raises what the job and `step` raise."""
    if name not in JOBS:
        raise BookError(f"there is no job '{name}'; there are: {listed(JOBS)}")
    watched = _Watched(book, folder, step)
    report = JOBS[name](watched, folder)
    step("writing the results")
    watched.commit()
    return report


def in_one_message(name: str, work: Callable[[], Report]) -> tuple[str, bool]:
    """What came of a job, or why nothing did, as a message box shows it; and whether it went well. Never raises."""
    title = name.capitalize()
    try:
        report = work()
    except HalfWrittenError as error:
        return _fitted(f"{title} stopped: {error}"), False
    except PerpDeskError as error:
        return _fitted(f"{title} stopped, nothing was written: {refusal(str(error), type(error))}"), False
    except Exception as error:  # the last guard before a person who cannot read a traceback
        return _fitted(
            f"{title} stopped, nothing was written: {type(error).__name__}: {error}. "
            "That should not happen; please report it with what `perpdesk doctor` says"
        ), False
    return _fitted(_told(title, report)), True


class _Watched:
    """A workbook that says what is read and written, and how far a walk or a reading is, which are moments to stop."""

    def __init__(self, book: Workbook, folder: Path | None, step: Callable[[str], None]) -> None:
        self._book, self._step = book, step
        self._folder = folder
        self._beside: dict[str, bytes] = {}

    def moved(self, doing: str, done: int, of: int) -> None:
        """Say how far a walk is, a hundred times at most."""
        if done % max(of // 100, 1) == 0:
            self._step(f"walking {doing}, {done} of {of} decisions")

    def learning(self, doing: str, done: int, of: int) -> None:
        """Say how far a training is, a hundred times at most of each part."""
        if done % max(of // 100, 1) == 0:
            self._step(f"{doing}, {done} of {of}")

    def loading(self, doing: str, done: int, of: int) -> None:
        """Say how far the reading of a venue is."""
        self._step(f"reading {doing}, {done} of {of} contracts")

    @property
    def name(self) -> str:
        return self._book.name

    def table(self, name: str) -> Block:
        self._step(f"reading {name}")
        return self._book.table(name)

    def header(self, name: str) -> tuple[str, ...]:
        return self._book.header(name)

    def series(self, name: str) -> Series:
        self._step(f"reading {name}")
        return self._book.series(name)

    def value(self, name: str) -> NamedCell:
        return self._book.value(name)

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        self._step(f"preparing {name}")
        self._book.write_table(name, rows, header)

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        self._step(f"preparing {name}")
        self._book.write_series(name, times, numbers, header, odd)

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        self._step(f"preparing {name}")
        self._book.append_rows(name, rows)

    def write_value(self, name: str, value: CellValue) -> None:
        self._book.write_value(name, value)

    def beside(self, name: str) -> bytes:
        self._step(f"reading {name}")
        staged = self._beside.get(name)
        return read_beside(self._folder, name, self.name) if staged is None else staged

    def write_beside(self, name: str, content: bytes) -> None:
        self._step(f"preparing {name}")
        self._beside[name] = content

    def commit(self) -> Path | None:
        with landed_beside(self._folder, self._beside, self.name):
            return self._book.commit()


def _told(title: str, report: Report) -> str:
    """A report as lines: what came of it, how the checks went, what to know."""
    notes = listed(report.warnings, MOST_NOTES, "\n- ")
    return "\n".join(filter(None, [f"{title}: {report.headline}", report.verdict, notes and f"\nNotes:\n- {notes}"]))


def _fitted(message: str) -> str:
    rest = "... (all of it stands in the sheet Runs)"
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - len(rest)]}{rest}"
