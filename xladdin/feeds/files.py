"""Market data in files: CSV (also gzipped) and Parquet, in the layouts people have them.

    one file a contract   BTCUSDT_binance_1h.parquet: time, close, funding_settle; the name begins with the symbol
    long                  time, symbol, close, funding; funding may stand in a file funding*.csv beside it
    wide                  time, then one column of closes a contract

Times are the OPEN of a bar, as exchanges publish them (a column `close_time` is its close); they become closes, one
bar length later, the length being the most frequent step. A funding rate stands at the instant at which it settled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from core.checks import nearest
from core.errors import FeedError
from core.market.panel import Panel

from .columns import SUFFIXES, clock, headings, increasing, is_table, line, numbers, read_columns, times
from .feed import History, Times
from .panel import End, collect

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FileFeed", "load_panel"]

TIME_HEADINGS = ("open_time", "timestamp", "time", "datetime", "date", "close_time", "unnamed: 0", "__index_level_0__")
CLOSE_HEADINGS = ("close", "price")
FUNDING_HEADINGS = ("funding_settle", "funding_rate", "funding")
FUNDING_IN_BAR = "funding_sum"
FUNDING_FILE = "funding"

LEAST_ROWS = 2

Array = NDArray[np.float64]
Layout = Literal["single", "long", "wide"]


def load_panel(
    source: Path | str, symbols: Sequence[str] | None = None, end: End | None = None, bars: int | None = None
) -> tuple[Panel, tuple[str, ...]]:
    """The contracts in a file or folder on one clock, and in words what is missing or was dropped.

    `symbols`: all when None. `end`: a date means through the end of that day in UTC, a time means closes up to it.
    `bars`: that many returns, so bars + 1 rows, the last ones before `end`. Raises FeedError.
    """
    return collect(FileFeed(source), symbols, end, bars)


@dataclass(frozen=True)
class _Table:
    """One file and what its headings mean."""

    path: Path
    names: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> _Table:
        return cls(path, tuple(headings(path)))

    @cached_property
    def time(self) -> str:
        found = self.find(*TIME_HEADINGS)
        if found is None:
            raise FeedError(f"{self.path.name} has no column of times; head one 'timestamp' (it has: {self._listed})")
        return found

    @property
    def layout(self) -> Layout:
        if self.find("symbol"):
            return "long"
        return "single" if self.close else "wide"

    @property
    def close(self) -> str | None:
        return self.find(*CLOSE_HEADINGS)

    @property
    def funding(self) -> str | None:
        return self.find(*FUNDING_HEADINGS)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        if self.layout == "single":
            return (re.split(r"[_.\- ]", self.path.name, maxsplit=1)[0].upper(),)
        if self.layout == "wide":
            return tuple(name for name in self.names if name != self.time)
        return tuple(dict.fromkeys(str(symbol) for symbol in self.frame[self.find("symbol")]))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The columns of a long file that are needed, read once for all its contracts."""
        symbol = self.find("symbol")
        wanted = [self.time, symbol, self.close, self.funding, self.find(FUNDING_IN_BAR)]
        frame = read_columns(self.path, [name for name in wanted if name is not None])
        blank = np.flatnonzero(frame[symbol].isna().to_numpy())
        if blank.size:
            raise FeedError(f"{line(self.path, blank[0])} has no symbol; fill it in or delete the row")
        return frame

    def rows(self, symbol: str, *columns: str) -> pd.DataFrame:
        """The rows of one contract, each with its number in the file as index."""
        if self.layout == "long":
            return self.frame[self.frame[self.find("symbol")] == symbol]
        return read_columns(self.path, [self.time, *columns])

    def find(self, *wanted: str) -> str | None:
        """The heading that reads like one of `wanted`, whatever its case; the earlier in the list wins."""
        known = {name.strip().lower(): name for name in reversed(self.names)}
        return next((known[name] for name in wanted if name in known), None)

    def check_prices(self) -> None:
        """Nothing when the file can hold prices. Raises FeedError that lists its headings."""
        if self.layout == "long" and self.close is None:
            raise FeedError(f"{self.path.name} has no column 'close'; add it or rename one (it has: {self._listed})")
        if len(self.names) < 2 or self.time not in self.names:
            raise FeedError(f"{self.path.name} has times but no prices; add a column 'close' (it has: {self._listed})")

    @property
    def _listed(self) -> str:
        return ", ".join(self.names) or "nothing"


