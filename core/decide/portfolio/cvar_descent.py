"""A portfolio near the one of least conditional value at risk: a few Newton steps, each a small quadratic program.

The losses near the quantile are taken for a bend in place of a kink: with e half their range,

    max(l - a, 0)  is taken for  (l - a + e)^2 / 4e   for the rows near,   l - a for those beyond,   0 for the others

whose least over a leaves of the rows near only their mean m and their spread. Over k = (1 - level) T rows in the tail,
u of them beyond, it is

    1/k [ sum_beyond l + (k - u) m + 1/4e sum_near (l - m)^2 ]

a quadratic function of the weights. Its least is sought, the way to it is followed as far as the true value at risk
falls, and fewer rows are near the next time. What comes out is an estimate: `cvar` makes the exact optimum of it.

Source: Alexander, Coleman and Li, Journal of Banking and Finance 30 (2006) for the bend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...errors import NotConvergedError
from ..limits.feasible_set import FeasibleSet, minimum

__all__ = ["near_least_cvar"]

Index = NDArray[np.intp]

FEWER = 0.6
"""Share of the rows near that are near in the next step."""

HALVINGS = 6
"""How often the way to a new portfolio is halved where the value at risk does not fall on all of it."""


def near_least_cvar(allowed: FeasibleSet, returns: Array, level: float, start: Array, least: int) -> Array:
    """Weights `(N,)` in `allowed` near those of least value at risk over `returns` `(T, N)`.

    `start` `(N,)`, which need not be allowed, is what the first rows are chosen by; it is returned where there are too
    few of them to choose. In the last step `least` rows to each side of the quantile are near.
    Raises InfeasibleError.
    """
    rows = len(returns)
    in_tail = (1 - level) * rows
    side = min(in_tail, rows - in_tail)
    weights, losses, moved = start, -returns @ start, False
    while side > least:
        first, last = int(in_tail - side), min(int(in_tail + side), rows - 1)
        order = np.argpartition(-losses, [first, last])
        try:
            best = _least_bent(allowed, returns, order[:first], order[first : last + 1], losses, in_tail)
        except NotConvergedError:
            break
        change = -returns @ (best - weights)
        share = _share(losses, change, int(in_tail)) if moved else 1.0
        weights, losses, moved = weights + share * (best - weights), losses + share * change, True
        side *= FEWER
    return weights


def _least_bent(
    allowed: FeasibleSet, returns: Array, beyond: Index, near: Index, losses: Array, in_tail: float
) -> Array:
    """The portfolio of the least quadratic estimate, with these rows beyond the quantile and near it."""
    rows, bend = returns[near], float(np.ptp(losses[near])) / 2
    mean = rows.mean(axis=0)
    apart = rows - mean
    linear = np.zeros(allowed.lower.size)
    linear[: allowed.contracts] = -(returns[beyond].sum(axis=0) + (in_tail - beyond.size) * mean) / in_tail
    curvature = apart.T @ apart / (2 * in_tail * bend) if bend > 0 else None
    return minimum(allowed, curvature, linear).x[: allowed.contracts]


def _share(losses: Array, change: Array, in_tail: int) -> float:
    """How far along `change` the value at risk falls: all the way, or to where its slope changes sign."""

    def rises(share: float) -> bool:
        return float(change[np.argpartition(-(losses + share * change), in_tail)[: in_tail + 1]].sum()) > 0

    if not rises(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return low
