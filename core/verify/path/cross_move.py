"""Prices that go straight to where a scenario ends: the cross accounts of all scenarios, from event to event.

Between two events headroom is one line in the share l of the way,

    (backing - level) - (growth - slope) l

of what backs the account, what its positions have still to earn, and the lines on which their maintenance lies. Events
are known beforehand and met in order: a position reaches its stop, or the edge of a tier; one that stood alone is
closed and leaves what it has. Where headroom is below zero at the next of them the account breaches on the way there,
at the root of the line, and its greatest loser is reduced. That one is reduced again at the next breach, until it is
closed: so no more than one position at a time is open in part. It is held apart from the sums, and the account
breaches at the nearest of the roots for the lines of its tiers.

An event changes one position and a few sums, and each step takes the next event of every scenario that still has one.
`cross_loop` does the same with one scenario after the other.

Source: as in `straight_move`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from .account import Account
from .statement import CROSS, STOP, Cells
from .straight_move import Left, StraightMove, breaches

__all__ = ["move_straight"]

STOPS, LEAVES, PASSES, ENDS = range(4)
"""What happens at an event, in this order at one and the same share; the last is that nothing does any more."""

NOBODY = -1
"""The column of the position that is open in part, where there is none."""


def move_straight(account: Account, returns: Array, funding: Array) -> StraightMove:
    """Every scenario to its end: `returns` `(S, N)` from now to there, `funding` `(S,)` rate settled on the way."""
    on_the_way = StraightMove(account, returns, funding)
    left = on_the_way.follow_alone()
    _CrossAccounts(on_the_way).go(left)
    on_the_way.finish()
    return on_the_way


class _Events(NamedTuple):
    """E events, `(E,)`: in which copy, at which share, what happens, to which column.

    The line of the position gains `level` and `growth`; what one that stood alone leaves is gained as less to hold.
    """

    copy: Rows
    at: Array
    what: Rows
    column: Rows
    level: Array
    growth: Array

    @classmethod
    def of(cls, what: int, cells: Cells, at: Array, level: Array | float = 0.0, growth: Array | float = 0.0) -> _Events:
        """Events of one kind."""
        nothing = np.zeros(at.size)
        return cls(cells[0], at, np.full(at.size, what), cells[1], nothing + level, nothing + growth)


class _CrossAccounts:
    """The cross accounts of S copies, `(S,)`, and the lines of their positions, `(S, N)`."""

    def __init__(self, move: StraightMove) -> None:
        account = move.account
        self._move, self._account = move, account
        self._shared = (account.values != 0) & ~account.alone
        copies, lines = len(move.returns), np.stack(account.lines)
        tier = np.argmax(lines[0], axis=0)[np.newaxis, np.newaxis]
        level, slope = np.where(self._shared, np.take_along_axis(lines, tier, axis=1)[:, 0], 0.0)
        self._levels, self._growths = np.tile(level, (copies, 1)), slope * move.returns
        self._level, self._growth = self._levels.sum(axis=1), self._growths.sum(axis=1)
        self._backing = np.full(copies, account.equity - account.isolated[account.alone].sum())
        self._slope = np.where(self._shared, move.gains_at_end, 0.0).sum(axis=1)
        self._open = np.full(copies, np.count_nonzero(self._shared))
        self._held = np.full(copies, NOBODY)
        self._reached = np.zeros(copies)

    def go(self, left: Left) -> None:
        """To the end of the way, or until nothing is open; `left` is what positions that stood alone leave."""
        rows = self._in_danger(left)
        if not rows.size:
            return
        self._events = self._known(rows, left)
        losses = np.where(self._shared, self._move.price_gains, np.inf)
        self._losers, self._worst = losses.argsort(axis=1, kind="stable"), np.zeros(len(losses), dtype=np.int64)
        self._next = np.searchsorted(self._events.copy, np.arange(len(losses)))
        while rows.size:
            reached = self._reached[rows]
            at = np.maximum(self._events.at[self._next[rows]], reached)
            breach = self._breach(rows, reached, np.minimum(at, 1.0))
            short = breach < at
            self._liquidate(rows[short], breach[short])
            meets = ~short & (at <= 1)
            self._meet(rows[meets], at[meets])
            rows = rows[(short | meets) & (self._open[rows] > 0)]

    def _in_danger(self, left: Left) -> Rows:
        """The copies whose cross account may be liquidated.

        What is left by others only adds to headroom where it is no deficit, and so does a stop that ends a loss: where
        headroom is left now and at the end without them, nobody is liquidated.
        """
        move, account = self._move, self._account
        end = self._backing + self._slope - np.where(self._shared, move.needed, 0.0).sum(axis=1)
        ends_a_gain = (self._shared & (move.gains_at_end > 0) & (move.stops <= 1)).any(axis=1)
        danger = ends_a_gain | (end < -account.tolerance) | (account.headroom[0] < -account.tolerance)
        danger[left.copy[left.backing < 0]] = True
        return np.flatnonzero(danger & self._shared.any())

    def _known(self, rows: Rows, left: Left) -> _Events:
        """All that is known beforehand of these copies, in order; the last event of each is that it ends."""
        row, column = np.nonzero(self._shared & (self._move.stops[rows] <= 1))
        stops = rows[row], column
        known = np.isin(left.copy, rows)
        kinds = [
            _Events.of(STOPS, stops, self._move.stops[stops]),
            _Events.of(LEAVES, (left.copy[known], left.column[known]), left.at[known], -left.backing[known]),
            *self._edges(rows),
            _Events.of(ENDS, (rows, np.zeros_like(rows)), np.full(rows.size, np.inf)),
        ]
        events = _Events._make(map(np.concatenate, zip(*kinds, strict=True)))
        order = np.lexsort((events.what, events.at, events.copy))
        return _Events._make(each[order] for each in events)

    def _edges(self, rows: Rows) -> list[_Events]:
        """Where positions that are open in whole pass from the line of one tier to that of another."""
        passed, needed = [], self._move.needed
        row, column = np.nonzero(self._shared & (needed[rows] > self._levels[rows] + self._growths[rows]))
        cells, at = (rows[row], column), np.zeros(row.size)
        level, growth = self._levels[cells], self._growths[cells]
        while at.size:
            lines = self._move.lines(cells, np.ones(at.size))
            with np.errstate(divide="ignore", invalid="ignore"):  # lines that are not steeper
                meets = np.where(lines[1] > growth, np.maximum((level - lines[0]) / (lines[1] - growth), at), np.inf)
            at = meets.min(axis=0)
            tier = np.where(meets == at, lines[1], -np.inf).argmax(axis=0)[np.newaxis, np.newaxis]
            before, (level, growth) = (level, growth), np.take_along_axis(lines, tier, axis=1)[:, 0]
            passed.append(_Events.of(PASSES, cells, at, level - before[0], growth - before[1]))
            further = (at <= 1) & (needed[cells] > level + growth)
            cells, at, level, growth = _part(cells, further), at[further], level[further], growth[further]
        return passed

    def _breach(self, rows: Rows, reached: Array, until: Array) -> Array:
        """Where each of these accounts is short on the way `until` there; infinite where it is not."""
        height, fall = self._backing[rows] - self._level[rows], self._growth[rows] - self._slope[rows]
        held = rows, self._held[rows]
        part = np.where(held[1] == NOBODY, 0.0, self._move.lines(held, self._move.shares[held]))
        return breaches(height - part[0], fall + part[1], reached, until, self._account.tolerance)

    def _liquidate(self, rows: Rows, at: Array) -> None:
        """The greatest loser of each of these accounts, down to a lower tier or in whole."""
        fresh = rows[self._held[rows] == NOBODY]
        passed_over = fresh
        while passed_over.size:
            loser = self._losers[passed_over, self._worst[passed_over]]
            passed_over = passed_over[self._move.shares[passed_over, loser] == 0]
            self._worst[passed_over] += 1
        self._held[fresh] = self._losers[fresh, self._worst[fresh]]
        self._take_out((fresh, self._held[fresh]))
        cells = rows, self._held[rows]
        paid = self._move.fees[cells]
        self._close(cells, at, CROSS)
        self._backing[rows] -= self._move.fees[cells] - paid

    def _meet(self, rows: Rows, at: Array) -> None:
        """The next event of each of these accounts."""
        event = self._next[rows]
        self._reached[rows], self._next[rows] = at, event + 1
        what, cells = self._events.what[event], (rows, self._events.column[event])
        share = self._move.shares[cells]
        gains = (what == LEAVES) | ((what == PASSES) & (share == 1))
        self._put_in(_part(cells, gains), self._events.level[event[gains]], self._events.growth[event[gains]])
        stops = (what == STOPS) & (share > 0)
        self._take_out(_part(cells, stops & (cells[1] != self._held[rows])))
        self._close(_part(cells, stops), at[stops], STOP)

    def _put_in(self, cells: Cells, level: Array, growth: Array) -> None:
        """What the lines of these positions gain, into the sums."""
        self._level[cells[0]] += level
        self._growth[cells[0]] += growth
        self._levels[cells] += level
        self._growths[cells] += growth

    def _take_out(self, cells: Cells) -> None:
        """The lines of these positions, out of the sums."""
        self._put_in(cells, -self._levels[cells], -self._growths[cells])

    def _close(self, cells: Cells, at: Array, reason: int) -> None:
        """One position of each of these accounts, whose line is in no sum, at least in part."""
        rows, move = cells[0], self._move
        before = move.shares[cells]
        move.close(cells, at, reason)
        closed = (before - move.shares[cells]) * move.gains_at_end[cells]
        self._backing[rows] += at * closed
        self._slope[rows] -= closed
        self._reached[rows] = at
        gone = move.shares[cells] == 0
        self._open[rows] -= gone
        self._held[rows[gone & (self._held[rows] == cells[1])]] = NOBODY


def _part(cells: Cells, where: Mask) -> Cells:
    """Those of the cells."""
    return cells[0][where], cells[1][where]
