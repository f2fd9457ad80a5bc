"""Where things stand on a sheet of examples: the columns, their widths, how high a wrapped sentence is."""

from __future__ import annotations

import math
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

__all__ = [
    "EXPECTED_COLUMN",
    "LABEL_COLUMN",
    "LAST_COLUMN",
    "ROOM_BESIDE",
    "UNIT_COLUMN",
    "VALUE_COLUMN",
    "WIDTHS",
    "WORDS_COLUMN",
    "link",
    "put",
    "raise_row",
]

LABEL_COLUMN, VALUE_COLUMN, EXPECTED_COLUMN, UNIT_COLUMN, WORDS_COLUMN = 2, 3, 7, 10, 11
LAST_COLUMN = WORDS_COLUMN
WIDTHS = {"B": 25.0, **dict.fromkeys("CDEFGHI", 14.0), "J": 16.0, "K": 74.0}

ROOM_BESIDE = 4
"""Columns of an answer that leave room for what is expected beside it."""

LETTERS_A_LINE = 92
"""Of a sentence in the last column."""
LINE_HEIGHT = 13.5


def put(worksheet: Worksheet, row: int, column: int, value: Any, style: str, side: str = "left") -> Any:
    """Write a cell in one of the desk's styles and return it; text beside other cells is set off by an indent."""
    cell = worksheet.cell(row, column, value)
    if cell.data_type == "e":
        cell.data_type = "s"  # the name of an error that is expected is a word, not an error
    cell.style = style
    indent = int(side == "left" and column > LABEL_COLUMN)
    cell.alignment = Alignment(side, "center", indent=indent, wrap_text=column == WORDS_COLUMN)
    return cell


def link(worksheet: Worksheet, row: int, column: int, words: str, target: str) -> Any:
    """Words that lead to a place in the workbook (`'Beta'!B5`), or to a file or page where it has no `!`."""
    cell = put(worksheet, row, column, words, "Desk link")
    inside = "!" in target
    cell.hyperlink = Hyperlink(
        ref=cell.coordinate, location=target if inside else None, target=None if inside else target, display=words
    )
    put(worksheet, row, column, words, "Desk link")  # a link brings a style of its own
    return cell


def raise_row(worksheet: Worksheet, row: int, words: str) -> None:
    """Make a row as high as its sentence in the last column needs."""
    lines = math.ceil(len(words) / LETTERS_A_LINE)
    if lines > 1:
        worksheet.row_dimensions[row].height = lines * LINE_HEIGHT + 2
