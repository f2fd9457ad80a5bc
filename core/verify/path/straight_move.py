"""Prices that go straight to where a scenario ends: who is closed at which share of the way, exactly.

At the share l of the way every price is p (1 + l r). A position of notional v, of which the share s is open, has then
earned s l v (r - f), f the funding rate of the scenario, and must hold what `account` says for the ratio 1 + l r: the
largest of the lines of its tiers. Between two closings the headroom of an account, equity less maintenance, is
therefore concave in l and made of straight pieces. It is enough to look at the two ends of the way that is left: where
the far end is short and the near one is not, the account breaches at the nearest of the roots. No grid, no error.

The next to happen is the earliest of: a stop is reached; an isolated account breaches; the cross account breaches, and
gives up the position with the greatest price loss. At one and the same share they go in this order.

Positions that stand alone move nobody else, so each is followed by itself; `cross_move` then meets what they leave. All
scenarios go side by side: a step is the next event of each that still has one.

Source: exchanges' liquidation rules, as in `statement`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Rows
from .account import Account
from .statement import CROSS, ISOLATED, STOP, Cells, Closings, Statement

__all__ = ["Left", "StraightMove", "breaches", "stop_shares"]


class Left(NamedTuple):
    """What positions that stood alone leave to the cross account, `(E,)`: of which copy and column, where, how much."""

    copy: Rows
    column: Rows
    at: Array
    backing: Array


def stop_shares(account: Account, returns: Array) -> Array:
    """Share of the way at which each position reaches its stop, infinite where it does not, `(S, N)`."""
    side, moves = np.sign(account.values), account.stops - 1
    stops = side * moves
    reached = (stops < 0) & (side * returns <= stops)
    share = np.divide(moves, returns, out=np.full(returns.shape, np.inf), where=reached)
    return np.where((stops >= 0) & (side != 0), 0.0, share)


def breaches(height: Array, fall: Array, reached: Array, until: Array, tolerance: Array | float) -> Array:
    """Where headroom min_k (height_k - fall_k l), `(K, E)`, is short from `reached` to `until`; infinite where not."""
    now = (height - fall * reached).min(axis=0) < -tolerance
    then = (height - fall * until).min(axis=0) < -tolerance
    with np.errstate(over="ignore"):  # a line that all but stands still meets zero beyond any root
        roots = np.divide(height, fall, out=np.full(height.shape, np.inf), where=fall > 0).min(axis=0)
    return np.where(now, reached, np.where(then, np.clip(roots, reached, until), np.inf))


class StraightMove(Statement):
    """S copies of one account, each to where a scenario ends."""

    def __init__(self, account: Account, returns: Array, funding: Array) -> None:
        super().__init__(account, len(returns))
        self.returns = returns
        self.price_gains = account.values * returns
        self._costs = account.values * funding[:, np.newaxis]
        self.gains_at_end = self.price_gains - self._costs
        self.needed = account.needed(returns)
        self.stops = stop_shares(account, returns)

    def lines(self, cells: Cells, shares: Array) -> Array:
        """Level and growth in l of the lines of the tiers of positions, `shares` of them open; `(2, K, E)`."""
        account, column = self.account, cells[1]
        sizes = np.abs(account.values[column]) * shares
        charged, freed = account.rates[:, column] * sizes, account.amounts[:, column]
        growth = np.where(account.linear[column], charged, -freed) * self.returns[cells]
        return np.stack([charged - freed, growth])

    def close(self, cells: Cells, moment: Array, reason: int) -> None:
        """One position of each of these copies at this share of the way: all of it at a stop, else what must go."""
        before = self.shares[cells]
        if reason == STOP:
            self.stop(cells, moment)
        else:
            own = np.full(moment.shape, np.inf)
            if reason == ISOLATED:
                own = self._own(cells) + before * moment * self.gains_at_end[cells]
            self.reduce(cells, 1 + moment * self.returns[cells], own, moment, np.full(moment.shape, reason))
        self._realise(cells, (before - self.shares[cells]) * moment)

    def follow_alone(self) -> Left:
        """Every position that stands alone to its end."""
        account, alone = self.account, self.account.alone
        now = account.headroom[1] < -account.own_tolerance
        end = account.isolated + self.gains_at_end - self.needed < -account.own_tolerance
        copy, column = np.nonzero(alone & (now | end | (self.stops <= 1)))
        reached, left = np.zeros(copy.size), []
        while copy.size:
            cells = copy, column
            shares, stop = self.shares[cells], self.stops[cells]
            until = np.maximum(np.minimum(stop, 1.0), reached)
            level, growth = self.lines(cells, shares)
            tolerance = account.own_tolerance[column]
            fall = growth - shares * self.gains_at_end[cells]
            at = breaches(self._own(cells) - level, fall, reached, until, tolerance)
            # A breach at the very share of a stop waits for the stop: it was looked for no further than that.
            stops = (stop <= 1) & (until <= at)
            stopped, at_stop = (copy[stops], column[stops]), until[stops]
            self.close(stopped, at_stop, STOP)
            left.append(Left(*stopped, at_stop, self._own(stopped)))
            short = ~stops & np.isfinite(at)
            copy, column, reached = copy[short], column[short], at[short]
            self.close((copy, column), reached, ISOLATED)
            still = self.shares[copy, column] > 0
            copy, column, reached = copy[still], column[still], reached[still]
        return Left(*map(np.concatenate, zip(*left, strict=True))) if left else Left(copy, column, reached, reached)

    def finish(self) -> None:
        """What is still open goes to its stop where it has one on the way, and else to the end."""
        cells = np.nonzero((self.shares > 0) & (self.stops <= 1))
        self.close((cells[0], cells[1]), self.stops[cells], STOP)
        self._realise(slice(None), self.shares)
        events = self.closings
        # Each account has its own in order; together they come by share, stops first, isolated before cross.
        column = np.where(events.reason == CROSS, 0, events.column)
        order = np.lexsort((column, events.reason, events.moment))
        self._closings = [Closings._make(each[order] for each in events)]

    def _own(self, cells: Cells) -> Array:
        """The collateral of positions that stand alone, with what of them is closed; what is open earns on the way."""
        return self.account.isolated[cells[1]] + self.gains(cells)

    def _realise(self, where: slice | Cells, shares: Array) -> None:
        """What these shares of the positions have earned and paid on their way, once and for all."""
        self.pnl[where] += shares * self.price_gains[where]
        self.funding[where] -= shares * self._costs[where]
