"""The history tables of a workbook: prices and funding on one clock, and the returns of further factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.arrays import Array, Mask, Times
from core.checks import nearest
from core.errors import BookError, listed, say
from core.market.panel import Panel
from core.numeric.median import median
from core.units import HOURS_PER_DAY

from ...books.workbook import Series, Workbook
from ...cells import is_blank, is_error
from ...feeds.feed import clock
from ..history_file import filed_series
from ..layout.settings import Settings
from ..layout.sheets import TABLES
from .cells import quoted
from .doubts.funding import doubts_of_funding
from .inputs import Factors

__all__ = ["FULLY", "read_factors", "read_history", "wrong_cells"]

FULLY = 0.95
"""Share of a contract's days from which on its funding counts as known."""


def read_history(book: Workbook, symbols: tuple[str, ...], settings: Settings) -> Panel:
    """Prices and funding of the symbols on the clock of the Prices sheet. Raises BookError."""
    closes, settled = (filed_series(book, name, settings.history_file) for name in ("Prices", "Funding"))
    times, prices = _read_series(closes, symbols, required=True)
    funding_times, rates = _read_series(settled, symbols, required=False)
    step = median(np.diff(times).astype(np.float64)) / 3600
    if step != settings.bar_hours:
        raise BookError(
            f"{book.value('BarHours').address}: the bar length is {settings.bar_hours:g} hours "
            f"and the rows of Prices are {step:g} hours apart; make them agree"
        )
    funding = np.full_like(prices, np.nan)
    unread = np.zeros(prices.shape, dtype=np.bool_)
    _, ours, theirs = np.intersect1d(times, funding_times, assume_unique=True, return_indices=True)
    funding[ours], unread[ours] = rates[theirs], _unread(settled, symbols)[theirs]
    paid = funding_times[np.isfinite(rates).any(axis=1)]
    _say_what_has_no_bar(settled, np.setdiff1d(paid, times, assume_unique=True))
    panel = Panel(times, symbols, prices, funding, settings.bar_hours, unread)
    _say_what_funding_is_known(panel)
    for doubt in doubts_of_funding(panel):
        say(doubt)
    return panel


def read_factors(book: Workbook, times: Times) -> Factors:
    """The factor returns of a history whose bars close at `times` `(T+1,)`, on the calendar of the sheet's rows."""
    series = book.series("Factors")
    names = tuple(name for name in series.header[1:] if name not in TABLES["Factors"].blank_header)
    known_times, values = _read_series(series, names, required=False)
    _, rows, theirs = np.intersect1d(times, known_times, assume_unique=True, return_indices=True)
    return Factors(names, rows, values[theirs])


def _unread(series: Series, symbols: Sequence[str]) -> Mask:
    """Which cells of the symbols' columns hold a text or an error, (T, N): said, and missing, never none settled."""
    unread = np.zeros((len(series.times), len(symbols)), dtype=np.bool_)
    columns = {series.header.index(symbol): place for place, symbol in enumerate(symbols) if symbol in series.header}
    for (row, column), value in series.odd.items():
        if column in columns and not is_blank(value):
            unread[row, columns[column]] = True
    if unread.any():
        row, place = np.argwhere(unread)[0].tolist()
        column = series.header.index(symbols[place])
        more = f" and {unread.sum() - 1} more cells hold no number either" if unread.sum() > 1 else ""
        say(
            f"{series.address(row, column)} holds {quoted(series.odd[row, column])}{more}: that funding is missing, "
            "not zero; enter rates as numbers (0.0001 for 0.01 %), or clear the cell where none settled"
        )
    return unread


def _say_what_has_no_bar(series: Series, lost: Times) -> None:
    """Says how many rows with a rate stand at a time that no row of Prices has, and when."""
    if not len(lost):
        return
    first = series.address(int(np.searchsorted(series.times, lost[0])), 0)
    when = clock(lost[0]) if len(lost) == 1 else f"{clock(lost[0])} to {clock(lost[-1])}"
    rows = "1 row of Funding" if len(lost) == 1 else f"{len(lost)} rows of Funding"
    say(
        f"{first}: {rows} ({when}) at a time that Prices does not have, so left out; "
        "give each rate at the close of its bar, those of one bar summed"
    )


