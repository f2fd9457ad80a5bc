"""The walk along the critical line element by element, for numba: `walk` tells what it does, in numpy.

The steps and their order are those of the walk in numpy. Four kinds of event end a step: a variable STANDS at the end
of its segment, one that stood is LET_GO, a row BINDS, the multiplier of a row reaches zero and the row is LOOSENED.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["Course", "Path", "Standing", "walk_loop"]

Integers = NDArray[np.int64]
Event = tuple[float, int, int]

STANDS, LET_GO, BINDS, LOOSENED = 0, 1, 2, 3


class Course(NamedTuple):
    """What the walk follows: the program, its segments, the way of lam, and what is read as zero, as in `walk`."""

    P: Array
    pieces: Integers
    breaks: Array
    reward: Array
    rows: Array
    row_lower: Array
    row_upper: Array
    heading: float
    rounding: float
    solved: float
    least_lam: float
    near_the_end: float
    riskless: float


class Standing(NamedTuple):
    """Where the walk stands, as in `state.Walk`; the arrays are changed in place."""

    w: Array
    y: Array
    place: Integers
    side: Integers
    gradient: Array
    values: Array
    members: Integers
    slot: Integers
    inverse: Array


class Path(NamedTuple):
    """The turning points recorded: lam `(r,)`, weights, multipliers and places."""

    lam: Array
    w: Array
    y: Array
    place: NDArray[np.int8]


class Speeds(NamedTuple):
    """What a unit of lam pulls at, and what it changes: the members in their order, multipliers, gradients, rows."""

    pull: Array
    members: Array
    y: Array
    gradient: Array
    values: Array


def walk_loop(
    course: Course, at: Standing, path: Path, size: int, lam: float, count: int
) -> tuple[int, int, int, float, int]:
    """The walk of `walk.walk`: why it stopped and at which member, then size, lam and count as they are now."""
    n, m = at.w.size, at.y.size
    speeds = Speeds(np.empty(n + m), np.empty(n + m), np.empty(m), np.empty(n), np.empty(m))
    column, solved = np.empty(n + m), np.empty(n + m)
    while count < path.lam.size:
        reach = _set_speeds(course, at, size, speeds)
        step, kind, first, forward = _first_event(course, at, size, lam, speeds, reach)
        if step == np.inf and course.heading > 0:
            return 0, -1, size, lam, count
        step = min(step, lam) if course.heading < 0 else step
        _move(at, size, step, speeds)
        lam += course.heading * step
        over = course.heading < 0 and _is_at_the_end(course, at, lam)
        if not over:
            _turn(course, at, kind, first, forward)
        _record(at, path, lam, count)
        count += 1
        if over:
            return 0, -1, size, lam, count

        member = first if kind in (STANDS, LET_GO) else n + first
        if kind in (STANDS, LOOSENED):
            if kind == LOOSENED and _is_loose(course, at, size, member):
                return 2, member, size, lam, count
            _leave(at, size, member, column)
            size -= 1
        else:
            if not _join(course, at, size, member, column, solved):
                return 2, member, size, lam, count
            size += 1
    return 1, -1, size, lam, count


def _set_speeds(course: Course, at: Standing, size: int, speeds: Speeds) -> float:
    """The speeds of all that moves; the sum of those of the free variables, before the small ones are dropped."""
    n, m = at.w.size, at.y.size
    for p in range(size):
        i = at.members[p]
        speeds.pull[p] = course.reward[i, at.place[i] // 2] if i < n else 0.0
    gain, reach = 0.0, 0.0
    for p in range(size):
        total = 0.0
        for q in range(size):
            total += at.inverse[p, q] * speeds.pull[q]
        gain += total * speeds.pull[p]
        speeds.members[p] = course.heading * total
        reach += abs(total) if at.members[p] < n else 0.0
    speeds.gradient[:] = 0.0
    speeds.values[:] = 0.0
    speeds.y[:] = 0.0
    for p in range(size):
        i, speed = at.members[p], speeds.members[p]
        if i >= n:
            speeds.y[i - n] = speed
        elif gain > course.rounding and abs(speed) > course.rounding * reach:
            for j in range(n):
                speeds.gradient[j] += speed * course.P[i, j]
            for j in range(m):
                speeds.values[j] += speed * course.rows[i, at.place[i] // 2, j]
        else:
            speeds.members[p] = 0.0
    return reach


def _first_event(
    course: Course, at: Standing, size: int, lam: float, speeds: Speeds, reach: float
) -> tuple[float, int, int, int]:
    """The step to the first event, its kind, the variable or row that it befalls, and which way that goes."""
    step, kind, first, forward = np.inf, -1, -1, 0
    found = _first_to_stand(course, at, size, speeds, step)
    if found[1] >= 0:
        step, kind, first, forward = found[0], STANDS, found[1], found[2]
    found = _first_let_go(course, at, lam, speeds, step)
    if found[1] >= 0:
        step, kind, first, forward = found[0], LET_GO, found[1], found[2]
    found = _first_to_bind(course, at, speeds, course.rounding * (1.0 + reach), step)
    if found[1] >= 0:
        step, kind, first, forward = found[0], BINDS, found[1], found[2]
    found = _first_loosened(course, at, speeds, step)
    if found[1] >= 0:
        step, kind, first, forward = found[0], LOOSENED, found[1], found[2]
    return step, kind, first, forward


def _first_to_stand(course: Course, at: Standing, size: int, speeds: Speeds, step: float) -> Event:
    """The first free variable to reach the end of its segment in less than `step`, -1 where none does."""
    first, forward = -1, 0
    for p in range(size):
        i, speed = at.members[p], speeds.members[p]
        if i < at.w.size and speed != 0.0:
            j = at.place[i] // 2
            room = course.breaks[i, j + 1] - at.w[i] if speed > 0 else at.w[i] - course.breaks[i, j]
            length = max(room, 0.0) / abs(speed)
            if length < step:
                step, first, forward = length, i, (1 if speed > 0 else -1)
    return step, first, forward


def _first_let_go(course: Course, at: Standing, lam: float, speeds: Speeds, step: float) -> Event:
    """The first standing variable whose gradient leaves its interval in less than `step`, -1 where none does."""
    first, forward = -1, 0
    for i in range(at.w.size):
        if at.slot[i] >= 0:
            continue
        b = at.place[i] // 2
        for way in (-1, 1):
            j = b - 1 if way < 0 else b
            if j < 0 or j >= course.pieces[i]:
                continue
            slack = at.gradient[i] - lam * course.reward[i, j]
            rate = speeds.gradient[i] - course.heading * course.reward[i, j]
            for r in range(at.y.size):
                slack += at.y[r] * course.rows[i, j, r]
                rate += speeds.y[r] * course.rows[i, j, r]
            slack, rate = way * slack, way * rate
            if rate < -course.rounding and max(slack, 0.0) < step * -rate:
                step, first, forward = max(slack, 0.0) / -rate, i, way
    return step, first, forward


def _first_to_bind(course: Course, at: Standing, speeds: Speeds, still: float, step: float) -> Event:
    """The first row to reach its limit in less than `step`, -1 where none does."""
    first, forward = -1, 0
    for r in range(at.y.size):
        speed = speeds.values[r]
        if at.side[r] == 0 and abs(speed) > still:
            room = course.row_upper[r] - at.values[r] if speed > 0 else at.values[r] - course.row_lower[r]
            length = max(room, 0.0) / abs(speed)
            if length < step:
                step, first, forward = length, r, (1 if speed > 0 else -1)
    return step, first, forward


def _first_loosened(course: Course, at: Standing, speeds: Speeds, step: float) -> Event:
    """The first row whose multiplier reaches zero in less than `step`, -1 where none does."""
    first = -1
    for r in range(at.y.size):
        if abs(at.side[r]) == 1 and speeds.y[r] * at.side[r] < -course.rounding:
            length = max(at.y[r] * at.side[r], 0.0) / abs(speeds.y[r])
            if length < step:
                step, first = length, r
    return step, first, 0


def _move(at: Standing, size: int, step: float, speeds: Speeds) -> None:
    for p in range(size):
        i = at.members[p]
        if i < at.w.size:
            at.w[i] += step * speeds.members[p]
    for i in range(at.w.size):
        at.gradient[i] += step * speeds.gradient[i]
    for r in range(at.y.size):
        at.y[r] += step * speeds.y[r]
        at.values[r] += step * speeds.values[r]


def _is_at_the_end(course: Course, at: Standing, lam: float) -> bool:
    """Whether nothing worth having lies below."""
    if lam > course.near_the_end:
        return False
    risk = 0.0
    for i in range(at.w.size):
        for j in range(at.w.size):
            risk += at.w[i] * course.P[i, j] * at.w[j]
    return lam <= course.least_lam or risk <= course.riskless


def _turn(course: Course, at: Standing, kind: int, first: int, forward: int) -> None:
    """Note the event where variables and rows stand."""
    if kind == STANDS:
        at.place[first] += forward
        at.w[first] = course.breaks[first, at.place[first] // 2]
    elif kind == LET_GO:
        at.place[first] += forward
    elif kind == BINDS:
        at.side[first] = 2 if course.row_lower[first] == course.row_upper[first] else forward
    else:
        at.side[first] = 0
        at.y[first] = 0.0


def _record(at: Standing, path: Path, lam: float, count: int) -> None:
    path.lam[count] = lam
    for i in range(at.w.size):
        path.w[count, i] = at.w[i]
        path.place[count, i] = at.place[i]
    for r in range(at.y.size):
        path.y[count, r] = at.y[r]


def _is_loose(course: Course, at: Standing, size: int, member: int) -> bool:
    """Whether nothing would hold the others without this row."""
    p, largest = at.slot[member], 0.0
    for q in range(size):
        largest = max(largest, abs(at.inverse[q, p]))
    return bool(abs(at.inverse[p, p]) <= course.solved * largest)


def _leave(at: Standing, size: int, member: int, column: Array) -> None:
    """Strike a member out of the inverse."""
    inverse, p, last = at.inverse, at.slot[member], size - 1
    for q in range(size):
        column[q] = inverse[q, p]
    for q in range(size):
        factor = column[q] / column[p]
        for s in range(size):
            inverse[q, s] -= factor * column[s]
    for q in range(size):
        inverse[p, q] = inverse[last, q]
    for q in range(size):
        inverse[q, p] = inverse[q, last]
    at.members[p] = at.members[last]
    at.slot[at.members[p]] = p
    at.slot[member] = -1


def _join(course: Course, at: Standing, size: int, member: int, column: Array, solved: Array) -> bool:
    """Border the inverse by a member; False, and nothing done, where it brings no curvature."""
    n, inverse = at.w.size, at.inverse
    for q in range(size):
        i = at.members[q]
        if member < n:
            column[q] = course.P[member, i] if i < n else course.rows[member, at.place[member] // 2, i - n]
        else:
            column[q] = course.rows[i, at.place[i] // 2, member - n] if i < n else 0.0
    pivot = course.P[member, member] if member < n else 0.0
    largest = abs(pivot)
    for q in range(size):
        total = 0.0
        for s in range(size):
            total += inverse[q, s] * column[s]
        solved[q] = total
        pivot -= column[q] * total
        largest += abs(column[q] * total)
    if abs(pivot) <= course.solved * largest:
        return False
    for q in range(size):
        factor = solved[q] / pivot
        for s in range(size):
            inverse[q, s] += factor * solved[s]
        inverse[q, size] = -factor
        inverse[size, q] = -factor
    inverse[size, size] = 1.0 / pivot
    at.members[size] = member
    at.slot[member] = size
    return True
