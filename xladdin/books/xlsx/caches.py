"""Stored results that no longer hold once a cell was written: formula values and the points inside charts.

A viewer that does not calculate (a preview, Protected View, pandas) would show the old total beside the new weights.
A blank there is honest, so every stored result that can hang on a written cell goes, and the book is marked to be
calculated in full when opened. What cannot hang on it keeps its value: the next job may want to read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lxml import etree

from .areas import Reference, ranges_in
from .formulas.cells import has_formulas
from .markup import tag
from .workbook import CHART_PARTS, WorkbookPart

if TYPE_CHECKING:
    from .formulas.references import Surroundings

__all__ = ["CHART_CACHES", "forget_results", "surroundings"]

CHART_CACHES = ("{*}numCache", "{*}strCache", "{*}multiLvlStrCache")
_BEFORE_CALCULATION = ("definedNames", "externalReferences", "functionGroups", "sheets")


def forget_results(book: WorkbookPart, written: Sequence[Reference]) -> None:
    """Empty the stored results that can hang on the written areas, and ask for a full calculation on opening."""
    stale = [*written, *_forget_formulas(book, written)]
    for part in book.package.of_type(CHART_PARTS[0]):
        _forget_points(book, part, stale)
    _calculate_on_load(book)


def surroundings(book: WorkbookPart) -> Surroundings:
    """The sheets, tables and names of a book, as its formulas see them."""
    from .formulas.references import Surroundings, TablePlace

    sheets = list(book.sheet_parts)
    names = {}
    for element in book.defined_names():
        own = element.get("localSheetId")
        if own is None or int(own) < len(sheets):
            scope = None if own is None else sheets[int(own)].lower()
            names[scope, element.get("name", "").lower()] = (element.text or "").strip()
    tables = {t.name.lower(): TablePlace(t.sheet_name, t.area, t.header) for t in book.tables.values()}
    return Surroundings(sheets, tables, names)


def _forget_formulas(book: WorkbookPart, written: Sequence[Reference]) -> list[Reference]:
    """Empty what formulas have stored; the areas where something may be gone."""
    parts = {name: book.sheet_parts[name] for name in book.worksheets()}
    sheets = [book.sheet(name) for name, part in parts.items() if has_formulas(book.package.data(part))]
    if not sheets:
        return []
    from .formulas.gathered import stale_results

    formulas = ((sheet.name, sheet.cells_with_formulas()) for sheet in sheets)
    stale = stale_results(formulas, written, surroundings(book))
    for sheet in sheets:
        sheet.empty_results(stale.cells.get(sheet.name, ()), stale.filled.get(sheet.name, ()))
    return stale.areas


def _forget_points(book: WorkbookPart, part: str, stale: Sequence[Reference]) -> None:
    """Empty the points that a chart keeps of stale cells; those of other cells and other workbooks stay."""
    for cache in list(book.package.xml(part).iter(*CHART_CACHES)):
        source = cache.getparent()
        assert source is not None, "a cache stands inside the reference it belongs to"
        ranges, rest = ranges_in(source.findtext("{*}f") or "")
        overlapping = any(name == sheet and area.overlaps(other) for name, area in ranges for sheet, other in stale)
        if overlapping or _means_cells_of_its_own(rest.strip("(), ")):
            source.remove(cache)
            book.package.changed.add(part)


def _means_cells_of_its_own(rest: str) -> bool:
    """Whether what is left of a chart's reference may name cells of this workbook: [1]Sheet is another one."""
    return bool(rest) and (not rest.startswith("[") or rest.startswith("[0]"))


def _calculate_on_load(book: WorkbookPart) -> None:
    root = book.package.edit(book.part)
    calculation = root.find(tag("calcPr"))
    if calculation is None:
        calculation = etree.Element(tag("calcPr"))
        earlier = (root.find(tag(name)) for name in _BEFORE_CALCULATION)
        next(element for element in earlier if element is not None).addnext(calculation)
    calculation.set("fullCalcOnLoad", "1")
