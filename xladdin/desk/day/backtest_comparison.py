"""The books of a backtest held against each other: is the policy better, and was choosing among them luck?"""

from __future__ import annotations

from core.errors import MissingDataError, say
from core.verify.backtest.side_by_side import SideBySide, side_by_side

from .backtesting import BacktestRun

__all__ = ["compare_run"]

RESAMPLES = 1000
"""Histories that a comparison draws."""


def compare_run(run: BacktestRun) -> SideBySide | None:
    """The policy beside each other book; None where it stands alone, or the run is too short, which is said."""
    books = {name: walked.run for name, walked in run.books.items() if walked is not None}
    if len(books) < 2:
        return None
    try:
        return side_by_side(books, RESAMPLES, int(run.desk.settings.seed))
    except MissingDataError as error:
        say(f"Backtest: books are not compared: {error}")
        return None
