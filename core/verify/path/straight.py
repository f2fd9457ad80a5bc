"""Accounts whose prices go straight to where a scenario ends: who is closed at which share of the way, exactly.

At the share l of the way every price is p (1 + l r). A position of notional v, of which the share s is open, has then
earned s l v (r - f), f the funding rate of the scenario, and must hold the largest of its tiers' lines

    linear     s |v| (1 + l r) rate_k - amount_k
    inverse    s |v| rate_k - amount_k (1 + l r)         amounts and edges of the tiers in quote at the price now

Between two closings the headroom of an account, equity less maintenance, is therefore concave in l and made of straight
pieces. It is enough to look at the two ends of the way that is left: where the far end is short and the near one is
not, Newton's steps from the far end stay beyond the root and stand on it once they meet its piece. No grid, no error.

The next to happen is the earliest of: a stop is reached; an isolated account breaches; the cross account breaches, and
gives up the position with the greatest price loss. At one and the same share they go in this order. A liquidated
position is closed down to the edge of the next lower tier, and in whole from the lowest.

Source: exchanges' liquidation rules; Newton's method on concave functions, e.g. Ortega and Rheinboldt (1970), 13.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, Mask

__all__ = ["CROSS", "ISOLATED", "STOP", "Account", "Walk", "needs", "stop_shares", "walk"]


ROUNDING = 1e-12
"""Headroom below zero by less than this share of the account's size is read as rounding."""

SAME_EDGE = 1e-9
"""A notional above the edge of a tier by less than this share of it is read as standing on the edge."""

STOP, ISOLATED, CROSS = 0, 1, 2
"""Why a position was closed, or a part of it."""


class Account(NamedTuple):
    """N positions, in quote: `values` signed notionals, `linear` or inverse, tiers `(K, N)`, and what backs them.

    `isolated` is NaN for a position in cross margin, `stop_moves` (relative price moves) NaN without a stop. A tier
    that a contract does not have repeats the line of its first, and begins at infinity.
    """

    values: Array
    linear: Mask
    rates: Array
    amounts: Array
    edges: Array
    isolated: Array
    equity: float
    fees: Array
    stop_moves: Array

    @property
    def alone(self) -> Mask:
        """Held with collateral of its own."""
        return np.asarray((self.values != 0) & ~np.isnan(self.isolated))

    @property
    def tolerance(self) -> float:
        """Headroom below zero by no more than this is rounding."""
        return ROUNDING * (self.equity + float(np.abs(self.values).sum()))

    @property
    def own_tolerance(self) -> Array:
        """The same for each position that stands alone, `(N,)`."""
        return np.asarray(ROUNDING * (np.nan_to_num(self.isolated) + np.abs(self.values)))

    @property
    def lines(self) -> tuple[Array, Array]:
        """Maintenance of each position as max_k (level + slope x return), `(K, N)` each."""
        charged = self.rates * np.abs(self.values)
        return charged - self.amounts, np.where(self.linear, charged, -self.amounts)

    @property
    def headroom(self) -> tuple[float, Array]:
        """Equity less maintenance now: of the cross account, and `(N,)` of each alone (infinite for the others)."""
        needed, alone = needs(self, np.ones(self.values.size)), self.alone
        cross = self.equity - self.isolated[alone].sum() - needed[~alone].sum()
        return float(cross), np.where(alone, self.isolated - needed, np.inf)

    @property
    def lacking(self) -> float:
        """What the accounts lack of their maintenance now, all together."""
        cross, own = self.headroom
        return max(-cross, 0.0) + float(np.maximum(-own, 0.0).sum())

    @property
    def short(self) -> bool:
        """Whether an account is below its maintenance now."""
        cross, own = self.headroom
        return bool(cross < -self.tolerance or (own < -self.own_tolerance).any())


class Walk(NamedTuple):
    """The end of the way, `(S, N)`: share still open, price profit, funding, fees, collateral lost; and the closings.

    Closings are in order of event, `(E,)` each: scenario, column, share of the way, share left open, reason.
    """

    shares: Array
    pnl: Array
    funding: Array
    fees: Array
    lost: Array
    scenario: NDArray[np.int64]
    column: NDArray[np.int64]
    reached: Array
    left: Array
    reason: NDArray[np.int64]


def walk(account: Account, returns: Array, funding: Array) -> Walk:
    """Every scenario to its end: `returns` `(S, N)` from now to there, `funding` `(S,)` rate settled on the way."""
    return _Walkers(account, returns, funding).run()


def needs(account: Account, ratios: Array, shares: Array | float = 1.0) -> Array:
    """Maintenance of each position, `shares` of it open, where its price is now times `ratios`; `(..., N)`."""
    sizes = np.abs(account.values) * shares * np.where(account.linear, ratios, 1.0)
    if len(account.rates) == 1:
        return np.asarray(account.rates[0] * sizes)
    discount = np.where(account.linear, 1.0, ratios)
    tiers = zip(account.rates, account.amounts, strict=True)
    return np.asarray(np.max([rate * sizes - amount * discount for rate, amount in tiers], axis=0))


def stop_shares(account: Account, returns: Array) -> Array:
    """Share of the way at which each position reaches its stop, infinite where it does not, `(S, N)`."""
    side = np.sign(account.values)
    stops = side * account.stop_moves
    reached = (stops < 0) & (side * returns <= stops)
    share = np.divide(account.stop_moves, returns, out=np.full(returns.shape, np.inf), where=reached)
    return np.where((stops >= 0) & (side != 0), 0.0, share)


