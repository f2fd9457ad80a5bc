"""A workbook that lies over another one: it reads through to it, and what is written stays in memory and lands nowhere.

So a job can run on a desk as it would, and nothing of the file changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.arrays import Array, Times
from core.errors import BookError

from ...books.contents import plain
from ...books.series import rows_of, series_of
from ...books.workbook import Block, CellValue, NamedCell, Series, Workbook

__all__ = ["ScratchBook"]

FIRST_ROW = 1
"""Where rows are counted from in a table that has none below it."""


class ScratchBook:
    """What stands in `book`, with changes that only this object knows."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._tables: dict[str, Block] = {}
        self._series: dict[str, Series] = {}
        self._cells: dict[str, NamedCell] = {}
        self._beside: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        """The name of the book below."""
        return self._book.name

    def table(self, name: str) -> Block:
        """One table. Raises BookError when it is missing."""
        staged = self._series.get(name)
        if staged is not None and name not in self._tables:
            below = self._book.table(name)
            odd = {place: str(text) for place, text in staged.odd.items()}
            rows = rows_of(staged.times, staged.numbers, odd)
            self._tables[name] = _laid(replace(below, header=staged.header), rows)
        return self._tables[name] if name in self._tables else self._book.table(name)

    def header(self, name: str) -> tuple[str, ...]:
        """The headings of one table. Raises BookError when it is missing."""
        staged = self._tables.get(name) or self._series.get(name)
        return self._book.header(name) if staged is None else staged.header

    def series(self, name: str) -> Series:
        """One table of times and numbers. Raises BookError when it is missing."""
        if name not in self._series and name not in self._tables:
            return self._book.series(name)
        if name not in self._series:
            self._series[name] = series_of(self._tables[name])
        return self._series[name]

    def value(self, name: str) -> NamedCell:
        """One named cell. Raises BookError when it is missing."""
        return self._cells[name] if name in self._cells else self._book.value(name)

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Keep a new body for a table, and a new header where there is one."""
        below = self.table(name)
        self._tables[name] = _laid(replace(below, header=tuple(header or below.header)), rows)
        self._series.pop(name, None)

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Keep a new body of times (T,) and numbers (T, N) for a table, and its header."""
        below = self.series(name)
        first = int(below.row_numbers[0]) if len(below.row_numbers) else FIRST_ROW
        self._series[name] = Series(
            below.name,
            below.sheet,
            tuple(header),
            times.astype("datetime64[s]"),
            numbers,
            dict(odd or {}),
            np.arange(first, first + len(times), dtype=np.int64),
            below.first_column,
        )
        self._tables.pop(name, None)

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Keep rows below the body of a table."""
        below = self.table(name)
        self._tables[name] = _laid(below, [*below.rows, *rows])
        self._series.pop(name, None)

    def write_value(self, name: str, value: CellValue) -> None:
        """Keep a new value for a named cell."""
        self._cells[name] = replace(self.value(name), value=plain(value))

    def beside(self, name: str) -> bytes:
        """A file of the workbook's folder, or what is kept for it. Raises BookError."""
        return self._beside[name] if name in self._beside else self._book.beside(name)

    def write_beside(self, name: str, content: bytes) -> None:
        """Keep a file of the workbook's folder."""
        self._beside[name] = content

    def commit(self) -> Path | None:
        """Refused: nothing of this may land. Raises BookError."""
        raise BookError(f"what was worked out over {self.name} is for looking at only, and lands nowhere")


def _laid(table: Block, rows: Sequence[Sequence[CellValue]]) -> Block:
    """The table with these rows, wholly blank ones left out."""
    values = [tuple(plain(value) for value in row) for row in rows]
    filled = [row for row in values if any(value is not None for value in row)]
    first = min(table.row_numbers, default=FIRST_ROW)
    return replace(table, rows=tuple(filled), row_numbers=tuple(range(first, first + len(filled))))
