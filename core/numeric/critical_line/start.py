"""Where a walk along the critical line begins: at the top, where lam is without end, or at one optimum on the way.

At the top only the reward counts. With one equation c sum w = h, or none, the most reward is a matter of filling:
segments in order of their slope, until the equation is met. That costs a sort, and holds as long as no other row is
broken there and no two slopes tie for the last place. Anything else begins at the optimum for a lam of size one, a
quadratic program of its own; the line is then followed from there both ways.

The optimum is made regular first (see `regular`), so that its bordered system has an inverse.

Source: Niedermayer and Niedermayer, in Handbook of Portfolio Construction (2010), for the top.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...errors import NotConvergedError
from ...tolerances import ACTIVE, ROUNDING
from ..quadratic.solve import solve
from .program import Integers, KinkedProgram, Segments
from .regular import advance, bordered_system, make_regular, values_at
from .state import Walk

__all__ = ["at_the_top", "on_the_way", "settle"]

ROOM = 6
"""Turning points that there is room for, as a multiple of all segments and rows."""


def at_the_top(problem: KinkedProgram, segments: Segments) -> Walk | None:
    """The most reward at the greatest lam where anything changes; None where filling does not find it for certain."""
    equations = np.flatnonzero(problem.row_lower == problem.row_upper)
    filled = _filled(problem, segments, equations)
    if filled is None:
        return None
    w, place, marginal = filled
    values = values_at(problem, w)
    slips = ROUNDING * np.maximum(1.0, np.abs(values))
    if ((values > problem.row_upper + slips) | (values < problem.row_lower - slips)).any():
        return None
    held = w.nonzero()[0]  # few of many contracts, as long as they are long
    gradient = w[held] @ problem.P[held]
    lam = _greatest_change(segments, gradient, place, marginal)
    if lam is None:
        return None
    side, y = np.zeros(len(problem.rows), dtype=np.int64), np.zeros(len(problem.rows))
    side[equations] = 2
    state = _walk_from(problem, segments, w, y, lam, place, side)
    if marginal >= 0:
        row, factor = int(equations[0]), float(problem.rows[equations[0], 0])
        y[row] = (lam * segments.reward[marginal, place[marginal] // 2] - gradient[marginal]) / factor
        state.members[:2] = marginal, w.size + row
        state.slot[state.members[:2]] = 0, 1
        state.inverse[:2, :2] = [[0.0, 1 / factor], [1 / factor, -problem.P[marginal, marginal] / factor**2]]
        state.size = 2
    state.gradient[:], state.values[:] = gradient, values
    state.record()
    return state


def _filled(
    problem: KinkedProgram, segments: Segments, equations: NDArray[np.intp]
) -> tuple[Array, Integers, int] | None:
    """The segments filled in order of their slope: w, places, and the variable that meets the equation.

    That is -1 where there is no equation; all is None where filling cannot meet those that there are.
    """
    pieces = segments.breaks.shape[1] - 1
    exists = np.arange(pieces) < segments.count[:, None]
    width = np.where(exists, segments.breaks[:, 1:] - segments.breaks[:, :-1], 0.0).ravel()
    slope = np.where(exists, segments.reward, -np.inf).ravel()
    order = np.argsort(-slope, kind="stable")[: int(segments.count.sum())]
    marginal, rest, taken = -1, 0.0, int((slope[order] > 0).sum())
    if equations.size:
        budget = _budget(problem, equations)
        if budget is None or not order.size:
            return None
        filled = np.cumsum(width[order])
        slip = ROUNDING * max(1.0, float(np.abs(problem.lower).sum() + filled[-1]))
        taken = int(np.searchsorted(filled, budget - slip))
        if budget < -slip or taken == order.size:
            return None
        marginal, rest = int(order[taken]) // pieces, float(budget - (filled[taken - 1] if taken else 0.0))

    place = 2 * np.bincount(order[:taken] // pieces, minlength=problem.lower.size)
    w = segments.breaks[np.arange(place.size), place // 2]
    if marginal >= 0:
        w[marginal] += rest
        place[marginal] += 1
    return w, place, marginal


def _budget(problem: KinkedProgram, equations: NDArray[np.intp]) -> float | None:
    """How much may be added to the lower bounds by the one equation c sum w = h; None where there is another."""
    coefficients, size = problem.rows[equations[0]], problem.lower.size
    factor = coefficients[0]
    if equations.size > 1 or factor == 0 or (coefficients[:size] != factor).any() or coefficients[size:].any():
        return None
    return float(problem.row_lower[equations[0]] / factor - problem.lower.sum())


def _greatest_change(segments: Segments, gradient: Array, place: Integers, marginal: int) -> float | None:
    """The lam above which the filled portfolio stays; None where slopes tie, so that it may not be the best."""
    base, price = 0.0, 0.0
    if marginal >= 0:
        base, price = float(gradient[marginal]), float(segments.reward[marginal, place[marginal] // 2])
    greatest = 0.0
    stands = place % 2 == 0
    for sign, open_ in ((-1, place > 0), (1, place < 2 * segments.count)):
        i = (stands & open_).nonzero()[0]
        rate = sign * (price - segments.reward[i, place[i] // 2 - (sign < 0)])
        if rate.size and rate.min() <= ROUNDING:
            return None
        greatest = max(greatest, float((sign * (base - gradient[i]) / rate).max(initial=0.0)))
    return greatest


def on_the_way(problem: KinkedProgram, segments: Segments, lam: float) -> Walk:
    """The optimum for `lam`. Raises InfeasibleError, NotConvergedError."""
    size, kinks = problem.lower.size, problem.kink_at.size
    solution = solve(problem.at(lam))
    w, y = solution.x[:size].copy(), solution.row_multipliers[kinks:].copy()
    place, w = _places(segments, w)
    equation = problem.row_lower == problem.row_upper
    side = np.where(equation, 2, np.sign(y)).astype(np.int64)
    make_regular(problem, segments, w, y, lam, place, side)
    state = _walk_from(problem, segments, w, y, lam, place, side)
    settle(problem, segments, state)
    state.record()
    return state


def settle(problem: KinkedProgram, segments: Segments, state: Walk) -> None:
    """List the members anew, invert their system and solve it for w and y. Raises NotConvergedError.

    What stands in the way, the end of a segment or the limit of a row, is kept, and the rest is solved again.
    """
    for _ in range(state.w.size + 1):
        _invert(problem, segments, state)
        if _solved(problem, segments, state):
            break
    _solved(problem, segments, state)
    state.gradient[:] = problem.P @ state.w
    state.values[:] = values_at(problem, state.w)


def _invert(problem: KinkedProgram, segments: Segments, state: Walk) -> None:
    size = state.w.size
    free, binding = np.flatnonzero(state.place % 2), np.flatnonzero(state.side)
    members = np.concatenate([free, size + binding])
    state.size = members.size
    state.members[: members.size] = members
    state.slot[:] = -1
    state.slot[members] = np.arange(members.size)
    try:
        inverse = np.linalg.inv(bordered_system(problem, segments, free, state.place, binding))
    except np.linalg.LinAlgError:
        raise NotConvergedError("the critical line cannot be followed: its system of equations is singular") from None
    state.inverse[: members.size, : members.size] = inverse


def _solved(problem: KinkedProgram, segments: Segments, state: Walk) -> bool:
    """Move w and y to where the system of the members holds; False where something stood in the way."""
    members = state.members[: state.size]
    is_free = members < state.w.size
    free, binding = members[is_free], members[~is_free] - state.w.size
    segment = state.place[free] // 2
    limit = np.where(state.side < 0, problem.row_lower, problem.row_upper)[binding]
    slope = problem.P[free] @ state.w - state.lam * segments.reward[free, segment]
    slope += segments.rows[free, segment] @ state.y
    missing = values_at(problem, state.w)[binding] - limit
    change = -state.inverse[: state.size, : state.size] @ np.concatenate([slope, missing])
    direction = np.zeros(state.w.size)
    direction[free] = change[: free.size]
    share = advance(problem, segments, state.w, state.place, state.side, direction, 1.0)
    state.y[binding] += share * change[free.size :]
    return share == 1.0


def _walk_from(
    problem: KinkedProgram, segments: Segments, w: Array, y: Array, lam: float, place: Integers, side: Integers
) -> Walk:
    size, rows = w.size, y.size
    room = ROOM * (int(segments.count.sum()) + rows) + 50
    return Walk(
        w=w,
        y=y,
        lam=lam,
        place=place,
        side=side,
        gradient=np.empty(size),
        values=np.empty(rows),
        members=np.empty(size + rows, dtype=np.int64),
        slot=np.full(size + rows, -1, dtype=np.int64),
        inverse=np.empty((size + rows, size + rows)),
        size=0,
        path_lam=np.empty(room),
        path_w=np.empty((room, size)),
        path_y=np.empty((room, rows)),
        path_place=np.empty((room, size), dtype=np.int8),
    )


def _places(segments: Segments, w: Array) -> tuple[Integers, Array]:
    """Where each variable stands, and w with those next to a break on it."""
    everyone = np.arange(w.size)
    reach = np.arange(segments.breaks.shape[1]) <= segments.count[:, None]
    distance = np.where(reach, np.abs(segments.breaks - w[:, None]), np.inf)
    nearest = distance.argmin(axis=1)
    on_break = distance[everyone, nearest] <= ACTIVE * max(1.0, float(np.abs(w).max()))
    below = np.where(reach, segments.breaks <= w[:, None], False).sum(axis=1) - 1
    inside = np.clip(below, 0, np.maximum(segments.count - 1, 0))
    return (
        np.where(on_break, 2 * nearest, 2 * inside + 1).astype(np.int64),
        np.where(on_break, segments.breaks[everyone, nearest], w),
    )
