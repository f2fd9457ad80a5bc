"""An account: the notionals of its positions, what each must hold to stay open, and what backs them.

A position of notional v at the price now, of which the share s is open, must hold the largest of its tiers' lines where
its price is x times that of now:

    linear     s |v| x rate_k - amount_k
    inverse    s |v| rate_k - amount_k x         amounts and edges of the tiers in quote at the price now

A position with isolated collateral has that and no more; whatever else the equity holds backs all the others (cross).

Source: exchanges' margin pages; tiers as in `core.market.tiers`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from ...tolerances import ROUNDING

__all__ = ["Account", "needs"]


class Account(NamedTuple):
    """N positions, in quote: `values` signed notionals, `linear` or inverse, tiers `(K, N)`, and what backs them.

    `isolated` is NaN for a position in cross margin; `stops` are prices as ratios to now, NaN without one. A tier that
    a contract does not have repeats the line of its first, and begins at infinity. `fees` are decimals of what the
    exchange liquidates.
    """

    values: Array
    linear: Mask
    rates: Array
    amounts: Array
    edges: Array
    isolated: Array
    equity: float
    fees: Array
    stops: Array

    @property
    def alone(self) -> Mask:
        """Held with collateral of its own."""
        return np.asarray((self.values != 0) & ~np.isnan(self.isolated))

    @property
    def stopping(self) -> bool:
        """Whether any position has a stop."""
        return bool(np.isfinite(self.stops).any())

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

    def sizes(self, ratios: Array, shares: Array | float = 1.0) -> Array:
        """Notional of each position, `shares` of it open, where its price is now times `ratios`; `(..., N)`."""
        return np.asarray(np.abs(self.values) * shares * np.where(self.linear, ratios, 1.0))

    def needed(self, returns: Array) -> Array:
        """Maintenance of each position, all of it open, where its price has moved by `returns`; `(S, N)`."""
        levels, slopes = self.lines
        needed = levels[0] + slopes[0] * returns
        for level, slope in zip(levels[1:], slopes[1:], strict=True):
            needed = np.maximum(needed, level + slope * returns)
        return np.asarray(needed)

    def only(self, columns: Rows) -> Account:
        """The account of these positions only, which are all that is held."""
        return self._replace(
            values=self.values[columns],
            linear=self.linear[columns],
            rates=self.rates[:, columns],
            amounts=self.amounts[:, columns],
            edges=self.edges[:, columns],
            isolated=self.isolated[columns],
            fees=self.fees[columns],
            stops=self.stops[columns],
        )


def needs(account: Account, ratios: Array, shares: Array | float = 1.0) -> Array:
    """Maintenance of each position, `shares` of it open, where its price is now times `ratios`; `(..., N)`."""
    sizes = account.sizes(ratios, shares)
    if len(account.rates) == 1:
        return np.asarray(account.rates[0] * sizes)
    discount = 1.0 if account.linear.all() else np.where(account.linear, 1.0, ratios)
    if sizes.ndim == 1:
        return np.asarray((account.rates * sizes - account.amounts * discount).max(axis=0))
    needed = account.rates[0] * sizes - account.amounts[0] * discount
    for rate, amount in zip(account.rates[1:], account.amounts[1:], strict=True):
        np.maximum(needed, rate * sizes - amount * discount, out=needed)
    return np.asarray(needed)
