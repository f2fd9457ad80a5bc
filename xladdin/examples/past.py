"""The histories that examples read, each on a sheet of its own: synthetic closes, funding and returns, and QQQ's bars.

The synthetic ones are cut from the sample desk; what is computed of them is rounded, so that a cell holds exactly the
number that the formulas of the other sheets were tried with.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.market.returns import total_returns
from core.records import dataclass

from ..books.workbook import column_letters
from ..cells import to_serials
from ..desk.layout.fields import PERCENT, PRICE, RATE, TIME
from ..desk.layout.sheets import BODY_ROW, FIRST_COLUMN
from ..desk.template.sample import sample_desk
from .looks import Cell, Rows
from .qqq import QQQ_CLOSE, QQQ_HIGH, QQQ_LOW

__all__ = ["FIRST_ROW", "HISTORIES", "History", "Past", "Series", "history"]

Times = NDArray[np.datetime64]

FIRST_ROW = BODY_ROW
"""Of the figures, under band and headings, as on the desk."""

CONTRACTS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
COINS = ("BTC", "ETH", "SOL")
HOURS_A_DAY = 24
HOURLY_BARS = 720
SETTLEMENTS = 90
DECIMALS = 6
"""Of returns."""

HISTORIES = {
    "Daily": "Closes of 90 days, the funding settled in each, and total returns of a long position net of that funding",
    "Hourly": "Closes of the last 30 days, hour by hour, and total returns net of funding",
    "Funding": "Rates of the last 90 settlements, every 8 hours; above zero, longs pay shorts",
    "QQQ": 'Thirty days of QQQ, as published in StockCharts\' worksheet "Average True Range (ATR)"',
}
"""The sheets, and what stands on them."""


@dataclass(frozen=True)
class Series:
    """One column of a history: NaN shows as a blank."""

    name: str
    unit: str
    format: str
    values: Array

    def cells(self) -> tuple[Cell, ...]:
        """The column as a spreadsheet holds it."""
        return tuple(None if np.isnan(value) else float(value) for value in self.values)


@dataclass(frozen=True)
class History:
    """A sheet of series over the same rows."""

    sheet: str
    series: tuple[Series, ...]

    def place(self, name: str) -> int:
        """Which series has that name, counted from 0."""
        return [each.name for each in self.series].index(name)


@dataclass(frozen=True)
class Past:
    """A block of a history: the series from `first` to `last`, so many rows from row `start` on (0 = to the end)."""

    sheet: str
    first: str
    last: str
    count: int = 0
    start: int = 0

    @property
    def rows(self) -> Rows:
        """The cells of the block."""
        shown = history(self.sheet)
        columns = [series.cells() for series in shown.series[shown.place(self.first) : shown.place(self.last) + 1]]
        end = self.start + self.count if self.count else None
        return tuple(zip(*columns, strict=True))[self.start : end]

    @property
    def cells(self) -> str:
        """Where the block stands: `Daily!$H$8:$J$97`."""
        shown = history(self.sheet)
        first, last = (column_letters(FIRST_COLUMN + shown.place(name)) for name in (self.first, self.last))
        top = FIRST_ROW + self.start
        return f"{self.sheet}!${first}${top}:${last}${top + len(self.rows) - 1}"

    @property
    def words(self) -> str:
        """What the block holds, for the sheet that reads it."""
        names = self.first if self.first == self.last else f"{self.first} to {self.last}"
        return f"{self.sheet}: {names}, {len(self.rows)} rows"


@functools.cache
def history(sheet: str) -> History:
    """The history on a sheet."""
    return {"Daily": _daily, "Hourly": _hourly, "Funding": _settlements, "QQQ": _qqq}[sheet]()


def _daily() -> History:
    times, prices, funding = _bars()
    ends = np.arange(0, len(times), HOURS_A_DAY)
    paid = np.add.reduceat(np.nan_to_num(funding[1:]), ends[:-1], axis=0)
    settled = np.vstack([np.full((1, len(COINS)), np.nan), np.round(paid, 2 * DECIMALS)])
    return History("Daily", _table(times[ends], prices[ends], settled))


def _hourly() -> History:
    times, prices, funding = _bars()
    late = slice(-HOURLY_BARS - 1, None)
    table = _table(times[late], prices[late, :2], funding[late, :2])
    return History("Hourly", tuple(series for series in table if not series.name.endswith("funding")))


def _settlements() -> History:
    times, _, funding = _bars()
    rows = np.flatnonzero(~np.isnan(funding[:, 0]))[-SETTLEMENTS:]
    rates = [Series(f"{coin} rate", "a settlement", RATE, funding[rows, i]) for i, coin in enumerate(COINS)]
    return History("Funding", (_clock(times[rows]), *rates))


def _qqq() -> History:
    bars = {"High": QQQ_HIGH, "Low": QQQ_LOW, "Close": QQQ_CLOSE}
    day = Series("Day", "of the sheet", "0", np.arange(1.0, len(QQQ_HIGH) + 1))
    return History("QQQ", (day, *(Series(name, "USD", "0.00", np.array(values)) for name, values in bars.items())))


def _table(times: Times, prices: Array, funding: Array) -> tuple[Series, ...]:
    """Time, closes, funding and returns net of it, contract by contract."""
    net = np.round(total_returns(prices, np.nan_to_num(funding)), DECIMALS)
    returns = np.vstack([np.full((1, prices.shape[1]), np.nan), net])
    blocks = (("close", "USDT", PRICE, prices), ("funding", "of the bar", RATE, funding))
    return (
        _clock(times),
        *(
            Series(f"{coin} {name}", unit, look, block[:, i])
            for name, unit, look, block in (*blocks, ("return", "net of funding", PERCENT, returns))
            for i, coin in enumerate(COINS[: prices.shape[1]])
        ),
    )


def _clock(times: Times) -> Series:
    return Series("Time", "UTC", TIME, to_serials(times))


def _bars() -> tuple[Times, Array, Array]:
    """Times, closes and funding of the sample desk's first contracts."""
    panel = sample_desk().panel
    columns = [panel.symbols.index(symbol) for symbol in CONTRACTS]
    return panel.times, panel.prices[:, columns], panel.funding[:, columns]
