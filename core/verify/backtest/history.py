"""A history to walk through: prices, the funding that settled, and the market beside them, one row a bar.

Row t is the close of bar t. A price that is missing makes a contract untradable in that row; what is held of it is
marked at the last price known. A funding rate that is missing books nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, as_vector, number, positive_prices
from ...market.returns import settled_rates, total_returns

__all__ = ["History", "as_history"]


@dataclass(frozen=True, eq=False)
class History:
    """T bars of N contracts; built by `as_history`, which checks everything.

    prices (T, N)      quote, NaN where missing
    rates (T, N)       funding settled in the bar that ends at the row, longs pay when positive; NaN where missing
    market (T,)        prices of the benchmark; None: the mean return of the contracts
    periods_per_year   bars a year
    """

    prices: Array
    rates: Array
    market: Array | None
    periods_per_year: float

    @cached_property
    def tradable(self) -> Mask:
        """Where there is a price, `(T, N)`."""
        return np.isfinite(self.prices)

    @cached_property
    def marks(self) -> Array:
        """Prices that positions are valued at, `(T, N)`: the last one known; 1 before the first, where none is held."""
        if self.tradable.all():
            return self.prices
        rows = np.where(self.tradable, np.arange(len(self.prices))[:, np.newaxis], -1)
        latest = np.maximum.accumulate(rows, axis=0)
        filled = np.take_along_axis(self.prices, np.maximum(latest, 0), axis=0)
        return np.where(latest >= 0, filled, 1.0)

    @cached_property
    def settled(self) -> Array:
        """The rates that are booked, `(T, N)`: 0 where one is missing."""
        return np.nan_to_num(self.rates)

    @cached_property
    def returns(self) -> Array:
        """Returns of a long net of funding, `(T, N)`; NaN in the first row and beside a gap."""
        first = np.full((1, self.prices.shape[1]), np.nan)
        return np.vstack([first, total_returns(self.prices, self.rates)])

    @cached_property
    def market_returns(self) -> Array | None:
        """Returns of the benchmark, `(T,)`, NaN in the first row and beside a gap; None where none is given."""
        if self.market is None:
            return None
        return np.concatenate([[np.nan], total_returns(self.market)[:, 0]])


def as_history(
    prices: ArrayLike,
    funding: ArrayLike | None = None,
    market: ArrayLike | None = None,
    periods_per_year: float = 8760,
) -> History:
    """The history with these prices, checked.

    Shapes: `prices` and `funding` (T, N), `market` (T,). Units: quote; decimals a bar, 0 where none settled.
    Raises ArgumentError (shapes, a price not above zero, periods_per_year).
    """
    levels = positive_prices(as_matrix(prices, "prices"))
    rates = settled_rates(funding, levels, "prices")
    benchmark = None
    if market is not None:
        benchmark = positive_prices(as_vector(market, "market"), "market")
        aligned(levels, "prices", benchmark, "market")
    return History(levels, rates, benchmark, number(periods_per_year, "periods_per_year", above=0))
