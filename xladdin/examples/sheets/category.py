"""The sheet of a category: its examples one below the other, and the deliberate slips after them."""

from __future__ import annotations

from openpyxl.styles import Alignment
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from ...desk.layout.sheets import NOTE_ROW
from ..example import Example
from .block import Drawn, draw_example
from .places import LABEL_COLUMN, WIDTHS, put

__all__ = ["draw_category"]

GAP = 2
"""Blank rows between examples."""

PAGE_ROWS = 46
"""Rows of a printed page; an example that would run over its end begins the next one."""

SLIPS = "From here on, mistakes on purpose: what the cell shows then, and what PERP_WHY says of it."


def draw_category(worksheet: Worksheet, examples: tuple[Example, ...], guide: str) -> list[Drawn]:
    """Fill the sheet below its band; returns where each example stands.

    `guide` says where a function is explained; `{name}` in it stands for its name in small letters, as anchors are.
    """
    for letter, width in WIDTHS.items():
        worksheet.column_dimensions[letter].width = width
    row = page = NOTE_ROW + 1
    drawn: list[Drawn] = []
    for example, before in zip(examples, (None, *examples), strict=False):
        if example.slip and not (before and before.slip):
            put(worksheet, row, LABEL_COLUMN, SLIPS, "Desk note").alignment = Alignment("left", "center")
            row += 2
        place = draw_example(worksheet, row, example, guide.format(name=example.function.lower()))
        if place.end - page > PAGE_ROWS and drawn:
            worksheet.row_breaks.append(Break(id=drawn[-1].end))
            page = place.top
        drawn.append(place)
        row = place.end + GAP
    return drawn
