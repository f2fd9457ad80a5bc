"""The parametric program of a frontier: quadratic risk against a reward whose weight lam grows.

    minimise  w'Pw/2 - lam r(w)   subject to   row_lower <= f_j(w) <= row_upper,   lower <= w <= upper

Reward and rows are sums over variables of functions that are straight between a few kinks,

    f(w) = a'w + sum_k b_k max(w_{i(k)} - c_k, 0)        (b_k <= 0 in r, >= 0 in a row with an upper limit)

which is all that absolute values need: |w - c| = 2 max(w - c, 0) - (w - c). Kinks and bounds cut the range of each
variable into segments. w is optimal for lam exactly when multipliers y exist such that for each variable, with the
slopes r' and f' of the segment to its left and to its right,

    left:   (P w)_i - lam r'_i + sum_j y_j f'_ij <= 0   unless w_i = lower_i
    right:  (P w)_i - lam r'_i + sum_j y_j f'_ij >= 0   unless w_i = upper_i

y_j > 0 stands on an upper limit and y_j < 0 on a lower one. Inside a segment left and right are the same, so the
gradient is zero there; at a kink it may lie anywhere between the two.

Source: Rockafellar, Convex Analysis (1970), sections 23 and 28 (subgradients of separable sums).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...records import dataclass
from ..quadratic import certificate
from ..quadratic.linear_set import LinearSet
from ..quadratic.program import QuadraticProgram, layers

__all__ = ["KinkedProgram", "Segments", "residuals_of", "segments_of"]

Integers = NDArray[np.int64]
Places = NDArray[np.int8]


@dataclass(frozen=True, kw_only=True)
class KinkedProgram(LinearSet):
    """n variables, K kinks by variable and place, m rows; coefficients stand as (a, b) `(n + K,)`."""

    P: Array
    reward: Array
    kink_variable: NDArray[np.intp]
    kink_at: Array

    def lifted(self, points: Array) -> Array:
        """(w, max(w - c, 0)) of points `(k, n)`, `(k, n + K)`: reward and rows are linear in it."""
        if not self.kink_at.size:
            return points
        return np.hstack([points, np.maximum(points[:, self.kink_variable] - self.kink_at, 0.0)])

    def at(self, lam: float) -> QuadraticProgram:
        """The program for one lam, with an extra variable e_k >= w_i - c_k, 0 for each kink."""
        size, kinks = self.lower.size, self.kink_at.size
        if not kinks:
            return QuadraticProgram.over(self, self.P, -lam * self.reward)
        each = np.arange(kinks)
        ties = np.zeros((kinks, size + kinks))
        ties[each, self.kink_variable], ties[each, size + each] = 1.0, -1.0
        return QuadraticProgram(
            P=self.P,
            q=-lam * self.reward,
            rows=np.vstack([ties, self.rows]),
            row_lower=np.append(np.full(kinks, -np.inf), self.row_lower),
            row_upper=np.append(self.kink_at, self.row_upper),
            lower=np.append(self.lower, np.zeros(kinks)),
            upper=np.append(self.upper, self.upper[self.kink_variable] - self.kink_at),
            folded=self.kink_variable,
        )


@dataclass(frozen=True)
class Segments:
    """The straight pieces of each variable: `count` `(n,)` of them between `breaks` `(n, s + 1)`.

    `reward` `(n, s)` and `rows` `(n, s, m)` are their slopes. A variable without room has no segment.
    """

    count: Integers
    breaks: Array
    reward: Array
    rows: Array


def segments_of(problem: KinkedProgram) -> Segments:
    """The pieces that bounds and kinks make; kinks lie strictly inside the bounds."""
    size = problem.lower.size
    room = (problem.lower < problem.upper).astype(np.int64)
    if not problem.kink_at.size:
        return Segments(
            count=room,
            breaks=np.column_stack([problem.lower, problem.upper]),
            reward=problem.reward[:, None].copy(),
            rows=np.ascontiguousarray(problem.rows.T[:, None, :]),
        )
    owner = problem.kink_variable
    nth = layers(owner) + 1
    pieces = 1 + int(nth.max())
    count = room + np.bincount(owner, minlength=size)
    breaks = np.repeat(problem.upper[:, None], pieces + 1, axis=1)
    breaks[:, 0] = problem.lower
    breaks[owner, nth] = problem.kink_at
    slopes = np.zeros((size, pieces, 1 + len(problem.rows)))
    slopes[:, 0] = np.column_stack([problem.reward[:size], problem.rows[:, :size].T])
    slopes[owner, nth] = np.column_stack([problem.reward[size:], problem.rows[:, size:].T])
    slopes = slopes.cumsum(axis=1)
    return Segments(count, breaks, np.ascontiguousarray(slopes[:, :, 0]), np.ascontiguousarray(slopes[:, :, 1:]))


def residuals_of(
    problem: KinkedProgram, segments: Segments, points: Array, lams: Array, multipliers: Array, places: Places
) -> tuple[Array, Array]:
    """The residuals `(k, 4)` of k points as optima of the programs for their lams, and w'Pw of each `(k,)`.

    `points` `(k, n)` with lam `(k,)` and multipliers of the rows `(k, m)`. `places` `(k, n)` tells where each variable
    is said to stand: 2 b on break b, 2 j + 1 inside segment j. What the gradient leaves there is taken for the
    multiplier of the bound or kink, as far as that may hold it. The largest weight of all points is the size by which
    each is measured: next to it, what is left of a position where there should be none is rounding.
    """
    size, owner = problem.lower.size, problem.kink_variable
    products = _products(points, problem.P)
    q = -lams[:, np.newaxis] * problem.reward
    slopes = q + multipliers.dot(problem.rows)  # of one row alone, @ takes six times as long
    force, costs = -(products + slopes[:, :size]), slopes[:, size:]
    ties = _of_kinks(owner, force, costs, places) if owner.size else costs
    top = (2 * segments.count).astype(np.int8)
    held = np.where(((force < 0) & (places > 0)) | ((force > 0) & (places < top)), 0.0, force)
    found = certificate.residuals_of(
        problem.at(0.0),
        q,
        problem.lifted(points),
        products,
        np.hstack([ties, multipliers]),
        np.hstack([held, ties - costs]),
        float(np.abs(points).max(initial=0.0)),
    )
    return found, np.vecdot(points, products)


def _of_kinks(owner: NDArray[np.intp], force: Array, costs: Array, places: Places) -> Array:
    """The multipliers of the kinks `(k, K)`, where the force on their variables leaves them; `force` is less by these.

    Above a kink it bears all of its cost, below it none, and on it what there is of the force.
    """
    nth = layers(owner)
    standing = places[:, owner] - 2 * (nth + 1)  # of each kink: below zero under it, zero on it
    ties = np.where(standing > 0, costs, 0.0)
    for turn in range(int(nth.max()) + 1):
        force[:, owner[nth == turn]] -= ties[:, nth == turn]
    return np.where(standing == 0, np.minimum(np.maximum(force[:, owner], 0.0), costs), ties)


def _products(points: Array, P: Array) -> Array:
    """Pw of each point."""
    held = np.flatnonzero(points.any(axis=0))  # few of many contracts, so that most of P need not be read
    return points @ P if held.size == len(P) else points.take(held, axis=1) @ P[held]
