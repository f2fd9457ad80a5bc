"""Prices and funding of several contracts on one clock.

A row is a bar, and its time is the bar's close in UTC. The clock may have holes (an exchange was down); a return
is only a return when its two rows are exactly one bar apart, so no hole is ever bridged and no bar invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Mask, Times
from ..checks import as_matrix, enough, nearest, number
from ..errors import ArgumentError, MissingDataError
from ..records import dataclass
from .returns import total_returns
from .settlements import Settlements, settlements

__all__ = ["Panel"]


@dataclass(frozen=True, eq=False)
class Panel:
    """Prices and funding of N contracts over T bars.

    times      (T,) datetime64[s], UTC closes of the bars, strictly increasing
    symbols    N names
    prices     (T, N) in the quote currency; NaN is a missing price
    funding    (T, N) sum of the rates settled in the bar, decimals; NaN where none settled
    bar_hours  length of a bar
    funding_unread  (T, N) bars whose funding is given but cannot be read; None: no such bar

    Raises ArgumentError (order of times, shapes, repeated symbols, a price not above zero, a bar length that no two
    rows are apart) and MissingDataError (fewer than two rows).
    """

    times: Times
    symbols: tuple[str, ...]
    prices: Array
    funding: Array
    bar_hours: float
    funding_unread: Mask | None = None

    def __post_init__(self) -> None:
        # A frozen dataclass sets its fields this way when it brings them to their proper form.
        object.__setattr__(self, "times", np.asarray(self.times, dtype="datetime64[s]").reshape(-1))
        object.__setattr__(self, "symbols", tuple(self.symbols))
        object.__setattr__(self, "prices", as_matrix(self.prices, "prices"))
        object.__setattr__(self, "funding", as_matrix(self.funding, "funding"))
        object.__setattr__(self, "bar_hours", number(self.bar_hours, "bar_hours", above=0))
        self._check_symbols()
        self._check_shapes()
        self._check_prices()
        self._check_times()

    def returns(self) -> Array:
        """Simple total returns net of funding, (T-1, N).

        NaN beside a missing price, across a hole in the clock, and where the funding of the bar could not be read.
        They are worked out once; who asks gets an array of his own.
        """
        return self._returns.copy(order="K")

    @cached_property
    def _returns(self) -> Array:
        returns = total_returns(self.prices, np.where(self.unread(), np.nan, np.nan_to_num(self.funding)))
        returns[~self._one_bar()] = np.nan
        return returns

    def latest_prices(self) -> Array:
        """The last known price of each contract, (N,); NaN for one without any."""
        known = np.isfinite(self.prices)
        last = len(known) - 1 - np.argmax(known[::-1], axis=0)
        return np.asarray(self.prices[last, np.arange(len(self.symbols))])

    def missing(self) -> dict[str, int]:
        """How many returns each contract lacks, by symbol."""
        gaps = np.isnan(self.returns()).sum(axis=0)
        return dict(zip(self.symbols, gaps.tolist(), strict=True))

    def settlements(self) -> Settlements:
        """How long each settlement of each contract stands for, and what funding costs a year where it is known."""
        return settlements(self.times, self.prices, self.funding, self.unread(), self.bar_hours)

    def funding_annual(self) -> Array:
        """Funding settled per year, (N,), over the days of which it is known; 0 where none ever settled.

        NaN for a contract with fewer than two prices.
        """
        return self.settlements().annual

    def funding_coverage(self) -> Array:
        """Share of each contract's priced time of which the funding is known, (N,), 0 to 1; NaN as above."""
        return self.settlements().coverage

    def unread(self) -> Mask:
        """Which bars have a funding that could not be read, (T, N)."""
        none = np.zeros(self.funding.shape, dtype=np.bool_)
        return none if self.funding_unread is None else self.funding_unread

    def last(self, bars: int) -> Panel:
        """The last `bars` bars, which is bars + 1 rows. Raises MissingDataError when there are fewer."""
        wanted = int(number(bars, "bars", at_least=1))
        there = len(self.times) - 1
        if there < wanted:
            raise MissingDataError(
                f"prices hold {there} bars up to {_clock(self.times[-1])} and {wanted} are needed; "
                "load a longer history or shorten the window"
            )
        return self.over(slice(there - wanted, there + 1))

    def over(self, rows: slice) -> Panel:
        """Rows from one to before another, at least two, with the returns between them where those are known."""
        cut = Panel(
            self.times[rows], self.symbols, self.prices[rows], self.funding[rows], self.bar_hours, self.unread()[rows]
        )
        if "_returns" in vars(self):
            vars(cut)["_returns"] = self._returns[rows.start : rows.stop - 1]
        return cut

    def select(self, symbols: Iterable[str]) -> Panel:
        """These contracts only, in this order. Raises ArgumentError that names the nearest known symbol."""
        chosen = tuple(symbols)
        for symbol in chosen:
            if symbol not in self.symbols:
                raise ArgumentError(
                    f"symbol '{symbol}' has no prices{nearest(symbol, self.symbols)}; "
                    f"there are prices of: {', '.join(self.symbols)}"
                )
        columns = [self.symbols.index(symbol) for symbol in chosen]
        unread = self.unread()[:, columns]
        return Panel(self.times, chosen, self.prices[:, columns], self.funding[:, columns], self.bar_hours, unread)

    def _one_bar(self) -> NDArray[np.bool_]:
        """Which steps of the clock are exactly one bar long, (T-1,)."""
        return np.asarray(np.diff(self.times) == self._bar())

    def _bar(self) -> np.timedelta64:
        return np.timedelta64(round(self.bar_hours * 3600), "s")

    def _check_symbols(self) -> None:
        for symbol in self.symbols:
            if not str(symbol or "").strip():
                raise ArgumentError("a column of prices has no symbol; give each column a heading")
            if self.symbols.count(symbol) > 1:
                raise ArgumentError(f"symbol '{symbol}' heads two columns of prices; keep one of them")

    def _check_shapes(self) -> None:
        shape = (len(self.times), len(self.symbols))
        for name, block in (("prices", self.prices), ("funding", self.funding), ("funding_unread", self.unread())):
            if block.shape != shape:
                raise ArgumentError(
                    f"{name} is {block.shape[0]} x {block.shape[1]} where there are {shape[0]} times "
                    f"and {shape[1]} symbols; give one row a time and one column a symbol"
                )
        enough(len(self.times), 2, "prices")

    def _check_prices(self) -> None:
        bad = np.argwhere(self.prices <= 0)
        if bad.size:
            row, column = bad[0]
            raise ArgumentError(
                f"the price of {self.symbols[column]} is {self.prices[row, column]:g} at {_clock(self.times[row])}; "
                "a price must be above zero, leave it blank if it is unknown"
            )

    def _check_times(self) -> None:
        unknown = np.flatnonzero(np.isnat(self.times))
        if unknown.size:
            raise ArgumentError(f"times has no value in row {unknown[0] + 1}; give each row its time")
        steps = np.diff(self.times)
        bad = np.flatnonzero(steps <= np.timedelta64(0, "s"))
        if bad.size:
            before, after = self.times[bad[0]], self.times[bad[0] + 1]
            trouble = f"has {_clock(after)} twice" if before == after else f"has {_clock(after)} after {_clock(before)}"
            raise ArgumentError(f"times {trouble}; sort the rows oldest first and remove duplicates")
        if steps.min() != self._bar():
            apart = steps.min() / np.timedelta64(1, "h")
            raise ArgumentError(
                f"bar_hours is {self.bar_hours:g} and the nearest two rows are {apart:g} hours apart; "
                f"set the bar to {apart:g} hours or load bars of {self.bar_hours:g} hours"
            )


def _clock(time: np.datetime64) -> str:
    return f"{np.datetime_as_string(time, unit='m').replace('T', ' ')} UTC"
