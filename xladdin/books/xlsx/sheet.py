"""One worksheet of a book: its cells, indexed once, read as values and written in place."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from core.errors import BookError

from ..workbook import CellValue
from .areas import Area, cell_name, parse_cell
from .cell_values import UNCACHED, Uncached, decode, encode
from .package import discard, tag
from .shared import Shared

__all__ = ["SheetPart"]

C, F, ROW = tag("c"), tag("f"), tag("row")
MERGE = "the merged cells"
_OVER_FORMULA = "{} holds a formula; results go only over values, clear that cell first"


class SheetPart:
    """The cells of one worksheet part. `written` and `removed` remember what changed, for the proof."""

    def __init__(self, shared: Shared, name: str, part: str) -> None:
        self.shared, self.name, self.part = shared, name, part
        self.root = shared.package.xml(part)
        data = self.root.find(tag("sheetData"))
        if self.root.tag != tag("worksheet") or data is None:
            raise BookError(f"sheet '{name}' is not a worksheet with cells; move its content to an ordinary sheet")
        self.written: dict[tuple[int, int], CellValue] = {}
        self.formulas: dict[tuple[int, int], str] = {}
        self._data = data
        self._rows = {self._number(row): row for row in data.iterchildren(ROW)}
        self._order = sorted(self._rows)
        self._cells: dict[int, dict[int, etree._Element]] = {}

    def where(self, row: int, column: int) -> str:
        """Like `Universe!D7`."""
        return f"{self.name}!{cell_name(row, column)}"

    def cell(self, row: int, column: int) -> etree._Element | None:
        """The element of a cell, if the file has one."""
        return self._row_cells(row).get(column)

    def value(self, row: int, column: int) -> CellValue:
        """The value of a cell. Raises BookError when it is a formula that was never calculated."""
        value = self.peek(row, column)
        if isinstance(value, Uncached):
            raise BookError(
                f"{self.where(row, column)} holds a formula without a stored value; "
                f"open and save the book in Excel or Calc once"
            )
        return value

    def peek(self, row: int, column: int, dated: bool | None = None) -> CellValue | Uncached:
        """The value of a cell, or UNCACHED; `dated` says whether to read a number as a time whatever its format."""
        cell = self.cell(row, column)
        if cell is None:
            return None
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
        self._rows[row].remove(cell)
        del self._cells[row][column]
        self.written[row, column] = None
        self.formulas.pop((row, column), None)
        self.shared.package.changed.add(self.part)

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

    def spilled(self) -> list[Area]:
        """The areas of array formulas and data tables: cells that hold results without a formula of their own."""
        formulas = (f for f in self.root.iter(F) if f.get("t") in ("array", "dataTable"))
        return [Area.parse(f.get("ref", "")) for f in formulas if f.get("ref")]

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
        for area in self.spilled():
            yield area, "the array formula"
        for part in self.shared.package.related(self.part, "pivotTable"):
            location = self.shared.package.xml(part).find(tag("location"))
            if location is not None:
                yield Area.parse(location.get("ref", "")), "the pivot table"

    def _row_cells(self, row: int) -> dict[int, etree._Element]:
        if row not in self._cells:
            element = self._rows.get(row)
            if element is None:
                return {}
            self._cells[row] = {self._column(cell, row): cell for cell in element.iterchildren(C)}
        return self._cells[row]

    def _made(self, row: int, column: int) -> etree._Element:
        """The element of a cell, put in its place in the order of rows and columns when it is new."""
        if row not in self._rows:
            element = etree.Element(ROW, r=str(row))
            place = bisect.bisect(self._order, row)
            if place < len(self._order):
                self._rows[self._order[place]].addprevious(element)
            else:
                self._data.append(element)
            self._order.insert(place, row)
            self._rows[row] = element
            self._cells[row] = {}
        cells = self._row_cells(row)
        if column not in cells:
            cell = etree.Element(C, r=cell_name(row, column))
            later = [other for other in cells if other > column]
            if later:
                cells[min(later)].addprevious(cell)
            else:
                self._rows[row].append(cell)
            cells[column] = cell
            discard(self._rows[row], "spans")
        return cells[column]

    def _number(self, row: etree._Element) -> int:
        number = row.get("r", "")
        if not number.isdigit():
            raise BookError(f"sheet '{self.name}' has rows without numbers; open the book in Excel and save it again")
        return int(number)

    def _column(self, cell: etree._Element, row: int) -> int:
        address = cell.get("r")
        if address is None:
            where = f"row {row} of sheet '{self.name}'"
            raise BookError(f"{where} has cells without addresses; open the book in Excel and save it again")
        return parse_cell(address)[1]


def _set_style(cell: etree._Element, style: str | None) -> None:
    if style is None:
        discard(cell, "s")
    else:
        cell.set("s", style)
