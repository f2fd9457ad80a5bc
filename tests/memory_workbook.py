"""A workbook in memory: what the protocol promises and nothing else, for tests of what is done to a workbook."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from core.arrays import Array, Times
from core.checks import nearest
from core.errors import BookError, LostNameError
from xladdin.books.contents import check_series, plain
from xladdin.books.series import rows_of, series_of
from xladdin.books.workbook import Block, CellValue, NamedCell, Series
from xladdin.desk.layout.sheets import TABLES

BODY_ROW = 7
"""The first row below the headings, where the desk's layout says no other."""

_Found = TypeVar("_Found", Block, NamedCell)


class MemoryWorkbook:
    """Tables and named cells as plain values: no file, no format, no lock."""

    def __init__(self, tables: Iterable[Block], cells: Iterable[NamedCell]) -> None:
        self.name = "memory.xlsx"
        self._files: dict[str, bytes] = {}
        self._landed = {table.name.lower(): table for table in tables}, {cell.name.lower(): cell for cell in cells}
        self._drop()

    def table(self, name: str) -> Block:
        return _found(self._tables, name, f"{self.name} has no table")

    def header(self, name: str) -> tuple[str, ...]:
        return self.table(name).header

    def series(self, name: str) -> Series:
        return _series(_Itself(self.table(name)))

    def value(self, name: str) -> NamedCell:
        return _found(self._cells, name, f"{self.name} has no named cell")

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        with self._staging():
            table = self.table(name)
            self._lay(replace(table, header=tuple(header or table.header), rows=(), row_numbers=()), rows)

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        with self._staging():
            table = self.table(name)
            check_series(times, numbers, odd or {}, header, f"table '{table.name}' on sheet '{table.sheet}'")
            self.write_table(name, rows_of(times, numbers, odd or {}), header)

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        with self._staging():
            self._lay(self.table(name), rows)

    def write_value(self, name: str, value: CellValue) -> None:
        with self._staging():
            cell = self.value(name)
            self._cells[name.lower()] = replace(cell, value=_held(value, cell.address))

    def beside(self, name: str) -> bytes:
        try:
            return {**self._files, **self._beside}[name]
        except KeyError:
            raise BookError(f"{name} is not beside {self.name}") from None

    def write_beside(self, name: str, content: bytes) -> None:
        self._beside[name] = content

    def commit(self) -> None:
        self._files |= self._beside
        self._landed = self._tables, self._cells
        self._drop()

    def _drop(self) -> None:
        """Go back to what has landed."""
        self._tables, self._cells = self._landed[0].copy(), self._landed[1].copy()
        self._beside: dict[str, bytes] = {}

    @contextmanager
    def _staging(self) -> Iterator[None]:
        """All or nothing: when one change is refused, those that were staged before are dropped with it."""
        try:
            yield
        except BookError:
            self._drop()
            raise

    def _lay(self, table: Block, rows: Sequence[Sequence[CellValue]]) -> None:
        """Put rows below the last filled one of `table`."""
        where = f"table '{table.name}' on sheet '{table.sheet}'"
        if len({heading.lower() for heading in table.header}) < len(table.header):
            raise BookError(f"{where} would have two columns of one name; name each column once")
        found = dict(zip(table.row_numbers, table.rows, strict=True))
        first = TABLES[table.name].body_row if table.name in TABLES else BODY_ROW
        for count, row in enumerate(rows, 1):
            if len(row) != len(table.header):
                raise BookError(f"{where} has {len(table.header)} columns and row {count} of the result has {len(row)}")
            values = tuple(_held(value, where) for value in row)
            if any(value is not None for value in values):
                found[max(table.row_numbers, default=first - 1) + count] = values
        self._tables[table.name.lower()] = replace(table, rows=tuple(found.values()), row_numbers=tuple(found))


class _Itself:
    """A table that equals itself alone: another with the same cells may hold 1 where it holds True."""

    def __init__(self, table: Block) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.table is other.table


@lru_cache(maxsize=16)
def _series(of: _Itself) -> Series:
    """A table as arrays, which nobody may write into: the sample desk's are read by every job of every test."""
    series = series_of(of.table)
    for array in (series.times, series.numbers, series.row_numbers):
        array.flags.writeable = False
    return series


def _held(value: CellValue, where: str) -> CellValue:
    """A value as it reads back."""
    try:
        held = plain(value)
    except BookError as error:
        raise BookError(f"{where}: {error}") from None
    if isinstance(held, float) and not math.isfinite(held):
        return "#N/A" if math.isnan(held) else "#NUM!"
    return held


def _found(known: Mapping[str, _Found], name: str, missing: str) -> _Found:
    if name.lower() not in known:
        names = [each.name for each in known.values()]
        raise LostNameError(f"{missing} '{name}'{nearest(name, names)}; it has: {', '.join(names)}", names)
    return known[name.lower()]
