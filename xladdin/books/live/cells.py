"""Blocks of cells, read and written in one wide call each.

What Excel shows is read as plain values. What is written never means more than it says: text is marked as text with
an apostrophe, which Excel keeps out of the value, so that no `=1+1`, `1/2`, `SEPT2` or `TRUE` from outside becomes a
formula, a date or a truth value. NaN becomes the error #N/A, infinity #NUM!.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ...cells import ERROR_CODES
from ..contents import plain
from ..workbook import CellValue
from ..xlsx.areas import Area
from .excel import numbers_of

__all__ = ["as_read", "entered_in", "formulas_in", "put", "range_at", "values_in"]

ERRORS = frozenset(ERROR_CODES.values())


def range_at(sheet: Any, area: Area) -> Any:
    """The xlwings Range of an area."""
    return sheet.range((area.top, area.left), (area.bottom, area.right))


def values_in(cells: Any) -> list[list[CellValue]]:
    """What stands in the cells, row by row: None when blank, an error as its text, a time to the second."""
    rows = cells.options(ndim=2, err_to_str=True).value
    if any(isinstance(value, Decimal) for row in rows for value in row):
        bare = numbers_of(cells)
        rows = [
            [exact if isinstance(value, Decimal) else value for value, exact in zip(row, numbers, strict=True)]
            for row, numbers in zip(rows, bare, strict=True)
        ]
    return [[_read(value) for value in row] for row in rows]


def entered_in(cells: Any) -> list[list[Any]]:
    """What was entered in each cell: its formula, or its value as Excel spells it; "" when blank."""
    texts = cells.formula
    if not isinstance(texts, tuple | list):
        return [[texts]]
    if texts and isinstance(texts[0], tuple | list):
        return [list(row) for row in texts]
    return [list(texts)] if cells.shape[0] == 1 else [[text] for text in texts]


def formulas_in(cells: Any, values: list[list[CellValue]]) -> list[list[str | None]]:
    """The formula of each cell, None where a value was entered. `values` are those of the cells.

    A text that was entered and begins with = is told from a formula by this, that it is its own value.
    """
    return [
        [
            text if isinstance(text, str) and text.startswith("=") and text != value else None
            for text, value in zip(row, known, strict=True)
        ]
        for row, known in zip(entered_in(cells), values, strict=True)
    ]


def put(cells: Any, rows: Sequence[Sequence[CellValue]], *, errors: bool = False) -> None:
    """Write values over the cells. With `errors`, a text that reads like an error (#N/A) is that error again."""
    cells.value = [
        [value if errors and isinstance(value, str) and value in ERRORS else _entered(value) for value in row]
        for row in rows
    ]


def as_read(value: CellValue) -> CellValue:
    """A value as it reads back from a cell."""
    if isinstance(value, float) and not math.isfinite(value):
        return "#N/A" if math.isnan(value) else "#NUM!"
    return value


def _entered(value: CellValue) -> CellValue:
    """What to enter so that a cell holds `value` and nothing that Excel would make of it."""
    return f"'{value}" if isinstance(value, str) else as_read(value)


def _read(value: Any) -> CellValue:
    if isinstance(value, int) and not isinstance(value, bool) and value in ERROR_CODES:
        return ERROR_CODES[value]
    return plain(value)
