"""A table of an open workbook: where it stands, what it holds, which of its columns are calculated."""

from __future__ import annotations

from functools import cached_property

from core.errors import BookError

from ..structured import has_addresses
from ..workbook import CellValue
from ..xlsx.areas import Area
from .program import OpenTable

__all__ = ["LiveTable"]


class LiveTable:
    """One table as it stands in its program; what was read once is not asked again."""

    def __init__(self, opened: OpenTable) -> None:
        self.opened, self.sheet = opened, opened.sheet
        self.name, self.sheet_name = opened.name, self.sheet.name

    @property
    def where(self) -> str:
        """How messages call it."""
        return f"table '{self.name}' on sheet '{self.sheet_name}'"

    @cached_property
    def area(self) -> Area:
        """Header, body and, where it has one, the total row."""
        return self.opened.area

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
        return self.sheet.formulas(body, self.rows)

    @cached_property
    def calculated(self) -> list[str | None]:
        """The formula of each calculated column, None for a column of values."""
        columns = [[row[position] for row in self.formulas] for position in range(len(self.header))]
        return [_common(column) for column in columns]

    def refuse_fixed_size(self) -> None:
        """Nothing when the table may be rewritten. Raises BookError for total rows, hidden headers and live queries."""
        if self.opened.has_totals:
            raise BookError(f"{self.where} has a total row; switch it off (Table Design > Total Row)")
        self._refuse_without_header()
        if self.opened.is_query:
            raise BookError(
                f"{self.where} is filled by a query; convert it to an ordinary table (Table Design > Unlink)"
            )

    @cached_property
    def _values(self) -> list[list[CellValue]]:
        self._refuse_without_header()
        rows = self.sheet.values(self.area)
        return rows[:-1] if self.opened.has_totals else rows

    def _refuse_without_header(self) -> None:
        if not self.opened.has_header:
            raise BookError(f"{self.where} has no header row; switch it on (Table Design > Header Row)")


def _common(column: list[str | None]) -> str | None:
    """The one formula of a column, or the first of those that differ only as addresses do from row to row."""
    formulas = [formula for formula in column if formula is not None]
    if not formulas or len(formulas) < len(column):
        return None
    return formulas[0] if len(set(formulas)) == 1 or all(map(has_addresses, formulas)) else None
