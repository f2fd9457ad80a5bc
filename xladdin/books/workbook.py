"""The protocol every host's workbook speaks: read tables and named cells, stage results, commit them at once.

A job never knows whether the book is a closed file, an open Excel or a Calc document. What it reads are plain
values: `float`, `str`, `bool`, `datetime` (naive, UTC) and `None` for a blank cell; an error cell reads as its text
("#DIV/0!"). What it writes is staged: it is read back at once, and lands only with `commit`, all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.arrays import Array, Times
from core.errors import BookError, listed
from core.records import dataclass

__all__ = ["Block", "CellValue", "NamedCell", "Series", "Workbook", "column_letters"]

CellValue = float | str | bool | datetime | None


@dataclass(frozen=True)
class NamedCell:
    """One named cell: its value and where it stands, like ``Settings!C7``."""

    name: str
    address: str
    value: CellValue


@dataclass(frozen=True)
class Block:
    """One table: its header, its body rows (wholly blank rows left out) and where each of them stands.

    `row_numbers[i]` is the sheet's row of `rows[i]`; `first_column` is the sheet's column (1 = A) of `header[0]`.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    rows: tuple[tuple[CellValue, ...], ...]
    row_numbers: tuple[int, ...]
    first_column: int

    def index(self, column: str) -> int:
        """Position of a column by its heading. Raises BookError that names the table and its headings."""
        try:
            return self.header.index(column)
        except ValueError:
            raise BookError(
                f"table '{self.name}' on sheet '{self.sheet}' has no column '{column}'; it has: {listed(self.header)}. "
                "Give the column that name again"
            ) from None

    def column(self, column: str) -> list[CellValue]:
        """The values of one column, top to bottom."""
        position = self.index(column)
        return [row[position] for row in self.rows]

    def address(self, row: int, column: str | int) -> str:
        """Where `rows[row][column]` stands, like ``Universe!D7``."""
        position = column if isinstance(column, int) else self.index(column)
        return f"{self.sheet}!{column_letters(self.first_column + position)}{self.row_numbers[row]}"


@dataclass(frozen=True, eq=False)
class Series:
    """One table of times and numbers as arrays, wholly blank rows left out.

    `times` (T,) is the first column, NaT where no date and time stands; `numbers` (T, N) the others, NaN where no
    number stands. What is neither blank nor that is in `odd`, by (row, column), the first column being 0.
    `row_numbers[i]` is the sheet's row of row i; `first_column` the sheet's column (1 = A) of `header[0]`.
    """

    name: str
    sheet: str
    header: tuple[str, ...]
    times: Times
    numbers: Array
    odd: Mapping[tuple[int, int], CellValue]
    row_numbers: NDArray[np.int64]
    first_column: int

    def column(self, heading: str) -> Array:
        """The numbers under a heading (T,). Raises ValueError where there is none."""
        return self.numbers[:, self.header.index(heading, 1) - 1]

    def address(self, row: int, column: str | int) -> str:
        """Where a cell stands, by its row here and its heading or column, like ``Prices!D7``."""
        position = column if isinstance(column, int) else self.header.index(column)
        return f"{self.sheet}!{column_letters(self.first_column + position)}{self.row_numbers[row]}"


class Workbook(Protocol):
    """A workbook that a job reads and writes."""

    @property
    def name(self) -> str:
        """What people call it: the file's or the document's name."""

    def table(self, name: str) -> Block:
        """One table. Raises BookError when it is missing."""

    def header(self, name: str) -> tuple[str, ...]:
        """The headings of one table, of which no cell is read. Raises BookError when it is missing."""

    def series(self, name: str) -> Series:
        """One table of times and numbers. Raises BookError when it is missing."""

    def value(self, name: str) -> NamedCell:
        """One named cell. Raises BookError when it is missing."""

    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Stage a new body for a table; a new header too where the table's columns follow the contracts."""

    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Stage a new body of times (T,) and numbers (T, N) for a table, and its header; NaN is a blank cell.

        `odd` holds the texts that stand in place of numbers, by (row, column) as in `Series`.
        """

    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Stage rows below the body of a table; the rows above stay as they are."""

    def write_value(self, name: str, value: CellValue) -> None:
        """Stage a new value for a named cell."""

    def beside(self, name: str) -> bytes:
        """The content of a file of the workbook's folder, or what is staged for it. Raises BookError."""

    def write_beside(self, name: str, content: bytes) -> None:
        """Stage a file of the workbook's folder; it lands just before the workbook."""

    def commit(self) -> Path | None:
        """Land all that was staged, or nothing; the file written, if there is one. Raises BookError."""


def column_letters(number: int) -> str:
    """The letters of a sheet's column: 1 -> A, 27 -> AA."""
    letters = ""
    while number:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters
