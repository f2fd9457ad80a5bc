"""The parametric programme of a frontier: quadratic risk against a reward whose weight lam grows.

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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ..compiled import compiled, worth_compiling
from ..quadratic.certificate import RESOLUTION
from ..quadratic.linear_set import LinearSet
from ..quadratic.program import QuadraticProgram
from .program_loops import residuals_loop

__all__ = ["KinkedProgram", "Segments", "residuals_of", "segments_of"]

Integers = NDArray[np.int64]
Places = NDArray[np.int8]

TINY = float(np.finfo(float).tiny)

OPERATIONS = 40
"""Arrays of k x n elements that numpy goes through for the residuals of k points."""


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
        """The programme for one lam, with an extra variable e_k >= w_i - c_k, 0 for each kink."""
        size, kinks = self.lower.size, self.kink_at.size
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
    nth = np.arange(owner.size) - np.searchsorted(owner, owner) + 1
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
    """How far k points are from the conditions above, `(k, 4)`: primal, dual, stationarity, complementarity.

    `points` `(k, n)` with lam `(k,)` and multipliers of the rows `(k, m)`. `places` `(k, n)` tells where each variable
    is said to stand: 2 b on break b, 2 j + 1 inside segment j. Relative as in `certify`, whose terms these are, but the
    largest weight of all points is the size by which each is measured: next to it, what is left of a position where
    there should be none is rounding. Also w'Pw of each point, `(k,)`.
    """
    sizes = np.abs(points)
    size = max(float(sizes.max()), TINY)
    held = np.flatnonzero(sizes.any(axis=0))  # few of many contracts, so that most of P need not be read
    P, parts, part_sizes = problem.P, points, sizes
    if held.size < len(P):
        P, parts, part_sizes = P[held], points.take(held, axis=1), sizes.take(held, axis=1)
    gradients = terms = parts @ P
    if parts.min(initial=0.0) < 0 or P.min(initial=0.0) < 0:  # else the terms have the sizes that they are
        terms = part_sizes @ np.abs(P)
    pulls = np.abs(lams) * float(np.abs(segments.reward).max(initial=0.0))
    rounding = np.maximum(RESOLUTION * (float(problem.P.diagonal().max()) * size + pulls), TINY)
    values = problem.lifted(points) @ problem.rows.T
    row_size = np.maximum(np.abs(problem.rows).max(axis=1, initial=0.0), TINY)
    if not worth_compiling(OPERATIONS * points.size):
        terms_of = gradients, terms, values, pulls, rounding, row_size, size
        return _residuals_by_numpy(problem, segments, points, lams, multipliers, places, *terms_of)
    found: tuple[Array, Array] = compiled(residuals_loop)(
        points,
        gradients,
        terms,
        values,
        lams,
        multipliers,
        places,
        pulls,
        rounding,
        row_size,
        size,
        TINY,
        segments.count,
        segments.reward,
        segments.rows,
        problem.row_lower,
        problem.row_upper,
        problem.lower,
        problem.upper,
    )
    return found


def _residuals_by_numpy(
    problem: KinkedProgram,
    segments: Segments,
    points: Array,
    lams: Array,
    multipliers: Array,
    places: Places,
    gradients: Array,
    terms: Array,
    values: Array,
    pulls: Array,
    rounding: Array,
    row_size: Array,
    size: float,
) -> tuple[Array, Array]:
    value = np.einsum("ij,ij->i", np.abs(points), terms + pulls[:, np.newaxis])
    value = np.maximum(value, np.maximum(rounding * size, TINY))

    terms = terms + rounding[:, np.newaxis]
    left, sizes_left = _slopes(segments, lams, multipliers, places, -1)
    right, sizes_right = left, sizes_left
    if segments.reward.shape[1] > 1:
        right, sizes_right = _slopes(segments, lams, multipliers, places, 0)
    too_steep = np.where(places > 0, gradients + left, 0.0) / (terms + sizes_left)
    too_flat = np.where(places < 2 * segments.count, gradients + right, 0.0) / (terms + sizes_right)

    above, below = values - problem.row_upper, problem.row_lower - values
    forces = np.abs(multipliers)
    gaps = np.abs(np.where(multipliers > 0, above, below))
    nowhere = np.isinf(gaps)
    outside = np.maximum(problem.lower - points, points - problem.upper).max(axis=1, initial=0.0)
    residuals = [
        np.maximum(outside, (np.maximum(above, below) / row_size).max(axis=1, initial=0.0)) / size,
        np.where(nowhere, forces, 0.0) @ row_size * size / value,
        np.maximum(too_steep.max(axis=1, initial=0.0), -too_flat.min(axis=1, initial=0.0)),
        (forces * np.where(nowhere, 0.0, gaps)).sum(axis=1) / value,
    ]
    return np.column_stack(residuals), np.einsum("ij,ij->i", points, gradients)


def _slopes(segments: Segments, lams: Array, multipliers: Array, places: Places, side: int) -> tuple[Array, Array]:
    """f'y - lam r' to the left (side -1) or right (0) of `places`, and the sizes of the terms it is summed from."""
    pieces = segments.reward.shape[1]
    of_rows = np.moveaxis(segments.rows, -1, 0)
    if pieces == 1:
        pull, of_rows = lams[:, np.newaxis] * segments.reward[:, 0], of_rows[:, :, 0]
        return multipliers @ of_rows - pull, np.abs(multipliers) @ np.abs(of_rows) + np.abs(pull)
    everyone = np.arange(len(segments.reward))
    wanted = np.clip((places.astype(np.intp) + side) // 2, 0, pieces - 1)
    slope = -lams[:, np.newaxis] * segments.reward[everyone, wanted]
    size = np.abs(slope)
    for y, each in zip(multipliers.T, of_rows, strict=True):
        push = y[:, np.newaxis] * each[everyone, wanted]
        slope += push
        size += np.abs(push)
    return slope, size