def _say_what_funding_is_known(panel: Panel) -> None:
    """Names the contracts without funding, and those of which it is known for part of their days only."""
    silent = np.isnan(panel.funding).all(axis=0)
    if silent.any():
        say(f"Funding: none is given for {listed(np.array(panel.symbols)[silent])}; it is counted as none paid")
    known = panel.settlements()
    partly = [
        f"{symbol} {covered / HOURS_PER_DAY:.0f} of {priced / HOURS_PER_DAY:.0f} days"
        for symbol, covered, priced in zip(panel.symbols, known.covered, known.priced, strict=True)
        if 0 < covered < FULLY * priced
    ]
    if partly:
        say(f"Funding: known for {listed(partly)}; a year's funding is that of those days, and other days have none")


def wrong_cells(series: Series, symbols: Sequence[str], *, required: bool) -> Iterator[str]:
    """What in a history table cannot be read, one sentence a cell or column; a symbol's column may be `required`."""
    yield from _wrong_times(series)
    if series.name != "Funding":
        yield from _texts(series, symbols)
    for symbol in symbols:
        yield from _wrong_numbers(series, symbol, required=required)


def _read_series(series: Series, symbols: Sequence[str], *, required: bool) -> tuple[Times, Array]:
    """Times and one column a symbol of a history table; a symbol without a column is NaN unless it is required."""
    for problem in wrong_cells(series, symbols, required=required):
        raise BookError(problem)
    values = np.full((len(series.times), len(symbols)), np.nan)
    for i, symbol in enumerate(symbols):
        if symbol in series.header:
            values[:, i] = series.column(symbol)
    return series.times, values


def _wrong_numbers(series: Series, symbol: str, *, required: bool) -> Iterator[str]:
    """The column of a symbol: absent or blank where it is required, and each number beyond the bounds of its sheet."""
    if symbol not in series.header:
        if required:
            yield (
                f"sheet '{series.sheet}' has no column for {symbol}{nearest(symbol, series.header[1:])}; "
                "refresh with that symbol, or set Include and Hedge to N on Universe"
            )
        return
    values, column = series.column(symbol), TABLES[series.name].column(symbol)
    if required and len(values) and np.isnan(values).all():
        yield f"{series.address(0, symbol)}: the column of {symbol} is blank; refresh it, or leave {symbol} out"
    low = -np.inf if column.minimum is None else column.minimum
    high = np.inf if column.maximum is None else column.maximum
    rate = ", a rate of 0.01 % is 0.0001" if series.name == "Funding" else ""
    none = (values <= 0) if required else np.zeros(len(values), dtype=np.bool_)
    for row in np.flatnonzero(none | (values < low) | (values > high) | np.isinf(values)).tolist():
        where = f"{series.address(row, symbol)} holds {values[row]:g}"
        if none[row]:
            yield f"{where}; a price is above zero, clear the cell if it is unknown"
        else:
            yield f"{where} where a value lies between {low:g} and {high:g}{rate}; correct or clear it"


def _wrong_times(series: Series) -> Iterator[str]:
    """Each cell where a time is missing, or not later than the one above."""
    known = np.flatnonzero(~np.isnat(series.times))
    for row in np.flatnonzero(np.isnat(series.times)).tolist():
        holds, address = quoted(series.odd.get((row, 0))), series.address(row, 0)
        yield f"{address} holds {holds} where a date and time is needed; enter it as a date, UTC"
    if len(series.times) < 2 and series.name == "Prices":
        yield f"sheet '{series.sheet}' has {len(series.times)} rows of history; run Refresh to load prices"
    times = series.times[known]
    for place in (np.flatnonzero(np.diff(times).astype(np.int64) <= 0) + 1).tolist():
        what = "repeats the time" if times[place] == times[place - 1] else "is earlier than the row"
        yield f"{series.address(int(known[place]), 0)} {what} above it; sort the table by time and remove double rows"


def _texts(series: Series, symbols: Sequence[str]) -> Iterator[str]:
    """Each cell of the symbols' columns with something else than a number or an error."""
    for (row, column), value in sorted(series.odd.items(), key=lambda each: (each[0][1], each[0][0])):
        if column and series.header[column] in symbols and not is_blank(value) and not is_error(value):
            yield f"{series.address(row, column)} holds {quoted(value)} where a number is needed; correct or clear it"
