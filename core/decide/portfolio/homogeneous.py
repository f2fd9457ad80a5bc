"""Objectives without a scale: the cone over the feasible set, and the way back from it.

A ratio such as the Sharpe ratio is the same for w and for y = k w, k > 0. In (y, k) every limit a'w <= b is the cone
a'y <= b k, so the ratio can be made a convex program with its scale free (Schaible); w = y / k leads back. Where the
limits leave the size of a book free, so that every multiple of w is as good, the largest one they allow is taken.

Source: Schaible, Management Science 22 (1976).
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...errors import NotConvergedError
from ...numeric.quadratic.linear_set import LinearSet
from ...tolerances import ACTIVE
from ..limits.feasible_set import FeasibleSet

__all__ = ["cone", "largest_multiple"]


def cone(allowed: FeasibleSet) -> LinearSet:
    """The cone of all (y, k) `(size + 1,)` over `allowed`.

    Bounds at zero stay bounds, others become rows; extra variables need no upper bound.
    """
    size = allowed.lower.size
    each = np.eye(size)
    is_weight = np.arange(size) < allowed.contracts
    boxed_low = np.isfinite(allowed.lower) & (allowed.lower != 0)
    boxed_high = np.isfinite(allowed.upper) & (allowed.upper != 0) & is_weight
    rows = np.concatenate([allowed.rows, each[boxed_low], each[boxed_high]])
    low = np.concatenate([allowed.row_lower, allowed.lower[boxed_low], np.full(int(boxed_high.sum()), -np.inf)])
    high = np.concatenate([allowed.row_upper, np.full(int(boxed_low.sum()), np.inf), allowed.upper[boxed_high]])

    equal = low == high
    above, below = np.isfinite(low) & ~equal, np.isfinite(high) & ~equal
    places = [which.nonzero()[0] for which in (equal, above, below)]
    counts = [each.size for each in places]
    conic = np.empty((sum(counts), size + 1))
    conic[:, :size] = rows[np.concatenate(places)]
    conic[:, size] = -np.concatenate([low[equal], low[above], high[below]])
    return LinearSet(
        rows=conic,
        row_lower=np.repeat([0.0, 0.0, -np.inf], counts),
        row_upper=np.repeat([0.0, np.inf, 0.0], counts),
        lower=np.append(np.where(allowed.lower == 0, 0.0, -np.inf), 0.0),
        upper=np.append(np.where(allowed.upper == 0, 0.0, np.inf), np.inf),
    )


def largest_multiple(allowed: FeasibleSet, direction: Array) -> Array:
    """The largest multiple of `direction` `(N,)` that the limits allow; some multiple of it they must allow.

    The multiples that keep a limit lie between two numbers, so only the upper one of each limit counts. Raises
    NotConvergedError (no position, or no limit to its multiples).
    """
    size = float(np.abs(direction).max())
    if not size > 0:
        raise NotConvergedError("the optimum is no position at all, which has no multiple; state net or net_min")
    direction = direction / size
    contracts, owner, kinks = allowed.contracts, allowed.kink_contract, allowed.kink_at
    stated = np.array([name != "" for name in allowed.names], dtype=np.bool_)
    rows, low, high = allowed.rows[stated], allowed.row_lower[stated], allowed.row_upper[stated]
    folds = rows[:, contracts : contracts + kinks.size]
    along = _along(rows[:, :contracts], direction)
    bends = folds.any(axis=1)
    most = min(
        _last_between(direction, allowed.lower[:contracts], allowed.upper[:contracts]),
        _last_between(along[~bends], low[~bends], high[~bends]),
    )
    for k in np.flatnonzero(bends):
        for sign, limit in ((1.0, high[k]), (-1.0, -low[k])):
            if np.isfinite(limit):
                most = min(most, _last_below(sign * along[k], sign * folds[k], direction[owner], kinks, limit))
    if not np.isfinite(most):
        raise NotConvergedError("every multiple of the optimum is as good and no limit ends them; limit the weights")
    return np.asarray(most * direction)


def _along(rows: Array, direction: Array) -> Array:
    """What rows grow by along a direction; rounding is nothing."""
    along = rows @ direction
    along[np.abs(along) <= ACTIVE * (np.abs(rows) @ np.abs(direction))] = 0.0
    return np.asarray(along)


def _last_between(along: Array, low: Array, high: Array) -> float:
    """The largest k at which no `along` k has passed its upper or its lower limit."""
    moves = along != 0
    with np.errstate(over="ignore"):
        ends = np.where(along > 0, high, low)[moves] / along[moves]
    return float(np.min(ends, initial=np.inf))


def _last_below(slope: float, folds: Array, direction: Array, kinks: Array, limit: float) -> float:
    """The largest k at which slope k + sum folds max(direction k - kinks, 0), convex in k, is at most `limit`."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossings = kinks / direction
    ends = np.unique(np.append(crossings[(crossings > 0) & np.isfinite(crossings) & (folds != 0)], 0.0))
    values = slope * ends + np.maximum(ends[:, np.newaxis] * direction - kinks, 0.0) @ folds
    kept = np.flatnonzero(values <= limit + ACTIVE * abs(limit))
    if not kept.size:
        return 0.0
    last = int(kept[-1])
    if last + 1 < ends.size:
        rate = (values[last + 1] - values[last]) / (ends[last + 1] - ends[last])
    else:
        rate = slope + float(folds @ np.maximum(direction, 0.0))
    return float(ends[last] + max(limit - values[last], 0.0) / rate) if rate > 0 else np.inf
