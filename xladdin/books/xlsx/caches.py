"""Stored results that no longer hold once a cell was written: formula values and the points inside charts.

A viewer that does not calculate (a preview, Protected View, pandas) would show the old total beside the new weights.
A blank there is honest, so every stored result goes and the book is marked to be calculated in full when opened.
"""

from __future__ import annotations

import re

from lxml import etree

from .areas import Area, map_ranges, parse_cell
from .followers import CHART_PARTS
from .package import discard, local, tag
from .workbook import WorkbookPart

__all__ = ["CHART_CACHES", "empty_formulas", "forget_results"]

CHART_CACHES = ("numCache", "strCache", "multiLvlStrCache")
_HAS_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_BEFORE_CALCULATION = ("definedNames", "externalReferences", "functionGroups", "sheets")


def forget_results(book: WorkbookPart) -> None:
    """Empty the stored results of formulas and charts, and ask for a full calculation when the book is opened."""
    for name, part in book.sheet_parts.items():
        if part in book.package.changed or _HAS_FORMULA.search(book.package.data(part)):
            root = book.package.xml(part)
            if root.tag == tag("worksheet") and empty_formulas(root, book.sheet(name).spilled()):
                book.package.changed.add(part)
    stale = {name for name, part in book.sheet_parts.items() if part in book.package.changed}
    for part in book.package.of_type(CHART_PARTS[0]):
        _empty_chart(book, part, stale)
    _calculate_on_load(book)


def empty_formulas(root: etree._Element, spilled: list[Area]) -> bool:
    """Empty the stored value of each formula and of each cell that an array formula fills; whether there were any."""
    cells = [cell for formula in root.iter(tag("f")) if (cell := formula.getparent()) is not None]
    if spilled:
        cells += [c for c in root.iter(tag("c")) if any(area.covers(*parse_cell(c.get("r", ""))) for area in spilled)]
    emptied = False
    for cell in cells:
        for stored in cell.findall(tag("v")):
            cell.remove(stored)
            emptied = True
        discard(cell, "t")
    return emptied


def _empty_chart(book: WorkbookPart, part: str, stale: set[str]) -> None:
    """Empty the points a chart keeps of sheets that changed; those of other workbooks stay."""
    for cache in [e for e in book.package.xml(part).iter() if local(e) in CHART_CACHES]:
        source = cache.getparent()
        assert source is not None, "a cache stands inside the reference it belongs to"
        sheets: set[str] = set()

        def note(sheet: str, area: Area, sheets: set[str] = sheets) -> Area:
            sheets.add(sheet)
            return area

        map_ranges(source.findtext("{*}f") or "", note)
        if sheets & stale:
            source.remove(cache)
            book.package.changed.add(part)


def _calculate_on_load(book: WorkbookPart) -> None:
    root = book.package.edit(book.part)
    calculation = root.find(tag("calcPr"))
    if calculation is None:
        calculation = etree.Element(tag("calcPr"))
        earlier = (root.find(tag(name)) for name in _BEFORE_CALCULATION)
        next(element for element in earlier if element is not None).addnext(calculation)
    calculation.set("fullCalcOnLoad", "1")
