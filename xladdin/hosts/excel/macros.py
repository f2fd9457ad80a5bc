"""The desk's day on the workbook that is open in Excel: what the buttons of the ribbon run.

On Windows the add-in asks the server, which calls `run`; on macOS it runs `macros.main('rebalance')` in a process of
its own. While a job works the status bar says at what; Esc stops it between two steps, before anything is written (on
Windows, with Excel in front; macOS does not tell). The answer is one message: the result, or the reason why not.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import StoppedError

from ...books.live.backup import local_path
from ...books.live.excel import excel_said, patient
from ...books.live.modes import set_for_now
from ...books.live_book import LiveBook
from ...desk.jobs import Report
from ..jobs import in_one_message, on_open_book

__all__ = ["main", "run"]


def run(name: str, book: Any, stopped: Callable[[], bool] | None = None) -> str:
    """Run a job on an open `xlwings.Book`: its result, or the reason why not, in one message. Never raises.

    `stopped` says whether the user wants the job to stop; by default, whether Esc was pressed.
    """

    def work() -> Report:
        with patient(), excel_said("run the job"):
            return _on_live_book(name, book, stopped or _escape_of(book.app))

    return in_one_message(name, work)[0]


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
                raise StoppedError("you pressed Esc")
            app.status_bar = f"PerpDesk: {name}, {doing} ... (Esc stops)"

        return on_open_book(name, LiveBook(book), _folder(book), step)


def _folder(book: Any) -> Path | None:
    path = local_path(book)
    return None if path is None else path.parent


def _escape_of(app: Any) -> Callable[[], bool]:
    """Whether Esc was pressed since the last look, with Excel in front; never, where the system does not tell."""
    windows: Any = getattr(ctypes, "windll", None)
    if windows is None:
        return lambda: False
    user, escape = windows.user32, 0x1B
    user.GetAsyncKeyState(escape)  # what was pressed before the job does not count
    return lambda: bool(user.GetAsyncKeyState(escape)) and user.GetForegroundWindow() == app.hwnd
