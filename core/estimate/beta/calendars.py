"""Factors that trade on calendars of their own, brought onto the clock of the contracts without a look ahead.

Equities close at night and over weekends, a commodity's price is published once a day, a currency's once a month;
perpetuals never close. As of a bar's close, a factor's value is the last one known by then. Days without trading give
no return: returns run between the days on which every factor got a new value, and the contracts' returns are compounded
over the same bars. So a weekend is one return on both sides, not two days of zeros on one of them.

    rows r_0 < r_1 < ...     on each such day (UTC), the first bar by which every factor has its new value
    factor return            value(r_{k+1}) / value(r_k) - 1
    contract return          product of (1 + bar return) over the bars after r_k up to r_{k+1}, less 1

A date (datetime64[D], [M] or [Y]) stands for a value that is known once that day, month or year has ended in UTC; a
time stands for itself. A bar that closes at midnight belongs to the day that it ends.

Source: Scholes and Williams (1977), "Estimating Betas from Nonsynchronous Data", for what goes wrong otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array, Times
from ...checks import aligned, as_matrix, as_vector
from ...errors import ArgumentError, MissingDataError, say
from ...records import dataclass

__all__ = ["AlignedFactors", "Factor", "align_factors", "compounded"]


@dataclass(frozen=True, eq=False)
class Factor:
    """A factor on its own calendar.

    name    what it is called in messages
    times   (M,) datetime64, strictly increasing; when each value was known, or its date (see above)
    values  (M,) prices or levels; NaN is a day without a value

    Raises ArgumentError (order of times, lengths).
    """

    name: str
    times: Times
    values: Array

    def __post_init__(self) -> None:
        # A frozen dataclass sets its fields this way when it brings them to their proper form.
        object.__setattr__(self, "times", _known_from(self.times, f"the times of {self.name}"))
        object.__setattr__(self, "values", as_vector(self.values, f"the values of {self.name}"))
        aligned(self.times, f"the times of {self.name}", self.values, f"the values of {self.name}")


@dataclass(frozen=True, eq=False)
class AlignedFactors:
    """K factors on the clock of T bars.

    values  (T, K) last value known as of each bar's close; NaN before the first
    rows    (M,) the bars between which returns are taken
    """

    names: tuple[str, ...]
    values: Array
    rows: NDArray[np.intp]

    def returns(self) -> Array:
        """Simple returns of the factors from row to row, (M-1, K), decimals.

        NaN on both sides of a value that is not above zero, which has no return (crude oil settled at -36.98 on
        2020-04-20); a DataWarning says so.
        """
        levels = self.values[self.rows]
        positive = np.where(levels > 0, levels, np.nan)
        for column in np.flatnonzero((levels <= 0).any(axis=0)):
            message = (
                f"{self.names[column]} is not above zero in {np.count_nonzero(levels[:, column] <= 0)} rows, "
                "so the returns beside them are missing"
            )
            say(message)
        return np.asarray(positive[1:] / positive[:-1] - 1)

    def compound(self, bar_returns: ArrayLike) -> Array:
        """Returns of contracts over the same stretches, (M-1, N), from their returns of each bar, (T-1, N).

        NaN where a bar of the stretch has none. Raises ArgumentError when there is not one row fewer than bars.
        """
        returns = as_matrix(bar_returns, "bar_returns")
        if len(returns) != len(self.values) - 1:
            raise ArgumentError(
                f"bar_returns has {len(returns)} rows where {len(self.values) - 1} are needed, one fewer than times"
            )
        return compounded(returns, self.rows)


def compounded(bar_returns: Array, rows: NDArray[np.intp]) -> Array:
    """Returns `(M-1, N)` from one of `rows` `(M,)` to the next; row t of `bar_returns` `(T-1, N)` ends with bar t + 1.

    NaN where a bar of the stretch has none. Rows that are neighbours keep their returns to the last bit.
    """
    if (np.diff(rows) == 1).all():
        return bar_returns[rows[0] : rows[-1]]
    return np.asarray(np.multiply.reduceat(1 + bar_returns[: rows[-1]], rows[:-1], axis=0) - 1)


def align_factors(times: ArrayLike, factors: Sequence[Factor]) -> AlignedFactors:
    """The factors as of each bar's close, and the rows between which their returns run.

    Shapes: `times` (T,) datetime64, UTC closes of the bars, strictly increasing.
    Raises ArgumentError (order of times, no factor) and MissingDataError (a factor without two values inside the clock,
    or no two days that all factors share).
    """
    clock = _known_from(times, "times")
    if not factors:
        raise ArgumentError("factors is empty; give at least one factor")
    aligned_values = np.full((len(clock), len(factors)), np.nan)
    latest = np.full((len(clock) + 1, len(factors)), -1)  # row 0 stands before the clock
    for column, factor in enumerate(factors):
        there = np.isfinite(factor.values)
        known, values = factor.times[there], factor.values[there]
        position = np.searchsorted(known, clock, side="right") - 1
        before = np.searchsorted(known, clock[0], side="left") - 1
        if position[-1] - before < 2:
            raise MissingDataError(_no_overlap(factor.name, known, clock))
        latest[0, column], latest[1:, column] = before, position
        aligned_values[position >= 0, column] = values[position[position >= 0]]
    rows = _common_days(clock, np.diff(latest, axis=0) > 0)
    if len(rows) < 2:
        names = ", ".join(factor.name for factor in factors)
        raise MissingDataError(f"factors share fewer than two days with a new value of each ({names}); leave one out")
    return AlignedFactors(tuple(factor.name for factor in factors), aligned_values, rows)


def _common_days(clock: Times, new: NDArray[np.bool_]) -> NDArray[np.intp]:
    """On each day with a new value of every factor, the first bar by which all have it; `new` is (T, K)."""
    days = (clock - np.timedelta64(1, "s")).astype("datetime64[D]")
    _, day = np.unique(days, return_inverse=True)
    never = len(clock)
    first = np.full((day[-1] + 1, new.shape[1]), never)
    bars, columns = np.nonzero(new)
    np.minimum.at(first, (day[bars], columns), bars)
    complete = first.max(axis=1)
    return np.asarray(complete[complete < never])


def _known_from(times: ArrayLike, name: str) -> Times:
    """The moments, in seconds, from which something dated so is known."""
    moments = np.asarray(times).reshape(-1)
    if moments.dtype.kind != "M":
        raise ArgumentError(f"{name} must be dates or times (datetime64)")
    unit, count = np.datetime_data(moments.dtype)
    if unit in ("Y", "M", "W", "D"):
        moments = moments + np.array(1, dtype=f"timedelta64[{count}{unit}]")
    seconds = moments.astype("datetime64[s]")
    if np.isnat(seconds).any():
        row = int(np.argmax(np.isnat(seconds))) + 1
        raise ArgumentError(f"{name} has no value in row {row}; give each row its time")
    late = np.flatnonzero(np.diff(seconds) <= np.timedelta64(0, "s"))
    if late.size:
        raise ArgumentError(
            f"{name} is not later in row {late[0] + 2} than in the row before; sort the rows oldest first"
        )
    return np.asarray(seconds)


def _no_overlap(name: str, known: Times, clock: Times) -> str:
    period = f"between {_day(clock[0])} and {_day(clock[-1])}"
    if not known.size:
        return f"{name} has no value at all; load its history {period}"
    return (
        f"{name} has no two values {period}, only from {_day(known[0])} to {_day(known[-1])}; "
        "load a history that overlaps"
    )


def _day(moment: np.datetime64) -> str:
    return str(np.datetime_as_string(moment, unit="D"))
