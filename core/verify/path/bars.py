"""An account over bars of time: what happens in each bar, and in which order.

    prices          every position earns what its price moves
    stops           a position whose price has passed its stop is closed at the stop (at once if it starts beyond it)
    funding         what is open pays rate x notional at the price of the bar (longs pay when the rate is positive)
    isolated        a position below its own maintenance is reduced; closed in whole, it loses what collateral is left
    cross           while the equity of all others is below their maintenance, the one that has lost most is reduced

One path is one copy of the account, many paths are many; what a copy goes through does not depend on the others.
Bars are all that is known: a breach between two of them is seen, and closed, at the next. (`straight_move` follows
prices on a straight way without a grid.)

Source: exchanges' liquidation rules; to reduce is as `statement` has it.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from .account import Account, needs
from .statement import CROSS, ISOLATED, Cells, Statement

__all__ = ["OverBars"]


class OverBars(Statement):
    """S copies of one account, bar by bar: `ratios` `(S, N)` of prices to now, which is bar 0.

    `alone` and `collateral` `(N,)` are those of the account, 0 for a position in cross margin.
    """

    def __init__(self, account: Account, copies: int) -> None:
        super().__init__(account, copies)
        self.ratios = np.ones(self.shares.shape)
        self._side = np.sign(account.values)
        self.collateral = np.where(account.alone, account.isolated, 0.0)
        self.alone, self._some_alone = account.alone, bool(account.alone.any())
        self._stopping = account.stopping
        if self._stopping:
            self._pass_stops(self.ratios, 0)

    def move(self, ratios: Array, rates: Array, bar: int) -> None:
        """Prices, stops and funding of one bar: its `ratios` `(S, N)`, and the `rates` `(N,)` settled at its end."""
        before, self.ratios = self.ratios, ratios
        held = self.account.values * self.shares
        reached = self._pass_stops(before, bar) if self._stopping else ratios
        self.pnl += held * (reached - before)
        if rates.any():
            left = self.account.values * self.shares if self._stopping else held
            self.funding -= left * np.where(self.account.linear, ratios, 1.0) * rates

    def liquidate(self, bar: int) -> None:
        """Whatever the exchange closes after a bar: those that stand alone, then the cross account, one by one."""
        while (cells := self._short_alone())[0].size:
            self._close(cells, bar, ISOLATED)
        self._liquidate_cross(bar)

    def _pass_stops(self, before: Array, bar: int) -> Array:
        """Close what has passed its stop; returns the ratios as far as each position goes with them."""
        stops = self.account.stops
        with np.errstate(invalid="ignore"):
            passed = (self.shares > 0) & (self._side * self.ratios <= self._side * stops)
        reached = np.clip(stops, np.minimum(before, self.ratios), np.maximum(before, self.ratios))
        cells = np.nonzero(passed)
        self.stop((cells[0], cells[1]), np.full(cells[0].size, float(bar)))
        return np.where(passed, reached, self.ratios)

    def _short_alone(self) -> Cells:
        """The positions whose own account is short."""
        if not self._some_alone:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        needed = needs(self.account, self.ratios, self.shares)
        short = self.collateral + self.gains() < needed - self.account.own_tolerance
        copy, column = np.nonzero(short & self.alone & (self.shares > 0))
        return copy, column

    def _liquidate_cross(self, bar: int) -> None:
        """While a cross account is short, the position of it that has lost most is reduced.

        Prices stand still meanwhile: the order of losers is known, and a closing changes two sums by its fee and need.
        """
        is_open, gains = self.shares > 0, self.gains()
        shared = is_open & ~self.alone
        needed = np.where(shared, needs(self.account, self.ratios, self.shares), 0.0).sum(axis=1)
        left = self.account.equity + gains.sum(axis=1)
        if self._some_alone:
            left -= np.where(is_open & self.alone, self.collateral + gains, 0.0).sum(axis=1)
        several, closed = shared.sum(axis=1), np.zeros(len(shared), dtype=np.int64)
        copies = np.flatnonzero((left < needed - self.account.tolerance) & (several > 0))
        if not copies.size:
            return
        earned = np.where(shared, self.account.values * (self.ratios - 1), np.inf)
        losers = np.zeros(shared.shape, dtype=np.int64)
        losers[copies] = earned[copies].argsort(axis=1, kind="stable")
        while copies.size:
            cells = copies, losers[copies, closed[copies]]
            paid, held = self.fees[cells], self._needed(cells)
            self._close(cells, bar, CROSS)
            left[copies] -= self.fees[cells] - paid
            needed[copies] -= held - self._needed(cells)
            closed[copies] += self.shares[cells] == 0
            short = left[copies] < needed[copies] - self.account.tolerance
            copies = copies[short & (closed[copies] < several[copies])]

    def _needed(self, cells: Cells) -> Array:
        """Maintenance of these positions, `(E,)`."""
        return needs(self.account.only(cells[1]), self.ratios[cells], self.shares[cells])

    def _close(self, cells: Cells, bar: int, reason: int) -> None:
        count, column = cells[0].size, cells[1]
        own = np.where(self.alone[column], self.collateral[column] + self.gains(cells), np.inf)
        self.reduce(cells, self.ratios[cells], own, np.full(count, float(bar)), np.full(count, reason))
