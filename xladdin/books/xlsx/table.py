"""An Excel table: where it stands, its headings, and a new size with its columns rewritten."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence

from lxml import etree

from core.errors import BookError

from .areas import Area
from .markup import discard, tag
from .package import Package

__all__ = ["TablePart"]

_CODED = re.compile("_x([0-9A-Fa-f]{4})_")
_UNIQUE = re.compile(r"\{http://schemas\.microsoft\.com/.*\}uid$")


class TablePart:
    """One table part; its cells are on the sheet that `sheet_name` names."""

    def __init__(self, package: Package, sheet_name: str, part: str) -> None:
        self.package, self.sheet_name, self.part = package, sheet_name, part
        self.root = package.xml(part)
        self.name = self.root.get("displayName") or self.root.get("name") or ""
        self.area = Area.parse(self.root.get("ref", ""))
        self.header = tuple(_decoded(column.get("name", "")) for column in self._columns())
        if len(self.header) != self.area.right - self.area.left + 1:
            raise BookError(
                f"table '{self.name}' on sheet '{sheet_name}' is damaged; open the book in Excel and save it again"
            )

    @property
    def body(self) -> Area:
        """The cells below the header and above a total row."""
        totals = int(self.root.get("totalsRowCount", "0"))
        return Area(self.area.top + self.header_rows, self.area.left, self.area.bottom - totals, self.area.right)

    @property
    def header_rows(self) -> int:
        """1, or 0 where the header row is switched off."""
        return int(self.root.get("headerRowCount", "1"))

    @property
    def formulas(self) -> list[str | None]:
        """The formula of each calculated column, None for a column of values."""
        return [column.findtext(tag("calculatedColumnFormula")) for column in self._columns()]

    def refuse_fixed_size(self) -> None:
        """Nothing when the table may be rewritten. Raises BookError for total rows, hidden headers and live queries."""
        where = f"table '{self.name}' on sheet '{self.sheet_name}'"
        if int(self.root.get("totalsRowCount", "0")):
            raise BookError(f"{where} has a total row; switch it off (Table Design > Total Row)")
        if not self.header_rows:
            raise BookError(f"{where} has no header row; switch it on (Table Design > Header Row)")
        if self.root.get("tableType", "worksheet") != "worksheet":
            raise BookError(f"{where} is filled by a query; convert it to an ordinary table (Table Design > Unlink)")

    def resize(self, area: Area, header: Sequence[str]) -> None:
        """Give the table another size and other headings; a heading that stays keeps its column's settings."""
        self.package.edit(self.part)
        self.root.set("ref", str(area))
        for name in ("sortState", "autoFilter"):
            element = self.root.find(tag(name))
            if element is None:
                continue
            if name == "sortState":
                self.root.remove(element)
                continue
            element.set("ref", str(area))
            for child in list(element):
                if child.tag == tag("sortState") or tuple(header) != self.header:
                    element.remove(child)
        if tuple(header) != self.header:
            self._rename(header)
        self.area, self.header = area, tuple(header)

    def _rename(self, header: Sequence[str]) -> None:
        old = dict(zip(self.header, self._columns(), strict=True))
        pattern = self._columns()[-1]
        holder = self.root.find(tag("tableColumns"))
        assert holder is not None, "a table with headings has columns"
        next_id = max(int(column.get("id", "0")) for column in old.values()) + 1
        columns = []
        for name in header:
            column = old.get(name)
            if column is None:
                column = _fresh(pattern, name, next_id)
                next_id += 1
            columns.append(column)
        holder[:] = columns
        holder.set("count", str(len(columns)))

    def _columns(self) -> list[etree._Element]:
        holder = self.root.find(tag("tableColumns"))
        return list(holder.iterchildren(tag("tableColumn"))) if holder is not None else []


def _fresh(pattern: etree._Element, name: str, identifier: int) -> etree._Element:
    """A column that looks like `pattern` but is its own: no formula, no total, no identity taken over."""
    column = copy.deepcopy(pattern)
    for child in list(column):
        column.remove(child)
    own = [name for name in map(str, column.attrib) if name.startswith("totalsRow") or _UNIQUE.match(name)]
    discard(column, "uniqueName", "queryTableFieldId", *own)
    column.set("id", str(identifier))
    column.set("name", _coded(name))
    return column


def _coded(name: str) -> str:
    return _CODED.sub(r"_x005F_x\1_", name).replace("\n", "_x000a_")


def _decoded(name: str) -> str:
    return _CODED.sub(lambda match: chr(int(match[1], 16)), name)
