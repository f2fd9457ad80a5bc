"""The files of a folder, or one file and what lies beside it: which hold prices, which funding, and what is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from core.errors import FeedError
from core.records import dataclass

from ..symbols import printable
from .layouts import DataFile
from .names import history_name, is_named_funding, symbol_in, words_of
from .tables.unpack import SUFFIXES, is_table

__all__ = ["Folder"]


@dataclass(frozen=True, eq=False)
class Folder:
    """Tables of prices, the paths of tables that may hold their funding, and the prices that the desk knows."""

    source: Path
    prices: tuple[DataFile, ...]
    funding: tuple[Path, ...]
    known: Mapping[str, float]

    @classmethod
    def of(cls, source: Path, known: Mapping[str, float]) -> Folder:
        """What a path leads to. Raises FeedError when that is no market data."""
        if not source.exists():
            raise FeedError(f"{source} does not exist; check the path of the market data")
        if not source.is_dir():
            if not is_table(source):
                raise FeedError(f"{source.name} is not a table of market data; give a file of {', '.join(SUFFIXES)}")
            named = [path for path in _tables_in(source.parent) if is_named_funding(path) and path != source]
            return cls(source, (DataFile.open(source, known),), tuple(named), known)
        prices, funding = [], []
        for path in _tables_in(source):
            file = _prices_in(path, known)
            if file is None:
                funding.append(path)
            else:
                prices.append(file)
        if not prices:
            raise FeedError(f"the folder {source} has no {', '.join(SUFFIXES)} file with prices; check the path")
        return cls(source, tuple(prices), tuple(funding), known)

    def contracts(self) -> dict[str, list[DataFile]]:
        """The files of each contract: one, or the parts of one history. Raises FeedError."""
        found: dict[str, list[DataFile]] = {}
        for file in self.prices:
            for symbol in file.symbols:
                file.closes(symbol)
                first = found.setdefault(symbol, [file])[0]
                if first is file:
                    continue
                if history_name(first.path) != history_name(file.path):
                    both = f"{printable(first.path.name)} and in {printable(file.path.name)}"
                    raise FeedError(f"{symbol} stands both in {both}; name the file to read instead of the folder")
                found[symbol].append(file)
        if not found:
            raise FeedError(f"{self.source} holds no contract; give it rows of prices")
        return found

    def funding_of(self, symbol: str, prices: Sequence[DataFile]) -> list[DataFile]:
        """The funding files of a contract: those whose names say nothing that its own names do not say too."""
        found: list[DataFile] = []
        for path in self.funding:
            if not self._belongs(path, symbol, prices):
                continue
            file = self._opened(path)
            named = symbol_in(path) if file.layout == "single" else None
            holds = (named or symbol) == symbol if file.layout == "single" else symbol in file.symbols
            if file.layout == "single" and named is None and len(self._all_symbols) > 1:
                holds = symbol in file.symbols  # which says that the name does not tell
            if holds and (not found or history_name(found[0].path) == history_name(path)):
                found.append(file)
        return found

    def left_alone(self, symbol: str, prices: Sequence[DataFile]) -> Path | None:
        """A funding file that is not read for a contract because its name says that it belongs to other data."""
        others = (path for path in self.funding if not self._belongs(path, symbol, prices))
        return next((path for path in others if symbol_in(path) in (None, symbol)), None)

    def _belongs(self, path: Path, symbol: str, prices: Sequence[DataFile]) -> bool:
        own = words_of(prices[0].path) | {symbol.lower(), *symbol.lower().replace(":", "-").split("-")}
        return words_of(path) <= own

    @cached_property
    def _all_symbols(self) -> set[str]:
        return {symbol for file in self.prices for symbol in file.symbols}

    @cached_property
    def _files(self) -> dict[Path, DataFile]:
        return {}

    def _opened(self, path: Path) -> DataFile:
        if path not in self._files:
            self._files[path] = DataFile.open(path, self.known)
        return self._files[path]


def _prices_in(path: Path, known: Mapping[str, float]) -> DataFile | None:
    """The file when it holds prices; one that says it is funding may be of other data, and is not looked into yet."""
    try:
        file = DataFile.open(path, known)
    except FeedError:
        if is_named_funding(path):
            return None
        raise
    return None if file.is_funding else file


def _tables_in(folder: Path) -> list[Path]:
    """The tables in a folder by name, hidden and temporary files left out."""
    return sorted(path for path in folder.iterdir() if path.is_file() and is_table(path) and path.name[0] not in "._~")
