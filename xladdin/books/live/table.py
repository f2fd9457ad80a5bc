"""A table of an open workbook: where it stands, what it holds, which of its columns are calculated."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from core.errors import BookError

from ..structured import has_addresses
from ..workbook import CellValue
from ..xlsx.areas import Area
from .cells import formulas_in, range_at, values_in
from .excel import is_query

__all__ = ["LiveTable"]


class LiveTable:
    """One table as it stands in Excel; what was read once is not asked again."""

    def __init__(self, table: Any) -> None:
        self.table, self.sheet = table, table.parent
        self.name, self.sheet_name = str(table.name), str(self.sheet.name)

    @property
    def where(self) -> str:
        """How messages call it."""
        return f"table '{self.name}' on sheet '{self.sheet_name}'"

    @cached_property
    def area(self) -> Area:
        """Header, body and, where it has one, the total row."""
        cells = self.table.range
        rows, columns = cells.shape
        return Area(cells.row, cells.column, cells.row + rows - 1, cells.column + columns - 1)

    @property
    def header(self) -> tuple[str, ...]:
        """The headings."""
        return tuple(str(heading) for heading in self._values[0])

    @property
    def rows(self) -> list[list[CellValue]]:
        """The body, blank rows included."""
        return self._values[1:]

    @cached_property
    def formulas(self) -> list[list[str | None]]:
        """The formula of each cell of the body, None where there is a value."""
        body = Area(self.area.top + 1, self.area.left, self.area.top + len(self.rows), self.area.right)
        return formulas_in(range_at(self.sheet, body), self.rows)

    @cached_property
    def calculated(self) -> list[str | None]:
        """The formula of each calculated column, None for a column of values."""
        columns = [[row[position] for row in self.formulas] for position in range(len(self.header))]
        return [_common(column) for column in columns]

    def refuse_fixed_size(self) -> None:
        """Nothing when the table may be rewritten. Raises BookError for total rows, hidden headers and live queries."""
        if self.table.show_totals:
            raise BookError(f"{self.where} has a total row; switch it off (Table Design > Total Row)")
        self._refuse_without_header()
        if is_query(self.table):
            raise BookError(
                f"{self.where} is filled by a query; convert it to an ordinary table (Table Design > Unlink)"
            )

    @cached_property
    def _values(self) -> list[list[CellValue]]:
        self._refuse_without_header()
        rows = values_in(self.table.range)
        return rows[:-1] if self.table.show_totals else rows

    def _refuse_without_header(self) -> None:
        if not self.table.show_headers:
            raise BookError(f"{self.where} has no header row; switch it on (Table Design > Header Row)")


def _common(column: list[str | None]) -> str | None:
    """The one formula of a column, or the first of those that differ only as addresses do from row to row."""
    formulas = [formula for formula in column if formula is not None]
    if not formulas or len(formulas) < len(column):
        return None
    return formulas[0] if len(set(formulas)) == 1 or all(map(has_addresses, formulas)) else None
