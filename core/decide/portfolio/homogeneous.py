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
from ...numeric.quadratic.solve import QuadraticProgram, solve
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
    """The largest multiple of `direction` `(N,)` that the limits allow.

    A linear program in it and the extra variables. Raises InfeasibleError, NotConvergedError.
    """
    contracts = allowed.contracts
    size = float(np.abs(direction).max())
    if not size > 0:
        raise NotConvergedError("the optimum is no position at all, which has no multiple; state net or net_min")
    direction = direction / size
    rows = np.vstack([allowed.rows, np.eye(allowed.lower.size)[:contracts]])
    along = rows[:, :contracts] @ direction
    along[np.abs(along) <= ACTIVE * (np.abs(rows[:, :contracts]) @ np.abs(direction))] = 0.0
    extra = allowed.lower.size - contracts
    ray = QuadraticProgram(
        P=np.zeros((1 + extra, 1 + extra)),
        q=np.append(-1.0, np.zeros(extra)),
        rows=np.column_stack([along, rows[:, contracts:]]),
        row_lower=np.concatenate([allowed.row_lower, allowed.lower[:contracts]]),
        row_upper=np.concatenate([allowed.row_upper, allowed.upper[:contracts]]),
        lower=np.zeros(1 + extra),
        upper=np.full(1 + extra, np.inf),
    )
    return np.asarray(solve(ray).x[0] * direction)
