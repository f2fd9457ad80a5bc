"""From a workbook to the desk's inputs: every cell is checked against what the layout declares of it.

What is wrong is said in one sentence with the sheet, the cell and the remedy; nothing is guessed and no blank is
read as zero unless the layout says that this is what a blank stands for.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.checks import nearest
from core.errors import BookError, DataWarning, MissingDataError
from core.market.panel import Panel
from core.units import BASIS_POINT

from ..books.book import Block, Book, CellValue
from ..cells import is_blank, is_error
from .fields import Column, Setting, Table
from .inputs import Desk, Scenarios, Settings, Universe
from .layout import SETTINGS, TABLES

__all__ = ["read_columns", "read_desk", "read_settings"]

Array = NDArray[np.float64]


def read_desk(book: Book) -> Desk:
    """All inputs of the desk. Raises BookError that names the sheet and cell to mend."""
    settings = read_settings(book)
    universe = _in_play(book, TABLES["Universe"])
    symbols = tuple(dict.fromkeys((*universe.symbols, settings.benchmark)))
    history = _read_history(book, symbols, settings)
    try:
        window = history.last(int(settings.window))
    except MissingDataError:
        address = book.value("Window").address
        raise BookError(
            f"{address}: the window is {settings.window:g} bars and Prices has {len(history.times) - 1} returns; "
            "shorten it, or refresh with more bars"
        ) from None
    returns = window.returns()
    return Desk(
        settings=settings,
        universe=universe,
        panel=window.select(universe.symbols),
        benchmark_returns=returns[:, symbols.index(settings.benchmark)],
        scenarios=_read_scenarios(book, universe.symbols),
    )


def read_settings(book: Book) -> Settings:
    """The Settings sheet. Raises BookError that names the cell to mend."""
    return Settings(**{setting.field: _read_setting(book, setting) for setting in SETTINGS})


def read_columns(block: Block, table: Table) -> dict[str, list[Any]]:
    """The declared columns of an input table, each cell checked against its declaration. Raises BookError."""
    return {
        column.name: [
            _read_cell(value, column, block.address(row, column.name))
            for row, value in enumerate(block.column(column.name))
        ]
        for column in table.columns
    }


def _in_play(book: Book, table: Table) -> Universe:
    """The contracts that are included, held or hedges. Raises BookError where what is held is not included."""
    block = book.table(table.name)
    if not block.rows:
        raise BookError(
            f"table '{table.name}' on sheet '{table.sheet}' has no contract; fill it, or start from a new desk"
        )
    column = read_columns(block, table)
    symbols = column["Symbol"]
    for row, symbol in enumerate(symbols):
        if symbol in symbols[:row]:
            raise BookError(f"{block.address(row, 'Symbol')}: {symbol} stands twice in the universe; remove one row")
        if column["Include"][row] == "N" and column["Position"][row] != 0:
            raise BookError(
                f"{block.address(row, 'Include')}: {symbol} is excluded but {column['Position'][row]:g} are held; "
                "include it, or close the position and clear it"
            )
        if column["MinWeight"][row] > column["MaxWeight"][row]:
            raise BookError(
                f"{block.address(row, 'MinWeight')}: the least weight of {symbol} is above its largest; swap them"
            )
    included = np.array(column["Include"]) == "Y"
    if included.sum() < 2:
        address = block.address(0, "Include")
        raise BookError(
            f"{address}: {included.sum()} contract is included and a portfolio needs two; set Include to Y for more"
        )
    number = {
        name: np.array(values, dtype=np.float64)
        for name, values in column.items()
        if table.column(name).kind == "number"
    }
    universe = Universe(
        symbols=tuple(symbols),
        included=included,
        inverse=np.array(column["Contract"]) == "inverse",
        prices=number["Price"],
        lots=number["Lot"],
        cost_rates=(number["TakerFeeBps"] + number["SlippageBps"]) * BASIS_POINT,
        initial_margin_rates=1 / number["MaxLeverage"],
        maintenance_rates=number["MaintenanceRate"],
        min_weights=number["MinWeight"],
        max_weights=number["MaxWeight"],
        implied_vols=number["ImpliedVol"],
        views=number["View"],
        positions=number["Position"],
        hedges=np.array(column["Hedge"]) == "Y",
    )
    in_play = universe.included | universe.hedges
    for row in np.flatnonzero(in_play & ~(universe.prices > 0)).tolist():
        raise BookError(
            f"{block.address(row, 'Price')}: {symbols[row]} has no price above zero; run Refresh or type it in"
        )
    return universe.select(in_play)


def _read_history(book: Book, symbols: tuple[str, ...], settings: Settings) -> Panel:
    """Prices and funding of the symbols on the clock of the Prices sheet."""
    times, prices = _read_series(book.table("Prices"), symbols, required=True)
    funding_times, rates = _read_series(book.table("Funding"), symbols, required=False)
    step = float(np.median(np.diff(times).astype(np.float64))) / 3600
    if step != settings.bar_hours:
        raise BookError(
            f"{book.value('BarHours').address}: the bar length is {settings.bar_hours:g} hours "
            f"and the rows of Prices are {step:g} hours apart; make them agree"
        )
    funding = np.full_like(prices, np.nan)
    place = np.searchsorted(times, funding_times)
    known = (place < len(times)) & (times[np.minimum(place, len(times) - 1)] == funding_times)
    funding[place[known]] = rates[known]
    silent = [symbol for i, symbol in enumerate(symbols) if np.isnan(funding[:, i]).all()]
    if silent:
        warnings.warn(
            f"Funding: none is given for {', '.join(silent)}; it is counted as none paid", DataWarning, stacklevel=2
        )
    return Panel(times, symbols, prices, funding, settings.bar_hours)


def _read_series(block: Block, symbols: Sequence[str], *, required: bool) -> tuple[NDArray[np.datetime64], Array]:
    """Times and one column a symbol of a history table; a symbol without a column is NaN unless it is required."""
    times = _read_times(block)
    values = np.full((len(times), len(symbols)), np.nan)
    for i, symbol in enumerate(symbols):
        if symbol not in block.header and not required:
            continue
        if symbol not in block.header:
            raise BookError(
                f"sheet '{block.sheet}' has no column for {symbol}{nearest(symbol, block.header[1:])}; "
                "refresh with that symbol, or set Include and Hedge to N on Universe"
            )
        values[:, i] = _read_numbers(block, symbol)
        if required and np.isnan(values[:, i]).all():
            raise BookError(
                f"{block.address(0, symbol)}: the column of {symbol} is blank; refresh it, or leave {symbol} out"
            )
        bad = np.flatnonzero(values[:, i] <= 0) if required else np.array([], dtype=np.intp)
        if bad.size:
            address = block.address(int(bad[0]), symbol)
            raise BookError(
                f"{address} holds {values[bad[0], i]:g}; a price is above zero, clear the cell if it is unknown"
            )
    return times, values


def _read_times(block: Block) -> NDArray[np.datetime64]:
    cells = block.column(block.header[0])
    for row, cell in enumerate(cells):
        if not isinstance(cell, datetime):
            address = block.address(row, 0)
            raise BookError(f"{address} holds {_quoted(cell)} where a date and time is needed; enter it as a date, UTC")
    if len(cells) < 2 and block.name == "Prices":
        raise BookError(f"sheet '{block.sheet}' has {len(cells)} rows of history; run Refresh to load prices")
    times = np.array(cells, dtype="datetime64[s]")
    wrong = np.flatnonzero(np.diff(times).astype(np.int64) <= 0)
    if wrong.size:
        row = int(wrong[0]) + 1
        what = "repeats the time" if times[row] == times[row - 1] else "is earlier than the row"
        raise BookError(f"{block.address(row, 0)} {what} above it; sort the table by time and remove double rows")
    return times


def _read_numbers(block: Block, symbol: str) -> Array:
    cells = block.column(symbol)
    for row, cell in enumerate(cells):
        if not isinstance(cell, float) and not is_blank(cell) and not is_error(cell):
            raise BookError(
                f"{block.address(row, symbol)} holds {_quoted(cell)} where a number is needed; correct or clear it"
            )
    return np.array([cell if isinstance(cell, float) else np.nan for cell in cells], dtype=np.float64)


def _read_scenarios(book: Book, symbols: tuple[str, ...]) -> Scenarios:
    table = TABLES["Scenarios"]
    block = book.table(table.name)
    column = read_columns(block, table)
    overrides = np.full((len(block.rows), len(symbols)), np.nan)
    for i, symbol in enumerate(symbols):
        if symbol in block.header[len(table.columns) :]:
            overrides[:, i] = [
                _read_cell(value, table.column(symbol), block.address(row, symbol))
                for row, value in enumerate(block.column(symbol))
            ]
    return Scenarios(
        names=tuple(column["Name"]),
        market_shocks=np.array(column["MarketShock"], dtype=np.float64),
        vol_multipliers=np.array(column["VolMultiplier"], dtype=np.float64),
        funding_shocks=np.array(column["FundingShock"], dtype=np.float64),
        beta_shifts=np.array(column["BetaShift"], dtype=np.float64),
        overrides=overrides,
    )


def _read_setting(book: Book, setting: Setting) -> Any:
    cell = book.value(setting.name)
    if setting.optional and is_blank(cell.value):
        return None
    return _checked(cell.value, setting, cell.address)


def _read_cell(value: CellValue, column: Column, address: str) -> Any:
    if column.blank is not None and is_blank(value):
        return column.blank
    return _checked(value, column, address)


def _checked(value: CellValue, declared: Column | Setting, address: str) -> float | str:
    """The value of one cell as its declaration wants it. Raises BookError."""
    if is_blank(value):
        raise BookError(f"{address} is blank and {declared.name} is needed; fill it in")
    if declared.kind == "text":
        if not isinstance(value, str) or is_error(value):
            raise BookError(f"{address} holds {_quoted(value)} where {declared.name} must be a word; correct it")
        word = value.strip()
        if not declared.choices:
            return word
        for option in declared.choices:
            if word.lower() == option.lower():
                return option
        raise BookError(f"{address} holds {_quoted(value)}; {declared.name} is one of: {', '.join(declared.choices)}")
    if not isinstance(value, float):
        raise BookError(f"{address} holds {_quoted(value)} where {declared.name} must be a number; correct it")
    low = -np.inf if declared.minimum is None else declared.minimum
    high = np.inf if declared.maximum is None else declared.maximum
    if not low <= value <= high:
        raise BookError(f"{address} holds {value:g}; {declared.name} must lie between {low:g} and {high:g}")
    return value


def _quoted(value: CellValue) -> str:
    return "nothing" if is_blank(value) else f"'{value}'"
