"""Prices that go straight to where a scenario ends: who is closed at which share of the way, exactly.

At the share l of the way every price is p (1 + l r). A position of notional v, of which the share s is open, has then
earned s l v (r - f), f the funding rate of the scenario, and must hold what `account` says for the ratio 1 + l r.
Between two closings the headroom of an account, equity less maintenance, is therefore concave in l and made of straight
pieces. It is enough to look at the two ends of the way that is left: where the far end is short and the near one is
not, Newton's steps from the far end stay beyond the root and stand on it once they meet its piece. No grid, no error.

The next to happen is the earliest of: a stop is reached; an isolated account breaches; the cross account breaches, and
gives up the position with the greatest price loss. At one and the same share they go in this order.

Source: exchanges' liquidation rules, as in `statement`; Newton's method on concave functions, e.g. Ortega and
Rheinboldt (1970), 13.3.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Rows
from ...tolerances import ROUNDING
from .account import Account, needs
from .statement import ISOLATED, STOP, Statement

__all__ = ["move_straight", "stop_shares"]


def move_straight(account: Account, returns: Array, funding: Array) -> Statement:
    """Every scenario to its end: `returns` `(S, N)` from now to there, `funding` `(S,)` rate settled on the way."""
    on_the_way = _StraightMove(account, returns, funding)
    on_the_way.go()
    return on_the_way


def stop_shares(account: Account, returns: Array) -> Array:
    """Share of the way at which each position reaches its stop, infinite where it does not, `(S, N)`."""
    side, moves = np.sign(account.values), account.stops - 1
    stops = side * moves
    reached = (stops < 0) & (side * returns <= stops)
    share = np.divide(moves, returns, out=np.full(returns.shape, np.inf), where=reached)
    return np.where((stops >= 0) & (side != 0), 0.0, share)


class _StraightMove(Statement):
    """One account in S scenarios at once; each takes its own next event, until none has any."""

    def __init__(self, account: Account, returns: Array, funding: Array) -> None:
        super().__init__(account, len(returns))
        self._returns = returns
        self._price_gains = account.values * returns
        self._costs = account.values * funding[:, np.newaxis]
        self._gains = self._price_gains - self._costs
        self._stops = stop_shares(account, returns)
        self._reached = np.zeros((len(returns), 1))

    def go(self) -> None:
        """To the end of the way."""
        rows = np.arange(len(self._returns))
        while rows.size:
            rows = self._advance(rows)
        self._realise(slice(None), self.shares)

    def _realise(self, where: slice | tuple[Rows, Rows], shares: Array) -> None:
        """What these shares of the positions have earned and paid on their way, once and for all."""
        self.pnl[where] += shares * self._price_gains[where]
        self.funding[where] -= shares * self._costs[where]

    def _advance(self, rows: Rows) -> Rows:
        """The next event of these scenarios; returns those that had one."""
        stops = np.where(self.shares[rows] > 0, self._stops[rows], np.inf)
        stop_column = stops.argmin(axis=1)
        stop = np.maximum(stops.min(axis=1), self._reached[rows, 0])
        until = np.minimum(stop, 1.0)[:, np.newaxis]
        own, own_column = self._own_breach(rows, until)
        cross, cross_column = self._cross_breach(rows, until)
        shares = np.stack([stop, own, cross])
        reason = shares.argmin(axis=0)
        share = shares.min(axis=0)
        # A breach at the very share of a stop waits for the stop: it was looked for no further than that.
        happens = np.isfinite(share)
        column = np.choose(reason, [stop_column, own_column, cross_column])
        self._close(rows[happens], column[happens], share[happens], reason[happens])
        return np.asarray(rows[happens])

    def _own_breach(self, rows: Rows, until: Array) -> tuple[Array, Rows]:
        """Share at which the first isolated account breaches, infinite when none does, and its column."""
        alone = self.account.alone & (self.shares[rows] > 0)
        if not alone.any():
            return np.full(len(rows), np.inf), np.zeros(len(rows), dtype=np.int64)
        start = np.nan_to_num(self.account.isolated) + self.gains(rows)
        slope = self.shares[rows] * self._gains[rows]
        roots = self._roots(rows, start, slope, until, self.account.own_tolerance, together=False)
        roots = np.where(alone, roots, np.inf)
        return roots.min(axis=1), roots.argmin(axis=1)

    def _cross_breach(self, rows: Rows, until: Array) -> tuple[Array, Rows]:
        """Share at which the cross account breaches, infinite when it does not, and the greatest loser."""
        alone, is_open = self.account.alone, self.shares[rows] > 0
        shared = is_open & ~alone
        # All that is closed backs the account, and so does the collateral of those that stood alone and are closed.
        set_aside = np.where(alone & is_open, np.nan_to_num(self.account.isolated) + self.gains(rows), 0.0)
        start = self.account.equity + (self.gains(rows) - set_aside).sum(axis=1, keepdims=True)
        slope = np.where(shared, self._gains[rows], 0.0) * self.shares[rows]
        roots = self._roots(rows, start, slope.sum(axis=1, keepdims=True), until, self.account.tolerance, together=True)
        worst = np.where(shared, self._price_gains[rows], np.inf).argmin(axis=1)
        return np.where(shared.any(axis=1), roots[:, 0], np.inf), worst

    def _roots(
        self,
        rows: Rows,
        start: Array,
        slope: Array,
        until: Array,
        tolerance: Array | float,
        together: bool,
    ) -> Array:
        """Share at which start + slope l falls below maintenance, up to `until`; infinite where it does not."""
        shared = self.shares[rows] * ~self.account.alone if together else self.shares[rows]
        returns, reached = self._returns[rows], self._reached[rows]

        def needed(share: Array) -> Array:
            each = needs(self.account, 1 + share * returns, shared)
            return each.sum(axis=1, keepdims=True) if together else each

        short_now = start + slope * reached - needed(reached) < -tolerance
        short_later = start + slope * until - needed(until) < -tolerance
        root = np.where(short_later, until, reached)
        while True:
            level, growth = self._line(shared, returns, root, together)
            fall = growth - slope
            with np.errstate(over="ignore"):  # a line that all but stands still meets zero beyond any root
                step = np.divide(start - level, fall, out=root.copy(), where=short_later & (fall > 0))
            step = np.clip(step, reached, root)
            if len(self.account.rates) == 1 or (step >= root - ROUNDING).all():
                break
            root = step
        return np.where(short_now, reached, np.where(short_later, step, np.inf))

    def _line(self, shares: Array, returns: Array, share: Array, together: bool) -> tuple[Array, Array]:
        """Level and growth of the maintenance, a line in l, with each position in the tier it has at `share`."""
        account = self.account
        sizes = np.abs(account.values) * shares
        if len(account.rates) == 1:
            level = account.rates[0] * sizes
            growth = np.where(account.linear, level, 0.0) * returns
        else:
            ratios = 1 + share * returns
            grown, discount = sizes * np.where(account.linear, ratios, 1.0), np.where(account.linear, 1.0, ratios)
            tiers = zip(account.rates, account.amounts, strict=True)
            tier = np.argmax([rate * grown - amount * discount for rate, amount in tiers], axis=0)
            charged = np.take_along_axis(account.rates, tier, axis=0) * sizes
            freed = np.take_along_axis(account.amounts, tier, axis=0)
            level, growth = charged - freed, np.where(account.linear, charged, -freed) * returns
        return (level.sum(axis=1, keepdims=True), growth.sum(axis=1, keepdims=True)) if together else (level, growth)

    def _close(self, rows: Rows, column: Rows, share: Array, reason: Rows) -> None:
        """One position of each of these scenarios, at this share of the way: all of it at a stop, else what must go."""
        cells, before = (rows, column), self.shares[rows, column]
        own = np.nan_to_num(self.account.isolated[column]) + self.gains(cells) + before * share * self._gains[cells]
        own = np.where(reason == ISOLATED, own, np.inf)
        ratios, stopped = 1 + share * self._returns[cells], reason == STOP
        self.stop((rows[stopped], column[stopped]), share[stopped])
        short = ~stopped
        self.reduce((rows[short], column[short]), ratios[short], own[short], share[short], reason[short])
        self._realise(cells, (before - self.shares[cells]) * share)
        self._reached[rows, 0] = share
