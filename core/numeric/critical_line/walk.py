"""One walk along the critical line: from turning point to turning point until lam ends or nothing changes any more.

Between turning points a set F of variables is free, each inside one segment, a set R of rows binds, and all else
stands. What moves with lam solves the bordered system, whose inverse is carried along:

    | P_FF  f'_FR | | dw |   | r'_F |                    a member joins:  border the inverse by its row and column
    | f'_RF   0   | | dy | = |   0  | dlam               a member leaves: strike them out (Schur complements)

The step ends where the first of four things happens: a free variable reaches the end of its segment and stands; the
gradient of a standing variable leaves the interval it must lie in, and the variable is free in the segment on that
side; a row reaches its limit and binds; the multiplier of a binding row reaches zero, and the row is let go.

What is let go may have nothing to hold it (no curvature: P is singular there). Then the optimum is not unique at this
lam, and the walk stops for the caller to step across. The walk is written twice, see `compiled`.

Sources: Markowitz and Todd, Mean-Variance Analysis in Portfolio Choice and Capital Markets (2000), ch. 13;
Niedermayer and Niedermayer, in Handbook of Portfolio Construction (2010); Best, Applied Mathematics and Parallel
Computing (1996), for general rows.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...tolerances import ROUNDING, SOLVED
from ..compiled import compiled, worth_compiling
from .entries import Entries
from .loops import Course, Path, Standing, walk_loop
from .program import KinkedProgram, Segments
from .regular import values_at
from .state import Walk

__all__ = ["ENDED", "FLAT", "FULL", "border", "walk"]

ENDED, FULL, FLAT = 0, 1, 2
"""Why a walk stopped: lam is at its end; no room to record; what was let go has no curvature."""

LEAST_LAM = 1e-11
"""A turning point at so small a lam is the end."""

RISKLESS = 1e-15
"""One with so little risk w'Pw, which is of size one, is the end too: what lies below has less reward and no less
risk, and at which lam it comes is what rounding has left."""

NEAR_THE_END = 1e-6
"""A lam above which risk is not looked at."""

OPERATIONS = 60
"""Arrays of n elements that numpy goes through for one turning point, beside P_F."""


def walk(problem: KinkedProgram, segments: Segments, state: Walk, heading: float) -> tuple[int, int]:
    """Follow lam up (`heading` 1) or down to zero (-1). Why it stopped, and the member let go if that was FLAT."""
    if worth_compiling((OPERATIONS + state.size) * state.w.size * len(state.path_lam)):
        course = Course(
            problem.P, segments.count, segments.breaks, segments.reward, segments.rows, problem.row_lower,
            problem.row_upper, heading, ROUNDING, SOLVED, LEAST_LAM, NEAR_THE_END, RISKLESS,
        )  # fmt: skip
        at = Standing(
            state.w, state.y, state.place, state.side, state.gradient, state.values, state.members, state.slot,
            state.inverse,
        )  # fmt: skip
        path = Path(state.path_lam, state.path_w, state.path_y, state.path_place)
        status, member, state.size, state.lam, state.count = compiled(walk_loop)(
            course, at, path, state.size, state.lam, state.count
        )
        return status, member
    return _walk_by_numpy(problem, segments, state, heading)


def border(problem: KinkedProgram, segments: Segments, state: Walk, member: int) -> tuple[Array, float]:
    """The column that a variable or row has in the bordered system of the present members, and its diagonal entry."""
    size = state.w.size
    members = state.members[: state.size]
    is_free = members < size
    column = np.zeros(state.size)
    if member < size:
        column[is_free] = problem.P[member, members[is_free]]
        column[~is_free] = segments.rows[member, state.place[member] // 2, members[~is_free] - size]
        return column, float(problem.P[member, member])
    free = members[is_free]
    column[is_free] = segments.rows[free, state.place[free] // 2, member - size]
    return column, 0.0


def _walk_by_numpy(problem: KinkedProgram, segments: Segments, state: Walk, heading: float) -> tuple[int, int]:
    ended = _to_its_end(Entries(problem, segments, state), state, heading)
    state.gradient[:] = problem.P @ state.w
    state.values[:] = values_at(problem, state.w)
    return ended


def _to_its_end(entries: Entries, state: Walk, heading: float) -> tuple[int, int]:
    while state.count < len(state.path_lam):
        first, at_high = entries.advance(heading)
        if first < 0:
            return ENDED, -1
        if heading < 0 and _is_at_the_end(entries.problem, state):
            state.record()
            return ENDED, -1
        member, joins = entries.turn(first, at_high=at_high)
        state.record()
        if joins:
            if not _join(state, member, *entries.border(member)):
                return FLAT, member
        elif member >= state.w.size and _is_loose(state, member):
            return FLAT, member
        else:
            _leave(state, member)
    return FULL, -1


def _is_at_the_end(problem: KinkedProgram, state: Walk) -> bool:
    """Whether nothing worth having lies below."""
    if state.lam > NEAR_THE_END:
        return False
    return state.lam <= LEAST_LAM or bool(state.w @ problem.P @ state.w <= RISKLESS)


def _join(state: Walk, member: int, column: Array, diagonal: float) -> bool:
    """Border the inverse by a member; False, and nothing done, where it brings no curvature."""
    k = state.size
    inverse = state.inverse
    solved = inverse[:k, :k] @ column
    pivot = diagonal - column @ solved
    if abs(pivot) <= SOLVED * (abs(diagonal) + np.abs(column) @ np.abs(solved)):
        return False
    scaled = solved / pivot
    inverse[:k, :k] += solved[:, np.newaxis] * scaled
    inverse[:k, k] = inverse[k, :k] = -scaled
    inverse[k, k] = 1 / pivot
    state.members[k], state.slot[member] = member, k
    state.size += 1
    return True


def _is_loose(state: Walk, member: int) -> bool:
    """Whether nothing would hold the others without this row."""
    column = state.inverse[: state.size, state.slot[member]]
    return bool(abs(column[state.slot[member]]) <= SOLVED * np.abs(column).max())


def _leave(state: Walk, member: int) -> None:
    """Strike a member out of the inverse."""
    p, last = int(state.slot[member]), state.size - 1
    inverse = state.inverse
    inverse[: last + 1, : last + 1] -= inverse[: last + 1, p, np.newaxis] * (inverse[p, : last + 1] / inverse[p, p])
    moved = int(state.members[last])
    inverse[p, : last + 1] = inverse[last, : last + 1]
    inverse[: last + 1, p] = inverse[: last + 1, last]
    state.members[p], state.slot[moved] = moved, p
    state.slot[member] = -1
    state.size -= 1
