"""What becomes of a block of cells: values to write, formulas to fill in, and cells that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from core.records import dataclass

from ..workbook import CellValue
from ..xlsx.areas import Area
from .program import OpenSheet

__all__ = ["KEPT", "Filled", "Grid", "Kept", "Planned", "fill_in", "placed", "put_values"]


class Kept:
    """The type of `KEPT`: a cell that stays as it is."""


KEPT: Final = Kept()


@dataclass(frozen=True)
class Filled:
    """A formula of a calculated column, for a row that is new."""

    formula: str


Planned = CellValue | Kept | Filled
Grid = list[list[Planned]]


def put_values(sheet: OpenSheet, corner: Area, grid: Grid, *, errors: bool = False) -> None:
    """Write the values of a grid that begins at the corner of an area, in as few calls as the other cells allow."""
    for block in _blocks(grid):
        rows = [row[block.left : block.right + 1] for row in grid[block.top : block.bottom + 1]]
        values = [[value for value in row if not isinstance(value, Kept | Filled)] for row in rows]
        first, left = corner.top + block.top, corner.left + block.left
        area = Area(first, left, first + block.bottom - block.top, left + block.right - block.left)
        sheet.put(area, values, errors=errors)


def fill_in(sheet: OpenSheet, corner: Area, grid: Grid) -> None:
    """Write the formulas of a grid."""
    for place, planned in placed(grid, corner):
        if isinstance(planned, Filled):
            sheet.fill(place, planned.formula)


def placed(grid: Grid, corner: Area) -> Iterator[tuple[tuple[int, int], Planned]]:
    """Each cell of a grid with its row and column on the sheet."""
    for down, row in enumerate(grid, corner.top):
        for right, planned in enumerate(row, corner.left):
            yield (down, right), planned


def _blocks(grid: Grid) -> Iterator[Area]:
    """Rectangles of a grid, counted from 0, that hold nothing but values and together all of them."""
    masks = [tuple(isinstance(cell, Kept | Filled) for cell in column) for column in zip(*grid, strict=True)]
    left = 0
    for mask, columns in groupby(masks):
        right, top = left + len(list(columns)) - 1, 0
        for stays, rows in groupby(mask):
            bottom = top + len(list(rows)) - 1
            if not stays:
                yield Area(top, left, bottom, right)
            top = bottom + 1
        left = right + 1
