"""What the columns of one file of market data mean: one contract, many in rows (long), or many in columns (wide)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.errors import FeedError

from .columns import headings, line, read_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DataFile", "Layout"]

TIMES = ("open_time", "timestamp", "time", "datetime", "date", "close_time", "unnamed: 0", "__index_level_0__")
"""Headings of the column of times, the best first; the last two are what pandas calls an index without a name."""

CLOSE_TIME = "close_time"
SYMBOL = "symbol"
CLOSES = ("close", "price")
RATES = ("funding_settle", "funding_rate", "funding")
RATE_OF_BAR = "funding_sum"

Layout = Literal["single", "long", "wide"]


@dataclass(frozen=True)
class DataFile:
    """One file by its headings. Columns are found by name, whatever their case."""

    path: Path
    names: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> DataFile:
        """The file at `path`, of which only the headings are read. Raises FeedError."""
        return cls(path, tuple(headings(path)))

    @property
    def layout(self) -> Layout:
        """single: the file is one contract; long: a column says which contract; wide: a column is one contract."""
        if self._find(SYMBOL):
            return "long"
        return "single" if self._find(*CLOSES, *RATES) else "wide"

    @property
    def time(self) -> str:
        """The column of times. Raises FeedError."""
        found = self._find(*TIMES)
        if found is None:
            raise FeedError(f"{self.path.name} has no column of times; head one 'timestamp' (it has: {self._listed})")
        return found

    @property
    def times_are_closes(self) -> bool:
        """Whether a time is the end of its bar; usually it is the start."""
        return self.time.strip().lower() == CLOSE_TIME

    def closes(self, symbol: str) -> str:
        """The column with the prices of a contract. Raises FeedError."""
        found = symbol if self.layout == "wide" else self._find(*CLOSES)
        if found is None:
            raise FeedError(f"{self.path.name} has no column 'close'; add it or rename one (it has: {self._listed})")
        return found

    def rates(self, symbol: str) -> str | None:
        """The column with the rates that settled at its times."""
        return symbol if self.layout == "wide" else self._find(*RATES)

    @property
    def rates_of_bars(self) -> str | None:
        """The column with the rates summed over each bar."""
        return self._find(RATE_OF_BAR)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The contracts in the file. Raises FeedError when it has none."""
        if self.layout == "single":
            return (re.split(r"[_. ]", self.path.name, maxsplit=1)[0].upper(),)
        if self.layout == "long":
            return tuple(dict.fromkeys(str(symbol) for symbol in self._frame[self._find(SYMBOL)]))
        found = tuple(name for name in self.names if name != self.time)
        if not found:
            raise FeedError(f"{self.path.name} has times but no prices; add a column 'close' (it has: {self._listed})")
        return found

    def rows(self, symbol: str, *columns: str) -> pd.DataFrame:
        """Times and further columns of one contract; the index is the row's number in the file. Raises FeedError."""
        if self.layout == "long":
            return self._frame[self._frame[self._find(SYMBOL)] == symbol]
        return read_columns(self.path, [self.time, *columns])

    @cached_property
    def _frame(self) -> pd.DataFrame:
        """What is needed of a long file, read once for all its contracts."""
        symbol = self._find(SYMBOL)
        wanted = (self.time, symbol, self._find(*CLOSES), self._find(*RATES), self.rates_of_bars)
        frame = read_columns(self.path, [name for name in wanted if name is not None])
        blank = np.flatnonzero(frame[symbol].isna().to_numpy())
        if blank.size:
            raise FeedError(f"{line(self.path, frame.index[blank[0]])} has no symbol; fill it in or delete the row")
        return frame

    def _find(self, *wanted: str) -> str | None:
        known = {name.strip().lower(): name for name in reversed(self.names)}
        return next((known[name] for name in wanted if name in known), None)

    @property
    def _listed(self) -> str:
        return ", ".join(self.names) or "nothing"
