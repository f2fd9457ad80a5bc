"""The numbers of a table's rows as one array, read from their bytes without an object a cell.

A row without its values and its number is one of few texts, its shape: which cells it has, of what style and kind. What
a shape means is worked out once; one that comes often is made a pattern, which reads the rows that follow one another
in it. A row with anything but plain numbers and blanks (text, errors, formulas, odd spelling) is read cell by cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain, repeat

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

OFTEN = 40
"""Rows of one shape after which a pattern of it pays, however many columns it has."""

MOST_PATTERNS = 4
"""Patterns that a row is held against, of the shapes that first came often: with a time alone, with funding ..."""

TOGETHER = 256
"""Rows whose values are kept as texts before they go into the array."""

_VALUE, _WHOLE_VALUE = re.compile(rb"<v>([^<]*)</v>"), re.compile(rb"<v>[^<]*")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})"([^>]*?)(?:/>|>(<v></v>)?</c>)')
_PLAIN = re.compile(rb'(?: s="([0-9]+)"| t="n")*')
_NUMERAL = re.compile(rb"[0-9.eE+-]*")
_MARKS, _VALUE_HERE = re.compile(rb'( r="[A-Z]{0,3}(?=")|<v>)'), rb"<v>([0-9.eE+-]*)"


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


class _Shape:
    """Rows that differ in their numbers and values alone, and where the values go.

    `columns` are those that they fill, None for all in their order, and `places` the values that go there; `dated`:
    whether the first is a time.
    """

    def __init__(self, bare: bytes, columns: NDArray[np.intp] | None, places: NDArray[np.intp], *, dated: bool) -> None:
        self._bare, self._columns, self._places, self.dated = bare, columns, places, dated
        self.seen = 0

    @cached_property
    def pattern(self) -> re.Pattern[bytes]:
        """What such a row is: its number, which its cells repeat, and each of its values, as groups."""
        pieces = _MARKS.split(self._bare)
        numbers = chain([rb"([0-9]+)"], repeat(rb"\1"))
        marks = [_VALUE_HERE if mark == b"<v>" else mark + next(numbers) for mark in pieces[1::2]]
        texts = map(re.escape, pieces[::2])
        return re.compile(b"".join(chain.from_iterable(zip(texts, [*marks, b""], strict=True))))

    def fill(self, values: Array, rows: Sequence[int], texts: Sequence[Sequence[bytes]]) -> Mask:
        """Put the values of rows into their lines of `values`; of which of them all are finite numbers."""
        try:
            found = np.array(list(map(float, chain.from_iterable(texts)))).reshape(len(rows), -1)
        except ValueError:
            one_by_one = zip(rows, texts, strict=True) if len(rows) > 1 else ()
            return np.array([self.fill(values, [row], [each])[0] for row, each in one_by_one] or [False])
        if self._columns is None:
            values[rows] = found
        else:
            values[np.array(rows)[:, np.newaxis], self._columns] = found[:, self._places]
        return np.asarray(np.isfinite(found).all(axis=1))


class _Reader:
    """Reads the rows of one area."""

    def __init__(self, rows: Rows, area: Area, is_date: Callable[[str | None], bool]) -> None:
        self._rows, self._width, self._is_date = rows, area.right - area.left + 1, is_date
        columns = range(area.left, area.right + 1)
        self._place = {column_letters(column).encode(): column - area.left for column in columns}
        self._shapes: dict[bytes, _Shape | None] = {}
        self._usual: list[_Shape] = []

    def read(self, numbers: Sequence[int], values: Array) -> tuple[Mask, Mask]:
        """Put the values of rows into `values`; which were read, the others being for cell by cell, and which dated."""
        read, dated = np.zeros((2, len(numbers)), dtype=np.bool_)
        if self._rows.prefix:
            return read, dated
        for first in range(0, len(numbers), TOGETHER):
            for shape, (rows, texts) in self._by_shape(numbers, range(len(numbers))[first : first + TOGETHER]).items():
                read[rows] = shape.fill(values, rows, texts)
                dated[rows] = shape.dated
        return read, dated

    def _by_shape(self, numbers: Sequence[int], rows: range) -> dict[_Shape, tuple[list[int], list[Sequence[bytes]]]]:
        """Some of the rows and their values by what shape they have."""
        found: dict[_Shape, tuple[list[int], list[Sequence[bytes]]]] = {}
        for row in rows:
            raw = self._rows.unchanged(numbers[row])
            shape, texts = (None, ()) if raw is None else self._shape_and_values(raw, numbers[row])
            if shape is not None:
                own_rows, own_texts = found.setdefault(shape, ([], []))
                own_rows.append(row)
                own_texts.append(texts)
        return found

    def _shape_and_values(self, raw: bytes, number: int) -> tuple[_Shape | None, Sequence[bytes]]:
        """The shape of a row, None where it has something but numerals, and their texts."""
        for usual in self._usual:
            row = usual.pattern.fullmatch(raw)
            if row is not None:
                return usual, row.groups()[1:]
        shape, texts = self._shape(raw, number), _VALUE.findall(raw)
        if shape is None or not _are_numerals(texts):
            return None, ()
        shape.seen += 1
        if shape.seen == OFTEN and len(self._usual) < MOST_PATTERNS:
            self._usual.append(shape)
        return shape, texts

    def _shape(self, raw: bytes, number: int) -> _Shape | None:
        bare = without_number(_WHOLE_VALUE.sub(b"<v>", raw), number)
        if bare not in self._shapes:
            if len(self._shapes) >= MOST_SHAPES:
                return None
            self._shapes[bare] = self._worked_out(bare)
        return self._shapes[bare]

    def _worked_out(self, bare: bytes) -> _Shape | None:
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
        found = None if whole else np.array(columns, dtype=np.intp)
        return _Shape(bare, found, np.array(places, dtype=np.intp), dated=dated)


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
    odd: dict[tuple[int, int], CellValue] = {}
    read, dated = _Reader(rows, area, is_date).read(numbers, values)
    latest = (datetime.max - epoch).days
    dated &= (values[:, 0] >= 0) & (values[:, 0] < latest)
    for row in np.flatnonzero(~read).tolist():
        number, line = numbers[row], values[row]
        block = rows.block_at(number)
        if block is not None and block.area.left == area.left and block.area.right == area.right:
            dated[row] = _from_block(block, number, row, line, odd)
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
