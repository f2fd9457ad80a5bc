"""A workbook, its sheets and its tables as xlwings has them, in the words of `program`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any

from core.errors import BookError

from ..workbook import CellValue
from ..xlsx.areas import Area
from .backup import keep_copy
from .cells import entered_in, formulas_in, put, range_at, values_in
from .excel import excel_said, first_cell, is_locked, is_protected, is_query, is_read_only, is_spilled
from .modes import quiet, unfiltered
from .program import Cell, TableToChange

__all__ = ["ExcelBook", "ExcelSheet", "ExcelTable"]


class ExcelSheet:
    """A sheet, as `program.OpenSheet`; `sheet` is that of xlwings."""

    def __init__(self, sheet: Any) -> None:
        self._sheet, self.name = sheet, str(sheet.name)
        self._ranges: dict[Area, Any] = {}

    @property
    def is_protected(self) -> bool:
        """Whether its cells are protected."""
        return is_protected(self._sheet)

    def values(self, area: Area) -> list[list[CellValue]]:
        """What stands there."""
        return values_in(self._at(area))

    def formulas(self, area: Area, values: list[list[CellValue]]) -> list[list[str | None]]:
        """The formula of each cell, None where a value was entered."""
        return formulas_in(self._at(area), values)

    def all_formulas(self) -> Iterator[tuple[Cell, str]]:
        """Every formula, with its cell."""
        cells = self._sheet.used_range
        for down, row in enumerate(formulas_in(cells, values_in(cells)), cells.row):
            for right, formula in enumerate(row, cells.column):
                if formula is not None:
                    yield (down, right), formula

    def occupied_cell(self, area: Area) -> Cell | None:
        """A cell that is not blank."""
        for down, row in enumerate(entered_in(self._at(area)), area.top):
            for right, text in enumerate(row, area.left):
                if text not in ("", None):
                    return down, right
        return None

    def merged_cell(self, area: Area) -> tuple[Cell, Area] | None:
        """A cell that is merged with others, and all of that merge."""
        found = first_cell(area, lambda part: self._at(part).merge_cells is not False)
        return None if found is None else (found, Area.parse(self._sheet.range(found).merge_area.address))

    def array_cell(self, area: Area) -> Cell | None:
        """A cell of an array formula or a spill."""
        found = first_cell(area, lambda part: self._at(part).has_array is not False)
        return found or first_cell(area, lambda part: is_spilled(self._at(part)) is not False)

    def locked_cell(self, area: Area) -> Cell | None:
        """A cell that the sheet's protection locks."""
        if not self.is_protected:
            return None
        return first_cell(area, lambda part: is_locked(self._at(part)) is not False)

    def put(self, area: Area, rows: Sequence[Sequence[CellValue]], *, errors: bool = False) -> None:
        """Write values over cells."""
        put(self._at(area), rows, errors=errors)

    def fill(self, cell: Cell, formula: str) -> None:
        """Write a formula of a calculated column."""
        self._sheet.range(cell).formula = formula

    def copy_format(self, source: Cell, area: Area) -> None:
        """Give cells the number format of another."""
        self._at(area).number_format = self._sheet.range(source).number_format

    def _at(self, area: Area) -> Any:
        """The Range of an area, kept for the job: to make one takes Excel three calls, to ask it something one."""
        if area not in self._ranges:
            self._ranges[area] = range_at(self._sheet, area)
        return self._ranges[area]


class ExcelTable:
    """A table, as `program.OpenTable`; `table` is that of xlwings."""

    def __init__(self, table: Any, sheet: ExcelSheet) -> None:
        self.table, self.sheet, self.name = table, sheet, str(table.name)

    @property
    def area(self) -> Area:
        """Header, body and, where it has one, the total row."""
        cells = self.table.range
        rows, columns = cells.shape
        return Area(cells.row, cells.column, cells.row + rows - 1, cells.column + columns - 1)

    @property
    def has_header(self) -> bool:
        """Whether its first row holds headings."""
        return bool(self.table.show_headers)

    @property
    def has_totals(self) -> bool:
        """Whether its last row is a total row."""
        return bool(self.table.show_totals)

    @property
    def is_query(self) -> bool:
        """Whether a query fills it."""
        return is_query(self.table)

    def resize(self, area: Area) -> None:
        """Make it cover another area."""
        self.table.resize(range_at(self.table.parent, area))


class ExcelBook:
    """A workbook, as `program.OpenWorkbook`; `book` is an `xlwings.Book`."""

    def __init__(self, book: Any) -> None:
        self._book = book

    @cached_property
    def name(self) -> str:
        """The file's name."""
        return str(self._book.name)

    @cached_property
    def sheets(self) -> dict[str, ExcelSheet]:
        """Its sheets by name."""
        found = map(ExcelSheet, self._book.sheets)
        return {sheet.name: sheet for sheet in found}

    def tables(self) -> Iterable[ExcelTable]:
        """Its tables, in the order of the sheets."""
        for name, sheet in self.sheets.items():
            for table in self._book.sheets[name].tables:
                yield ExcelTable(table, sheet)

    def names(self) -> dict[str, str]:
        """What each name of the whole workbook stands for."""
        return {str(each.name): str(each.refers_to) for each in self._book.names if "!" not in each.name}

    def speaking(self, doing: str) -> AbstractContextManager[None]:
        """Whatever Excel refuses inside becomes a BookError that says what was being done."""
        return excel_said(doing)

    @contextmanager
    def landing(self, changes: Sequence[TableToChange]) -> Iterator[None]:
        """Quiet and unfiltered while it is written, with a copy kept. Raises BookError where it cannot be saved."""
        if is_read_only(self._book):
            raise BookError(
                f"{self.name} is open as a read-only copy, which cannot be saved; open it for editing "
                "or save it under another name, then run again"
            )
        with quiet(self._book.app), unfiltered((change.opened, change.keeps_columns) for change in changes):
            keep_copy(self._book)
            yield
