"""What ends where a table ends moves with it: chart ranges, conditional formats, validations, named ranges.

Excel does this while a person types below a table; a file that is written from outside must do it by itself, or the
chart shows the old eight bars of a book that now holds three contracts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from lxml import etree

from .areas import Area, map_ranges
from .markup import local, remove, tag
from .sheet import SheetPart
from .workbook import WorkbookPart

Beyond = Literal["leave", "cover", "fit"]
Setter = Callable[[etree._Element, str], None]

__all__ = ["RULES", "follow", "moved", "rule_areas"]

RULES = (tag("conditionalFormatting"), tag("dataValidation"))
_EXTENDED_RULES = ("conditionalFormatting", "dataValidation")
_PRINT_AREA = "_xlnm.Print_Area"
_TEXT, _VALUES = "{*}tx", ("{*}val", "{*}yVal")


def follow(book: WorkbookPart, sheet: SheetPart, old: Area, new: Area) -> None:
    """Move all that ended with the table at `old` on `sheet` to where it ends now.

    Where the size stays, all stays; but a chart that reaches further down is fitted to the table.
    """
    if new != old:
        _follow_rules(book, sheet, old, new)
        _follow_names(book, sheet.name, old, new)
        _follow_widths(sheet, old, new)
    named = _in_references(sheet.name)
    for part, references in book.charts.items():
        if named in references:
            _follow_chart(book, part, sheet.name, old, new)


def moved(area: Area, old: Area, new: Area, *, beyond: Beyond, widen: bool) -> Area:
    """Where `area` stands after the table went from `old` to `new`.

    It moves when it lies in the table's columns, begins at the header or the first body row and ends at the last row.
    `beyond` says what becomes of one that ends further down, over the blank rows below the table: it stays ("leave"),
    stays but reaches at least the last row ("cover"), or ends at the last row ("fit").
    With `widen` its right edge moves too when that was the table's.
    """
    inside = old.left <= area.left and area.right <= old.right and area.top in (old.top, old.top + 1)
    if not inside or area.bottom < old.bottom or (area.bottom > old.bottom and beyond == "leave"):
        return area
    longer = area.bottom > old.bottom and beyond == "cover"
    bottom = max(area.bottom, new.bottom) if longer else new.bottom
    right = new.right if widen and area.right == old.right and new.right >= area.left else area.right
    return replace(area, bottom=bottom, right=right)


def rule_areas(root: etree._Element) -> list[tuple[etree._Element, str, Setter]]:
    """Where each conditional format and validation of a sheet applies: the element, its text and how to set it."""
    found: list[tuple[etree._Element, str, Setter]] = [
        (rule, rule.get("sqref", ""), _set_attribute) for rule in root.iter(*RULES)
    ]
    for element in root.iter("{*}sqref"):
        parent = element.getparent()
        if parent is not None and local(parent) in _EXTENDED_RULES:
            found.append((element, element.text or "", _set_text))
    return found


def _follow_rules(book: WorkbookPart, sheet: SheetPart, old: Area, new: Area) -> None:
    for element, text, put in rule_areas(sheet.root):
        after = " ".join(str(moved(Area.parse(area), old, new, beyond="cover", widen=True)) for area in text.split())
        if after != text:
            put(element, after)
            book.package.changed.add(sheet.part)


def _set_attribute(element: etree._Element, text: str) -> None:
    element.set("sqref", text)


def _set_text(element: etree._Element, text: str) -> None:
    element.text = text


def _in_references(sheet_name: str) -> str:
    """What a reference to cells of a sheet contains."""
    return sheet_name.replace("'", "''")


def _follow_chart(book: WorkbookPart, part: str, sheet_name: str, old: Area, new: Area) -> None:
    root, named = book.package.xml(part), _in_references(sheet_name)

    def change(sheet: str, area: Area) -> Area:
        return moved(area, old, new, beyond="fit", widen=False) if sheet == sheet_name else area

    for element in root.iter("{*}f", "{*}sqref"):
        text = element.text or ""
        if named not in text:
            continue
        if next(element.iterancestors(_TEXT), None) is not None:
            continue  # a series is named by one cell, the heading
        after = map_ranges(text, change)
        if after != text:
            element.text = after
            book.package.changed.add(part)
    if new.right != old.right:
        _follow_columns(book, part, sheet_name, replace(new, right=old.right), new)


def _follow_columns(book: WorkbookPart, part: str, sheet_name: str, old: Area, new: Area) -> None:
    """Series of columns that left the table go; each new column gets a series like that of the last old one."""
    root = book.package.xml(part)
    by_column: dict[int, etree._Element] = {}
    for series in root.iter("{*}ser"):
        column = _column_of(series, sheet_name, old)
        if column is not None:
            by_column[column] = series
    if not by_column:
        return
    if new.right < old.right:
        gone = [series for column, series in by_column.items() if column > new.right]
        if len(gone) == len(by_column):
            return
        remove(*gone)
        book.redrawn.add(part)
        book.package.changed.add(part)
        return
    if old.right not in by_column or len(by_column) < 2:
        return  # one series of one column is a chart of that column, not of every column
    last = by_column[old.right]
    taken = [int(e.get("val", "0")) for e in root.iter("{*}idx", "{*}order") if local(e.getparent()) == "ser"]  # type: ignore[arg-type]
    for step in range(new.right - old.right, 0, -1):
        last.addnext(_series_of(last, sheet_name, old.right, step, max(taken, default=0) + step))
    book.redrawn.add(part)
    book.package.changed.add(part)


def _column_of(series: etree._Element, sheet_name: str, table: Area) -> int | None:
    """The column of the table that a series draws, None when it draws something else."""
    columns: list[int] = []

    def note(sheet: str, area: Area) -> Area:
        body = area.bottom >= table.bottom and area.top in (table.top, table.top + 1)
        if sheet == sheet_name and body and area.left == area.right and table.left <= area.left <= table.right:
            columns.append(area.left)
        return area

    for values in _VALUES:
        for formula in series.iterfind(f"{values}//{{*}}f"):
            map_ranges(formula.text or "", note)
    return columns[0] if len(columns) == 1 else None


def _series_of(pattern: etree._Element, sheet_name: str, column: int, step: int, number: int) -> etree._Element:
    """A series like `pattern`, `step` columns to the right, in the colour that the chart's theme gives it."""

    def change(sheet: str, area: Area) -> Area:
        if sheet != sheet_name or not area.left == area.right == column:
            return area
        return replace(area, left=column + step, right=column + step)

    series = copy.deepcopy(pattern)
    series.tail = None
    for formula in series.iter("{*}f"):
        formula.text = map_ranges(formula.text or "", change)
    for child in list(series):
        if local(child) in ("idx", "order"):
            child.set("val", str(number))
        elif local(child) == "extLst":
            series.remove(child)
    remove(*[fill for shape in series.iter("{*}spPr") for fill in shape.iter("{*}solidFill")])
    return series


