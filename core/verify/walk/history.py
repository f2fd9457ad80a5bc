"""A history to walk through: prices, the funding that settled, and the market beside them, one row a bar.

Row t is the close of bar t. A price that is missing makes a contract untradable in that row; what is held of it is
marked at the last price known, and went nowhere else in that bar. A funding rate that is missing books nothing. A low
or a high that is missing is taken to be the close; an open, the close before.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, as_vector, number, place_of, positive_prices
from ...decide.policy.past import Past
from ...errors import ArgumentError
from ...market.returns import settled_rates, total_returns
from ...records import dataclass
from ...tolerances import ROUNDING

__all__ = ["History", "as_history"]


@dataclass(frozen=True, eq=False)
class History:
    """T bars of N contracts; built by `as_history`, which checks everything.

    prices (T, N)      quote, NaN where missing
    rates (T, N)       funding settled in the bar that ends at the row, longs pay when positive; NaN where missing
    market (T,)        prices of the benchmark; None: the mean return of the contracts
    periods_per_year   bars a year
    opens, lows, highs, mark_lows, mark_highs (T, N)     of each bar, NaN where missing; None: not known at all
    """

    prices: Array
    rates: Array
    market: Array | None
    periods_per_year: float
    opens: Array | None = None
    lows: Array | None = None
    highs: Array | None = None
    mark_lows: Array | None = None
    mark_highs: Array | None = None

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
    def starts(self) -> Array | None:
        """Prices that positions open a bar at, `(T, N)`; None where no open is known."""
        if self.opens is None:
            return None
        before = np.vstack([self.marks[:1], self.marks[:-1]])
        return np.where(self.tradable & np.isfinite(self.opens), self.opens, before)

    @cached_property
    def ranges(self) -> tuple[Array, Array] | None:
        """The lowest and the highest price of each bar, `(T, N)` each; None where they are not known."""
        return self._between(self.lows, self.highs)

    @cached_property
    def mark_ranges(self) -> tuple[Array, Array] | None:
        """The same of the mark."""
        return self._between(self.mark_lows, self.mark_highs)

    def _between(self, lows: Array | None, highs: Array | None) -> tuple[Array, Array] | None:
        if lows is None or highs is None:
            return None
        low, high = (self._or_marks(each) for each in (lows, highs))
        return low, high

    def _or_marks(self, values: Array) -> Array:
        """The values where there are any, and the close where there are none."""
        known = self.tradable & np.isfinite(values)
        return values if known.all() else np.where(known, values, self.marks)

    @cached_property
    def settled(self) -> Array:
        """The rates that are booked, `(T, N)`: 0 where one is missing."""
        missing = np.isnan(self.rates)
        return np.where(missing, 0.0, self.rates) if missing.any() else self.rates

    @cached_property
    def returns(self) -> Array:
        """Returns of a long net of funding, `(T, N)`; NaN in the first row and beside a gap."""
        first = np.full((1, self.prices.shape[1]), np.nan)
        return np.vstack([first, total_returns(self.prices, self.rates)])

    @cached_property
    def benchmark(self) -> Array:
        """Returns of the benchmark, or the mean of the contracts known in each row where none is given, `(T,)`."""
        return Past(self.returns, self.market_returns).benchmark

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
    *,
    opens: ArrayLike | None = None,
    lows: ArrayLike | None = None,
    highs: ArrayLike | None = None,
    mark_lows: ArrayLike | None = None,
    mark_highs: ArrayLike | None = None,
) -> History:
    """The history with these prices, checked.

    Args:
        prices: (T, N) quote, at the close of each bar.
        funding: (T, N) decimals a bar, 0 where none settled; None: none.
        market: (T,) prices of the benchmark; None: the mean return of the contracts.
        periods_per_year: bars a year.
        opens: (T, N) quote, at which a stop is filled that was passed between two bars.
        lows: (T, N) quote, of the last price; with `highs`.
        highs: (T, N) the same.
        mark_lows: (T, N) quote, of the price by which the exchange liquidates; with `mark_highs`.
        mark_highs: (T, N) the same.

    NaN: as the class has it. Raises ArgumentError (shapes, a price not above zero, a bar whose prices lie outside its
    low and high, lows without highs, periods_per_year).
    """
    levels = positive_prices(as_matrix(prices, "prices"))
    rates = settled_rates(funding, levels, "prices")
    benchmark = None
    if market is not None:
        benchmark = positive_prices(as_vector(market, "market"), "market")
        aligned(levels, "prices", benchmark, "market")
    given = {"opens": opens, "lows": lows, "highs": highs, "mark_lows": mark_lows, "mark_highs": mark_highs}
    inside = {name: _of_bars(values, name, levels) for name, values in given.items() if values is not None}
    _check_pairs(inside)
    for name in ("prices", "opens"):
        _check_inside({"prices": levels, **inside}, name)
    return History(levels, rates, benchmark, number(periods_per_year, "periods_per_year", above=0), **inside)


def _of_bars(values: ArrayLike, name: str, prices: Array) -> Array:
    """A price of each bar and contract. Raises ArgumentError."""
    block = positive_prices(as_matrix(values, name), name)
    if block.shape != prices.shape:
        raise ArgumentError(f"{name} has shape {block.shape} and prices {prices.shape}; give one of each price")
    return block


def _check_pairs(inside: dict[str, Array]) -> None:
    """Raises ArgumentError (one without the other, a low above the high of its bar)."""
    for low, high in (("lows", "highs"), ("mark_lows", "mark_highs")):
        if (low in inside) != (high in inside):
            here, away = (low, high) if low in inside else (high, low)
            raise ArgumentError(f"{here} are given without {away}; give both, or neither")
        if low in inside:
            _refuse(inside[low] > inside[high], inside[low], low, f"above its {high}")


def _check_inside(inside: dict[str, Array], name: str) -> None:
    """Raises ArgumentError where the price of that name lies outside the range of its bar."""
    if name in inside and "lows" in inside:
        _refuse(inside[name] < inside["lows"] * (1 - ROUNDING), inside[name], name, "below the low of its bar")
        _refuse(inside[name] > inside["highs"] * (1 + ROUNDING), inside[name], name, "above the high of its bar")


def _refuse(wrong: Mask, values: Array, name: str, how: str) -> None:
    if wrong.any():
        raise ArgumentError(f"{name} is {values[wrong][0]:g}{place_of(wrong)}, {how}; correct that bar or clear it")
