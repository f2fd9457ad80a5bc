"""A workbook as the sum of its parts: sheets, tables and named cells, found by name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from core.checks import nearest
from core.errors import BookError, LostNameError, listed

from .areas import Area
from .markup import MAIN, tag
from .package import Package
from .shared import Shared
from .sheet import SheetPart
from .table import TablePart

__all__ = ["CHART_PARTS", "WorkbookPart"]

CHART_PARTS = ("drawingml.chart+xml", "chartex+xml")
"""Endings of the content types of charts, the classic ones and those of Excel 2016 (waterfall, funnel ...)."""

_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_WORKSHEET = re.compile(rb"<(?:[\w.\-]+:)?worksheet[\s>]")
_HEAD = 4_096
"""Bytes of a part within which its first element stands."""
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_CELL_REFERENCE = re.compile(r"('(?:[^']|'')+'|[^'!]+)!(\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)")


class WorkbookPart:
    """What stands in a package: the same sheets, tables and names a person sees."""

    def __init__(self, package: Package) -> None:
        self.package = package
        parts = package.related("", "officeDocument")
        if len(parts) != 1:
            raise BookError(f"{package.name} has no workbook in it; save it in Excel as Excel Workbook (*.xlsx)")
        self.part = parts[0]
        self.root = package.xml(self.part)
        if self.root.tag == f"{{{_STRICT}}}workbook":
            raise BookError(
                f"{package.name} is a Strict Open XML workbook; save it in Excel as Excel Workbook (*.xlsx)"
            )
        if self.root.tag != f"{{{MAIN}}}workbook":
            raise BookError(f"{package.name} is not a spreadsheet; save it in Excel as Excel Workbook (*.xlsx)")
        relations = package.relations(self.part)
        self.sheet_parts = {
            element.get("name", ""): relations[element.get(_ID, "")].target
            for element in self.root.iter(tag("sheet"))
            if element.get(_ID) in relations
        }
        self.redrawn: set[str] = set()
        """Chart parts in which series were added or taken away."""
        self.shared = Shared(package, self.part)
        self._sheets: dict[str, SheetPart] = {}

    @cached_property
    def tables(self) -> dict[str, TablePart]:
        """Every table by the name that formulas use."""
        found = {}
        for name, part in self.sheet_parts.items():
            for table_part in self.package.related(part, "table"):
                table = TablePart(self.package, name, table_part)
                found[table.name] = table
        return found

    @cached_property
    def charts(self) -> dict[str, str]:
        """What each chart part refers to, in one text: the sheets in it stay, whatever becomes of the ranges."""
        parts = [part for ending in CHART_PARTS for part in self.package.of_type(ending)]
        references = {part: self.package.xml(part).iter("{*}f", "{*}sqref") for part in parts}
        return {part: "\n".join(each.text or "" for each in found) for part, found in references.items()}

    @property
    def hidden_sheets(self) -> list[str]:
        """The names of the sheets that a person does not see."""
        sheets = self.root.iter(tag("sheet"))
        return [e.get("name", "") for e in sheets if e.get("state", "visible") != "visible"]

    def sheet(self, name: str) -> SheetPart:
        """One worksheet, indexed on first use. Raises BookError."""
        if name not in self.sheet_parts:
            raise BookError(
                f"{self.package.name} has no sheet '{name}'{nearest(name, self.sheet_parts)}; "
                f"it has: {listed(self.sheet_parts)}"
            )
        if name not in self._sheets:
            self._sheets[name] = SheetPart(self.shared, name, self.sheet_parts[name])
        return self._sheets[name]

    def worksheets(self) -> list[str]:
        """The names of the sheets that have cells (chart sheets have none)."""
        parts = self.sheet_parts.items()
        return [name for name, part in parts if _WORKSHEET.search(self.package.data(part)[:_HEAD])]

    def opened(self) -> list[SheetPart]:
        """The sheets that were read or written so far."""
        return list(self._sheets.values())

    def table(self, name: str) -> TablePart:
        """One table. Raises BookError that lists those there are."""
        for known, table in self.tables.items():
            if known.lower() == name.lower():
                return table
        raise LostNameError(
            f"{self.package.name} has no table '{name}'{nearest(name, self.tables)}; "
            f"it has: {listed(self.tables) or 'none'}. "
            "Restore it (Table Design > Table Name) or start from `perpdesk new`",
            self.tables,
        )

    def named_cell(self, name: str) -> tuple[SheetPart, int, int]:
        """Where a named cell stands. Raises BookError when the name is missing or is not one cell."""
        element = self._cells.get(name.lower())
        if element is None:
            raise self._no_such_cell(name)
        target = element.text or ""
        match = _CELL_REFERENCE.fullmatch(target.strip())
        if match is None:
            raise BookError(
                f"the name '{name}' stands for '{target}', not for a cell; point it at one (Formulas > Name Manager)"
            )
        sheet = self.sheet(match[1].strip("'").replace("''", "'"))
        area = Area.parse(match[2])
        merged = (Area.parse(m.get("ref", "")) for m in sheet.root.iter(tag("mergeCell")))
        if (area.top, area.left) != (area.bottom, area.right) and area not in merged:
            raise BookError(
                f"the name '{name}' stands for the range {target}; point it at one cell (Formulas > Name Manager)"
            )
        return sheet, area.top, area.left

    @cached_property
    def names_of_cells(self) -> list[etree._Element]:
        """The elements among `defined_names` that may stand for cells of a sheet."""
        return [element for element in self.defined_names() if "!" in (element.text or "")]

    @cached_property
    def _cells(self) -> dict[str, etree._Element]:
        """The names of the whole workbook that may stand for cells, in small letters."""
        names = [e for e in self.names_of_cells if e.get("localSheetId") is None]
        return {e.get("name", "").lower(): e for e in reversed(names)}

    def _no_such_cell(self, name: str) -> BookError:
        names = {e.get("name", ""): e.text or "" for e in self.defined_names() if e.get("localSheetId") is None}
        target = next((text for known, text in names.items() if known.lower() == name.lower()), None)
        if target is None:
            return LostNameError(
                f"{self.package.name} has no named cell '{name}'{nearest(name, names)}; "
                "name the cell again (Formulas > Name Manager) or start from `perpdesk new`",
                names,
            )
        return BookError(
            f"the name '{name}' stands for '{target}', not for a cell; point it at one (Formulas > Name Manager)"
        )

    def defined_names(self) -> Iterator[etree._Element]:
        """The elements that give names to cells, ranges and formulas."""
        return self.root.iter(tag("definedName"))