class FileFeed:
    """The contracts in one file, or in all CSV and Parquet files of a folder."""

    def __init__(self, source: Path | str) -> None:
        self.source = Path(source)
        self._funding_files = [_Table.of(path) for path in _beside(self.source) if _is_funding(path)]
        self._home: dict[str, _Table] = {}
        for path in _price_files(self.source):
            table = _Table.of(path)
            table.check_prices()
            for symbol in table.symbols:
                if symbol in self._home:
                    both = f"{self._home[symbol].path.name} and in {path.name}"
                    raise FeedError(f"{symbol} stands both in {both}; name the file to read instead of the folder")
                self._home[symbol] = table
        if not self._home:
            raise FeedError(f"{self.source} holds no contract; give it rows of prices")

    @property
    def name(self) -> str:
        """The folder's or the file's name."""
        return self.source.name or str(self.source)

    def symbols(self) -> tuple[str, ...]:
        """The contracts in the files, in their order."""
        return tuple(self._home)

    def history(self, symbol: str) -> History:
        """One contract's closes and settlements. Raises FeedError that lists the known ones or names file and line."""
        wanted = symbol.strip()
        known = {name.upper(): name for name in self._home}
        if wanted.upper() not in known:
            listed = ", ".join(self._home)
            raise FeedError(f"{self.name} has no '{wanted}'{nearest(wanted.upper(), known)}; it has: {listed}")
        name = known[wanted.upper()]
        table = self._home[name]
        closes = table.close if table.layout != "wide" else name
        assert closes is not None, "a table of prices has closes"
        own = (
            [c for c in (table.funding, table.find(FUNDING_IN_BAR)) if c is not None] if table.layout != "wide" else []
        )
        rows = table.rows(name, closes, *own)
        stamps = times(rows[table.time], table.path)
        prices = numbers(rows[closes], table.path, f"the close of {name}")
        _check_positive(prices, rows, stamps, table.path, name)
        opens, close, repeated = increasing(stamps, prices, rows.index, table.path, name)
        bar = _bar_seconds(opens, table.path, name)
        notes = [f"{repeated} repeated rows dropped"] if repeated else []
        if np.isnan(close).all():
            raise FeedError(f"{table.path.name} has no price of {name} in any row; fill in its column or leave it out")
        shift = 0 if table.time.strip().lower() == "close_time" else bar
        settled_at, rates = self._settlements(name, table, rows, stamps + np.timedelta64(shift, "s"), notes)
        bars_closes = opens + np.timedelta64(shift, "s")
        return History(name, bars_closes, close, settled_at, rates, bar / 3600, tuple(notes))

    def _settlements(
        self, symbol: str, table: _Table, rows: pd.DataFrame, closes: Times, notes: list[str]
    ) -> tuple[Times, Array]:
        """When and at which rate funding settled: from the file, else from a funding file, else summed by bar."""
        own, summed = (table.funding, table.find(FUNDING_IN_BAR)) if table.layout != "wide" else (None, None)
        source = self._funding_file(table.path, symbol)
        if own is not None:
            return _rates(symbol, rows, own, times(rows[table.time], table.path), table.path, notes)
        if source is not None:
            column = source.funding if source.layout == "long" else symbol
            assert column is not None, "a funding file has rates"
            found = source.rows(symbol, column)
            notes.append(f"funding from {source.path.name}")
            return _rates(symbol, found, column, times(found[source.time], source.path), source.path, notes)
        if summed is not None:
            return _rates(symbol, rows, summed, closes, table.path, notes)
        notes.append("no funding in the files, taken as none")
        return np.empty(0, dtype="datetime64[s]"), np.empty(0)

    def _funding_file(self, prices: Path, symbol: str) -> _Table | None:
        """The funding file whose name agrees with that of the prices and which has the contract."""
        matching = [t for t in self._funding_files if _words(t.path) - {FUNDING_FILE} <= _words(prices)]
        return next((t for t in matching if symbol in t.symbols and (t.layout == "wide" or t.funding)), None)


def _rates(
    symbol: str, rows: pd.DataFrame, column: str, settled_at: Times, path: Path, notes: list[str]
) -> tuple[Times, Array]:
    rates = numbers(rows[column], path, f"the funding of {symbol}")
    there = ~np.isnan(rates)
    instants, kept, repeated = increasing(
        settled_at[there], rates[there], rows.index[there], path, f"the funding of {symbol}"
    )
    if repeated:
        notes.append(f"{repeated} repeated settlements dropped")
    return instants, kept


def _bar_seconds(opens: Times, path: Path, symbol: str) -> int:
    """The most frequent step. Raises FeedError when there are too few rows, or rows between the bars."""
    if len(opens) < LEAST_ROWS:
        raise FeedError(
            f"{path.name} has {len(opens)} rows of {symbol} and {LEAST_ROWS} are needed; load a longer history"
        )
    seconds = np.diff(opens).astype("timedelta64[s]").astype(np.int64)
    steps, counts = np.unique(seconds, return_counts=True)
    bar = int(steps[counts.argmax()])
    offset = (opens - opens[0]).astype("timedelta64[s]").astype(np.int64) % bar
    between = np.flatnonzero(offset)
    if between.size:
        raise FeedError(
            f"{path.name}: {symbol} has a row at {clock(opens[between[0]])}, between its bars of {bar / 3600:g} h; "
            "delete the rows that are no bars"
        )
    return bar


def _check_positive(prices: Array, rows: pd.DataFrame, stamps: Times, path: Path, symbol: str) -> None:
    bad = np.flatnonzero(prices <= 0)
    if bad.size:
        where = f"{line(path, rows.index[bad[0]])} ({clock(stamps[bad[0]])})"
        raise FeedError(
            f"{where}: the close of {symbol} is {prices[bad[0]]:g}; "
            "a price must be above zero, clear it if it is unknown"
        )


def _price_files(source: Path) -> list[Path]:
    if not source.exists():
        raise FeedError(f"{source} does not exist; check the path of the market data")
    if source.is_file():
        if not is_table(source):
            raise FeedError(f"{source.name} is not a table of market data; give a file of {', '.join(SUFFIXES)}")
        return [source]
    found = [path for path in _beside(source) if not _is_funding(path)]
    if not found:
        raise FeedError(f"the folder {source} has no {', '.join(SUFFIXES)} file with prices; check the path")
    return found


def _beside(source: Path) -> list[Path]:
    """The tables in a folder, or in the folder of a file, by name."""
    folder = source if source.is_dir() else source.parent
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and is_table(path) and path.name[0] not in "._~")


def _is_funding(path: Path) -> bool:
    return path.name.lower().startswith(FUNDING_FILE)


def _words(path: Path) -> set[str]:
    """The words of a file's name, without its suffixes."""
    return set(re.split(r"[_\- ]", path.name.lower().partition(".")[0]))
