"""The worst stretch of so many bars: what it lost, and when.
Waits for a row of the worst day on the sheet Backtest.

R(t, h) = (1 + r_t) (1 + r_t+1) ... (1 + r_t+h-1) - 1         the least over t = 1 .. T - h + 1
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...checks import as_vector, enough, finite, whole
from .drawdown import equity_of

__all__ = ["WorstPeriod", "worst_period"]


class WorstPeriod(NamedTuple):
    """Compounded return of the stretch, and its first and last row, counted from 1."""

    total: float
    start_row: int
    end_row: int


def worst_period(returns: ArrayLike, bars: int = 1) -> WorstPeriod:
    """The stretch of `bars` bars of a series `(T,)` without gaps that lost most, or gained least; of several the first.

    Raises ArgumentError (bars, a return below -1) and MissingDataError (a gap, fewer returns than `bars`).
    """
    series = finite(as_vector(returns, "returns"), "returns")
    length = whole(bars, "bars", at_least=1)
    enough(series.size, length, "returns")
    equity = equity_of(series[:, np.newaxis])[:, 0]
    before, after = equity[:-length], equity[length:]
    # Once all is lost nothing is left to lose: such a stretch brings nothing.
    totals = np.divide(after, before, out=np.ones(before.size), where=before > 0) - 1
    first = int(totals.argmin())
    return WorstPeriod(float(totals[first]), first + 1, first + length)
