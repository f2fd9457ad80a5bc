"""Falls from a peak: how much, when they began, when they were over.

    equity      V_t = product of (1 + r) up to t, V_0 = 1
    drawdown    D_t = 1 - V_t / (highest V up to t)                 the greatest is the one reported

A fall lasts from its peak until that is reached again, so falls do not overlap, and the deepest ones are those of a
drawdown table.

Source: Magdon-Ismail and Atiya, "Maximum Drawdown", Risk 17 (2004).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, as_vector, finite, place_of, whole
from ...errors import ArgumentError, MissingDataError, say
from ...records import dataclass
from ...tolerances import ROUNDING

__all__ = ["Drawdown", "Fall", "deepest_falls", "drawdown", "equity_of"]


@dataclass(frozen=True, eq=False)
class Drawdown:
    """The deepest fall of each column, `(N,)`; rows of the returns, counted from 1.

    max_drawdown    share of the peak that was lost, positive
    start_row       first row of the fall, the one after the peak; NaN where nothing fell
    trough_row      row after which the least was left
    recovery_row    row after which the peak was reached again; NaN while it lasts
    """

    max_drawdown: Array
    start_row: Array
    trough_row: Array
    recovery_row: Array


def drawdown(returns: ArrayLike) -> Drawdown:
    """The deepest fall of each column of returns `(T, N)`; of several as deep the first.

    NaN: a missing return moves nothing, and that is said. Raises ArgumentError (a return below -1) and
    MissingDataError (none at all in a column).
    """
    block = as_matrix(returns, "returns")
    missing = np.isnan(block)
    if missing.all(axis=0).any():
        raise MissingDataError(
            f"returns: column {int(missing.all(axis=0).argmax()) + 1} holds no number; leave that column out"
        )
    if missing.any():
        say(f"returns: up to {missing.sum(axis=0).max()} of {len(block)} are missing; nothing moved in those rows")
    columns = [_of_equity(equity) for equity in equity_of(np.where(missing, 0.0, block)).T]
    return Drawdown(*(np.array(figures) for figures in zip(*columns, strict=True)))


class Fall(NamedTuple):
    """One fall: the share of the peak that was lost, and its rows, counted from 1 as in `Drawdown`.

    recovery_row is None while the fall lasts.
    """

    depth: float
    start_row: int
    trough_row: int
    recovery_row: int | None


def deepest_falls(returns: ArrayLike, count: int = 5) -> list[Fall]:
    """The deepest falls of a series `(T,)` without gaps, deepest first, of equal ones the earlier; fewer if there are.

    Raises ArgumentError (a return below -1, count) and MissingDataError (a gap).
    """
    series = finite(as_vector(returns, "returns"), "returns")
    most = whole(count, "count", at_least=1)
    equity = equity_of(series[:, np.newaxis])[:, 0]
    peaks = np.maximum.accumulate(equity)
    with np.errstate(invalid="ignore"):  # beyond any number there is no depth
        depths = np.nan_to_num(1 - equity / peaks)
    below = depths > ROUNDING
    starts = np.flatnonzero(below & ~np.concatenate([[True], below[:-1]]))
    if not starts.size:
        return []
    ends = np.concatenate([np.flatnonzero(~below[1:] & below[:-1]) + 1, [equity.size]])[: starts.size]
    troughs = [
        first + int(depths[first:end].argmax()) for first, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    deepest = sorted(range(starts.size), key=lambda fall: -depths[troughs[fall]])[:most]
    return [
        Fall(
            depth=float(depths[troughs[fall]]),
            start_row=int(starts[fall]),
            trough_row=troughs[fall],
            recovery_row=int(ends[fall]) if ends[fall] < equity.size else None,
        )
        for fall in deepest
    ]


def equity_of(returns: Array) -> Array:
    """What 1 became, `(T, N)` -> `(T + 1, N)`, the start being row 0. Raises ArgumentError (a return below -1)."""
    below = returns < -1
    if below.any():
        value = returns[below][0]
        raise ArgumentError(f"returns is {value:g}{place_of(below)}; no more than all can be lost, give -1 or above")
    with np.errstate(over="ignore"):
        return np.vstack([np.ones(returns.shape[1]), np.cumprod(1 + returns, axis=0)])


def _of_equity(equity: Array) -> tuple[float, float, float, float]:
    """Depth, first row, trough and recovery of one series that starts in row 0."""
    peaks = np.maximum.accumulate(equity)
    with np.errstate(invalid="ignore"):  # beyond any number there is no depth
        depths = np.nan_to_num(1 - equity / peaks)
    trough = int(depths.argmax())
    if depths[trough] <= ROUNDING:
        return 0.0, np.nan, np.nan, np.nan
    peak = peaks[trough]
    start = int(np.flatnonzero(equity[:trough] == peak)[-1]) + 1
    back = np.flatnonzero(equity[trough:] >= peak * (1 - ROUNDING))
    return float(depths[trough]), float(start), float(trough), float(trough + back[0]) if back.size else np.nan
