"""Many sampled paths of one account, bar by bar, with stops and liquidations: who is closed when, and what is left.

What `by_bar` does to one path happens here to S of them at once, in the same order of events in each bar:
stops, funding, isolated positions, the cross account. Prices are ratios to now, notionals those of `straight_path`.

Source: exchanges' liquidation rules, as in `core.verify.path.by_bar`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from .sampled import Sampled
from .straight import SAME_EDGE, Account, needs

__all__ = ["Ends", "ends"]

Rows = NDArray[np.int64]


class Ends(NamedTuple):
    """Where each of S paths ends, `(S,)`.

    `equity` of the whole account; how many positions were `liquidated`, at least in part; the column of the `first`
    of them, from 0, and its `bar` (bar 0 is now), both -1 for none.
    """

    equity: Array
    liquidated: Rows
    first: Rows
    bar: Rows


def ends(account: Account, funding: Array, paths: Sampled) -> Ends:
    """Follow every path; `funding` `(N,)` is the rate that each bar settles."""
    followers = _Followers(account, funding, len(paths.rows))
    followers.liquidate(0)
    for bar, rows in enumerate(paths.rows.T, start=1):
        followers.move(1 + paths.returns[rows])
        followers.liquidate(bar)
    liquidated = (followers.last_tier < len(account.rates)).sum(axis=1)
    return Ends(followers.equity, liquidated, followers.first, followers.bar)


class _Followers:
    """S copies of the account on their way."""

    def __init__(self, account: Account, funding: Array, count: int) -> None:
        self.account, self.funding = account, funding
        shape = (count, account.values.size)
        self.alone, self.any_alone = account.alone, bool(account.alone.any())
        self.collateral = np.where(self.alone, account.isolated, 0.0)
        self.side = np.sign(account.values)
        self.stops = 1 + account.stop_moves
        self.ratios = np.ones(shape)
        self.shares = np.where(account.values != 0, 1.0, 0.0) * np.ones(shape)
        self.gains = np.zeros(shape)  # P&L and funding, less fees and lost collateral
        self.last_tier = np.full(shape, len(account.rates))
        self.first, self.bar = np.full((2, count), -1)
        self._stop(self.ratios)

    @property
    def equity(self) -> Array:
        """Of the whole account, `(S,)`."""
        return np.asarray(self.account.equity + self.gains.sum(axis=1))

    def move(self, growth: Array) -> None:
        """Prices, stops and funding of one bar."""
        before, shares = self.ratios, self.shares.copy()
        self.ratios = before * growth
        self.gains += self.account.values * shares * (self._stop(before) - before)
        self.gains -= self.account.values * self.shares * np.where(self.account.linear, self.ratios, 1.0) * self.funding

    def liquidate(self, bar: int) -> None:
        """Whatever the exchange closes in this bar: those that stand alone, then the cross account, one by one."""
        while (cells := self._short_alone())[0].size:
            self._reduce(*cells, bar)
        cells = self._short_cross(np.arange(len(self.shares)))
        while cells[0].size:
            self._reduce(*cells, bar)
            cells = self._short_cross(cells[0])

    def _stop(self, before: Array) -> Array:
        """Close what has passed its stop; returns the ratios as far as each position goes with them."""
        passed = (self.shares > 0) & (self.side * self.ratios <= self.side * self.stops)
        self.shares[passed] = 0.0
        reached = np.clip(self.stops, np.minimum(before, self.ratios), np.maximum(before, self.ratios))
        return np.where(passed, reached, self.ratios)

    def _short_alone(self) -> tuple[Rows, Rows]:
        """Paths and columns of the positions whose own account is short."""
        if not self.any_alone:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        needed = needs(self.account, self.ratios, self.shares)
        short = self.collateral + self.gains < needed - self.account.own_tolerance
        path, column = np.nonzero(short & self.alone & (self.shares > 0))
        return path, column

    def _short_cross(self, paths: Rows) -> tuple[Rows, Rows]:
        """Those of the paths whose cross account is short, and the position of each that has lost most."""
        shares, ratios, gains = self.shares[paths], self.ratios[paths], self.gains[paths]
        is_open = shares > 0
        shared = is_open & ~self.alone
        needed = np.where(shared, needs(self.account, ratios, shares), 0.0).sum(axis=1)
        left = self.account.equity + gains.sum(axis=1)
        if self.any_alone:
            left -= np.where(is_open & self.alone, self.collateral + gains, 0.0).sum(axis=1)
        short = (left < needed - self.account.tolerance) & shared.any(axis=1)
        earned = np.where(shared[short], self.account.values * (ratios[short] - 1), np.inf)
        return paths[short], earned.argmin(axis=1)

    def _reduce(self, path: Rows, column: Rows, bar: int) -> None:
        """Close these positions down to the edge of a lower tier, or in whole when there is none."""
        account, here = self.account, (path, column)
        alone, before, ratio = self.alone[column], self.shares[here], self.ratios[here]
        size = np.abs(account.values[column]) * before * np.where(account.linear[column], ratio, 1.0)
        edges = account.edges[:, column] * np.where(account.linear[column], 1.0, ratio)
        tier = np.minimum((size > edges[1:] * (1 + SAME_EDGE)).sum(axis=0), self.last_tier[here] - 1)
        edge = np.take_along_axis(edges, tier[np.newaxis], axis=0)[0]
        left = np.where(tier > 0, before * np.minimum(edge / size, 1.0), 0.0)
        fee = account.fees[column] * size * (1 - left / before)
        # Whoever stands alone pays with the collateral, and no more than it; closed in whole, it loses the rest.
        own = self.collateral[column] + self.gains[here]
        fee = np.where(alone, np.minimum(fee, np.maximum(own, 0.0)), fee)
        self.gains[here] -= fee + np.where(alone & (left == 0), own - fee, 0.0)
        new = self.first[path] < 0
        # Backwards, so that of several in one path the leftmost is the first.
        self.first[path[new][::-1]], self.bar[path[new]] = column[new][::-1], bar
        self.last_tier[here], self.shares[here] = tier, left
