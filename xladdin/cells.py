"""Cells to arrays and back: what a spreadsheet sends, and what it can show.

A spreadsheet sends `float`, `str`, `bool`, `None` (blank), tuples of tuples (a range), and, through Excel, `Decimal`
(currency cells), `datetime` and integers that stand for error cells. Inside a range whatever is not a number is
missing (NaN). A spreadsheet can show a number, a text, a block of them, or an error.
"""

from __future__ import annotations

import marshal
import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ArgumentError

__all__ = [
    "ERROR_CODES",
    "NUMBERS",
    "CellResult",
    "as_float",
    "described",
    "excel_serial",
    "from_serials",
    "is_blank",
    "is_error",
    "shape",
    "shown",
    "to_block",
    "to_rows",
    "to_serials",
]

CellResult = float | str | list[list[float | str]]

ERROR_CODES = {
    -2146828288 + code: text
    for code, text in {
        2000: "#NULL!",
        2007: "#DIV/0!",
        2015: "#VALUE!",
        2023: "#REF!",
        2029: "#NAME?",
        2036: "#NUM!",
        2042: "#N/A",
        2043: "#GETTING_DATA",
        2045: "#SPILL!",
        2046: "#CONNECT!",
        2047: "#BLOCKED!",
        2048: "#UNKNOWN!",
        2049: "#FIELD!",
        2050: "#CALC!",
    }.items()
}
"""The integers by which Excel hands over an error cell (0x800A0000 + CVErr number), and what the cell shows."""

TOO_LARGE = "#NUM!"
"""What a cell shows that would hold an infinity."""

NUMBERS = (bool, int, float, Decimal, np.integer, np.floating)
"""The types of a cell that holds a number."""

_EXCEL_EPOCH = datetime(1899, 12, 30)
_SECONDS_PER_DAY = 86_400
_LAST_SERIAL = 2_958_466.0
"""The day after 9999-12-31, the last date of a spreadsheet."""

_WITHOUT_REFERENCES = 2
"""The version of `marshal` that writes each cell out, however often it stands in the range."""

_HEAD = 5
"""Bytes in front of the rows, and of the cells of each: the kind, one letter, and how many there are."""

_FLOAT, _BLANK = b"g", b"N"
"""The kind of a float, whose bytes follow, and of a blank, which has none."""

_NUMBER = 8
"""Bytes of a float."""

_SAME_KIND = re.compile(b"g+|N+")

_ROWS_ALIKE, _FEW_RUNS = 32, 4
"""Rows with blanks in the same columns that stand together, on average, where it pays to read them as records; and how
often they may change before that is asked."""


def is_blank(value: object) -> bool:
    """Is this an empty cell, an empty text, or an argument left out?"""
    return value is None or (isinstance(value, str) and not value.strip())


def described(cell: object) -> str:
    """A cell in the words of a sheet, for a sentence that refuses it."""
    if is_blank(cell):
        return "blank"
    if isinstance(cell, str):
        return f"'{cell}'"
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, date):
        return f"the date {cell:%Y-%m-%d}"
    if isinstance(cell, NUMBERS):
        number = as_float(cell)
        return f"{number:g}" if math.isfinite(number) else "no finite number"
    return "no cell value"


def is_error(value: object) -> str | None:
    """The error a cell shows ("#N/A"), or None when it is no error cell."""
    if isinstance(value, int) and not isinstance(value, bool):
        return ERROR_CODES.get(value)
    if isinstance(value, str) and value.startswith("#") and value in ERROR_CODES.values():
        return value
    return None


def as_float(value: Any) -> float:
    """One of NUMBERS as a float: infinite where it is too large for one, NaN where it is none (a signalling NaN)."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    except ValueError:
        return math.nan


def excel_serial(moment: date) -> float:
    """A date or time as the number of days since 1899-12-30, the way a spreadsheet stores it."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    return (moment.replace(tzinfo=None) - _EXCEL_EPOCH).total_seconds() / _SECONDS_PER_DAY


