"""What the columns of one file of market data mean: one contract, many in rows (long), or many in columns (wide)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from core.errors import ArgumentError, FeedError
from core.records import dataclass

from ..symbols import printable, read_symbol
from . import headings
from .names import is_named_funding, symbol_in
from .tables.decimals import Settled, by_prices
from .tables.figures import sign_of
from .tables.numbers import bare_texts, in_doubt
from .tables.table import Columns, Table
from .tables.times import in_utc

__all__ = ["DataFile", "Layout"]

Layout = Literal["single", "long", "wide"]
Reading = Literal["auto", "settled", "carried"]


@dataclass(frozen=True)
class DataFile:
    """One file by its headings; `prices` are those that the desk knows, by contract."""

    table: Table
    prices: Mapping[str, float] = field(default_factory=dict, compare=False)

    @classmethod
    def open(cls, path: Path, prices: Mapping[str, float]) -> DataFile:
        """The file at `path`, of which only the headings are read. Raises FeedError."""
        return cls(Table.open(path), prices)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.table.path

    @cached_property
    def layout(self) -> Layout:
        """single: the file is one contract; long: a column says which contract; wide: a column is one contract."""
        if self._find(*headings.SYMBOLS):
            return "long"
        return "single" if self._find(*headings.CLOSES, *headings.RATES) else "wide"

    @cached_property
    def time(self) -> str:
        """The column of times. Raises FeedError."""
        found = self._find(*headings.TIMES)
        if found is None:
            raise FeedError(
                f"{self.path.name} has no heading that is known as a time; head that column 'time' ({self._found})"
            )
        return found

    @property
    def times_are_closes(self) -> bool:
        """Whether a time is the end of its bar; usually it is the start."""
        return headings.find([self.time], [headings.CLOSE_TIME]) is not None

    @property
    def is_funding(self) -> bool:
        """Whether it holds funding rates and no prices."""
        if self._find(*headings.CLOSES):
            return False
        return is_named_funding(self.path) or (self.layout != "wide" and self._find(*headings.RATES) is not None)

    @property
    def unknown_funding(self) -> str | None:
        """A heading that speaks of funding and that nobody knows to read."""
        return None if self.layout == "wide" else headings.unknown_funding(self.table.names)

    def closes(self, symbol: str) -> str:
        """The column with the prices of a contract. Raises FeedError."""
        found = self._contracts.get(symbol) if self.layout == "wide" else self._find(*headings.CLOSES)
        if found is None:
            raise FeedError(f"{self.path.name} has no column 'close'; add it or rename one ({self._found})")
        return found

    def rates(self, symbol: str) -> str | None:
        """The column with the rates that settled at its times."""
        return self._contracts.get(symbol) if self.layout == "wide" else self._find(*headings.RATES)

    @property
    def reading(self) -> Reading:
        """How its rates are to be read, as far as the headings say."""
        rates = self._find(*headings.RATES)
        if rates is None or headings.find([rates], headings.CARRIED_RATES):
            return "auto" if rates is None else "carried"
        sure = headings.find([rates], headings.SETTLED_RATES) or headings.find([self.time], headings.FUNDING_TIMES)
        return "settled" if sure else "auto"

    @property
    def rates_of_bars(self) -> str | None:
        """The column with the rates summed over each bar."""
        return self._find(headings.RATE_OF_BAR)

    @property
    def volumes(self) -> tuple[str | None, bool]:
        """The column of what was traded in each bar, the one in quote currency first, and whether it is in coin."""
        if self.layout == "wide":
            return None, False
        quote = self._find(*headings.QUOTE_VOLUMES)
        return (quote, False) if quote is not None else (self._find(*headings.COIN_VOLUMES), True)

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The contracts in the file. Raises FeedError when it has none."""
        if self.layout == "wide":
            return tuple(self._contracts)
        if self.layout == "long":
            return tuple(dict.fromkeys(self._symbol_of_rows.tolist()))
        symbol = symbol_in(self.path)
        if symbol is None:
            raise FeedError(
                f"the name of {printable(self.path.name)} does not say which contract it is; "
                "name it like BTCUSDT_1h.csv, or add a column 'symbol'"
            )
        return (symbol,)

    def rows(self, symbol: str, *columns: str) -> Columns:
        """Times and further columns of one contract. Raises FeedError."""
        rows = self._rows(symbol, *columns)
        return rows if self.settled is None else replace(rows, decimal=self.settled.decimal)

    @cached_property
    def settled(self) -> Settled | None:
        """The sign before its decimals; None where its form says so, each column for itself where it is text.

        Raises FeedError for a figure that may be two numbers.
        """
        if self.table.takes_points:
            return None
        names = self._figures
        for head in (True, False):
            columns = self.table.columns(names, head=head)
            sign, doubtful = sign_of(text for name in names for text in bare_texts(columns.frame[name]))
            if sign is not None:
                return Settled(sign)
        found = by_prices(self._closes_as_text(), self.prices, doubtful, self.path.name) if doubtful else Settled(".")
        if found is None:
            raise in_doubt(columns, names, doubtful)
        return found

    @property
    def _figures(self) -> list[str]:
        """The columns whose figures say how all of them are written."""
        if self.layout == "wide":
            return list(self._contracts.values())
        read = (self._find(*headings.CLOSES), self._find(*headings.RATES), self.rates_of_bars, self.volumes[0])
        return list(dict.fromkeys([*filter(None, read), *headings.find_all(self.table.names, headings.OTHER_PRICES)]))

    def _closes_as_text(self) -> dict[str, list[str]]:
        """The closes of each contract as they stand in the file."""
        names = {} if self.is_funding else {symbol: self.closes(symbol) for symbol in self.symbols}
        return {symbol: bare_texts(self._rows(symbol, name).frame[name]) for symbol, name in names.items()}

    def _rows(self, symbol: str, *columns: str) -> Columns:
        if self.layout == "long":
            return self._columns.only(self._symbol_of_rows == symbol)
        if self.layout == "wide":
            return self._columns.of([self.time, *self._also(), *columns])
        return self._finished(self.table.columns([self.time, *self._also(), *columns]))

    @cached_property
    def _contracts(self) -> dict[str, str]:
        """The contracts of a wide file and the heading of each. Raises FeedError."""
        found: dict[str, str] = {}
        for name in self.table.names:
            if headings.find([name], headings.TIMES) or name.lower().startswith("unnamed:"):
                continue
            if headings.speaks_of_funding(name):
                raise FeedError(
                    f"{self.path.name} has a column '{printable(name)}' among its contracts; "
                    "put the funding into a file funding.csv of its own"
                )
            if headings.find([name], sorted(headings.NO_CONTRACTS)):
                raise FeedError(f"{self.path.name} has no column 'close'; head the closing prices so ({self._found})")
            symbol = self._symbol(name, f"{self.path.name}, heading '{printable(name)}'")
            if symbol in found:
                raise FeedError(f"{self.path.name} has two columns of {symbol}; keep one of them")
            found[symbol] = name
        if not found:
            raise FeedError(f"{self.path.name} has times but no prices; add a column 'close' ({self._found})")
        return found

    @cached_property
    def _columns(self) -> Columns:
        """What is needed of a long or a wide file, read once for all its contracts."""
        if self.layout == "wide":
            names = dict.fromkeys((self.time, *self._also(), *self._contracts.values()))
            return in_utc(self._finished(self.table.columns(list(names))), self.time)
        wanted = (self.time, self._symbol_column, self._find(*headings.CLOSES), self._find(*headings.RATES))
        also = (self.rates_of_bars, self.volumes[0], *self._also())
        return self._finished(self.table.columns(list(dict.fromkeys(filter(None, (*wanted, *also))))))

    @cached_property
    def _symbol_of_rows(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        column = self._columns.frame[self._symbol_column]
        blank = np.flatnonzero(column.isna().to_numpy())
        if blank.size:
            raise FeedError(f"{self._columns.where(int(blank[0]))} has no symbol; fill it in or delete the row")
        known = {name: self._symbol(name, f"{self.path.name}") for name in column.unique()}
        return column.map(known).to_numpy(dtype=object)

    def _symbol(self, name: object, place: str) -> str:
        try:
            return read_symbol(name)
        except ArgumentError as error:
            raise FeedError(f"{place}: {error}") from error

    @property
    def _symbol_column(self) -> str:
        found = self._find(*headings.SYMBOLS)
        assert found is not None, "only a long file is asked for it"
        return found

    def _also(self) -> tuple[str, ...]:
        finished = self._find(headings.FINISHED)
        return () if finished is None else (finished,)

    def _finished(self, columns: Columns) -> Columns:
        """The bars that have ended, where the file says which have."""
        for name in self._also():
            return columns.only(columns.frame[name].astype("string") != "0")
        return columns

    def _find(self, *wanted: str) -> str | None:
        return headings.find(self.table.names, wanted)

    @property
    def _found(self) -> str:
        return printable(self.table.found, 200)
