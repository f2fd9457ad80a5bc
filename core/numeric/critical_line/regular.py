"""An optimum moved until its bordered system has an inverse, which the walk along the critical line needs.

An optimum may leave that system singular: variables that can move together without changing anything (P is singular
along them), or rows of which one follows from the others. Then it is moved along the null vector,

    of variables: until one of them reaches the end of its segment       of multipliers: until one of them is zero,
                                                                         or a standing variable is about to be free

which leaves it optimal and takes one dimension out of the null space.

Source: Rockafellar, Convex Analysis (1970), section 31 (Kuhn-Tucker vectors and saddle points form a product, so that
either may move alone).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, Mask
from ...errors import NotConvergedError
from ...tolerances import ACTIVE, ROUNDING, SOLVED
from .program import Integers, KinkedProgram, Segments

__all__ = ["advance", "bordered_system", "make_regular", "values_at"]


def make_regular(
    problem: KinkedProgram, segments: Segments, w: Array, y: Array, lam: float, place: Integers, side: Integers
) -> None:
    """Move an optimum, in place, until its bordered system has an inverse.

    Args:
        problem: the program.
        segments: its segments.
        w: `(n,)` the weights.
        y: `(m,)` the multipliers of the rows.
        lam: the weight of the reward.
        place: `(n,)` where each variable stands, as in `residuals_of`.
        side: `(m,)` at which limit each row binds, as in `Walk`.
    """
    while True:
        free, binding = np.flatnonzero(place % 2), np.flatnonzero(side)
        if not free.size + binding.size:
            return
        values, vectors = np.linalg.eigh(bordered_system(problem, segments, free, place, binding))
        least = int(np.abs(values).argmin())
        if abs(values[least]) > SOLVED * max(1.0, float(np.abs(values).max())):
            return
        null = vectors[:, least]
        if np.abs(null[: free.size]).max(initial=0.0) > np.abs(null[free.size :]).max(initial=0.0):
            direction = np.zeros(w.size)
            direction[free] = np.where(np.abs(null[: free.size]) > ACTIVE, null[: free.size], 0.0)
            advance(problem, segments, w, place, side, direction, np.inf)
        else:
            _move_multipliers(problem, segments, w, y, lam, place, side, binding, null[free.size :])


def advance(
    problem: KinkedProgram, segments: Segments, w: Array, place: Integers, side: Integers, direction: Array, most: float
) -> float:
    """Move w, in place, by `most` of `direction` (zero where a variable stands). How much of it there was room for.

    Less than `most` where a variable reached the end of its segment, which it then stands on, or a row its limit, which
    then binds. Raises NotConvergedError when there is no end.

    Args:
        problem: the program.
        segments: its segments.
        w: `(n,)` the weights.
        place: `(n,)` where each variable stands, as in `residuals_of`.
        side: `(m,)` at which limit each row binds, as in `Walk`.
        direction: `(n,)` the change of the weights.
        most: how much of it is wanted, infinite for as far as there is room.
    """
    everyone = np.arange(w.size)
    segment = np.minimum(place // 2, segments.breaks.shape[1] - 2)
    ahead = np.where(direction > 0, segments.breaks[everyone, segment + 1], segments.breaks[everyone, segment])
    speed = np.einsum("ij,i->j", segments.rows[everyone, segment], direction)
    limit = np.where(speed > 0, problem.row_upper, problem.row_lower)
    moves = np.concatenate([direction != 0, (side == 0) & (np.abs(speed) > ROUNDING * (1 + np.abs(direction).sum()))])
    speeds = np.where(moves, np.concatenate([direction, speed]), 1.0)
    room = np.where(moves, np.concatenate([ahead - w, limit - values_at(problem, w)]), 0.0)
    steps = np.where(moves, np.maximum(room / speeds, 0.0), np.inf)
    first = int(steps.argmin())
    if steps[first] >= most * (1 - ROUNDING) or abs(speeds[first]) * (most - steps[first]) <= ROUNDING:
        if not np.isfinite(most):
            raise NotConvergedError("the critical line has no end; limit the weights")
        w += most * direction
        return most
    w += steps[first] * direction
    if first < w.size:
        place[first] += 1 if direction[first] > 0 else -1
        w[first] = segments.breaks[first, place[first] // 2]
    else:
        row = first - w.size
        side[row] = 2 if problem.row_lower[row] == problem.row_upper[row] else np.sign(speed[row])
    return float(steps[first])


def values_at(problem: KinkedProgram, w: Array) -> Array:
    """The values of the rows at `w` `(n,)`."""
    return np.asarray(problem.rows @ problem.lifted(w[np.newaxis])[0])


def bordered_system(
    problem: KinkedProgram, segments: Segments, free: NDArray[np.intp], place: Integers, binding: NDArray[np.intp]
) -> Array:
    """The matrix of the free variables and the binding rows, as `walk` has it."""
    slopes = segments.rows[free, place[free] // 2][:, binding]
    return np.block([[problem.P[np.ix_(free, free)], slopes], [slopes.T, np.zeros((binding.size, binding.size))]])


def _move_multipliers(
    problem: KinkedProgram,
    segments: Segments,
    w: Array,
    y: Array,
    lam: float,
    place: Integers,
    side: Integers,
    binding: NDArray[np.intp],
    null: Array,
) -> None:
    """Move y, in place, along the null vector until a standing variable is free or a row is let go."""
    gradient = problem.P @ w
    best, member, forward, along = np.inf, -1, 0, np.zeros(y.size)
    for sense in (1.0, -1.0):
        dy = np.zeros(y.size)
        dy[binding] = sense * null
        for length, first, sign in _ends_of_multipliers(segments, gradient, y, lam, place, side, dy):
            if length < best:
                best, member, forward, along = length, first, sign, dy
    if member < 0:  # an equation that follows from the others
        largest = int(np.abs(null).argmax())
        row = int(binding[largest])
        y[binding] -= y[row] / null[largest] * null
        y[row], side[row] = 0.0, 0
        return
    y += best * along
    if member < w.size:
        place[member] += forward
    else:
        y[member - w.size], side[member - w.size] = 0.0, 0


def _ends_of_multipliers(
    segments: Segments, gradient: Array, y: Array, lam: float, place: Integers, side: Integers, dy: Array
) -> Iterator[tuple[float, int, int]]:
    """How far y can go along dy: until a variable is free to its left (-1), to its right (1), or a row let go (0)."""
    everyone, step, last = np.arange(place.size), place // 2, np.maximum(segments.count - 1, 0)
    for segment, sign, is_open in (
        (np.maximum(step - 1, 0), -1, step > 0),
        (np.minimum(step, last), 1, step < segments.count),
    ):
        slopes = segments.rows[everyone, segment]
        slack = sign * (gradient - lam * segments.reward[everyone, segment] + slopes @ y)
        rate = sign * (slopes @ dy)
        yield _shortest(slack, rate, is_open & (place % 2 == 0), 0, sign)
    yield _shortest(y * side, dy * side, np.abs(side) == 1, place.size, 0)


def _shortest(slack: Array, rate: Array, counts: Mask, offset: int, sign: int) -> tuple[float, int, int]:
    """The least step that uses up a slack, whose it is, and the sign handed through."""
    falls = counts & (rate < -ACTIVE)
    length = np.where(falls, np.maximum(slack, 0.0) / np.where(falls, -rate, 1.0), np.inf)
    first = int(length.argmin())
    return float(length[first]), offset + first, sign
