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

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...records import dataclass
from ...tolerances import ROUNDING, SOLVED
from ..compiled import compiled, worth_compiling
from .loops import BINDS, LET_GO, LOOSENED, STANDS, Course, Path, Standing, walk_loop
from .program import Integers, KinkedProgram, Segments

__all__ = ["ENDED", "FLAT", "FULL", "Walk", "border", "walk"]

ENDED, FULL, FLAT = 0, 1, 2
"""Why a walk stopped: lam is at its end; no room to record; what was let go has no curvature."""

LEAST_LAM = 1e-11
"""A turning point at so small a lam is the end: where the risk is zero already, what lies below has less reward."""

OPERATIONS = 60
"""Arrays of n elements that numpy goes through for one turning point, beside P_F."""

NO_STEPS = np.empty(0)
"""Where nothing of a kind can happen."""


@dataclass
class Walk:
    """Where the walk stands, and what it has recorded; arrays are changed in place.

    `place` as in `residuals_of`; `side` of each row: 0 not binding, 1 at its upper and -1 at its lower limit, 2 an
    equation. `members` lists F and R (rows count from n on), `slot` finds each in it, `inverse` is of their system.
    """

    w: Array
    y: Array
    lam: float
    place: Integers
    side: Integers
    gradient: Array
    values: Array
    members: Integers
    slot: Integers
    inverse: Array
    size: int
    path_lam: Array
    path_w: Array
    path_y: Array
    path_place: NDArray[np.int8]
    count: int = 0

    def record(self) -> None:
        """Write the present turning point down."""
        self.path_lam[self.count] = self.lam
        self.path_w[self.count], self.path_y[self.count], self.path_place[self.count] = self.w, self.y, self.place
        self.count += 1

    def anew(self) -> Walk:
        """A walk of its own from here, with the present turning point recorded."""
        there = Walk(
            w=self.w.copy(),
            y=self.y.copy(),
            lam=self.lam,
            place=self.place.copy(),
            side=self.side.copy(),
            gradient=self.gradient.copy(),
            values=self.values.copy(),
            members=self.members.copy(),
            slot=self.slot.copy(),
            inverse=self.inverse.copy(),
            size=self.size,
            path_lam=np.empty_like(self.path_lam),
            path_w=np.empty_like(self.path_w),
            path_y=np.empty_like(self.path_y),
            path_place=np.empty_like(self.path_place),
        )
        there.record()
        return there


