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
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.checks import nearest
from core.errors import FeedError
from core.market.panel import Panel

from .columns import SUFFIXES, clock, increasing, is_table, line, numbers, times
from .feed import History, Times
from .layouts import DataFile
from .panel import End, collect

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FileFeed", "load_panel"]

FUNDING_FILE = "funding"
"""How the name of a file begins that holds funding rates and no prices."""

LEAST_ROWS = 2


def load_panel(
    source: Path | str, symbols: Sequence[str] | None = None, end: End | None = None, bars: int | None = None
) -> tuple[Panel, tuple[str, ...]]:
    """The contracts in a file or folder on one clock, and in words what is missing or was dropped.

    `symbols`: all when None. `end`: a date means through the end of that day in UTC, a time means closes up to it.
    `bars`: that many returns, so bars + 1 rows, the last ones before `end`. Raises FeedError.
    """
    return collect(FileFeed(source), symbols, end, bars)


class FileFeed:
    """The contracts in one file, or in all CSV and Parquet files of a folder."""

    def __init__(self, source: Path | str) -> None:
        self.source = Path(source)
        self._home: dict[str, DataFile] = {}
        self._funding_files: dict[Path, DataFile] = {}
        for path in _price_files(self.source):
            file = DataFile.open(path)
            for symbol in file.symbols:
                file.closes(symbol)
                if symbol in self._home:
                    both = f"{self._home[symbol].path.name} and in {path.name}"
                    raise FeedError(f"{symbol} stands both in {both}; name the file to read instead of the folder")
                self._home[symbol] = file
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
        name = self._known(symbol)
        file = self._home[name]
        column = file.closes(name)
        own = [c for c in (file.rates(name), file.rates_of_bars) if c is not None and c != column]
        rows = file.rows(name, column, *own)
        stamps = times(rows[file.time], file.path)
        prices = numbers(rows[column], file.path, f"the close of {name}")
        _check_positive(prices, rows, stamps, file.path, name)
        stamps_once, closes, repeated = increasing(stamps, prices, rows.index, file.path, name)
        if np.isnan(closes).all():
            raise FeedError(f"{file.path.name} has no price of {name} in any row; fill in its column or leave it out")
        bar = _bar_length(stamps_once, file.path, name)
        shift = np.timedelta64(0 if file.times_are_closes else bar, "s")
        notes = [f"{repeated} repeated rows dropped"] if repeated else []
        settled_at, rates = self._settlements(name, file, rows, stamps, stamps + shift, notes)
        return History(name, stamps_once + shift, closes, settled_at, rates, bar / 3600, tuple(notes))

    def _known(self, symbol: str) -> str:
        wanted = symbol.strip().upper()
        known = {name.upper(): name for name in self._home}
        if wanted not in known:
            listed = ", ".join(self._home)
            raise FeedError(f"{self.name} has no '{symbol}'{nearest(wanted, known)}; it has: {listed}")
        return known[wanted]

    def _settlements(
        self, symbol: str, file: DataFile, rows: pd.DataFrame, stamps: Times, closes: Times, notes: list[str]
    ) -> tuple[Times, Array]:
        """When and at which rate funding settled: from the file, else from a funding file, else summed by bar."""
        own = file.rates(symbol)
        if own is not None and file.layout != "wide":
            return _rates(symbol, rows, own, stamps, file.path, notes)
        for beside in self._funding_beside(file.path):
            column = beside.rates(symbol)
            if symbol in beside.symbols and column is not None:
                notes.append(f"funding from {beside.path.name}")
                found = beside.rows(symbol, column)
                return _rates(symbol, found, column, times(found[beside.time], beside.path), beside.path, notes)
        if file.rates_of_bars is not None:
            return _rates(symbol, rows, file.rates_of_bars, closes, file.path, notes)
        notes.append("no funding in the files, taken as none")
        return np.empty(0, dtype="datetime64[s]"), np.empty(0)

    def _funding_beside(self, prices: Path) -> list[DataFile]:
        """The funding files whose names say nothing that the name of the price file does not say too."""
        found = []
        for path in _tables_in(prices.parent):
            if _is_funding(path) and _words(path) - {FUNDING_FILE} <= _words(prices):
                if path not in self._funding_files:
                    self._funding_files[path] = DataFile.open(path)
                found.append(self._funding_files[path])
        return found


def _rates(
    symbol: str, rows: pd.DataFrame, column: str, settled_at: Times, path: Path, notes: list[str]
) -> tuple[Times, Array]:
    what = f"the funding of {symbol}"
    rates = numbers(rows[column], path, what)
    there = ~np.isnan(rates)
    instants, kept, repeated = increasing(settled_at[there], rates[there], rows.index[there], path, what)
    if repeated:
        notes.append(f"{repeated} repeated settlements dropped")
    return instants, kept


def _bar_length(stamps: Times, path: Path, symbol: str) -> int:
    """The most frequent step, in seconds. Raises FeedError when there are too few rows, or rows between the bars."""
    if len(stamps) < LEAST_ROWS:
        raise FeedError(
            f"{path.name} has {len(stamps)} rows of {symbol} and {LEAST_ROWS} are needed; load a longer history"
        )
    steps, counts = np.unique(_seconds(np.diff(stamps)), return_counts=True)
    bar = int(steps[counts.argmax()])
    between = np.flatnonzero(_seconds(stamps - stamps[0]) % bar)
    if between.size:
        raise FeedError(
            f"{path.name}: {symbol} has a row at {clock(stamps[between[0]])}, between its bars of {bar / 3600:g} h; "
            "delete the rows that are no bars"
        )
    return bar


def _seconds(spans: NDArray[np.timedelta64]) -> NDArray[np.int64]:
    return spans.astype("timedelta64[s]").astype(np.int64)


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
    found = [path for path in _tables_in(source) if not _is_funding(path)]
    if not found:
        raise FeedError(f"the folder {source} has no {', '.join(SUFFIXES)} file with prices; check the path")
    return found


def _tables_in(folder: Path) -> list[Path]:
    """The tables in a folder by name, hidden and temporary files left out."""
    return sorted(path for path in folder.iterdir() if path.is_file() and is_table(path) and path.name[0] not in "._~")


def _is_funding(path: Path) -> bool:
    return path.name.lower().startswith(FUNDING_FILE)


def _words(path: Path) -> set[str]:
    """The words of a file's name, without its suffixes."""
    return set(re.split(r"[_\- ]", path.name.lower().partition(".")[0]))
