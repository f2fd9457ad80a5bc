"""The history tables of a workbook: prices and funding on one clock, and the returns of further factors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array
from core.checks import nearest
from core.errors import BookError, say
from core.market.panel import Panel

from ...books.workbook import Block, Workbook
from ...cells import is_blank, is_error
from .cells import quoted
from .inputs import Factors, Settings

__all__ = ["read_factors", "read_history"]


def read_history(book: Workbook, symbols: tuple[str, ...], settings: Settings) -> Panel:
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
        say(f"Funding: none is given for {', '.join(silent)}; it is counted as none paid")
    return Panel(times, symbols, prices, funding, settings.bar_hours)


def read_factors(book: Workbook, times: NDArray[np.datetime64]) -> Factors:
    """The factor returns of the bars that close at `times`; a bar that the sheet does not have is NaN."""
    block = book.table("Factors")
    names = block.header[1:]
    known_times, values = _read_series(block, names, required=False)
    returns = np.full((len(times), len(names)), np.nan)
    _, ours, theirs = np.intersect1d(times, known_times, assume_unique=True, return_indices=True)
    returns[ours] = values[theirs]
    return Factors(names, returns)


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
            raise BookError(f"{address} holds {quoted(cell)} where a date and time is needed; enter it as a date, UTC")
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
                f"{block.address(row, symbol)} holds {quoted(cell)} where a number is needed; correct or clear it"
            )
    return np.array([cell if isinstance(cell, float) else np.nan for cell in cells], dtype=np.float64)
