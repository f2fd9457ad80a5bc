"""The proof that a changed file differs from the original in the cells that were written, and nowhere else.

It does not trust the writer. Parts the writer did not name must have the same bytes, compressed as they are. In those
it named, both sides are stripped of exactly what may differ (the written cells, a table's size, a chart's ranges, the
stored results that were emptied) and must then be equal; sheets are held together row by row. At last the new file is
read afresh and must give back every value written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import numpy as np
from lxml import etree

from core.arrays import Mask
from core.errors import BookError

from ...workbook import CellValue
from ..caches import CHART_CACHES
from ..cell_values import UNCACHED
from ..markup import discard, local, remove, tag
from ..package import CONTENT_TYPES, Package
from ..rows.block import NumberBlock
from ..series import columns_of
from ..sheet import SheetPart, frame_of
from ..table import TablePart
from ..workbook import WorkbookPart
from .sheets import same_but_for_what_was_written

__all__ = ["prove"]


def prove(original: Package, after: Package, patched: WorkbookPart, sized: list[TablePart]) -> None:
    """Nothing when `after` is the original with the writer's changes and no others. Raises BookError.

    It is the new file as it was packed, of which nothing is read yet.
    """
    if set(after.parts) != set(original.parts) - patched.package.dropped:
        raise _failed(original.name, "a part of the file was lost")
    changed, sheets = patched.package.changed, {sheet.part: sheet for sheet in patched.opened()}
    for part in after.parts:
        if part not in changed:
            same = after.packed(part).same_as(original.packed(part))
        else:
            same = part in sheets or _masked(original, part, patched) == _masked(after, part, patched)
        _refuse_other_changes(original.name, part, same)
    fresh = WorkbookPart(after)
    for part in changed & sheets.keys():
        before = frame_of(original, sheets[part].name, part)
        same = same_but_for_what_was_written(before, fresh.sheet(sheets[part].name).frame, sheets[part])
        _refuse_other_changes(original.name, part, same)
    _read_back(fresh, [sheet for part, sheet in sheets.items() if part in changed], sized)


def _refuse_other_changes(name: str, part: str, same: bool) -> None:
    if not same:
        raise _failed(name, f"{part} changed outside the result cells")


def _masked(package: Package, part: str, patched: WorkbookPart) -> bytes:
    """The canonical XML of a part without what the writer may change in it."""
    root = package.fresh(part)
    kind = local(root)
    if kind == "table":
        remove(*root.findall(tag("tableColumns")) + root.findall(tag("autoFilter")) + root.findall(tag("sortState")))
        discard(root, "ref")
    elif kind == "chartSpace":
        redrawn = ("{*}ser",) if part in patched.redrawn else ()
        remove(*root.iter(*CHART_CACHES, *redrawn))
        for element in root.iter("{*}f", "{*}sqref"):
            element.text = None
    elif kind == "workbook":
        remove(*root.findall(tag("calcPr")))
        for name in root.iter(tag("definedName")):
            name.text = None
    elif kind == "styleSheet":
        for formats in root.iter(tag("cellXfs")):
            discard(formats, "count")
            remove(*list(formats)[patched.shared.styles.read :])
    elif part == CONTENT_TYPES or kind == "Relationships":
        names = {name.rpartition("/")[2] for name in patched.package.dropped}
        targets = [(e, e.get("PartName") or e.get("Target") or "") for e in root]
        remove(*[element for element, target in targets if target.rpartition("/")[2] in names])
    return etree.tostring(root, method="c14n")


def _read_back(book: WorkbookPart, sheets: Iterable[SheetPart], sized: Iterable[TablePart]) -> None:
    """Every value, formula and table size, read from the new file as if for the first time."""
    name = book.package.name
    for sheet in sheets:
        fresh = book.sheet(sheet.name)
        for block in sheet.rows.blocks:
            if not _reads_back(fresh, block):
                raise _failed(name, f"the rows {block.area} of {sheet.name} do not read back as written")
        for (row, column), value in sheet.written.items():
            if not _equal(fresh.peek(row, column, dated=isinstance(value, datetime)), value):
                raise _failed(name, f"{sheet.where(row, column)} does not read back as written")
        for (row, column), formula in sheet.formulas.items():
            cell = fresh.cell(row, column)
            if cell is None or cell.findtext(tag("f")) != formula or fresh.peek(row, column) is not UNCACHED:
                raise _failed(name, f"{sheet.where(row, column)} lost its formula")
    for table in sized:
        fresh_table = TablePart(book.package, table.sheet_name, table.part)
        if (fresh_table.name, fresh_table.area, fresh_table.header) != (table.name, table.area, table.header):
            raise _failed(name, f"table '{table.name}' did not get its new size")


def _reads_back(sheet: SheetPart, block: NumberBlock) -> bool:
    """Whether a block's numbers, texts and times stand in the new file, in its rows and in no others."""
    found = columns_of(sheet, block.area)
    held: Mask = np.asarray(~np.isnan(block.numbers).all(axis=1))
    held[[row for row, _ in block.odd]] = True
    place = np.cumsum(held) - 1
    odd = {(int(place[row]), column): text for (row, column), text in block.odd.items()}
    rows = np.flatnonzero(held) + block.area.top
    same_numbers = np.array_equal(found.values, block.numbers[held], equal_nan=True)
    return same_numbers and np.array_equal(found.numbers, rows) and found.odd == odd and bool(found.dated.all())


def _equal(read: object, written: CellValue) -> bool:
    if isinstance(written, float) and not math.isfinite(written):
        return read == ("#N/A" if math.isnan(written) else "#NUM!")
    return type(read) is type(written) and read == written


def _failed(name: str, what: str) -> BookError:
    return BookError(f"{name}: the check before saving found that {what}; nothing was written, please report this book")