class _Walkers:
    """One account in S scenarios at once; each takes its own next event, until none has any."""

    def __init__(self, account: Account, returns: Array, funding: Array) -> None:
        self.account, self.returns = account, returns
        self.price_gains = account.values * returns
        self.costs = account.values * funding[:, np.newaxis]
        self.gains = self.price_gains - self.costs
        self.stops = stop_shares(account, returns)
        self.shares = np.where(account.values != 0, 1.0, 0.0) * np.ones_like(returns)
        self.last_tier = np.full(returns.shape, len(account.rates))
        self.reached = np.zeros((len(returns), 1))
        # What closed parts have earned and cost, and what the exchange has kept.
        self.pnl, self.funding, self.fees, self.lost = np.zeros((4, *returns.shape))
        self.closings: list[tuple[NDArray[np.int64], NDArray[np.int64], Array, Array, NDArray[np.int64]]] = []

    def run(self) -> Walk:
        rows = np.arange(len(self.returns))
        while rows.size:
            rows = self._advance(rows)
        self.pnl += self.shares * self.price_gains
        self.funding -= self.shares * self.costs
        columns = [np.concatenate(each) for each in zip(*self.closings, strict=True)] or [np.empty(0)] * 5
        scenario, column, reached, left, reason = columns
        whole = (scenario.astype(np.int64), column.astype(np.int64), reached, left, reason.astype(np.int64))
        return Walk(self.shares, self.pnl, self.funding, self.fees, self.lost, *whole)

    def _advance(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The next event of these scenarios; returns those that had one."""
        stops = np.where(self.shares[rows] > 0, self.stops[rows], np.inf)
        stop_column = stops.argmin(axis=1)
        stop = np.maximum(stops.min(axis=1), self.reached[rows, 0])
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

    def _own_breach(self, rows: NDArray[np.int64], until: Array) -> tuple[Array, NDArray[np.int64]]:
        """Share at which the first isolated account breaches, infinite when none does, and its column."""
        alone = self.account.alone & (self.shares[rows] > 0)
        if not alone.any():
            return np.full(len(rows), np.inf), np.zeros(len(rows), dtype=np.int64)
        start = np.nan_to_num(self.account.isolated) + self._closed(rows)
        slope = self.shares[rows] * self.gains[rows]
        roots = self._roots(rows, start, slope, until, self.account.own_tolerance, together=False)
        roots = np.where(alone, roots, np.inf)
        return roots.min(axis=1), roots.argmin(axis=1)

    def _cross_breach(self, rows: NDArray[np.int64], until: Array) -> tuple[Array, NDArray[np.int64]]:
        """Share at which the cross account breaches, infinite when it does not, and the greatest loser."""
        alone, is_open = self.account.alone, self.shares[rows] > 0
        shared = is_open & ~alone
        # All that is closed backs the account, and so does the collateral of those that stood alone and are closed.
        set_aside = np.where(alone & is_open, np.nan_to_num(self.account.isolated) + self._closed(rows), 0.0)
        start = self.account.equity + (self._closed(rows) - set_aside).sum(axis=1, keepdims=True)
        slope = np.where(shared, self.gains[rows], 0.0) * self.shares[rows]
        roots = self._roots(rows, start, slope.sum(axis=1, keepdims=True), until, self.account.tolerance, together=True)
        worst = np.where(shared, self.price_gains[rows], np.inf).argmin(axis=1)
        return np.where(shared.any(axis=1), roots[:, 0], np.inf), worst

    def _closed(self, rows: NDArray[np.int64]) -> Array:
        return np.asarray(self.pnl[rows] + self.funding[rows] - self.fees[rows] - self.lost[rows])

    def _roots(
        self,
        rows: NDArray[np.int64],
        start: Array,
        slope: Array,
        until: Array,
        tolerance: Array | float,
        together: bool,
    ) -> Array:
        """Share at which start + slope l falls below maintenance, up to `until`; infinite where it does not."""
        shared = self.shares[rows] * ~self.account.alone if together else self.shares[rows]
        returns, reached = self.returns[rows], self.reached[rows]

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

    def _close(
        self, rows: NDArray[np.int64], column: NDArray[np.int64], share: Array, reason: NDArray[np.int64]
    ) -> None:
        """Close the position, or the part that lies above the next lower tier, at this share of the way."""
        account, here = self.account, (rows, column)
        before = self.shares[here]
        ratio = 1 + share * self.returns[here]
        size = np.abs(account.values[column]) * before * np.where(account.linear[column], ratio, 1.0)
        with np.errstate(invalid="ignore"):  # at a price of zero, for tiers that there are not
            edges = account.edges[:, column] * np.where(account.linear[column], 1.0, ratio)
        tier = np.minimum((size > edges[1:] * (1 + SAME_EDGE)).sum(axis=0), self.last_tier[here] - 1)
        edge = np.take_along_axis(edges, tier[np.newaxis], axis=0)[0]
        kept = np.divide(edge, size, out=np.zeros(len(rows)), where=(tier > 0) & (size > 0))
        left = np.where(reason == STOP, 0.0, before * np.minimum(kept, 1.0))

        self.pnl[here] += (before - left) * share * self.price_gains[here]
        self.funding[here] -= (before - left) * share * self.costs[here]
        own = np.nan_to_num(account.isolated[column]) + self._closed(rows)[np.arange(len(rows)), column]
        own += left * share * self.gains[here]
        fee = account.fees[column] * size * (1 - left / before)
        # Whoever stands alone pays with the collateral, and no more than it.
        fee = np.where(reason == ISOLATED, np.minimum(fee, np.maximum(own, 0.0)), fee)
        fee = np.where(reason == STOP, 0.0, fee)
        self.fees[here] += fee
        self.lost[here] += np.where((reason == ISOLATED) & (left == 0), own - fee, 0.0)
        self.shares[here], self.reached[rows, 0] = left, share
        self.last_tier[here] = np.where(reason == STOP, self.last_tier[here], tier)
        self.closings.append((rows, column, share, left, reason))
