"""The overlay book: hedges kept apart from the core book they protect, with a profit and loss of their own.

    price     realised + sum q_i (p_i - entry_i)          funding   -sum q_i p_i f_i at each settlement (longs pay)
    total     price + funding - cost

The entry price is the average at which what is held was opened:

    adding      entry' = (q entry + d p) / (q + d)        the old and the new, by quantity
    reducing    entry' = entry, and the closed part c realises c (p - entry)
    flipping    all of q is closed at p, and the rest is opened there: entry' = p

Whatever the rule, price P&L is the cash the trades have brought in plus the value of what is held, so the parts always
sum to the change of value. The exposure of the fund is that of the core book plus that of the overlay.

Contracts are linear: quantities in coins, money in the quote currency.

Source: Hull, Options, Futures, and Other Derivatives, ch. 2 (daily settlement of futures); exchanges' contract pages
for the average entry price of a position.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import as_matrix, as_vector, finite, numbers, positive_prices
from ...errors import ArgumentError
from ...records import dataclass
from ...tolerances import ROUNDING

__all__ = ["OverlayBook", "OverlayPnl"]


@dataclass(frozen=True, eq=False)
class OverlayPnl:
    """Profit since the book was opened, by hedge, all `(H,)` in money: total = price + funding - cost."""

    price: Array
    funding: Array
    cost: Array

    @property
    def total(self) -> Array:
        """What each hedge has earned, `(H,)`."""
        return self.price + self.funding - self.cost


@dataclass(frozen=True, eq=False)
class OverlayBook:
    """Positions in H hedges and what they have earned; each step makes the next book and leaves this one.

    All `(H,)`: `quantities` in coins, long positive; `entry_prices`, NaN where nothing is held; in money since the
    start, `realised` on what was closed, `funding` earned (+) or paid (-), and the `costs` of trading.
    """

    quantities: Array
    entry_prices: Array
    realised: Array
    funding: Array
    costs: Array

    @classmethod
    def empty(cls, hedges: int) -> OverlayBook:
        """A book in `hedges` contracts that holds nothing yet."""
        nothing = np.zeros(hedges)
        return cls(nothing, np.full(hedges, np.nan), nothing, nothing, nothing)

    def trade(self, quantities: ArrayLike, prices: ArrayLike, costs: ArrayLike = 0) -> OverlayBook:
        """The book after trading `quantities` (H,), buy positive, at `prices` (H,), for `costs` (H,) in money.

        NaN: a hedge that is not traded needs no price. Raises ArgumentError, MissingDataError.
        """
        traded = numbers(quantities, "quantities", self.quantities.size)
        levels = self._prices(prices, traded != 0)
        charged = numbers(costs, "costs", traded.size, at_least=0)
        held, entry = self.quantities, np.where(self.quantities == 0, 0.0, self.entry_prices)

        opposite = held * traded < 0
        closed = np.where(opposite, np.sign(held) * np.minimum(np.abs(held), np.abs(traded)), 0.0)
        after = held + traded
        after = np.where(np.abs(after) <= ROUNDING * np.maximum(np.abs(held), np.abs(traded)), 0.0, after)
        flat, flipped = after == 0, opposite & (after * held < 0)
        average = np.divide(held * entry + traded * levels, after, out=np.zeros_like(after), where=~flat)
        opened = np.where(flipped, levels, np.where(opposite | (traded == 0), entry, average))
        return OverlayBook(
            quantities=after,
            entry_prices=np.where(flat, np.nan, opened),
            realised=self.realised + closed * (levels - entry),
            funding=self.funding,
            costs=self.costs + charged,
        )

    def settle(self, funding_rates: ArrayLike, prices: ArrayLike) -> OverlayBook:
        """The book after a funding settlement: longs pay rate x notional, at rates (H,) in decimals and `prices` (H,).

        NaN: a hedge that is not held needs neither. Raises ArgumentError, MissingDataError.
        """
        held = self.quantities != 0
        rates = as_vector(funding_rates, "funding_rates", held.size)
        rates = finite(np.where(held, rates, 0.0), "funding_rates")
        return replace(self, funding=self.funding - self.quantities * self._prices(prices, held) * rates)

    def mark(self, prices: ArrayLike) -> OverlayPnl:
        """Profit since the start with what is held valued at `prices` (H,); what is not held needs none.

        Raises ArgumentError, MissingDataError.
        """
        held = self.quantities != 0
        moves = self._prices(prices, held) - np.where(held, self.entry_prices, 0.0)
        return OverlayPnl(
            price=self.realised + np.where(held, self.quantities * moves, 0.0), funding=self.funding, cost=self.costs
        )

    def notionals(self, prices: ArrayLike) -> Array:
        """Signed value of what is held at `prices` (H,), in money `(H,)`. Raises ArgumentError, MissingDataError."""
        return self.quantities * self._prices(prices, self.quantities != 0)

    def exposure(self, loadings: ArrayLike, prices: ArrayLike) -> Array:
        """Exposure in money to each factor `(K,)`, from loadings (K, H) or betas (H,); add that of the core book.

        NaN: a hedge that is not held needs neither loadings nor a price. Raises ArgumentError, MissingDataError.
        """
        table = np.atleast_2d(as_matrix(loadings, "loadings").reshape(np.shape(loadings)))
        if table.shape[1] != self.quantities.size:
            raise ArgumentError(
                f"loadings has {table.shape[1]} columns where {self.quantities.size} are needed, one for each hedge"
            )
        table = finite(np.where(self.quantities == 0, 0.0, table), "loadings")
        return np.asarray(table @ self.notionals(prices))

    def _prices(self, prices: ArrayLike, needed: NDArray[np.bool_]) -> Array:
        """Prices `(H,)`, 0 where none is needed."""
        levels = positive_prices(as_vector(prices, "prices", needed.size))
        return finite(np.where(needed, levels, 0.0), "prices")
