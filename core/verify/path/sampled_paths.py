"""Many sampled paths of one account: what the book earns on each, the equity that each would have needed, and its end.

A path is a list of rows of a table of returns. Along it the price of contract i is p_i x_i, and after each bar

    x_i <- x_i (1 + r_i)        G_i = v_i (x_i - 1) - funding        M_i = maintenance margin at x_i

A position whose price has passed its stop is closed there: G_i stands, and M_i = 0. As long as the exchange closes
nothing, that is all that happens, so the equity with which it closes nothing is known from this alone:

    position alone      E_i = max over bars of M_i - G_i                                       while it is open
    cross account       E   = max over bars of sum_cross (M_i - G_i) - what the stopped ones brought
    whole account       E + sum E_i

A path on which the account has less than it needs is followed through its liquidations by `ends`.

Source: the identity equity = maintenance margin at liquidation; order of events as in `bars`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from .account import Account, needs
from .bars import OverBars

__all__ = ["Ends", "Held", "Sampled", "ends", "held", "held_by_bar", "held_plain", "is_plain"]


class Sampled(NamedTuple):
    """S paths of H bars: bar h of path s has the returns `returns[rows[s, h]]`; `returns` (R, N), `rows` (S, H)."""

    returns: Array
    rows: Rows


class Held(NamedTuple):
    """What each of S paths does to the book that the exchange never closes, `(S,)`.

    Its profit, the equity of the whole account that it needs for that, and whether one of its accounts has less.
    """

    pnl: Array
    capital: Array
    breached: Mask


class Ends(NamedTuple):
    """Where each of S paths ends, `(S,)`.

    `equity` of the whole account; how many positions were `liquidated`, at least in part; the column of the `first`
    of them, from 0, and its `bar` (bar 0 is now), both -1 for none.
    """

    equity: Array
    liquidated: Rows
    first: Rows
    bar: Array


def ends(account: Account, funding: Array, paths: Sampled) -> Ends:
    """Follow every path through its liquidations; `funding` `(N,)` is the rate that each bar settles."""
    on_the_way = OverBars(account, len(paths.rows))
    on_the_way.liquidate(0)
    for bar, rows in enumerate(paths.rows.T, start=1):
        on_the_way.move(on_the_way.ratios * (1 + paths.returns[rows]), funding, bar)
        on_the_way.liquidate(bar)
    return Ends(on_the_way.equity, on_the_way.liquidated.sum(axis=1), *on_the_way.first_liquidated)


def held(account: Account, funding: Array, paths: Sampled) -> Held:
    """What `paths` do to the book as long as the exchange closes nothing; `funding` as in `ends`."""
    return (held_plain if is_plain(account) else held_by_bar)(account, funding, paths)


def is_plain(account: Account) -> bool:
    """One rate a contract, all in cross margin, and no stops."""
    return len(account.rates) == 1 and not account.alone.any() and not account.stopping


def held_plain(account: Account, funding: Array, paths: Sampled) -> Held:
    """The same for a plain account, where profit and margin are weighted sums of the ratios: all bars at once."""
    values, linear = account.values, account.linear
    needed, cost = account.rates[0] * np.abs(values), values * funding
    ratios = paths.returns[paths.rows]
    ratios += 1
    np.cumprod(ratios, axis=1, out=ratios)
    paid = np.cumsum(_weighed(ratios, np.where(linear, cost, 0.0)) + cost[~linear].sum(), axis=1)
    lack = _weighed(ratios, np.where(linear, needed, 0.0) - values) + needed[~linear].sum() + values.sum() + paid
    pnl = ((ratios[:, -1] - 1) * values).sum(axis=1) - paid[:, -1]
    capital = np.maximum(lack.max(axis=1), needed.sum())
    return Held(pnl, capital, capital > account.equity + account.tolerance)


def _weighed(ratios: Array, weights: Array) -> Array:
    """Sums over contracts, `(S, H)`, each path on its own: a matrix product would round with the number of paths."""
    if not weights.any():
        return np.zeros(ratios.shape[:2])
    return np.asarray(np.einsum("shn,n->sh", ratios, weights))


def held_by_bar(account: Account, funding: Array, paths: Sampled) -> Held:
    """The same for any account, bar after bar."""
    on_the_way = OverBars(account, len(paths.rows))
    lack = _Lack(on_the_way)
    for bar, rows in enumerate(paths.rows.T, start=1):
        on_the_way.move(on_the_way.ratios * (1 + paths.returns[rows]), funding, bar)
        lack.look()
    return Held(on_the_way.gains().sum(axis=1), lack.cross + lack.own.sum(axis=1), lack.breached)


class _Lack:
    """The most that the accounts lacked after any bar: the `cross` one `(S,)`, and each that stands alone `(S, N)`."""

    def __init__(self, on_the_way: OverBars) -> None:
        copies = len(on_the_way.shares)
        self.on_the_way = on_the_way
        self.own, self.cross = np.zeros(on_the_way.shares.shape), np.zeros(copies)
        self.breached = np.zeros(copies, dtype=bool)
        self.look()

    def look(self) -> None:
        """What the accounts lack now, and whether it is more than they have."""
        account, alone, is_open = self.on_the_way.account, self.on_the_way.alone, self.on_the_way.shares > 0
        needed, gains = needs(account, self.on_the_way.ratios), self.on_the_way.pnl + self.on_the_way.funding
        if not alone.any():
            self._cross((np.where(is_open, needed, 0.0) - gains).sum(axis=1), account.equity)
            return
        standing, collateral = is_open & alone, self.on_the_way.collateral
        own = np.where(standing, needed - gains, 0.0)
        self.own = np.maximum(self.own, own)
        self.breached |= (own > collateral + account.own_tolerance).any(axis=1)
        # Whoever stood alone and was stopped leaves its collateral, and what it has earned, to the cross account.
        gone = alone & ~is_open
        shared = is_open & ~alone
        lack = (np.where(shared, needed, 0.0) - np.where(standing, 0.0, gains)).sum(axis=1)
        free = account.equity - np.where(standing, collateral, 0.0).sum(axis=1)
        self._cross(lack, free, np.where(gone, self.own, 0.0).sum(axis=1))

    def _cross(self, lack: Array, free: Array | float, left: Array | float = 0.0) -> None:
        self.breached |= lack > free + self.on_the_way.account.tolerance
        self.cross = np.maximum(self.cross, lack - left)
