"""The proof that a changed file differs from the original in the cells that were written, and nowhere else.

It does not trust the writer. Parts the writer did not name must have the same bytes. In those it named, both sides
are stripped of exactly what may differ (the written cells, a table's size, a chart's ranges, stored results) and must
then be equal in canonical XML (c14n). At last the new file is read afresh and must give back every value written.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from core.errors import BookError

from ..workbook import CellValue
from .areas import cell_name
from .caches import CHART_CACHES, empty_formulas
from .cell_values import UNCACHED
from .followers import rule_areas
from .package import CONTENT_TYPES, Package, discard, local, remove, tag
from .sheet import SheetPart
from .table import TablePart
from .workbook import WorkbookPart

__all__ = ["prove"]


def prove(original: Package, packed: bytes, patched: WorkbookPart, sized: list[TablePart]) -> None:
    """Nothing when `packed` is the original with the writer's changes and no others. Raises BookError."""
    after = Package(original.name, packed)
    if set(after.parts) != set(original.parts) - patched.package.dropped:
        raise _failed(original.name, "a part of the file was lost")
    sheets = {sheet.part: sheet for sheet in patched.opened()}
    redrawn, dropped = patched.redrawn, patched.package.dropped
    for part in after.parts:
        if part not in patched.package.changed:
            same = after.data(part) == original.data(part)
        else:
            count = len(original.xml(part).findall(f"{tag('cellXfs')}/{tag('xf')}"))
            masked = [_masked(p, part, sheets.get(part), dropped, redrawn, count) for p in (original, after)]
            same = masked[0] == masked[1]
        if not same:
            raise _failed(original.name, f"{part} changed outside the result cells")
    _read_back(WorkbookPart(after), sheets.values(), sized)


def _masked(
    package: Package, part: str, sheet: SheetPart | None, dropped: set[str], redrawn: set[str], styles: int
) -> bytes:
    """The canonical XML of a part without what the writer may change in it."""
    root = copy.deepcopy(package.xml(part))
    kind = local(root)
    if kind == "worksheet":
        _mask_sheet(root, sheet)
    elif kind == "table":
        remove(*root.findall(tag("tableColumns")) + root.findall(tag("autoFilter")) + root.findall(tag("sortState")))
        discard(root, "ref")
    elif kind == "chartSpace":
        remove(*[e for e in root.iter() if local(e) in CHART_CACHES or (local(e) == "ser" and part in redrawn)])
        for element in root.iter("{*}f", "{*}sqref"):
            element.text = None
    elif kind == "workbook":
        remove(*root.findall(tag("calcPr")))
        for name in root.iter(tag("definedName")):
            name.text = None
    elif kind == "styleSheet":
        for formats in root.iter(tag("cellXfs")):
            discard(formats, "count")
            remove(*list(formats)[styles:])
    elif part == CONTENT_TYPES or kind == "Relationships":
        names = {name.rpartition("/")[2] for name in dropped}
        targets = [(e, e.get("PartName") or e.get("Target") or "") for e in root]
        remove(*[element for element, target in targets if target.rpartition("/")[2] in names])
    return etree.tostring(root, method="c14n")


def _mask_sheet(root: etree._Element, sheet: SheetPart | None) -> None:
    assert sheet is not None, "a sheet changes only after it was opened"
    empty_formulas(root, sheet.spilled())
    named = {cell_name(*place) for place in (*sheet.written, *sheet.formulas)}
    remove(*[cell for cell in root.iter(tag("c")) if cell.get("r") in named])
    for row in list(root.iter(tag("row"))):
        discard(row, "spans")
        if len(row) == 0 and set(row.attrib) == {"r"}:
            remove(row)
    for element, _, put in rule_areas(root):
        put(element, "")
    remove(*root.findall(tag("dimension")), *root.findall(tag("cols")))


def _read_back(book: WorkbookPart, sheets: Iterable[SheetPart], sized: Iterable[TablePart]) -> None:
    """Every value, formula and table size, read from the new file as if for the first time."""
    for sheet in sheets:
        fresh = book.sheet(sheet.name)
        for (row, column), value in sheet.written.items():
            if not _equal(fresh.peek(row, column, dated=isinstance(value, datetime)), value):
                raise _failed(book.package.name, f"{sheet.where(row, column)} does not read back as written")
        for (row, column), formula in sheet.formulas.items():
            cell = fresh.cell(row, column)
            if cell is None or cell.findtext(tag("f")) != formula or fresh.peek(row, column) is not UNCACHED:
                raise _failed(book.package.name, f"{sheet.where(row, column)} lost its formula")
    for table in sized:
        fresh_table = book.table(table.name)
        if (fresh_table.area, fresh_table.header) != (table.area, table.header):
            raise _failed(book.package.name, f"table '{table.name}' did not get its new size")


def _equal(read: object, written: CellValue) -> bool:
    if isinstance(written, float) and not math.isfinite(written):
        return read == ("#N/A" if math.isnan(written) else "#NUM!")
    return type(read) is type(written) and read == written


def _failed(name: str, what: str) -> BookError:
    return BookError(f"{name}: the check before saving found that {what}; nothing was written, please report this book")
