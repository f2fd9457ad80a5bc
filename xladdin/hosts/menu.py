"""The jobs of the desk's day as buttons, and what stands beside them. Every host shows these."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

from core.errors import FeedError
from core.records import dataclass

from ..books.workbook import Workbook
from ..desk import jobs
from ..desk.day.refresh.loaded import VenueSource
from ..desk.jobs import Report
from ..desk.read.last_run import last_source
from ..desk.read.older import as_declared

__all__ = ["BESIDE", "HISTORY", "JOBS", "MenuEntry", "MenuJob", "history_beside"]

HISTORY = "history"
"""The folder beside the workbook from which Refresh reads, unless the last refresh had another source there."""


@dataclass(frozen=True)
class MenuEntry:
    """A button: its label, and what a person reads about it."""

    label: str
    help: str


@dataclass(frozen=True)
class MenuJob(MenuEntry):
    """A button with the job on a workbook and the folder in which that lies.

    The folder is None where the workbook lies in the cloud or nowhere yet.
    """

    run: Callable[[Workbook, Path | None], Report]


def _refresh(book: Workbook, folder: Path | None) -> Report:
    """Load the newest history: of the venue that Settings name, from where the last refresh found it, or `HISTORY`."""
    if venue := as_declared(book, quietly=True).value("Venue").value:
        last = last_source(book)
        bars = last.bars if last is not None and last.name == venue else None
        return jobs.refresh(book, VenueSource(), bars=bars, moved=book.loading if isinstance(book, _Watched) else None)
    if folder is None:
        raise FeedError(
            "Refresh reads history from beside the workbook, and this one is in the cloud; save it into a folder, "
            "or run `perpdesk refresh` on a copy"
        )
    source, last = history_beside(book, folder), last_source(book)
    if source is None:
        raise FeedError(
            f"there is no history beside the workbook; put its files into a folder '{HISTORY}' in {folder}, "
            "or name an exchange at Venue on Settings, or run `perpdesk refresh BOOK --from FOLDER`"
        )
    same = last is not None and source.name == Path(last.name).name
    return jobs.refresh(book, source, bars=last.bars if last is not None and same else None)


def history_beside(book: Workbook, folder: Path) -> Path | None:
    """What lies in the workbook's folder to refresh from: what the last refresh read, else `HISTORY`."""
    last = last_source(book)
    names = [HISTORY] if last is None else [Path(last.name).name, HISTORY]
    return next((folder / name for name in names if (folder / name).exists()), None)


@runtime_checkable
class _Watched(Protocol):
    """A workbook of a host that shows how far a walk, a training or the reading of a venue is, and may stop it."""

    def moved(self, doing: str, done: int, of: int) -> None: ...

    def loading(self, doing: str, done: int, of: int) -> None: ...

    def learning(self, doing: str, done: int, of: int) -> None: ...


def _backtest(book: Workbook, _: Path | None) -> Report:
    """Backtest takes a while on a long history: the host shows how far it is, where it can."""
    return jobs.backtest(book, moved=book.moved if isinstance(book, _Watched) else None)


def _train(book: Workbook, _: Path | None) -> Report:
    """Train takes a while too."""
    return jobs.train(book, moved=book.learning if isinstance(book, _Watched) else None)


def _alone(job: Callable[[Workbook], Report]) -> Callable[[Workbook, Path | None], Report]:
    """A job that needs nothing but the workbook."""
    return lambda book, _: job(book)


JOBS: dict[str, MenuJob] = {
    "refresh": MenuJob("Refresh", "Load prices and funding; the results are emptied.", _refresh),
    "rebalance": MenuJob("Rebalance", "Estimate, optimise and size the orders.", _alone(jobs.rebalance)),
    "hedge": MenuJob("Hedge", "Trade the beta of the book back to its target.", _alone(jobs.hedge)),
    "stress": MenuJob("Stress", "Every scenario on the book: profit, margin, liquidation.", _alone(jobs.stress)),
    "backtest": MenuJob("Backtest", "The policy of Settings through all of the history.", _backtest),
    "train": MenuJob("Train", "Learn a tilt of the book from the history, and say what it is worth.", _train),
    "check": MenuJob("Check", "Hold the results against inputs and limits.", _alone(jobs.check)),
    "verify": MenuJob("Verify", "Work every figure out a second time by other means.", _alone(jobs.verify)),
}
"""By the word that the command line has for each, in the order of the day."""

BESIDE: dict[str, MenuEntry] = {
    "new_desk": MenuEntry("New desk", "Open a desk workbook with a synthetic sample in it."),
    "examples": MenuEntry("Examples", "Every function with inputs, its answer, and what each figure means."),
    "why": MenuEntry("Why?", "Why the selected cell shows an error or a warning."),
    "doctor": MenuEntry("Doctor", "Is everything here that PerpDesk needs?"),
    "help": MenuEntry("Help", "The guide: start, settings, limits, functions, checks, methods."),
}
"""What is no job, in the order of the menu."""
