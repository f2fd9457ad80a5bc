"""The lines right above a table's headings (what a column means, its unit) come and go with the columns.

Only texts that repeat are touched: a line leaves with its column when a column that stays bears the same line, and a
new column gets the lines of the last old one where nothing stands yet.
"""

from __future__ import annotations

from .areas import Area, map_ranges
from .sheet import SheetPart
from .workbook import WorkbookPart

__all__ = ["follow_columns"]


def follow_columns(book: WorkbookPart, sheet: SheetPart, old: Area, new: Area) -> None:
    """Clear the lines above columns that left the table, and write those of columns that came."""
    pattern = min(old.right, new.right)
    columns = range(pattern + 1, max(old.right, new.right) + 1)
    named = _named_cells(book, sheet.name)
    for row in range(old.top - 1, 0, -1):
        line = sheet.text(row, pattern)
        strip = Area(row, pattern + 1, row, columns.stop - 1)
        if line is None or (row, pattern) in named or not columns or sheet.obstacle_in(strip):
            return
        for column in columns:
            if new.right > old.right and not sheet.holds_something(row, column):
                sheet.put(row, column, line, sheet.style(row, pattern))
            elif new.right < old.right and sheet.text(row, column) == line:
                sheet.clear(row, column, formula_too=False)


def _named_cells(book: WorkbookPart, sheet_name: str) -> set[tuple[int, int]]:
    """The cells of a sheet that bear a name: they hold a value of their own, not a caption."""
    found = set()

    def note(name: str, area: Area) -> Area:
        if name == sheet_name and (area.top, area.left) == (area.bottom, area.right):
            found.add((area.top, area.left))
        return area

    for element in book.names_of_cells:
        map_ranges(element.text or "", note)
    return found
