"""The lossless writer: values into named cells and table bodies, and not one byte elsewhere.

openpyxl drops on saving what it does not know (shapes, slicers, threaded comments, sparklines ...). So a book that
exists is never rewritten: its XML is changed in the very cells that receive results, every other part keeps its bytes,
and `proof` confirms both before anyone may replace the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.arrays import Array, Times
from core.errors import BookError

from ..contents import check_header, check_series, check_widths, plain
from ..series import rows_of
from ..structured import column_named, has_addresses
from ..workbook import CellValue
from .areas import LAST_COLUMN, LAST_ROW, Area, Reference
from .caches import forget_results
from .captions import follow_columns
from .followers import follow
from .formulas.cells import has_formulas
from .package import Package
from .proof.prove import prove
from .rows.block import NumberBlock
from .series import block_for, serial_days
from .sheet import SheetPart
from .table import TablePart
from .workbook import WorkbookPart

__all__ = ["Patch"]


class Patch:
    """Changes to one workbook file, made on `book`, a copy of it in memory.

    What sets something returns the sheet whose cells it changed; those of all others stay.
    """

    def __init__(self, package: Package) -> None:
        self._original = package
        self.book = WorkbookPart(package.copy())
        self._touched: list[Reference] = []
        self._sized: dict[str, TablePart] = {}

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.book.package.changed)

    def set_value(self, name: str, value: CellValue) -> str:
        """Write one named cell. Raises BookError."""
        self._refuse_signed()
        sheet, row, column = self.book.named_cell(name)
        area = Area(row, column, row, column)
        sheet.refuse_obstacles(area)
        sheet.refuse_protection(area)
        sheet.put(row, column, self._plain(value, sheet, row, column), sheet.style(row, column))
        sheet.cover(area)
        self._touched.append((sheet.name, area))
        return sheet.name

    def set_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> str:
        """Give a table a new body, and other columns where `header` says so. Raises BookError."""
        table = self.book.table(name)
        self._lay(table, rows, table.header if header is None else tuple(str(heading) for heading in header), kept=0)
        return table.sheet_name

    def set_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str],
    ) -> str:
        """Give a table of times (T,) and numbers (T, N) a new body, at once where it has its rows to itself.

        Raises BookError.
        """
        self._refuse_signed()
        table, header = self.book.table(name), tuple(str(heading) for heading in header)
        table.refuse_fixed_size()
        old, sheet = table.area, self.book.sheet(table.sheet_name)
        new = Area(old.top, old.left, old.top + len(times), old.left + len(header) - 1)
        check_series(times, numbers, odd, header, _where(table))
        self._check(table, (), header, new)
        block = self._block(table, new, times, numbers, odd) if len(times) and not any(table.formulas) else None
        if block is None:
            self._lay(table, rows_of(times, numbers, odd), header, kept=0)
            return table.sheet_name
        styles = _Styles(sheet, old)
        headings = [styles.heading(column) for column in range(new.left, new.right + 1)]
        sheet.lay(block)
        if header != table.header:
            for column, (heading, style) in enumerate(zip(header, headings, strict=True), old.left):
                sheet.put(old.top, column, heading, style)
            for column in range(new.right + 1, old.right + 1):
                sheet.clear(old.top, column, formula_too=False)
            follow_columns(self.book, sheet, old, new)
        self._fit(table, header, new)
        return table.sheet_name

    def append(self, name: str, rows: Sequence[Sequence[CellValue]]) -> str:
        """Write rows below the last filled one of a table. Raises BookError."""
        table = self.book.table(name)
        body, sheet = table.body, self.book.sheet(table.sheet_name)
        columns = [body.left + position for position, formula in enumerate(table.formulas) if formula is None]
        there = reversed(sheet.rows.existing(body.top, body.bottom))
        last = next((row for row in there if any(sheet.peek(row, c) is not None for c in columns)), body.top - 1)
        self._lay(table, rows, table.header, kept=last + 1 - body.top)
        return table.sheet_name

    def pack(self, name: str) -> Package:
        """The file as changed, called `name`, proven to differ in the cells that were written and nowhere else."""
        if not self.changed:
            return Package(name, self._original.raw)
        forget_results(self.book, self._touched)
        packed = Package(name, self.book.package.pack())
        prove(self._original, packed, self.book, list(self._sized.values()))
        return packed

    def _lay(self, table: TablePart, rows: Sequence[Sequence[CellValue]], header: tuple[str, ...], kept: int) -> None:
        """Write `rows` below the first `kept` body rows and fit the table around them."""
        self._refuse_signed()
        table.refuse_fixed_size()
        if not rows and not kept:
            rows = [[None] * len(header)]  # a table has at least one body row, blank when there is nothing to say
        old, sheet = table.area, self.book.sheet(table.sheet_name)
        first = old.top + 1 + kept
        bottom = max(first + len(rows) - 1, old.top + 1)
        new = Area(old.top, old.left, bottom, old.left + len(header) - 1)
        self._check(table, rows, header, new)
        formulas = _formulas_for(table, header, bottom > old.bottom)
        calculated = [formula is not None for formula in table.formulas]
        styles = _Styles(sheet, old)

        if header != table.header:
            for column, heading in enumerate(header, old.left):
                sheet.put(old.top, column, heading, styles.heading(column))
            follow_columns(self.book, sheet, old, new)
        for row, values in enumerate(rows, first):
            for position, raw in enumerate(values):
                column = old.left + position
                value = self._plain(raw, sheet, row, column)
                formula = formulas[position]
                if sheet.computes(row, column, value):
                    continue
                if formula is None or value is not None:
                    sheet.put(row, column, value, styles.body(row, column))
                elif row > old.bottom:
                    sheet.put_formula(row, column, formula, styles.body(row, column))
        for vacated in old.without(new):
            for row in sheet.rows.existing(vacated.top, vacated.bottom):
                for column in range(vacated.left, vacated.right + 1):
                    sheet.clear(row, column, formula_too=calculated[column - old.left])
        self._fit(table, header, new)

    def _block(
        self, table: TablePart, new: Area, times: Times, numbers: Array, odd: Mapping[tuple[int, int], str]
    ) -> NumberBlock | None:
        """The body of a table as a block of numbers, None where it must be written cell by cell."""
        sheet, old, styles = self.book.sheet(table.sheet_name), table.area, self.book.shared.styles
        looks = _Styles(sheet, old)
        columns = [looks.pattern(column) for column in range(new.left, new.right + 1)]
        columns[0] = styles.dated(columns[0])
        values = np.column_stack([serial_days(times, self.book.shared.epoch), numbers])
        for place in odd:
            values[place] = np.nan
        before, body = replace(old, top=old.top + 1), replace(new, top=new.top + 1)
        return block_for(sheet, before, body, values, odd, columns)

    def _fit(self, table: TablePart, header: tuple[str, ...], new: Area) -> None:
        """Give a table whose cells are written its new size, and let what ended with it follow."""
        old, sheet = table.area, self.book.sheet(table.sheet_name)
        if new != old or header != table.header:
            table.resize(new, header)
            self._sized[table.name] = table
        follow(self.book, sheet, old, new)
        sheet.cover(new)
        above = Area(1, old.left, old.top, max(old.right, new.right))  # lines that come and go with the columns
        self._touched += [(sheet.name, area) for area in (old, new, above)]

    def _refuse_signed(self) -> None:
        if any(part.startswith("_xmlsignatures/") for part in self._original.parts):
            raise BookError(
                f"{self._original.name} is digitally signed and any change breaks the signature; "
                "write to an unsigned copy"
            )

    def _check(self, table: TablePart, rows: Sequence[Sequence[CellValue]], header: tuple[str, ...], new: Area) -> None:
        where, old = _where(table), table.area
        sheet = self.book.sheet(table.sheet_name)
        check_widths(rows, len(header), where)
        if new.bottom > LAST_ROW or new.right > LAST_COLUMN:
            raise BookError(
                f"{where} would need {len(rows):,} rows and {len(header):,} columns, more than a sheet has; shorten it"
            )
        if header != table.header:
            check_header(header, where)
            self._refuse_orphans(table, header)
        for other in self.book.tables.values():
            if other is not table and other.sheet_name == table.sheet_name and other.area.overlaps(new):
                raise BookError(f"table '{other.name}' is in the way of {where}, which needs {new}; move it away")
        for added in new.without(old):
            filled = sheet.first_filled(added)
            if filled is not None:
                raise BookError(
                    f"{sheet.where(*filled)} is in the way of table '{table.name}', which needs {new}; clear or move it"
                )
        for area in (old, new):
            sheet.refuse_obstacles(area)
            sheet.refuse_protection(area)

    def _refuse_orphans(self, table: TablePart, header: tuple[str, ...]) -> None:
        """Nothing when no formula names a column that `header` leaves out: Excel would strike that formula out."""
        gone = {heading.lower() for heading in table.header} - {heading.lower() for heading in header}
        if not gone:
            return
        for where, formula in self._formulas():
            lost = column_named(formula, table.name, gone)
            if lost is not None:
                raise BookError(
                    f"{where} refers to {table.name}[{lost}], a column that would go; change that formula first"
                )

    def _formulas(self) -> list[tuple[str, str]]:
        """Every formula that may name a column of a table, with its place."""
        names = ((f"the name '{e.get('name')}'", e.text or "") for e in self.book.defined_names())
        found = [(where, text) for where, text in names if "[" in text]
        for name in self.book.worksheets():
            if has_formulas(self.book.package.data(self.book.sheet_parts[name])):
                sheet = self.book.sheet(name)
                cells = sheet.cells_with_formulas()
                found += [(sheet.where(cell.row, cell.column), cell.text) for cell in cells if "[" in cell.text]
        return found

    @staticmethod
    def _plain(value: CellValue, sheet: SheetPart, row: int, column: int) -> CellValue:
        try:
            return plain(value)
        except BookError as error:
            raise BookError(f"{sheet.where(row, column)}: {error}") from None


def _where(table: TablePart) -> str:
    return f"table '{table.name}' on sheet '{table.sheet_name}'"


class _Styles:
    """The looks a table's cells get: their own, or that of the first body row and the last old column."""

    def __init__(self, sheet: SheetPart, old: Area) -> None:
        self._sheet, self._old = sheet, old
        self._first_row = {c: sheet.style(old.top + 1, c) for c in range(old.left, old.right + 1)}

    def heading(self, column: int) -> str | None:
        """The style of a heading."""
        return self._sheet.style(self._old.top, min(column, self._old.right))

    def pattern(self, column: int) -> str | None:
        """The style of the first body row."""
        return self._first_row[min(column, self._old.right)]

    def body(self, row: int, column: int) -> str | None:
        """The style of a body cell."""
        pattern = self.pattern(column)
        own = self._sheet.style(row, column) if self._old.covers(row, column) else None
        return own or pattern


def _formulas_for(table: TablePart, header: tuple[str, ...], grows: bool) -> list[str | None]:
    """The formula of each column, None where values go. Raises BookError when one cannot be filled down."""
    by_heading = dict(zip(table.header, table.formulas, strict=True))
    if header != table.header and any(by_heading.values()):
        named = next(heading for heading, formula in by_heading.items() if formula)
        raise BookError(
            f"column '{named}' of table '{table.name}' holds formulas, so its columns cannot change; "
            "move those formulas out of the table"
        )
    for heading, formula in by_heading.items():
        if grows and formula and has_addresses(formula):
            raise BookError(
                f"column '{heading}' of table '{table.name}' has a formula with cell addresses; "
                "use headings instead ([@Price]) so that it can be filled down"
            )
    return [by_heading.get(heading) for heading in header]
