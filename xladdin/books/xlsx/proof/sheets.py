"""Two versions of a sheet, held together: their frames as trees, their rows as bytes, what differs cell by cell."""

from __future__ import annotations

import copy
import re

from lxml import etree

from ..areas import Area, cell_name, parse_cell
from ..followers import rule_areas
from ..markup import discard, remove, tag
from ..rows.frame import Frame
from ..rows.rows import Rows
from ..sheet import SheetPart

__all__ = ["same_but_for_what_was_written"]

_ADDRESS = re.compile(rb'<(?:[\w.\-]+:)?c r="([A-Z]{1,3}[0-9]+)"')
_PLAIN_ROW = re.compile(rb'<row [^>]*>(?:<c r="([A-Z]{1,3}[0-9]+)"[^>]*>(?:<v>[^<]*</v></c>)?)+</row>')
_CELL = re.compile(rb"<(?:[\w.\-]+:)?c[\s>/]")
_FORMULA = re.compile(rb"<(?:[\w.\-]+:)?f[\s>/]")
_ROW = re.compile(rb"<(?:[\w.\-]+:)?row([^>]*?)/?>")
_OWN_ATTRIBUTES = re.compile(rb'\s(?:r|spans)="[^"]*"')


def same_but_for_what_was_written(before: Frame, after: Frame, sheet: SheetPart) -> bool:
    """Whether a sheet is the same before and after, but for the cells that `sheet` says were written or emptied."""
    return _masked_frame(before) == _masked_frame(after) and _Comparison(before.rows, after.rows, sheet).holds()


def _masked_frame(frame: Frame) -> bytes:
    """The canonical XML of a frame without its extent, its widths and where its rules apply."""
    root = copy.deepcopy(frame.root)
    for element, _, put in rule_areas(root):
        put(element, "")
    remove(*root.findall(tag("dimension")), *root.findall(tag("cols")))
    return etree.tostring(root, method="c14n")


class _Comparison:
    """The rows of a sheet before and after it was written."""

    def __init__(self, before: Rows, after: Rows, sheet: SheetPart) -> None:
        self._before, self._after, self._blocks = before, after, sheet.rows.blocks
        self._written = {cell_name(*place) for place in (*sheet.written, *sheet.formulas)}
        self._emptied = {cell_name(*place) for place in sheet.emptied}

    def holds(self) -> bool:
        """Whether nothing differs but what may."""
        return all(self._same(number) for number in sorted({*self._before.numbers, *self._after.numbers}))

    def _same(self, number: int) -> bool:
        one, other = self._before.raw(number), self._after.raw(number)
        if one == other:
            return True
        block = next((block for block in self._blocks if block.covers(number)), None)
        if block is not None:
            return _within(one, block.reach) and _within(other, block.area) and _same_tag(one, other)
        return self._same_cells(one, other)

    def _same_cells(self, one: bytes | None, other: bytes | None) -> bool:
        """First cell by cell as bytes, so that few are parsed; then the rows as trees."""
        if one is not None and other is not None:
            mark = b"<" + self._before.prefix + b"c "
            first, second = one.split(mark), other.split(mark)
            alike = len(first) == len(second) and self._before.prefix == self._after.prefix
            if alike and first[0] == second[0]:
                pairs = [(mark + a, mark + b) for a, b in zip(first[1:], second[1:], strict=True) if a != b]
                return all(self._same_cell(a, b) for a, b in pairs)
        return self._masked_row(self._before, one) == self._masked_row(self._after, other)

    def _same_cell(self, one: bytes, other: bytes) -> bool:
        first, second = _ADDRESS.match(one), _ADDRESS.match(other)
        if first is not None and second is not None and first[1] == second[1] and first[1].decode() in self._written:
            return True
        return self._masked_cell(self._before, one) == self._masked_cell(self._after, other)

    def _masked_cell(self, rows: Rows, raw: bytes) -> bytes:
        return self._masked(rows.parse(raw.removesuffix(b"</" + rows.prefix + b"row>")))

    def _masked_row(self, rows: Rows, raw: bytes | None) -> tuple[object, ...] | None:
        """What a row says without what may differ; None for one that says nothing."""
        if raw is None:
            return None
        row = rows.parse(raw)
        cells = [masked for cell in row.iterchildren(tag("c")) if (masked := self._masked(cell))]
        others = [etree.tostring(e, method="c14n", with_tail=False) for e in row if e.tag != tag("c")]
        discard(row, "spans")
        if not cells and not others and set(row.attrib) == {"r"}:
            return None
        return sorted(row.attrib.items()), cells, others

    def _masked(self, cell: etree._Element) -> bytes:
        """The canonical XML of a cell without what may differ in it; nothing of one that was written."""
        address = cell.get("r", "")
        if address in self._written:
            return b""
        if address in self._emptied:
            remove(*cell.findall(tag("v")))
            discard(cell, "t")
        return etree.tostring(cell, method="c14n", with_tail=False)


def _within(raw: bytes | None, area: Area) -> bool:
    """Whether a row holds cells of an area's columns and no others, and no formula."""
    if raw is None:
        return True
    plain, first = _PLAIN_ROW.fullmatch(raw), _ADDRESS.search(raw)
    if plain is not None and first is not None:
        ends = [first[1], plain[1]]
    else:
        addresses = _ADDRESS.findall(raw)
        if len(addresses) != len(_CELL.findall(raw)) or _FORMULA.search(raw):
            return False
        ends = [*addresses[:1], *addresses[-1:]]
    return all(area.left <= parse_cell(address.decode())[1] <= area.right for address in ends)


def _same_tag(one: bytes | None, other: bytes | None) -> bool:
    """Whether two versions of a row say the same of it; one of which nothing is said may come and go."""
    said = [_ROW.match(raw) if raw is not None else None for raw in (one, other)]
    if any(raw is not None and found is None for raw, found in zip((one, other), said, strict=True)):
        return False
    first, second = (_OWN_ATTRIBUTES.sub(b"", found[1]) if found is not None else b"" for found in said)
    return first == second
