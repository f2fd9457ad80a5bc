"""Between rows of plain values and arrays of times and numbers, for workbooks whose program gives rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np

from core.arrays import Array, Times

from .workbook import Block, CellValue, Series

__all__ = ["rows_of", "series_of"]


def series_of(block: Block) -> Series:
    """A table's rows as arrays: its first column times, the others numbers."""
    width = len(block.header) - 1
    times = np.full(len(block.rows), np.datetime64("NaT", "s"))
    numbers = np.full((len(block.rows), width), np.nan)
    odd: dict[tuple[int, int], CellValue] = {}
    for row, (first, *others) in enumerate(block.rows):
        if isinstance(first, datetime):
            times[row] = first
        elif first is not None:
            odd[row, 0] = first
        for column, value in enumerate(others):
            if isinstance(value, float):
                numbers[row, column] = value
            elif value is not None:
                odd[row, column + 1] = value
    places = np.array(block.row_numbers, dtype=np.int64)
    return Series(block.name, block.sheet, block.header, times, numbers, odd, places, block.first_column)


def rows_of(times: Times, numbers: Array, odd: Mapping[tuple[int, int], str]) -> list[list[CellValue]]:
    """Arrays as the rows of a table: NaN is a blank cell, `odd` has the texts among them."""
    rows: list[list[CellValue]] = [
        [time, *(None if value != value else value for value in values)]
        for time, values in zip(times.astype("datetime64[s]").tolist(), numbers.tolist(), strict=True)
    ]
    for (row, column), text in odd.items():
        rows[row][column] = text
    return rows
