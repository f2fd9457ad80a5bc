"""Many sampled paths of one account: what the book earns on each, and the equity that each would have needed.

A path is a list of rows of a table of returns. Along it the price of contract i is p_i x_i, and after each bar

    x_i <- x_i (1 + r_i)        G_i = v_i (x_i - 1) - funding        M_i = maintenance margin at x_i

A position whose price has passed its stop is closed there: G_i stands, and M_i = 0. As long as the exchange closes
nothing, that is all that happens, so the equity with which it closes nothing is known from this alone:

    position alone      E_i = max over bars of M_i - G_i                                       while it is open
    cross account       E   = max over bars of sum_cross (M_i - G_i) - what the stopped ones brought
    whole account       E + sum E_i

A path on which the account has less than it needs is followed with its liquidations by `bar_paths`.

Source: the identity equity = maintenance margin at liquidation; order of events as in `core.verify.path.by_bar`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from .straight import Account, needs

__all__ = ["Held", "Sampled", "held", "held_by_bar", "held_plain", "is_plain", "of_columns"]


class Sampled(NamedTuple):
    """S paths of H bars: bar h of path s has the returns `returns[rows[s, h]]`; `returns` (R, N), `rows` (S, H)."""

    returns: Array
    rows: NDArray[np.int64]


class Held(NamedTuple):
    """What each of S paths does to the book that the exchange never closes, `(S,)`.

    Its profit, the equity of the whole account that it needs for that, and whether one of its accounts has less.
    """

    pnl: Array
    capital: Array
    breached: NDArray[np.bool_]


def of_columns(account: Account, columns: NDArray[np.int64]) -> Account:
    """The account of these positions only, which are all that is held."""
    return Account(
        values=account.values[columns],
        linear=account.linear[columns],
        rates=account.rates[:, columns],
        amounts=account.amounts[:, columns],
        edges=account.edges[:, columns],
        isolated=account.isolated[columns],
        equity=account.equity,
        fees=account.fees[columns],
        stop_moves=account.stop_moves[columns],
    )


def held(account: Account, funding: Array, paths: Sampled) -> Held:
    """What `paths` do to the book; `funding` `(N,)` is the rate that each bar settles."""
    return (held_plain if is_plain(account) else held_by_bar)(account, funding, paths)


def is_plain(account: Account) -> bool:
    """One rate a contract, all in cross margin, and no stops."""
    return len(account.rates) == 1 and not account.alone.any() and bool(np.isnan(account.stop_moves).all())


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
    walkers = _Holders(account, funding, len(paths.rows))
    walkers.look()
    for rows in paths.rows.T:
        walkers.move(1 + paths.returns[rows])
        walkers.look()
    capital = walkers.cross_lack + walkers.own_lack.sum(axis=1)
    return Held(walkers.gains.sum(axis=1), capital, walkers.breached)


class _Holders:
    """S copies of the book on their way: prices as ratios to now, gains so far, what is still open."""

    def __init__(self, account: Account, funding: Array, count: int) -> None:
        self.account, self.funding = account, funding
        shape = (count, account.values.size)
        self.alone = account.alone
        self.collateral = np.where(self.alone, account.isolated, 0.0)
        self.side = np.sign(account.values)
        self.levels = self.side * (1 + account.stop_moves)
        self.ratios = np.ones(shape)
        self.gains, self.own_lack = np.zeros((2, *shape))
        self.cross_lack = np.zeros(count)
        self.breached = np.zeros(count, dtype=bool)
        self.is_open = np.broadcast_to(account.values != 0, shape)
        self.stopping = bool(np.isfinite(account.stop_moves).any())
        self._stop(self.ratios)

    def move(self, growth: Array) -> None:
        """One bar: prices, stops, funding."""
        before, self.ratios = self.ratios, self.ratios * growth
        reached = self._stop(before) if self.stopping else self.ratios
        moved = reached - before
        paid = self.funding * np.where(self.account.linear, self.ratios, 1.0)
        if self.stopping:
            moved, paid = np.where(self.was_open, moved, 0.0), np.where(self.is_open, paid, 0.0)
        self.gains += self.account.values * (moved - paid)

    def _stop(self, before: Array) -> Array:
        """Close what has passed its stop; returns the ratios as far as each position goes with them."""
        self.was_open = self.is_open
        with np.errstate(invalid="ignore"):
            passed = self.is_open & (self.side * self.ratios <= self.levels)
        self.is_open = self.is_open & ~passed
        stop = np.clip(1 + self.account.stop_moves, np.minimum(before, self.ratios), np.maximum(before, self.ratios))
        return np.where(passed, stop, self.ratios)

    def look(self) -> None:
        """What the accounts lack after a bar, and whether it is more than they have."""
        account, shared = self.account, self.is_open & ~self.alone
        needed = needs(account, self.ratios)
        if not self.alone.any():
            self._lack((np.where(shared, needed, 0.0) - self.gains).sum(axis=1), account.equity)
            return
        standing = self.is_open & self.alone
        own = np.where(standing, needed - self.gains, 0.0)
        self.own_lack = np.maximum(self.own_lack, own)
        self.breached |= (own > self.collateral + account.own_tolerance).any(axis=1)
        # Whoever stood alone and was stopped leaves its collateral, and what it has earned, to the cross account.
        gone = self.alone & ~self.is_open
        lack = (np.where(shared, needed, 0.0) - np.where(standing, 0.0, self.gains)).sum(axis=1)
        free = account.equity - np.where(standing, self.collateral, 0.0).sum(axis=1)
        self._lack(lack, free, np.where(gone, self.own_lack, 0.0).sum(axis=1))

    def _lack(self, lack: Array, free: Array | float, left: Array | float = 0.0) -> None:
        self.breached |= lack > free + self.account.tolerance
        self.cross_lack = np.maximum(self.cross_lack, lack - left)
