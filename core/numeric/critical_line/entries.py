"""All that an event of the walk may befall, side by side, so that numpy looks for the next one at once.

An entry moves with lam between two ends, and an event is an entry that reaches one of them. For n variables and m rows
there are

    i        the weight of a free variable, in its segment; the gradient on the left of one that stands, at most 0
    n + i    the gradient on the right of one that stands, at least 0
    2 n + j  the multiplier of a row that binds, on its side of 0; the value of one that does not, between its limits

A side without a segment has no end, nor has the multiplier of an equation. Of a free variable the entry n + i counts
for nothing.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...tolerances import ROUNDING
from .program import Integers, KinkedProgram, Segments
from .state import Walk

__all__ = ["Entries"]


class Entries:
    """Where the entries are `at`, and the ends `low` and `high` between which they may be, `(2 n + m,)` each.

    `coupling` `(n + m, 2 n + m)` is what a unit of a variable or a multiplier adds to the gradients and values,
    `reward` `(2 n + m,)` what a unit of lam takes from them; both on the segment to the left and to the right of where
    a variable stands, or on that in which it is free. Speeds up to `still` are rounding, and up to so many times
    `still_rows` where weights move by so much in all.
    """

    def __init__(self, problem: KinkedProgram, segments: Segments, state: Walk) -> None:
        self.problem, self.segments, self.state = problem, segments, state
        n, everyone, step = state.w.size, np.arange(state.w.size), state.place // 2
        free, binds = state.place % 2 == 1, state.side != 0
        left = np.where(free, step, np.maximum(step - 1, 0))
        right = np.minimum(step, np.maximum(segments.count - 1, 0))
        rows = segments.rows[everyone, left], segments.rows[everyone, right]
        none = np.zeros(state.y.size)
        self.reward = np.concatenate([segments.reward[everyone, left], segments.reward[everyone, right], none])
        self.coupling = np.block(
            [[problem.P, problem.P, rows[0]], [rows[0].T, rows[1].T, np.zeros((none.size, none.size))]]
        )
        slack = np.tile(state.gradient, 2) - state.lam * self.reward[: 2 * n] + state.y @ self.coupling[n:, : 2 * n]
        self.at = np.concatenate([slack, np.where(binds, state.y, state.values)])
        self.at[:n][free] = state.w[free]
        self.low, self.high = np.full(self.at.size, -np.inf), np.full(self.at.size, np.inf)
        self.low[:n][free] = segments.breaks[everyone, left][free]
        self.high[:n] = np.where(free, segments.breaks[everyone, left + 1], np.where(step > 0, 0.0, np.inf))
        self.low[n : 2 * n][~free & (step < segments.count)] = 0.0
        self.low[2 * n :] = np.where(binds, np.where(state.side == 1, 0.0, -np.inf), problem.row_lower)
        self.high[2 * n :] = np.where(binds, np.where(state.side == -1, 0.0, np.inf), problem.row_upper)
        self.steps, self.still = np.empty(self.at.size), np.full(self.at.size, ROUNDING)
        self.still[:n][free] = 0.0
        self.still_rows = np.concatenate([np.zeros(2 * n), np.where(binds, 0.0, ROUNDING)])

    def advance(self, heading: float) -> tuple[int, bool]:
        """Move to where the first entry reaches its end: which one, and whether at its high end; -1 where lam ends."""
        state, n = self.state, self.state.w.size
        members = state.members[: state.size]
        are_free = members < n
        entry = self._of_members()
        pull = self.reward[entry]
        change = state.inverse[: state.size, : state.size] @ pull
        sizes = np.abs(change)
        reach = float(sizes @ are_free)
        change[are_free & (sizes <= (ROUNDING * reach if change @ pull > ROUNDING else np.inf))] = 0.0
        speed = change @ self.coupling.take(members, axis=0)
        speed -= self.reward
        speed[entry] = change
        speed *= heading

        ends = np.where(speed > 0, self.high, self.low)
        ends -= self.at
        steps = self.steps
        steps.fill(np.inf)
        np.divide(ends, speed, out=steps, where=np.abs(speed) > self.still + reach * self.still_rows)
        np.maximum(steps, 0.0, out=steps)
        first = int(steps.argmin())
        step = float(steps[first]) if heading > 0 else min(float(steps[first]), state.lam)
        if step == np.inf:
            return -1, False
        self.at += step * speed
        state.lam += heading * step
        free = members[are_free]
        state.w[free] = self.at[free]
        state.y[:] = self.at[2 * n :] * (state.side != 0)
        return first, bool(speed[first] > 0)

    def turn(self, first: int, *, at_high: bool) -> tuple[int, bool]:
        """Let the event happen: the member that it befalls, and whether that joins the others or leaves them."""
        n, place = self.state.w.size, self.state.place
        if first >= 2 * n:
            return first - n, self._row_turns(first - 2 * n, at_high=at_high)
        i = first % n
        if place[i] % 2:
            place[i] += 1 if at_high else -1
            self._stands(i)
            return i, False
        place[i] += 1 if first >= n else -1
        self._is_free(i)
        return i, True

    def border(self, member: int) -> tuple[Array, float]:
        """The column that a variable just let go or a row has in the system of the members, and its diagonal entry."""
        own = member if member < self.state.w.size else member + self.state.w.size
        return self.coupling[member, self._of_members()], float(self.coupling[member, own])

    def _of_members(self) -> Integers:
        """The entries of the members, in their order: weights and multipliers."""
        members = self.state.members[: self.state.size]
        return members + self.state.w.size * (members >= self.state.w.size)

    def _row_turns(self, row: int, *, at_high: bool) -> bool:
        """Whether it binds now."""
        state, entry = self.state, 2 * self.state.w.size + row
        low, high = self.problem.row_lower[row], self.problem.row_upper[row]
        if state.side[row]:
            self.at[entry], self.low[entry], self.high[entry] = high if state.side[row] == 1 else low, low, high
            state.side[row], state.y[row], self.still_rows[entry] = 0, 0.0, ROUNDING
            return False
        side = 2 if low == high else 1 if at_high else -1
        self.at[entry] = 0.0
        self.low[entry], self.high[entry] = 0.0 if side == 1 else -np.inf, 0.0 if side == -1 else np.inf
        state.side[row], self.still_rows[entry] = side, 0.0
        return True

    def _stands(self, i: int) -> None:
        """Variable i stands: of its gradient, which was zero, the slopes on either side of it are left."""
        state, segments, n = self.state, self.segments, self.state.w.size
        step, count = int(state.place[i]) // 2, int(segments.count[i])
        own, own_rows = self.reward[i], self.coupling[i, 2 * n :].copy()
        state.w[i] = segments.breaks[i, step]
        for entry, segment in ((i, max(step - 1, 0)), (n + i, min(step, count - 1))):
            self.reward[entry], self.coupling[n:, entry] = segments.reward[i, segment], segments.rows[i, segment]
            more = state.y @ (segments.rows[i, segment] - own_rows)
            self.at[entry] = more - state.lam * (self.reward[entry] - own)
        self.low[i], self.high[i], self.still[i] = -np.inf, 0.0 if step > 0 else np.inf, ROUNDING
        self.low[n + i], self.high[n + i] = 0.0 if step < count else -np.inf, np.inf

    def _is_free(self, i: int) -> None:
        """Variable i is free in the segment that it has been let go into."""
        n, segment = self.state.w.size, int(self.state.place[i]) // 2
        self.reward[i] = self.segments.reward[i, segment]
        self.coupling[i, 2 * n :] = self.coupling[n:, i] = self.segments.rows[i, segment]
        self.at[i], self.still[i] = self.state.w[i], 0.0
        self.low[i], self.high[i] = self.segments.breaks[i, segment : segment + 2]
        self.low[n + i], self.high[n + i] = -np.inf, np.inf
