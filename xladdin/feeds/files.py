"""Market data in files: CSV (also compressed) and Parquet, in the layouts people have them.

    one file a contract   BTCUSDT_binance_1h.parquet: time, close, funding_settle; the name says which contract
    parts of a contract   BTCUSDT-1h-2024-01.csv, BTCUSDT-1h-2024-02.csv: joined
    long                  time, symbol, close, funding
    wide                  time, then one column of closes a contract
    funding               funding_BTCUSDT.csv, BTCUSDT-fundingRate-2024-01.zip: beside the prices it belongs to

Times are the OPEN of a bar, as exchanges publish them (a column `close_time` is its close); they become closes, one
bar length later, the length being the most frequent step. A funding rate stands at the instant at which it settled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.checks import choice, nearest
from core.errors import ArgumentError, FeedError, listed
from core.estimate.funding.cadence import READINGS
from core.market.panel import Panel

from ..symbols import printable, read_symbol
from .feed import History, Times, clock
from .folder import Folder
from .funding import settlements_in, to_the_minute
from .layouts import DataFile
from .series import Series, closes, joined, rates
from .volumes import daily_volumes

__all__ = ["FileFeed"]

LEAST_ROWS = 2


class FileFeed:
    """The contracts in one file, or in all tables of a folder.

    `funding` says how rates are read: settled (each row of a rate is a settlement), carried (rows repeat the last one),
    or auto, which looks where it changes. `prices` are those that the desk has, by contract: they settle whether 61.250
    is 61250 where the files do not. Raises FeedError.
    """

    def __init__(
        self, source: Path | str, funding: str = "auto", prices: Mapping[str, float] = MappingProxyType({})
    ) -> None:
        self.source = Path(source)
        try:
            self._reading = choice(funding, "funding", READINGS)
        except ArgumentError as error:
            raise FeedError(str(error)) from error
        self._folder = Folder.of(self.source, prices)
        self._parts = self._folder.contracts()

    @property
    def name(self) -> str:
        """The folder's or the file's name."""
        return printable(self.source.name or self.source)

    def symbols(self) -> tuple[str, ...]:
        """The contracts in the files, in their order."""
        return tuple(self._parts)

    def daily_volumes(self, panel: Panel) -> dict[str, float]:
        """What was traded a day of each contract of a panel that these files gave, in quote currency, where known."""
        return daily_volumes(self._folder, panel.symbols, panel.times[-1], panel.bar_hours)

    def history(self, symbol: str) -> History:
        """One contract's closes and settlements. Raises FeedError that lists the known ones or names file and line."""
        name = self._known(symbol)
        files = self._parts[name]
        prices: list[Series] = []
        own: list[Series] = []
        of_bars: list[Series] = []
        for file in files:
            rate = file.rates(name) if file.layout != "wide" else None
            column = file.closes(name)
            columns = file.rows(name, *dict.fromkeys([column, *filter(None, (rate, file.rates_of_bars))]))
            prices.append(closes(file, name, columns))
            own += [rates(file, name, rate, columns)] if rate else []
            of_bars += [rates(file, name, file.rates_of_bars, columns)] if file.rates_of_bars else []
        series = joined(prices, f"the close of {name}")
        source = series.source
        if np.isnan(series.values).all():
            raise FeedError(f"{source} has no price of {name} in any row; fill in its column or leave it out")
        bar = _bar_length(series.times, source, name)
        shift = np.timedelta64(0 if files[0].times_are_closes else bar, "s")
        notes = [f"{series.repeated} repeated rows dropped"] if series.repeated else []
        notes += [file.settled.remark for file in files if file.settled is not None and file.settled.remark]
        if any(file.table.dialect is not None and file.table.dialect.metatrader for file in files):
            notes.append("the times have no zone, read as UTC; Bybit's files for MetaTrader were found to be UTC+3")
        settled_at, paid, unread = self._settlements(name, files, own, of_bars, shift, notes)
        return History(name, series.times + shift, series.values, settled_at, paid, bar / 3600, tuple(notes), unread)

    def _known(self, symbol: str) -> str:
        try:
            wanted = read_symbol(symbol)
        except ArgumentError as error:
            raise FeedError(str(error)) from error
        if wanted not in self._parts:
            names = self.symbols()
            raise FeedError(f"{self.name} has no '{wanted}'{nearest(wanted, names)}; it has: {listed(names)}")
        return wanted

    def _settlements(
        self,
        symbol: str,
        files: Sequence[DataFile],
        own: Sequence[Series],
        of_bars: Sequence[Series],
        shift: np.timedelta64,
        notes: list[str],
    ) -> tuple[Times, Array, Times]:
        """When and at which rates funding settled, and when one is missing: by the file, a funding file or the bars."""
        if own:
            return self._read(symbol, own, files[0], notes)
        beside = self._folder.funding_of(symbol, files)
        if beside:
            found = []
            for file in beside:
                column = file.rates(symbol)
                if column is None:
                    raise FeedError(f"{file.path.name} has no column 'funding_rate'; head its rates so")
                found.append(rates(file, symbol, column, file.rows(symbol, column)))
            more = f" and {len(beside) - 1} more" if len(beside) > 1 else ""
            notes.append(f"funding from {beside[0].path.name}{more}")
            return self._read(symbol, found, beside[0], notes)
        if of_bars:
            series = joined(of_bars, f"the funding of {symbol}")
            notes += series.remarks
            return series.times + shift, series.values, series.unread + shift
        unknown = next((file for file in files if file.unknown_funding), None)
        if unknown is not None:
            raise FeedError(
                f"{unknown.path.name} has a column '{printable(unknown.unknown_funding)}' that is not known; "
                "head the rates that settled 'funding_rate', or leave the column out"
            )
        left = self._folder.left_alone(symbol, files)
        why = f" ({left.name} belongs to other data by its name)" if left else ""
        notes.append(f"no funding in the files{why}, taken as none")
        never = np.empty(0, dtype="datetime64[s]")
        return never, np.empty(0), never

    def _read(
        self, symbol: str, parts: Sequence[Series], file: DataFile, notes: list[str]
    ) -> tuple[Times, Array, Times]:
        series = joined(parts, f"the funding of {symbol}")
        notes += series.remarks
        if series.repeated:
            notes.append(f"{series.repeated} repeated settlements dropped")
        reading = self._reading if file.reading != "carried" or self._reading != "auto" else "carried"
        sure = file.reading == "settled"
        settled_at, paid = settlements_in(series.times, series.values, reading, sure, series.source, notes)
        return settled_at, paid, to_the_minute(series.unread)


def _bar_length(stamps: Times, source: str, symbol: str) -> int:
    """The most frequent step, in seconds. Raises FeedError when there are too few rows, or rows between the bars."""
    if len(stamps) < LEAST_ROWS:
        raise FeedError(
            f"{source} has {len(stamps)} rows of {symbol} and {LEAST_ROWS} are needed; load a longer history"
        )
    steps, counts = np.unique(_seconds(np.diff(stamps)), return_counts=True)
    bar = int(steps[counts.argmax()])
    between = np.flatnonzero(_seconds(stamps - stamps[0]) % bar)
    if between.size:
        raise FeedError(
            f"{source}: {symbol} has a row at {clock(stamps[between[0]])}, between its bars of {bar / 3600:g} h; "
            "delete the rows that are no bars"
        )
    return bar


def _seconds(spans: NDArray[np.timedelta64]) -> NDArray[np.int64]:
    return spans.astype("timedelta64[s]").astype(np.int64)
