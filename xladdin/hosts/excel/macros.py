"""The desk's day on the workbook that is open in Excel: what the buttons of the ribbon run.

On Windows the add-in asks the server, which calls `run`; on macOS it runs `macros.main('rebalance')` in a process of
its own. While a job works the status bar says at what; Esc stops it between two steps, before anything is written (on
Windows, with Excel in front; macOS does not tell). The answer is one message: the result, or the reason why not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.arrays import Array, Times
from core.errors import BookError, PerpDeskError, listed

from ...books.live.backup import local_path
from ...books.live.excel import excel_said, patient
from ...books.live.modes import set_for_now
from ...books.live_book import HalfWrittenError, LiveBook
from ...books.workbook import Block, CellValue, NamedCell, Series, Workbook
from ...desk.jobs import Report
from .. import menu

__all__ = ["JOBS", "main", "run"]

LONGEST_MESSAGE = 1000
"""Characters that a message box of Excel shows."""

MOST_NOTES = 4


def run(name: str, book: Any, stopped: Callable[[], bool] | None = None) -> str:
    """Run a job of `JOBS` on an open `xlwings.Book`: its result, or the reason why not, in one message. Never raises.

    `stopped` says whether the user wants the job to stop; by default, whether Esc was pressed.
    """
    title = name.capitalize()
    try:
        if name not in JOBS:
            raise BookError(f"there is no job '{name}'; there are: {listed(JOBS)}")
        with patient(), excel_said("run the job"):
            report = _on_live_book(name, book, stopped or _escape_of(book.app))
    except HalfWrittenError as error:
        return _fitted(f"{title} stopped: {error}")
    except PerpDeskError as error:
        return _fitted(f"{title} stopped, nothing was written: {error}")
    except Exception as error:  # the last guard before a person who cannot read a traceback
        return _fitted(
            f"{title} stopped, nothing was written: {type(error).__name__}: {error}. "
            "That should not happen; please report it with what `perpdesk doctor` says"
        )
    return _fitted(_told(title, report))


def main(name: str) -> None:
    """Run a job on the workbook that called, and show its message (macOS, through RunPython)."""
    import xlwings

    book = xlwings.Book.caller()
    book.app.alert(run(name, book), title="PerpDesk")


def _on_live_book(name: str, book: Any, stopped: Callable[[], bool]) -> Report:
    app = book.app
    with set_for_now(app, "status_bar", f"PerpDesk: {name} ..."):
        if app.calculation != "automatic":
            app.calculate()  # what is read must be what the inputs give now

        def step(doing: str) -> None:
            if stopped():
                raise BookError("you pressed Esc")
            app.status_bar = f"PerpDesk: {name}, {doing} ... (Esc stops)"

        live = LiveBook(book)
        report = JOBS[name](_Watched(live, step), _folder(book))
        step("writing the results")
        live.commit()
    return report


JOBS: dict[str, Callable[[Workbook, Path | None], Report]] = {name: job.run for name, job in menu.JOBS.items()}
"""What each button runs: a job on a workbook and the folder in which that lies, None where it lies in the cloud."""


class _Watched:
    """A workbook that says what is read and written, and how far a walk is, and so gives the user moments to stop."""

    def __init__(self, book: Workbook, step: Callable[[str], None]) -> None:
        self._book, self._step = book, step

    def moved(self, doing: str, done: int, of: int) -> None:
        """Say how far a walk is, a hundred times at most."""
        if done % max(of // 100, 1) == 0:
            self._step(f"walking {doing}, {done} of {of} decisions")

    @property
    def name(self) -> str:
        return self._book.name

    def table(self, name: str) -> Block:
        self._step(f"reading {name}")
        return self._book.table(name)

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

    def commit(self) -> Path | None:
        return self._book.commit()


def _folder(book: Any) -> Path | None:
    path = local_path(book)
    return None if path is None else path.parent


def _told(title: str, report: Report) -> str:
    """A report as lines: what came of it, how the checks went, what to know."""
    notes = listed(report.warnings, MOST_NOTES, "\n- ")
    return "\n".join(filter(None, [f"{title}: {report.headline}", report.verdict, notes and f"\nNotes:\n- {notes}"]))


def _fitted(message: str) -> str:
    rest = "... (all of it stands in the sheet Runs)"
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - len(rest)]}{rest}"


def _escape_of(app: Any) -> Callable[[], bool]:
    """Whether Esc was pressed since the last look, with Excel in front; never, where the system does not tell."""
    windows: Any = getattr(ctypes, "windll", None)
    if windows is None:
        return lambda: False
    user, escape = windows.user32, 0x1B
    user.GetAsyncKeyState(escape)  # what was pressed before the job does not count
    return lambda: bool(user.GetAsyncKeyState(escape)) and user.GetForegroundWindow() == app.hwnd
