"""Wilder's average true range: how far a price travels in a bar, gaps between bars included.

    true range    max(high, close before) - min(low, close before); high - low in the first bar
    average       the mean of the first `period`, then (average before x (period - 1) + true range) / period

Source: Wilder (1978), "New Concepts in Technical Trading Systems", ch. 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_vector, positive_prices, whole
from ...errors import ArgumentError, MissingDataError, say
from ...numeric.recursion import decayed
from ...records import dataclass

__all__ = ["AverageTrueRange", "average_true_range"]


def average_true_range(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 14) -> Array:
    """Average true range after each bar.

    Shapes: (T,) each -> (T,). Units: those of the prices.
    NaN: in the warm-up, the first `period` - 1 bars. A bar with a missing price is NaN and left out, with a
    DataWarning: the next one is measured from the last known close.
    Raises ArgumentError (lengths, a price not above zero, high below low, period) and MissingDataError (fewer complete
    bars than `period`).
    """
    return _averages(high, low, close, period)[0]


@dataclass(frozen=True)
class AverageTrueRange:
    """What one more bar needs to know of those before it; `update` makes the next state and leaves this one.

    period   bars of the average
    bars     complete bars so far
    close    of the last one
    average  of the true ranges so far while there are fewer than `period`, then Wilder's
    """

    period: int
    bars: int
    close: float
    average: float

    @classmethod
    def start(cls, high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int = 14) -> AverageTrueRange:
        """The state after a history. Arguments and errors as in `average_true_range`."""
        return _averages(high, low, close, period)[1]

    @property
    def value(self) -> float:
        """The average true range after the last bar; NaN in the warm-up."""
        return self.average if self.bars >= self.period else np.nan

    def update(self, high: float, low: float, close: float) -> AverageTrueRange:
        """The state after one more bar; one with a missing price changes nothing. Raises ArgumentError (prices)."""
        bar = _prices(high, low, close)
        if np.isnan(bar).any():
            return self
        top, bottom, last = bar[:, 0].tolist()
        true_range = max(top, self.close) - min(bottom, self.close)
        bars = self.bars + 1
        average = self.average + (true_range - self.average) / min(bars, self.period)
        return AverageTrueRange(self.period, bars, last, average)


def _averages(high: ArrayLike, low: ArrayLike, close: ArrayLike, period: int) -> tuple[Array, AverageTrueRange]:
    bars = _prices(high, low, close)
    length = whole(period, "period", at_least=1)
    complete = np.isfinite(bars).all(axis=0)
    count = int(complete.sum())
    if count < length:
        raise MissingDataError(
            f"period is {length} and there are {count} complete bars; shorten the period or select a longer history"
        )
    if count < complete.size:
        said = (
            f"high, low and close: {complete.size - count} of {complete.size} bars left out because a price is missing"
        )
        say(said)

    top, bottom, last = bars[:, complete]
    before = np.append(last[0], last[:-1])
    true_ranges = np.maximum(top, before) - np.minimum(bottom, before)
    true_ranges[0] = top[0] - bottom[0]
    averages = np.full(count, np.nan)
    averages[length - 1] = true_ranges[:length].mean()
    if count > length:
        averages[length:] = decayed(true_ranges[length:] / length, 1 - 1 / length, averages[length - 1])
    result = np.full(complete.size, np.nan)
    result[complete] = averages
    return result, AverageTrueRange(length, count, float(last[-1]), float(averages[-1]))


def _prices(high: ArrayLike, low: ArrayLike, close: ArrayLike) -> Array:
    """High, low and close `(3, T)`, sound where they are known."""
    named = {"high": high, "low": low, "close": close}
    columns = {name: positive_prices(as_vector(values, name), name) for name, values in named.items()}
    for name in ("low", "close"):
        aligned(columns["high"], "high", columns[name], name)
    crossed = np.flatnonzero(columns["high"] < columns["low"])
    if crossed.size:
        row = int(crossed[0])
        top, bottom = columns["high"][row], columns["low"][row]
        raise ArgumentError(f"high {top:g} is below low {bottom:g} in row {row + 1}; are the two columns swapped?")
    return np.stack([*columns.values()])
