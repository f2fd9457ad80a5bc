"""Small files beside the history: margin tiers of a venue, factors on calendars of their own.

tiers       symbol,min_notional,max_notional,mmr,max_leverage,maint_amount
factors     date,close   or a column a factor           levels; a date is known once its day (or month) has ended
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from core.arrays import Array, Times
from core.errors import ArgumentError, FeedError, MissingDataError, listed
from core.estimate.beta.calendars import Factor
from core.market.tiers import Tiers
from core.records import dataclass

from ..symbols import printable, read_symbol
from . import headings
from .tables.numbers import numbers, settled
from .tables.table import Columns, Table
from .tables.times import times
from .tables.unpack import stem

__all__ = ["SymbolRows", "load_factors", "load_tiers"]

LOWS, HIGHS = ("minnotional", "notionalfloor"), ("maxnotional", "notionalcap")
RATES = ("mmr", "maintenancerate", "maintenancemarginrate", "maintmarginratio")
AMOUNTS = ("maintamount", "maintenanceamount", "cum")
LEVERAGES = ("maxleverage", "initialleverage")

OTHER_COLUMNS = ("open", "high", "low", "volume")


@dataclass(frozen=True)
class SymbolRows:
    """Rows of figures by contract, `figures` `(M, K)`, and where each row stands in its file."""

    symbols: tuple[str, ...]
    figures: Array
    places: tuple[str, ...]


def load_tiers(path: Path, symbols: Collection[str]) -> SymbolRows:
    """Each tier of these contracts: from, to, maintenance rate, amount deducted, leverage, as the sheet Tiers has them.

    Raises FeedError: no tier of them, or rows that are no tiers (a gap, a rate in per cent, one that falls).
    """
    needed = {"min_notional": LOWS, "max_notional": HIGHS, "mmr": RATES, "max_leverage": LEVERAGES}
    rows = _rows_by_symbol(Table.open(path), needed, {"maint_amount": AMOUNTS})
    ours = [row for row, symbol in enumerate(rows.symbols) if symbol in symbols]
    if not ours:
        raise FeedError(
            f"{path.name} has no tier of a contract on Universe; it has: {listed(dict.fromkeys(rows.symbols))}"
        )
    figures = rows.figures[:, [0, 1, 2, 4, 3]]
    for symbol in dict.fromkeys(rows.symbols[row] for row in ours):
        _refuse_no_tiers(symbol, figures, rows.places, [row for row in ours if rows.symbols[row] == symbol])
    return SymbolRows(tuple(rows.symbols[row] for row in ours), figures[ours], tuple(rows.places[row] for row in ours))


def _refuse_no_tiers(symbol: str, figures: Array, places: Sequence[str], rows: Sequence[int]) -> None:
    """Raises FeedError that names the first line with which the tiers of a contract are none."""
    for count in range(1, len(rows) + 1):
        try:
            Tiers.from_rows(figures[rows[:count]])
        except (ArgumentError, MissingDataError) as error:
            raise FeedError(f"{places[rows[count - 1]]}: {symbol}: {error}") from error


def load_factors(path: Path) -> list[Factor]:
    """The factors in one file: that of its closes, named as the file is, or one a column. Raises FeedError."""
    table = Table.open(path)
    time = headings.find(table.names, headings.TIMES)
    if time is None:
        raise FeedError(f"{path.name} has no heading that is known as a time; head that column 'date' ({table.found})")
    close = headings.find(table.names, headings.CLOSES)
    others = [name for name in table.names if name != time and headings.find([name], OTHER_COLUMNS) is None]
    wanted = [close] if close is not None else others
    if not wanted:
        raise FeedError(f"{path.name} has no column of values beside '{printable(time)}' ({table.found})")
    columns = table.columns([time, *wanted])
    if not table.takes_points:
        columns = settled(columns, wanted)
    known = _known_from(times(columns, time))
    names = [stem(path)] if len(wanted) == 1 else wanted
    try:
        return [
            Factor(printable(name), known, numbers(columns, heading, f"the value of {printable(name)}"))
            for name, heading in zip(names, wanted, strict=True)
        ]
    except ArgumentError as error:
        raise FeedError(f"{path.name}: {error}") from error


def _known_from(stamps: Times) -> Times:
    """Stamps that are all midnights are dates; dates that all are the first of a month are months."""
    days = stamps.astype("datetime64[D]")
    if (days != stamps).any():
        return stamps
    months = days.astype("datetime64[M]")
    return months if len(days) > 1 and (months == days).all() else days


def _rows_by_symbol(
    table: Table, needed: Mapping[str, Sequence[str]], wanted: Mapping[str, Sequence[str]]
) -> SymbolRows:
    """The figures that are `needed` in each row, then those `wanted` where there are any, NaN elsewhere."""
    name = table.path.name
    owner = headings.find(table.names, headings.SYMBOLS)
    found = {word: headings.find(table.names, words) for word, words in (*needed.items(), *wanted.items())}
    missing = [word for word in needed if found[word] is None]
    if owner is None or missing:
        what = "symbol" if owner is None else missing[0]
        raise FeedError(f"{name} has no column '{what}'; add it or rename one ({table.found})")
    given = list(filter(None, found.values()))
    columns = table.columns(list(dict.fromkeys([owner, *given])))
    if not table.takes_points:
        columns = settled(columns, given)
    places = tuple(columns.where(row) for row in range(len(columns.frame)))
    figures = np.full((len(places), len(found)), np.nan)
    for place, (word, heading) in enumerate(found.items()):
        if heading is not None:
            figures[:, place] = numbers(columns, heading, word)
    gaps = np.argwhere(np.isnan(figures[:, : len(needed)]))
    if gaps.size:
        row, column = gaps[0].tolist()
        raise FeedError(f"{places[row]} has no {list(needed)[column]}; fill it in or delete the row")
    return SymbolRows(tuple(_symbol(columns, owner, row) for row in range(len(places))), figures, places)


def _symbol(columns: Columns, owner: str, row: int) -> str:
    """The contract as the desk writes it: `BTC/USDT:USDT`, ccxt's name of a perpetual, is BTCUSDT."""
    try:
        symbol = read_symbol(columns.frame[owner].iloc[row])
    except ArgumentError as error:
        raise FeedError(f"{columns.where(row)}: {error}") from error
    return symbol.partition(":")[0].replace("/", "") if "/" in symbol else symbol
