"""The lossless writer: values into named cells and table bodies, and not one byte elsewhere.

openpyxl drops on saving what it does not know (shapes, slicers, threaded comments, sparklines ...). So a book that
exists is never rewritten: its XML is changed in the very cells that receive results, every other part keeps its bytes,
and `proof` confirms both before anyone may replace the file.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import BookError

from ..contents import check_header, check_widths, plain
from ..structured import column_named, has_addresses
from ..workbook import CellValue
from .areas import LAST_COLUMN, LAST_ROW, Area
from .caches import forget_results
from .captions import follow_columns
from .followers import follow
from .package import Package, tag
from .proof import prove
from .sheet import SheetPart
from .table import TablePart
from .workbook import WorkbookPart

__all__ = ["Patch"]


class Patch:
    """Changes to one workbook file, made on `book`, a copy of it in memory."""

    def __init__(self, package: Package) -> None:
        self._original = package
        self.book = WorkbookPart(Package(package.name, package.raw))
        self._sized: dict[str, TablePart] = {}

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return bool(self.book.package.changed)

    def set_value(self, name: str, value: CellValue) -> None:
        """Write one named cell. Raises BookError."""
        self._refuse_signed()
        sheet, row, column = self.book.named_cell(name)
        area = Area(row, column, row, column)
        sheet.refuse_obstacles(area)
        sheet.refuse_protection(area)
        sheet.put(row, column, self._plain(value, sheet, row, column), sheet.style(row, column))
        sheet.cover(area)

    def set_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Give a table a new body, and other columns where `header` says so. Raises BookError."""
        table = self.book.table(name)
        self._lay(table, rows, table.header if header is None else tuple(str(heading) for heading in header), kept=0)

    def append(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Write rows below the last filled one of a table. Raises BookError."""
        table = self.book.table(name)
        body, sheet = table.body, self.book.sheet(table.sheet_name)
        columns = [body.left + position for position, formula in enumerate(table.formulas) if formula is None]
        kept = body.bottom - body.top + 1
        while kept and all(sheet.peek(body.top + kept - 1, column) is None for column in columns):
            kept -= 1
        self._lay(table, rows, table.header, kept=kept)

    def pack(self) -> bytes:
        """The changed file, proven to differ from the original in the cells that were written and nowhere else."""
        if not self.changed:
            return self._original.raw
        forget_results(self.book)
        packed = self.book.package.pack()
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
            for row, column in vacated.cells():
                sheet.clear(row, column, formula_too=calculated[column - old.left])
        if new != old or header != table.header:
            table.resize(new, header)
            self._sized[table.name] = table
        follow(self.book, sheet, old, new)
        sheet.cover(new)

    def _refuse_signed(self) -> None:
        if any(part.startswith("_xmlsignatures/") for part in self._original.parts):
            raise BookError(
                f"{self._original.name} is digitally signed and any change breaks the signature; "
                "write to an unsigned copy"
            )

    def _check(self, table: TablePart, rows: Sequence[Sequence[CellValue]], header: tuple[str, ...], new: Area) -> None:
        where, old = f"table '{table.name}' on sheet '{table.sheet_name}'", table.area
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
            for row, column in added.cells():
                if sheet.holds_something(row, column):
                    cell = sheet.where(row, column)
                    raise BookError(
                        f"{cell} is in the way of table '{table.name}', which needs {new}; clear or move it"
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
        found = [(f"the name '{e.get('name')}'", e.text or "") for e in self.book.defined_names()]
        for name in self.book.worksheets():
            for formula in self.book.sheet(name).root.iter(tag("f")):
                cell = formula.getparent()
                if cell is not None and formula.text:
                    found.append((f"{name}!{cell.get('r')}", formula.text))
        return found

    @staticmethod
    def _plain(value: CellValue, sheet: SheetPart, row: int, column: int) -> CellValue:
        try:
            return plain(value)
        except BookError as error:
            raise BookError(f"{sheet.where(row, column)}: {error}") from None


class _Styles:
    """The looks a table's cells get: their own, or that of the first body row and the last old column."""

    def __init__(self, sheet: SheetPart, old: Area) -> None:
        self._sheet, self._old = sheet, old
        self._first_row = {c: sheet.style(old.top + 1, c) for c in range(old.left, old.right + 1)}

    def heading(self, column: int) -> str | None:
        """The style of a heading."""
        return self._sheet.style(self._old.top, min(column, self._old.right))

    def body(self, row: int, column: int) -> str | None:
        """The style of a body cell."""
        pattern = self._first_row[min(column, self._old.right)]
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
