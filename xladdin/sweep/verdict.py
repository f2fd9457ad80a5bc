"""What a sweep keeps of a configuration: the figures of its backtest, and what its choice among all is judged by.

The figures are those of the sheet Backtest, of the run's own bars. A choice is judged over the bars that all
configurations have behind them, from the last of their first decisions on: by the Sharpe ratio there, its moments and
the sums of its blocks. A configuration that has no run keeps the reason.
"""

from __future__ import annotations

import warnings
from dataclasses import fields
from typing import Any

import numpy as np

from core.errors import DataWarning, MissingDataError, PerpDeskError, UndefinedError
from core.units import periods_per_year
from core.verify.backtest.backtest import Figures
from core.verify.performance.deflated_sharpe import ratio_moments
from core.verify.performance.overfitting import block_sums

from ..desk.day.backtesting import walk_policy
from ..desk.day.past.shared import SharedPast
from ..desk.read.inputs import Desk
from .grid import Configuration

__all__ = ["BLOCKS", "FIGURES", "JUDGED", "Row", "heading", "judge"]

Row = dict[str, Any]
"""One configuration by the names of the columns of the results file; None where it has no figure."""

BLOCKS = 16
"""Blocks that a run is cut into, as `overfitting` has it."""

FIGURES = tuple(each.name for each in fields(Figures) if each.name != "deflated_sharpe")
"""Figures of a run; the deflated ratio asks how many were tried, and waits for the end."""

JUDGED = ("judged_sharpe", "ratio", "observations", "skewness", "kurtosis", "length", "centre", "largest")
"""Numbers of the bars that all have; the ratio is per bar, after the risk-free rate, the judged one that of a year."""


def heading(name: str) -> str:
    """A figure as the results file heads it: `max_drawdown` is `MaxDrawdown`."""
    return "".join(word.capitalize() for word in name.split("_"))


def judge(desk: Desk, configuration: Configuration, first: int, shared: SharedPast | None = None) -> Row:
    """The configuration, walked and judged from row `first` on; one that PerpDesk has no run for with the reason."""
    row: Row = dict.fromkeys((*FIGURES, *JUDGED, "sums", "squares", "reason"))
    row |= {"key": configuration.key, "configuration": configuration.text}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # said of the desk before, and not once more a configuration
        try:
            own = configuration.of(desk)
            walked = walk_policy(own, shared)
        except PerpDeskError as error:
            return row | {"reason": str(error)}
        row |= {name: _plain(value) for name, value in vars(walked.figures).items() if name in FIGURES}
        periods, rate = periods_per_year(own.settings.bar_hours), own.settings.risk_free
        return row | _judged(walked.ledger.returns_since(first), rate / periods, periods)


def _judged(returns: np.ndarray, rate: float, periods: float) -> Row:
    """What the choice is judged by, of the returns of the bars that all have."""
    found: Row = {}
    try:
        moments = ratio_moments(returns - rate)
        found = dict(moments._asdict(), ratio=moments.sharpe, judged_sharpe=moments.sharpe * np.sqrt(periods))
        del found["sharpe"]
    except (MissingDataError, UndefinedError):
        pass  # nothing varies: it has no ratio
    try:
        blocks = block_sums(returns, BLOCKS)
    except MissingDataError:
        return found  # too few bars for blocks; the summary says so
    found |= {"length": blocks.length, "centre": blocks.centre.item(), "largest": blocks.largest.item()}
    return found | {"sums": blocks.sums[:, 0].tolist(), "squares": blocks.squares[:, 0].tolist()}


def _plain(value: float) -> float | None:
    """A figure; None where it does not exist."""
    return None if np.isnan(value) else float(value)
