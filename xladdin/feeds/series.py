"""One column of one contract over time: read from each of its files, held against what is possible, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

import numpy as np

from core.arrays import Array, Rows
from core.errors import FeedError
from core.records import dataclass

from ..symbols import printable
from .feed import Times, clock
from .layouts import DataFile
from .tables.decimals import JUMP, NEAR
from .tables.figures import SIGNS, has_two_readings, read_figures
from .tables.numbers import in_order, numbers, unread
from .tables.table import Columns
from .tables.times import times

__all__ = ["Series", "closes", "joined", "rates"]

LARGEST_PRICE, SMALLEST_PRICE = 1e12, 1e-15
LARGEST_RATE = 1.0


@dataclass(frozen=True, eq=False)
class Series:
    """Times as the file has them, oldest first; values; rows that came twice; the file's name.

    `unread` are the times of the values that the file says are missing, which are left out; `remarks` say where.
    """

    times: Times
    values: Array
    repeated: int
    source: str
    unread: Times = field(default_factory=lambda: np.empty(0, dtype="datetime64[s]"))
    remarks: tuple[str, ...] = ()


def closes(file: DataFile, symbol: str, columns: Columns) -> Series:
    """The closes of a contract in one file. Raises FeedError for a price that cannot be."""
    column = file.closes(symbol)
    stamps, prices = times(columns, file.time), numbers(columns, column, f"the close of {symbol}")
    for bad, remedy in (
        (prices <= 0, "a price must be above zero, clear it if it is unknown"),
        ((prices > LARGEST_PRICE) | (prices < SMALLEST_PRICE), "that is no price; correct or clear it"),
    ):
        if bad.any():
            row = int(np.argmax(bad))
            where = f"{columns.where(row)} ({clock(stamps[row])})"
            raise FeedError(f"{where}: the close of {symbol} is {prices[row]:g}; {remedy}")
    _refuse_other_signs(columns, column, prices, symbol)
    return Series(*in_order(stamps, prices, columns, np.arange(len(prices)), symbol), file.path.name)


def rates(file: DataFile, symbol: str, column: str, columns: Columns) -> Series:
    """A contract's funding rates in one file: blank ones left out, missing ones left out and said. Raises FeedError."""
    what = f"the funding of {symbol}"
    stamps, values = times(columns, file.time), numbers(columns, column, what)
    bad = np.abs(values) >= LARGEST_RATE
    if bad.any():
        row = int(np.argmax(bad))
        raise FeedError(
            f"{columns.where(row)}: {what} is {values[row]:g}, {values[row]:.0%} in one settlement; "
            "give rates as decimals (0.0001 = 0.01 %)"
        )
    rows = np.flatnonzero(~np.isnan(values))
    missing = np.flatnonzero(unread(columns, column))
    remarks = (_missing_rates(columns, column, missing),) if missing.size else ()
    found = in_order(stamps[rows], values[rows], columns, rows, what)
    return Series(*found, file.path.name, stamps[missing], remarks)


def joined(parts: Sequence[Series], what: str) -> Series:
    """The parts of a history as one, what they share taken once. Raises FeedError where they contradict each other."""
    if len(parts) == 1:
        return parts[0]
    stamps = np.concatenate([part.times for part in parts])
    values = np.concatenate([part.values for part in parts])
    source = np.repeat(np.arange(len(parts)), [len(part.times) for part in parts])
    order = np.argsort(stamps, kind="stable")
    stamps, values, source = stamps[order], values[order], source[order]
    again = np.flatnonzero(stamps[1:] == stamps[:-1])
    same = (values[again] == values[again + 1]) | (np.isnan(values[again]) & np.isnan(values[again + 1]))
    if not same.all():
        row = int(again[~same][0])
        first, second = (parts[source[place]].source for place in (row, row + 1))
        raise FeedError(f"{what} at {clock(stamps[row])} differs in {first} and {second}; keep one of the files")
    kept = np.concatenate([[True], stamps[1:] != stamps[:-1]]) if len(stamps) else np.empty(0, dtype=bool)
    more = f"{parts[0].source} and {len(parts) - 1} more"
    repeated = sum(part.repeated for part in parts) + len(again)
    remarks = tuple(remark for part in parts for remark in part.remarks)
    return Series(stamps[kept], values[kept], repeated, more, np.concatenate([part.unread for part in parts]), remarks)


def _refuse_other_signs(columns: Columns, column: str, prices: Array, symbol: str) -> None:
    """A price that jumps as the file writes its figures and would not with the other sign was written otherwise."""
    rows = np.flatnonzero(np.isfinite(prices))
    jumps = np.flatnonzero(np.abs(np.diff(np.log(prices[rows]))) >= np.log(JUMP))
    for before, after in zip(rows[jumps], rows[jumps + 1], strict=True):
        for row, beside in ((after, before), (before, after)):
            text = str(columns.frame[column].iloc[row]).strip()
            if not has_two_readings(text):
                continue
            for other in (float(read_figures([text], sign)[0]) for sign in SIGNS):
                if 1 / NEAR < other / prices[beside] < NEAR:
                    raise FeedError(
                        f"{columns.where(row)} has '{text}' as the close of {symbol}: {prices[row]:g} as the other "
                        f"figures are written, {other:g} beside its neighbour {prices[beside]:g}; write it as they are"
                    )


def _missing_rates(columns: Columns, column: str, missing: Rows) -> str:
    """Where a file says that rates are missing."""
    first = int(missing[0])
    more = f", and {len(missing) - 1} more rows hold no number either" if len(missing) > 1 else ""
    return (
        f"{columns.where(first)} has '{printable(columns.frame[column].iloc[first])}' as funding{more}: "
        "that funding is missing, not zero; give the rates, or leave the field blank where none settled"
    )
