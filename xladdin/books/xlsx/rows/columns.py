"""The numbers of a table's rows as one array, read from their bytes without an object a cell.

A row without its values and its number is one of few texts, its shape: which cells it has, of what style and kind. What
a shape means is worked out once. A row with anything but plain numbers and blanks (text, errors, formulas, odd
spelling) is read cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Mask
from core.records import dataclass

from ...workbook import CellValue, column_letters
from ..areas import Area
from ..cell_values import SECONDS_PER_DAY
from .block import NumberBlock
from .rows import Rows, without_number

__all__ = ["Columns", "read_columns"]

MOST_SHAPES = 5_000

_VALUE, _WHOLE_VALUE = re.compile(rb"<v>([^<]*)</v>"), re.compile(rb"<v>[^<]*")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})"([^>]*?)(?:/>|>(<v></v>)?</c>)')
_PLAIN = re.compile(rb'(?: s="([0-9]+)"| t="n")*')
_NUMERAL = re.compile(rb"[0-9.eE+-]*")


@dataclass(frozen=True, eq=False)
class Columns:
    """The rows of an area that hold something: their numbers on the sheet (T,), their `values` (T, width).

    NaN is a blank cell, or one of `odd`, which holds what is no number by (row, column). The first column holds days
    since the book's epoch where `dated` (T,) says that it is a time.
    """

    numbers: NDArray[np.int64]
    values: Array
    dated: Mask
    odd: dict[tuple[int, int], CellValue]


@dataclass(frozen=True, eq=False)
class _Shape:
    """Where the values of a row go: to which columns, None for all in their order; whether the first is a time."""

    columns: NDArray[np.intp] | None
    places: NDArray[np.intp]
    dated: bool

    def fill(self, line: Array, texts: list[bytes]) -> bool:
        """Put the values of a row into `line`; False when one is no finite number."""
        try:
            values = np.array(list(map(float, texts)))
        except ValueError:
            return False
        if self.columns is None:
            line[:] = values
        else:
            line[self.columns] = values[self.places]
        return bool(np.isfinite(values).all())


class _Reader:
    """Reads the rows of one area."""

    def __init__(self, rows: Rows, area: Area, is_date: Callable[[str | None], bool]) -> None:
        self._rows, self._width, self._is_date = rows, area.right - area.left + 1, is_date
        columns = range(area.left, area.right + 1)
        self._place = {column_letters(column).encode(): column - area.left for column in columns}
        self._shapes: dict[bytes, _Shape | None] = {}

    def read(self, number: int, line: Array) -> _Shape | None:
        """Put the values of a row into `line`; None when it must be read cell by cell."""
        raw = self._rows.raw(number)
        if raw is None or self._rows.prefix or self._rows.is_changed(number):
            return None
        bare = without_number(_WHOLE_VALUE.sub(b"<v>", raw), number)
        if bare not in self._shapes:
            if len(self._shapes) >= MOST_SHAPES:
                return None
            self._shapes[bare] = self._shape(bare)
        shape = self._shapes[bare]
        texts = _VALUE.findall(raw)
        return shape if shape is not None and _are_numerals(texts) and shape.fill(line, texts) else None

    def _shape(self, bare: bytes) -> _Shape | None:
        cells = _CELL.findall(bare)
        if len(cells) != bare.count(b"<c"):
            return None
        columns, places, dated, filled = [], [], False, 0
        for letters, attributes, value in cells:
            plain = _PLAIN.fullmatch(attributes)
            if plain is None:
                return None
            column = self._place.get(letters)
            if value and column is not None:
                is_date = self._is_date(plain[1].decode() if plain[1] else None)
                if is_date and column:
                    return None
                dated |= is_date
                columns.append(column)
                places.append(filled)
            filled += bool(value)
        if len(set(columns)) < len(columns):
            return None
        whole = columns == list(range(self._width)) and filled == self._width
        return _Shape(None if whole else np.array(columns, dtype=np.intp), np.array(places, dtype=np.intp), dated)


def read_columns(
    rows: Rows,
    area: Area,
    is_date: Callable[[str | None], bool],
    value_at: Callable[[int, int], CellValue],
    epoch: datetime,
) -> Columns:
    """The rows of `area` as they now are; `value_at` reads one cell where a row must be read so."""
    numbers = rows.existing(area.top, area.bottom)
    values = np.full((len(numbers), area.right - area.left + 1), np.nan)
    dated = np.zeros(len(numbers), dtype=np.bool_)
    odd: dict[tuple[int, int], CellValue] = {}
    reader, latest = _Reader(rows, area, is_date), (datetime.max - epoch).days
    for row, number in enumerate(numbers):
        line = values[row]
        block = rows.block_at(number)
        if block is not None and block.area.left == area.left and block.area.right == area.right:
            dated[row] = _from_block(block, number, row, line, odd)
            continue
        shape = reader.read(number, line)
        if shape is not None:
            dated[row] = shape.dated and 0 <= line[0] < latest
            continue
        line[:] = np.nan
        cells = ((column, value_at(number, area.left + column)) for column in range(len(line)))
        dated[row] = _cell_by_cell(cells, row, line, odd, epoch)
    held: Mask = ~np.isnan(values).all(axis=1)
    held[[row for row, _ in odd]] = True
    place = np.cumsum(held) - 1
    kept = {(int(place[row]), column): value for (row, column), value in odd.items()}
    return Columns(np.array(numbers, dtype=np.int64)[held], values[held], dated[held], kept)


def _are_numerals(texts: list[bytes]) -> bool:
    """Whether all are spelt with digits: Python reads `nan`, `1_0` and more as numbers, a spreadsheet does not."""
    return _NUMERAL.fullmatch(b"".join(texts)) is not None


def _from_block(block: NumberBlock, number: int, row: int, line: Array, odd: dict[tuple[int, int], CellValue]) -> bool:
    own = number - block.area.top
    line[:] = block.numbers[own]
    odd.update(((row, column), value) for column, value in block.odd_in(own))
    return not np.isnan(line[0])


def _cell_by_cell(
    cells: Iterable[tuple[int, CellValue]],
    row: int,
    line: Array,
    odd: dict[tuple[int, int], CellValue],
    epoch: datetime,
) -> bool:
    """Sort the values of one row into numbers and others; whether the first is a time."""
    dated = False
    for column, value in cells:
        if isinstance(value, datetime) and not column:
            line[0], dated = (value - epoch).total_seconds() / SECONDS_PER_DAY, True
        elif isinstance(value, float):
            line[column] = value
        elif value is not None:
            odd[row, column] = value
    return dated