def from_serials(serials: NDArray[np.float64], name: str) -> NDArray[np.datetime64]:
    """Serial numbers of a sheet as times, to the nearest second; NaN is NaT. Raises ArgumentError (no date)."""
    bad = np.flatnonzero((serials < 0) | (serials >= _LAST_SERIAL))
    if bad.size:
        raise ArgumentError(
            f"{name} is {serials[bad[0]]:g} at position {bad[0] + 1}, which is no date; select cells that hold dates"
        )
    seconds = np.where(np.isnan(serials), np.iinfo(np.int64).min, np.round(serials * _SECONDS_PER_DAY))
    return np.datetime64(_EXCEL_EPOCH, "s") + seconds.astype("timedelta64[s]")


def to_serials(times: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Times as the serial numbers of a sheet."""
    return np.asarray((times - np.datetime64(_EXCEL_EPOCH, "s")) / np.timedelta64(_SECONDS_PER_DAY, "s"))


def to_rows(value: object, name: str) -> list[Sequence[Any]]:
    """A scalar, a row or a range as a list of rows of equal length. Raises ArgumentError when they differ."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, (tuple, list)):
        return [(value,)]
    if not any(isinstance(row, (tuple, list)) for row in value):
        return [value]
    if not all(isinstance(row, (tuple, list)) for row in value) or len(set(map(len, value))) > 1:
        raise ArgumentError(f"{name} has rows of unequal length; select one rectangular range")
    return list(value)


def to_block(value: object, name: str, *, dates: bool = False) -> NDArray[np.float64]:
    """A range as a float64 block `(rows, columns)`; blanks, texts and error cells are NaN. Raises ArgumentError.

    A cell that holds a date is its serial number where `dates` are asked for, and refused elsewhere.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return np.atleast_2d(value)
    if (block := _floats_and_blanks(value)) is not None:
        return block
    rows = to_rows(value, name)
    if not rows or len(rows[0]) == 0:
        raise ArgumentError(f"{name} is empty; select the cells that hold it")
    flat = list(chain.from_iterable(rows))
    if not set(map(type, flat)) <= {float, type(None)}:
        if not dates:
            _refuse_dates(rows, name)
        flat = [_number_or_nan(cell) for cell in flat]
    return np.array(flat, dtype=np.float64).reshape(len(rows), -1)


def shape(value: object) -> tuple[int, int]:
    """Rows and columns of an argument as it was sent: (1, 1) for a scalar."""
    if isinstance(value, np.ndarray):
        return np.atleast_2d(value).shape
    if not isinstance(value, (tuple, list)) or not value:
        return (1, 1)
    return (len(value), len(value[0])) if isinstance(value[0], (tuple, list)) else (1, len(value))


def shown(value: object) -> tuple[CellResult, bool]:
    """What the cell shows: a number, a text, a block of them; NaN is "#N/A", an infinity "#NUM!"; 1 x 1 is a scalar.

    And whether an infinity is among it. A block may stand in arrays and in rows with texts, below each other.
    """
    parts = value if isinstance(value, list) else [value if isinstance(value, np.ndarray) else [value]]
    block: list[list[float | str]] = []
    too_large = False
    for part in parts:
        rows, odd = _rows_and_odd_ones(part)
        for place in odd:
            rows[place] = [_shown_scalar(cell) for cell in rows[place]]
            too_large = too_large or TOO_LARGE in rows[place]
        block += rows
    return block[0][0] if len(block) == 1 and len(block[0]) == 1 else block, too_large


def _floats_and_blanks(value: Any) -> NDArray[np.float64] | None:
    """A range of floats and blanks, in rows of equal length, as a block; None for whatever else is sent.

    `marshal` writes the kind of each cell in front of what it holds, so that rows whose blanks stand in the same
    columns are records of one length, which numpy reads as they lie there. One pass tells the kinds of cells, the
    lengths of rows and the numbers, in a third of the time that the three take one after the other. A range whose rows
    are seldom alike is None too: a record for each costs more than it saves.
    """
    first = value[0] if isinstance(value, (tuple, list)) and value else None
    if not isinstance(first, (tuple, list)) or not first or _kinds(first) is None or _seldom_alike(value):
        return None
    try:
        written = marshal.dumps(value, _WITHOUT_REFERENCES)
    except ValueError:  # a date or a currency, which it does not know
        return None
    block = np.empty((len(value), len(first)))
    at, done = _HEAD, 0
    for runs in range(len(value)):
        row = value[done]
        kinds = _kinds(row) if isinstance(row, (tuple, list)) and len(row) == len(first) else None
        if kinds is None or done < (runs - _FEW_RUNS) * _ROWS_ALIKE:
            return None
        alike = _alike(written, at, kinds, block[done:])
        at, done = at + alike * _length(kinds), done + alike
        if done == len(value):
            return block
    return None


def _seldom_alike(rows: Sequence[Any]) -> bool:
    """Whether blanks come and go from row to row, by what a few rows and the ones after them say."""
    pairs = [rows[place : place + 2] for place in range(0, len(rows) - 1, max(1, len(rows) // _FEW_RUNS))]
    known = [
        (one, other) for one, other in pairs if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list))
    ]
    return sum(_kinds(one) != _kinds(other) for one, other in known) > len(pairs) // 2


def _kinds(row: Sequence[object]) -> bytes | None:
    """The letter that `marshal` writes in front of each cell; None where one is no float and not blank."""
    types = set(map(type, row))
    if types == {float}:
        return _FLOAT * len(row)
    return b"".join(_BLANK if cell is None else _FLOAT for cell in row) if types <= {float, type(None)} else None


def _length(kinds: bytes) -> int:
    return _HEAD + len(kinds) + _NUMBER * kinds.count(_FLOAT)


def _alike(written: bytes, at: int, kinds: bytes, block: NDArray[np.float64]) -> int:
    """How many rows from `at` on have these kinds of cells, at least one; their numbers go into the block."""
    length, done = _length(kinds), 0
    fit = min(len(block), (len(written) - at) // length)
    count = fit if at + len(block) * length == len(written) else min(fit, _ROWS_ALIKE)
    while count:
        head = np.frombuffer(written, np.uint8, _HEAD, at)
        parts: list[tuple[NDArray[Any], Any]] = [(_bytes(written, at, (count, _HEAD), (length, 1)), head)]
        begins = at + _HEAD
        for found in _SAME_KIND.finditer(kinds):
            size = (count, found.end() - found.start())
            width = 1 + _NUMBER * (found[0][:1] == _FLOAT)
            parts.append((_bytes(written, begins, size, (length, width)), found[0][0]))
            numbers = _bytes(written, begins + 1, size, (length, width), "<f8") if width > 1 else math.nan
            block[done : done + count, found.start() : found.end()] = numbers
            begins += width * size[1]
        if all((there == wanted).all() for there, wanted in parts):
            alike = count
        else:
            alike = int(np.any([(there != wanted).any(axis=1) for there, wanted in parts], axis=0).argmax())
        at, done = at + alike * length, done + alike
        count = min(2 * count, fit - done) if alike == count else 0
    return done


def _bytes(written: bytes, at: int, size: tuple[int, int], steps: tuple[int, int], kind: str = "u1") -> NDArray[Any]:
    """Bytes as they lie there, so many rows and cells, those steps apart."""
    return np.ndarray(size, kind, written, at, steps)


def _number_or_nan(cell: object) -> float:
    if isinstance(cell, float):
        return cell
    if isinstance(cell, (int, np.integer)) and is_error(int(cell)):
        return math.nan
    if isinstance(cell, NUMBERS):
        return as_float(cell)
    if isinstance(cell, date):
        return excel_serial(cell)
    return math.nan


def _refuse_dates(rows: Sequence[Sequence[object]], name: str) -> None:
    for row, cells_of_row in enumerate(rows, start=1):
        for column, cell in enumerate(cells_of_row, start=1):
            if isinstance(cell, date):
                raise ArgumentError(
                    f"{name} holds {described(cell)} in row {row}, column {column}; select the cells without the dates"
                )


def _rows_and_odd_ones(part: Any) -> tuple[list[Any], Sequence[int]]:
    """The rows of an array, or the one that a row is, and which of them do not show as they stand, cell by cell."""
    if isinstance(part, np.ndarray):
        block = np.atleast_2d(part).astype(np.float64, copy=False)
        finite = np.isfinite(block)
        return block.tolist(), () if finite.all() else np.flatnonzero(~finite.all(axis=1)).tolist()
    kinds = set(map(type, part))
    as_it_stands = kinds == {str} or (kinds == {float} and math.isfinite(sum(part)))
    return [list(part)], () if as_it_stands else (0,)


def _shown_scalar(value: object) -> float | str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    if math.isnan(number):
        return "#N/A"
    return number if math.isfinite(number) else TOO_LARGE