def _follow_names(book: WorkbookPart, sheet_name: str, old: Area, new: Area) -> None:
    named = _in_references(sheet_name)
    for element in book.names_of_cells:
        text = element.text or ""
        if named not in text:
            continue
        whole_print = element.get("name") == _PRINT_AREA

        def change(sheet: str, area: Area, whole_print: bool = whole_print) -> Area:
            if sheet != sheet_name:
                return area
            if whole_print and area.covers(old.top, old.left) and area.bottom == old.bottom:
                return replace(area, bottom=new.bottom, right=new.right if area.right == old.right else area.right)
            if area.top == area.bottom and area.left == area.right:
                return area  # a named cell stays a cell
            return moved(area, old, new, beyond="leave", widen=area.left != area.right)

        after = map_ranges(text, change)
        if after != text:
            element.text = after
            book.package.changed.add(book.part)


def _follow_widths(sheet: SheetPart, old: Area, new: Area) -> None:
    """New columns are as wide as the last old one, unless they have a width of their own."""
    holder = sheet.root.find(tag("cols"))
    if holder is None or new.right <= old.right:
        return
    spans = {(int(e.get("min", "0")), int(e.get("max", "0"))): e for e in holder}
    pattern = next((e for (first, last), e in spans.items() if first <= old.right <= last), None)
    if pattern is None:
        return
    free = [c for c in range(old.right + 1, new.right + 1) if not any(first <= c <= last for first, last in spans)]
    for column in free:
        width = copy.deepcopy(pattern)
        width.set("min", str(column))
        width.set("max", str(column))
        holder.append(width)
        sheet.shared.package.changed.add(sheet.part)
    holder[:] = sorted(holder, key=lambda e: int(e.get("min", "0")))