def walk(problem: KinkedProgram, segments: Segments, state: Walk, heading: float) -> tuple[int, int]:
    """Follow lam up (`heading` 1) or down to zero (-1). Why it stopped, and the member let go if that was FLAT."""
    if worth_compiling((OPERATIONS + state.size) * state.w.size * len(state.path_lam)):
        course = Course(
            problem.P, segments.count, segments.breaks, segments.reward, segments.rows, problem.row_lower,
            problem.row_upper, heading, ROUNDING, SOLVED, LEAST_LAM,
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
    sides = _Sides(segments, state.place)
    while state.count < len(state.path_lam):
        speeds = _speeds(problem, segments, state, heading)
        kind, first, step = _first_event(problem, segments, state, sides, speeds, heading)
        if step == np.inf and heading > 0:
            return ENDED, -1
        _move(state, speeds, min(step, state.lam) if heading < 0 else step, heading)
        if heading < 0 and state.lam <= LEAST_LAM:
            state.record()
            return ENDED, -1
        member = _turn(problem, segments, state, speeds, kind, first)
        if member < state.w.size:
            sides.update(segments, state.place, member)
        state.record()
        if kind == STANDS:
            _leave(state, member)
        elif kind == LOOSENED and _is_loose(state, member):
            return FLAT, member
        elif kind == LOOSENED:
            _leave(state, member)
        elif not _join(state, member, *border(problem, segments, state, member)):
            return FLAT, member
    return FULL, -1


class _Speeds(NamedTuple):
    """What a unit of lam changes: the weights of the free variables, multipliers, gradients and values of rows.

    `reach` is the sum of the weights' changes, before those that are rounding are dropped.
    """

    free: Integers
    segment: Integers
    w: Array
    y: Array
    gradient: Array
    values: Array
    reach: float


def _speeds(problem: KinkedProgram, segments: Segments, state: Walk, heading: float) -> _Speeds:
    size, members = state.w.size, state.members[: state.size]
    is_free = members < size
    free, binding = members[is_free], members[~is_free] - size
    segment = state.place[free] // 2
    pull = np.zeros(state.size)
    pull[is_free] = segments.reward[free, segment]
    change = heading * (state.inverse[: state.size, : state.size] @ pull)
    dw, dy = change[is_free], np.zeros(state.y.size)
    dy[binding] = change[~is_free]
    reach = float(np.abs(dw).sum())
    moves = heading * (pull[is_free] @ dw) > ROUNDING
    dw = np.where(moves & (np.abs(dw) > ROUNDING * reach), dw, 0.0)
    return _Speeds(free, segment, dw, dy, dw @ problem.P.take(free, axis=0), dw @ segments.rows[free, segment], reach)


def _first_event(
    problem: KinkedProgram, segments: Segments, state: Walk, sides: _Sides, speeds: _Speeds, heading: float
) -> tuple[int, int, float]:
    """The kind of the next event, the place of what it befalls among its kind, and the step to it."""
    dw = speeds.w
    moves = dw != 0
    room = segments.breaks[speeds.free, speeds.segment + (dw > 0)] - state.w[speeds.free]
    slack, rate = sides.slacks((state.gradient, speeds.gradient), (state.lam, heading), (state.y, speeds.y))
    steps = (
        np.where(moves, np.maximum(room / np.where(moves, dw, 1.0), 0.0), np.inf),
        np.where(sides.open & (rate < -ROUNDING), np.maximum(slack, 0.0) / np.maximum(-rate, ROUNDING), np.inf),
        _row_steps(problem, state, speeds.values, ROUNDING * (1.0 + speeds.reach)),
        _multiplier_steps(state, speeds.y),
    )
    firsts = [int(each.argmin()) if each.size else -1 for each in steps]
    lengths = [each.flat[first] if first >= 0 else np.inf for each, first in zip(steps, firsts, strict=True)]
    kind = int(np.argmin(lengths))
    return kind, firsts[kind], lengths[kind]


def _move(state: Walk, speeds: _Speeds, step: float, heading: float) -> None:
    state.w[speeds.free] += step * speeds.w
    state.y += step * speeds.y
    state.gradient += step * speeds.gradient
    state.values += step * speeds.values
    state.lam += heading * step


def _turn(problem: KinkedProgram, segments: Segments, state: Walk, speeds: _Speeds, kind: int, first: int) -> int:
    """Let the event happen; the member that it befalls."""
    size = state.w.size
    if kind == STANDS:
        member = int(speeds.free[first])
        state.place[member] += 1 if speeds.w[first] > 0 else -1
        state.w[member] = segments.breaks[member, state.place[member] // 2]
        return member
    if kind == LET_GO:
        member = first % size
        state.place[member] += 1 if first >= size else -1
        return member
    if kind == BINDS:
        state.side[first] = _limit_side(problem, first, speeds.values[first])
    else:
        state.side[first] = 0
        state.y[first] = 0.0
    return size + first


def _limit_side(problem: KinkedProgram, row: int, speed: float) -> int:
    if problem.row_lower[row] == problem.row_upper[row]:
        return 2
    return 1 if speed > 0 else -1


def _row_steps(problem: KinkedProgram, state: Walk, dvalues: Array, still: float) -> Array:
    """Steps after which the rows that do not bind reach the limit they move to."""
    waits = state.side == 0
    if not waits.any():
        return NO_STEPS
    limit = np.where(dvalues > 0, problem.row_upper, problem.row_lower)
    moves = waits & (np.abs(dvalues) > still) & np.isfinite(limit)
    room = np.where(moves, limit - state.values, 0.0) * np.sign(dvalues)
    return np.where(moves, np.maximum(room, 0.0) / np.where(moves, np.abs(dvalues), 1.0), np.inf)


def _multiplier_steps(state: Walk, dy: Array) -> Array:
    """Steps after which the multipliers of binding rows reach zero."""
    one_sided = np.abs(state.side) == 1
    if not one_sided.any():
        return NO_STEPS
    falls = one_sided & (dy * state.side < -ROUNDING)
    return np.where(falls, np.maximum(state.y * state.side, 0.0) / np.where(falls, np.abs(dy), 1.0), np.inf)


class _Sides:
    """Slopes to the left and to the right of each variable that stands, `(2, n)`, and whether it can go there."""

    def __init__(self, segments: Segments, place: Integers) -> None:
        everyone = np.arange(place.size)
        step, last = place // 2, np.maximum(segments.count - 1, 0)
        sides = np.stack([np.maximum(step - 1, 0), np.minimum(step, last)])
        stands = place % 2 == 0
        self.open = np.stack([stands & (step > 0), stands & (step < segments.count)])
        self.reward = segments.reward[everyone, sides]
        rows = np.moveaxis(segments.rows[everyone, sides], -1, 0)
        self.rows = rows.reshape(len(rows), 2 * place.size).copy()
        self.sign = np.array([[-1.0], [1.0]])

    def update(self, segments: Segments, place: Integers, i: int) -> None:
        """Variable i stands elsewhere now, or is free."""
        step, stands, count = int(place[i]) // 2, place[i] % 2 == 0, int(segments.count[i])
        for side, segment in enumerate((max(step - 1, 0), min(step, count - 1))):
            self.reward[side, i] = segments.reward[i, segment]
            self.rows[:, side * place.size + i] = segments.rows[i, segment]
        self.open[:, i] = stands and step > 0, stands and step < count

    def slacks(self, gradients: tuple[Array, Array], lams: tuple[float, float], ys: tuple[Array, Array]) -> Array:
        """How far each gradient is from the end of its interval, at or above zero, and how that changes `(2, 2, n)`.

        The second of each pair is the change of the first.
        """
        gradient, lam = np.array(gradients)[:, np.newaxis], np.array(lams).reshape(2, 1, 1)
        pushed = (np.array(ys) @ self.rows).reshape(2, 2, -1)
        return np.asarray(self.sign * (gradient - lam * self.reward + pushed))


def _join(state: Walk, member: int, column: Array, diagonal: float) -> bool:
    """Border the inverse by a member; False, and nothing done, where it brings no curvature."""
    k = state.size
    inverse = state.inverse
    solved = inverse[:k, :k] @ column
    pivot = diagonal - column @ solved
    if abs(pivot) <= SOLVED * (abs(diagonal) + np.abs(column) @ np.abs(solved)):
        return False
    scaled = solved / pivot
    inverse[:k, :k] += np.outer(solved, scaled)
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
    inverse[: last + 1, : last + 1] -= np.outer(inverse[: last + 1, p], inverse[p, : last + 1] / inverse[p, p])
    moved = int(state.members[last])
    inverse[p, : last + 1] = inverse[last, : last + 1]
    inverse[: last + 1, p] = inverse[: last + 1, last]
    state.members[p], state.slot[moved] = moved, p
    state.slot[member] = -1
    state.size -= 1
