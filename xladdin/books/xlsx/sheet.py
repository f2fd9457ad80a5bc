"""One worksheet of a book: its cells, found in its rows, read as values and written in place."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from functools import cached_property

from lxml import etree

from core.errors import BookError

from ..workbook import CellValue
from .areas import Area, cell_name, parse_cell
from .cell_values import UNCACHED, Uncached, decode, encode
from .formulas.cells import FormulaCell, cells_with_formulas, empty_results, has_formulas
from .markup import discard, tag
from .package import Package
from .rows.block import NumberBlock
from .rows.frame import Frame, cut
from .shared import Shared

__all__ = ["SheetPart"]

C, F = tag("c"), tag("f")
MERGE = "the merged cells"
_OVER_FORMULA = "{} holds a formula; results go only over values, clear that cell first"


class SheetPart:
    """The cells of one worksheet part. `written`, `formulas`, `emptied` remember what changed, for the proof."""

    def __init__(self, shared: Shared, name: str, part: str) -> None:
        self.shared, self.name, self.part = shared, name, part
        self.frame = frame_of(shared.package, name, part)
        self.root, self.rows = self.frame.root, self.frame.rows
        shared.package.stream(part, self.frame)
        self.written: dict[tuple[int, int], CellValue] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self.emptied: set[tuple[int, int]] = set()
        self._cells: dict[int, tuple[etree._Element, dict[int, etree._Element]]] = {}
        self._columns: dict[str, int] = {}

    def where(self, row: int, column: int) -> str:
        """Like `Universe!D7`."""
        return f"{self.name}!{cell_name(row, column)}"

    def cell(self, row: int, column: int) -> etree._Element | None:
        """The element of a cell, if the file has one."""
        return self._row_cells(row).get(column)

    def value(self, row: int, column: int) -> CellValue:
        """The value of a cell. Raises BookError when it is a formula that was never calculated."""
        return self.values(row, range(column, column + 1))[0]

    def values(self, row: int, columns: range) -> tuple[CellValue, ...]:
        """The values of some cells of a row. Raises BookError when one is a formula that was never calculated."""
        cells = self._row_cells(row)
        return tuple(self._calculated(cells[c], row, c) if c in cells else None for c in columns)

    def peek(self, row: int, column: int, dated: bool | None = None) -> CellValue | Uncached:
        """The value of a cell, or UNCACHED; `dated` says whether to read a number as a time whatever its format."""
        cell = self.cell(row, column)
        return None if cell is None else self._decoded(cell, row, column, dated)

    def _calculated(self, cell: etree._Element, row: int, column: int) -> CellValue:
        value = self._decoded(cell, row, column)
        if isinstance(value, Uncached):
            raise BookError(
                f"{self.where(row, column)} holds a formula without a stored value; "
                f"open and save the book in Excel or Calc once"
            )
        return value

    def _decoded(self, cell: etree._Element, row: int, column: int, dated: bool | None = None) -> CellValue | Uncached:
        if dated is None:
            dated = self.shared.styles.is_date(cell.get("s"))
        try:
            return decode(cell, self.shared.strings, dated, self.shared.epoch)
        except (ValueError, IndexError):
            raise BookError(
                f"{self.where(row, column)} is damaged; type its value again in Excel and save the book"
            ) from None

    def text(self, row: int, column: int) -> str | None:
        """The text that was typed into a cell; None for anything else, a formula that yields text included."""
        cell = self.cell(row, column)
        value = self.peek(row, column) if cell is not None and cell.find(F) is None else None
        return value if isinstance(value, str) else None

    def computes(self, row: int, column: int, value: CellValue) -> bool:
        """Whether a cell holds a formula that gives this very value, so that there is nothing to write."""
        cell = self.cell(row, column)
        return cell is not None and cell.find(F) is not None and self.peek(row, column) == value

    def style(self, row: int, column: int) -> str | None:
        """The style index of a cell, None for the plain style."""
        cell = self.cell(row, column)
        return cell.get("s") if cell is not None else None

    def holds_something(self, row: int, column: int) -> bool:
        """Whether a cell has a value or a formula."""
        cell = self.cell(row, column)
        return cell is not None and (cell.find(F) is not None or self.peek(row, column) not in (None, UNCACHED))

    def first_filled(self, area: Area) -> tuple[int, int] | None:
        """The first cell of an area with a value or a formula."""
        for row in self.rows.existing(area.top, area.bottom):
            for column in sorted(self._row_cells(row)):
                if area.left <= column <= area.right and self.holds_something(row, column):
                    return row, column
        return None

    def put(self, row: int, column: int, value: CellValue, style: str | None) -> None:
        """Write a value and a style into a cell. Raises BookError for a formula, which is never overwritten."""
        cell = self._made(row, column)
        if cell.find(F) is not None:
            raise BookError(_OVER_FORMULA.format(self.where(row, column)))
        if isinstance(value, datetime):
            style = self.shared.styles.dated(style)
        encode(cell, value, self.shared.epoch)
        _set_style(cell, style)
        self.written[row, column] = value
        self.shared.package.changed.add(self.part)

    def put_formula(self, row: int, column: int, formula: str, style: str | None) -> None:
        """Write the formula of a calculated column into a new cell."""
        cell = self._made(row, column)
        encode(cell, None, self.shared.epoch)
        etree.SubElement(cell, F).text = formula
        _set_style(cell, style)
        self.formulas[row, column] = formula
        self.shared.package.changed.add(self.part)

    def lay(self, block: NumberBlock) -> None:
        """Put a block of numbers in place of the rows that it covers."""
        self.rows.lay(block)
        self._cells.clear()
        self.shared.package.changed.add(self.part)

    def settle(self, block: NumberBlock) -> None:
        """Make ordinary cells of a block, because one of its rows gets something else."""
        self.rows.lift(block)
        self._cells.clear()
        for row in self.rows.existing(block.reach.top, block.reach.bottom):
            for column in range(block.reach.left, block.reach.right + 1):
                if not block.area.covers(row, column):
                    self.clear(row, column, formula_too=False)
        for line, values in enumerate(block.numbers.tolist()):
            cells: list[CellValue] = [None if value != value else value for value in values]
            for position, odd in block.odd_in(line):
                cells[position] = odd
            row = block.area.top + line
            for position, (value, style) in enumerate(zip(cells, block.looks.get(row, block.styles), strict=True)):
                self.put(row, block.area.left + position, value, style)

    def clear(self, row: int, column: int, *, formula_too: bool) -> None:
        """Take a cell out, with its style. Raises BookError for a formula, unless it may go and fills only its cell."""
        cell = self.cell(row, column)
        if cell is None:
            return
        formula = cell.find(F)
        if formula is not None:
            if not formula_too:
                raise BookError(_OVER_FORMULA.format(self.where(row, column)))
            if formula.get("ref"):
                raise BookError(
                    f"{self.where(row, column)} holds a formula that fills other cells too; clear them first"
                )
            self.shared.forget_calculation_order()
        element = self._edited(row)
        element.remove(self._row_cells(row).pop(column))
        self.written[row, column] = None
        self.formulas.pop((row, column), None)
        self.shared.package.changed.add(self.part)

    def cells_with_formulas(self) -> Iterator[FormulaCell]:
        """Every formula of the sheet."""
        return cells_with_formulas(self.rows)

    def empty_results(self, places: Collection[tuple[int, int]], filled: Collection[Area]) -> None:
        """Empty the stored results of formulas, and of the cells in areas that formulas fill."""
        self.emptied |= empty_results(self.rows, places, filled)
        if self.emptied:
            self.shared.package.changed.add(self.part)
        self._cells.clear()

    def refuse_obstacles(self, area: Area) -> None:
        """Nothing when values may be laid over `area`. Raises BookError for merges, spills and pivot tables in it."""
        found = self.obstacle_in(area)
        if found is not None:
            obstacle, what = found
            where = self.where(max(obstacle.top, area.top), max(obstacle.left, area.left))
            raise BookError(f"{where} lies in {what} {obstacle}, which results would cut; move it away")

    def obstacle_in(self, area: Area) -> tuple[Area, str] | None:
        """What in `area` must not be written over, and what it is called.

        The first cell of a merge, taken alone, holds the value of the merge and may be written.
        """
        for obstacle, what in self._obstacles():
            first = Area(obstacle.top, obstacle.left, obstacle.top, obstacle.left)
            if obstacle.overlaps(area) and not (area == first and what == MERGE):
                return obstacle, what
        return None

    def refuse_protection(self, area: Area) -> None:
        """Nothing when the sheet is open to changes. Raises BookError where protection locks a cell of `area`."""
        protection = self.root.find(tag("sheetProtection"))
        if protection is None or protection.get("sheet") not in ("1", "true"):
            return
        for row, column in area.cells():
            if self.shared.styles.is_locked(self.style(row, column)):
                raise BookError(
                    f"{self.where(row, column)} is locked by sheet protection; take that off (Review > Unprotect Sheet)"
                )

    def cover(self, area: Area) -> None:
        """Widen the noted extent of the sheet to include `area`."""
        extent = self.root.find(tag("dimension"))
        if extent is not None:
            old = Area.parse(extent.get("ref", "A1"))
            new = Area(
                min(old.top, area.top),
                min(old.left, area.left),
                max(old.bottom, area.bottom),
                max(old.right, area.right),
            )
            extent.set("ref", str(new))

    def _obstacles(self) -> Iterator[tuple[Area, str]]:
        for merged in self.root.iter(tag("mergeCell")):
            yield Area.parse(merged.get("ref", "")), MERGE
        for area in self._spilled:
            yield area, "the array formula"
        for part in self.shared.package.related(self.part, "pivotTable"):
            location = self.shared.package.xml(part).find(tag("location"))
            if location is not None:
                yield Area.parse(location.get("ref", "")), "the pivot table"

    @cached_property
    def _spilled(self) -> list[Area]:
        """The areas of array formulas and data tables: cells that hold results without a formula of their own."""
        data = self.rows.data
        if not has_formulas(data) or not (b"array" in data or b"dataTable" in data):
            return []
        formulas = (f for f in self.cells_with_formulas() if f.kind in ("array", "dataTable"))
        return [formula.area for formula in formulas if formula.area is not None]

    def _row_cells(self, row: int) -> dict[int, etree._Element]:
        element = self.rows.row(row)
        if element is None:
            return {}
        known = self._cells.get(row)
        if known is None or known[0] is not element:
            end = str(row)
            cells = {self._column(cell, row, end): cell for cell in element.iterchildren(C)}
            known = self._cells[row] = element, cells
        return known[1]

    def _edited(self, row: int) -> etree._Element:
        block = self.rows.block_at(row)
        if block is not None:
            self.settle(block)
        return self.rows.edit(row)

    def _made(self, row: int, column: int) -> etree._Element:
        """The element of a cell, put in its place in the order of rows and columns when it is new."""
        element = self._edited(row)
        cells = self._row_cells(row)
        if column not in cells:
            cell = etree.Element(C, r=cell_name(row, column))
            later = [other for other in cells if other > column]
            if later:
                cells[min(later)].addprevious(cell)
            else:
                element.append(cell)
            cells[column] = cell
            discard(element, "spans")
        return cells[column]

    def _column(self, cell: etree._Element, row: int, end: str) -> int:
        """The column of a cell, worked out once for each that ends with the number of its row, as they do."""
        address = cell.get("r")
        if address is None:
            where = f"row {row} of sheet '{self.name}'"
            raise BookError(f"{where} has cells without addresses; open the book in Excel and save it again")
        letters = address.removesuffix(end)
        column = self._columns.get(letters) if letters != address else None
        if column is None:
            column = parse_cell(address)[1]
            if letters.isalpha():
                self._columns[letters] = column
        return column


def frame_of(package: Package, name: str, part: str) -> Frame:
    """The frame of a sheet as it was read. Raises BookError that names the sheet."""
    data = package.data(part)
    try:
        return cut(data)
    except etree.XMLSyntaxError as error:
        raise BookError(
            f"{package.name} is damaged in its part {part} ({str(error)[:80]}); restore it from the backup"
        ) from None
    except BookError as error:
        raise BookError(f"sheet '{name}' {error}") from None


def _set_style(cell: etree._Element, style: str | None) -> None:
    if style is None:
        discard(cell, "s")
    else:
        cell.set("s", style)
