"""The sheets of the histories that the examples read: one series a column, as on the desk."""

from __future__ import annotations

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from ...desk.layout.fields import TIME
from ...desk.layout.sheets import FIRST_COLUMN, HEADER_ROW, UNIT_ROW
from ..past import FIRST_ROW, History
from .places import put

__all__ = ["draw_history"]

TIME_WIDTH, WIDTH = 18.0, 14.0


def draw_history(worksheet: Worksheet, history: History) -> None:
    """Fill the sheet below its band."""
    for number, series in enumerate(history.series, start=FIRST_COLUMN):
        side = "left" if series.format == TIME else "right"
        put(worksheet, UNIT_ROW, number, series.unit, "Desk unit", side)
        put(worksheet, HEADER_ROW, number, series.name, "Desk header", side)
        worksheet.column_dimensions[get_column_letter(number)].width = TIME_WIDTH if side == "left" else WIDTH
        pattern = None
        for row, value in enumerate(series.cells(), start=FIRST_ROW):
            if pattern is None:
                pattern = put(worksheet, row, number, value, "Desk data", side)
                pattern.number_format = series.format
            else:  # assigning a style looks it up among the book's; thousands of cells share one look-up
                worksheet.cell(row, number, value)._style = pattern._style  # type: ignore[attr-defined]
