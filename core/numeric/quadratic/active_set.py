"""A dual active set in numpy: what answers small programs where daqp has no build, as in a browser.

    least      x'Px/2 + q'x      with   lower <= C x <= upper        C: an identity for the bounds above the rows

With P = L L' and z = L'x + L^-1 q it is the z nearest to zero between limits along directions C L^-T. From z = 0 the
limit that is missed most is approached; each that already binds keeps its sign or, where it would lose it, is let go;
so the multipliers are right all the way, and the point is, once no limit is missed. A limit that depends on those that
bind only moves multipliers; where none of them gives way, no point meets all limits.

For a singular P the same is asked again and again with a small pull towards the last point, which changes the question
but not where its answers end.

Sources: Goldfarb and Idnani, Mathematical Programming 27 (1983); Rockafellar, SIAM J. Control Optim. 14 (1976) for the
pull.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...arrays import Array
from ...tolerances import ROUNDING, SOLVED
from .program import QuadraticProgram

__all__ = ["dual_active_set"]

PULL, PULLED_STEPS = 1e-6, 30
"""The pull of a singular P of size one, and the steps it may take."""

BITS = 4
"""Last bits, of the largest variable, that the way there may have cost each."""

MOST_CHANGES = 20
"""Changes of the binding limits, a limit and one more, after which a program counts as not settled."""


def dual_active_set(problem: QuadraticProgram) -> Iterator[tuple[Array, Array]]:
    """Points `(n,)` and the multipliers of bounds and rows `(n + m,)`, positive on upper limits; the best one last.

    None where no point meets all limits, or where the active set does not settle.
    """
    if (whole := _factor(problem.P)) is not None:
        found = _nearest_to_zero(problem, whole)
        if found is not None:
            yield found
        return
    held = replace(problem, P=problem.P + PULL * np.eye(problem.q.size))
    factor, x = np.asarray(np.linalg.cholesky(held.P)), np.zeros(problem.q.size)
    for _ in range(PULLED_STEPS):
        found = _nearest_to_zero(replace(held, q=problem.q - PULL * x), factor)
        if found is None:
            return
        yield found
        x = found[0]


def _factor(P: Array) -> Array | None:
    """L of P = L L'; None where P is singular to rounding."""
    try:
        factor = np.asarray(np.linalg.cholesky(P))
    except np.linalg.LinAlgError:
        return None
    return factor if (factor.diagonal() ** 2 > SOLVED * P.diagonal()).all() else None


def _on_its_bounds(problem: QuadraticProgram, x: Array) -> Array:
    """The point with each variable that rounding keeps off its bound on it."""
    near = BITS * np.finfo(float).eps * np.abs(x).max(initial=0.0)
    x = np.where(np.abs(x - problem.lower) <= near, problem.lower, x)
    return np.where(np.abs(x - problem.upper) <= near, problem.upper, x)


def _nearest_to_zero(problem: QuadraticProgram, factor: Array) -> tuple[Array, Array] | None:
    size, (lower, upper) = problem.q.size, problem.limits
    inverse = np.linalg.inv(factor)
    centre = inverse @ problem.q
    directions = np.vstack([inverse.T, problem.rows @ inverse.T])
    lengths = np.sqrt((directions * directions).sum(axis=1))
    lengths[lengths == 0] = 1.0
    directions /= lengths[:, None]
    shift = directions @ centre
    lower, upper = lower / lengths + shift, upper / lengths + shift
    equation = problem.limits[0] == problem.limits[1]

    z, values, multipliers = np.zeros(size), np.zeros(len(directions)), np.zeros(len(directions))
    binding: list[int] = []
    sides = np.zeros(len(directions))
    approached, side = -1, 0.0
    for _ in range(MOST_CHANGES * (len(directions) + 1)):
        if approached < 0:
            missed = np.maximum(values - upper, lower - values)
            missed[binding] = 0.0
            approached = int(missed.argmax())
            if missed[approached] * lengths[approached] <= SOLVED:
                return _on_its_bounds(problem, inverse.T @ (z - centre)), multipliers / lengths
            side = 1.0 if values[approached] > upper[approached] else -1.0
        bound = directions[binding]
        try:
            share = np.linalg.solve(bound @ bound.T, bound @ directions[approached])
        except np.linalg.LinAlgError:  # limits that nearly repeat each other bind
            return None
        along = directions[approached] - share @ bound
        square = float(along @ along)
        gap = values[approached] - upper[approached] if side > 0 else lower[approached] - values[approached]
        step, leaving = (gap / square, -1) if square > SOLVED else (math.inf, -1)
        for place, member in enumerate(binding):
            loss = side * share[place] * sides[member]
            if loss > ROUNDING and not equation[member] and abs(multipliers[member]) < step * loss:
                step, leaving = abs(multipliers[member]) / loss, place
        if step == math.inf:
            return None
        multipliers[binding] -= step * side * share
        multipliers[approached] += step * side
        if square > SOLVED:
            z -= step * side * along
            values = directions @ z
        if leaving < 0:
            binding.append(approached)
            sides[approached], approached = side, -1
        else:
            multipliers[binding.pop(leaving)] = 0.0
    return None
