"""The figures of a desk: by table and column, or table and measure, what a job has put there."""

from __future__ import annotations

import math
from dataclasses import replace

from xladdin.books.workbook import Block, Workbook
from xladdin.desk.layout.sheets import SHEETS, TABLES

__all__ = ["Figures", "figures_of", "how_far", "table_of_doors"]

Figures = dict[str, tuple[float, ...]]
"""By what they are, like `Weights[Final]` or `WeightsSummary: Beta`, the numbers from top to bottom."""

FILLED = {sheet.name for sheet in SHEETS if sheet.kind == "result"} | {"Checks", "Verification"}
RESULTS = [table for table in TABLES.values() if table.sheet in FILLED]

ABSOLUTE = 1e-13
"""What two figures that are zero but for rounding may differ by."""


def figures_of(book: Workbook) -> Figures:
    """Every number in every table of results.

    Verification is read in the order of its names: what is furthest stands first there, which a last bit decides.
    """
    found: dict[str, list[float]] = {}
    for layout in RESULTS:
        block = book.table(layout.name)
        if layout.name == "Verification":
            block = replace(block, rows=tuple(sorted(block.rows, key=lambda row: [str(each) for each in row[:2]])))
        for row, values in enumerate(block.rows):
            for column, value in zip(block.header, values, strict=True):
                if isinstance(value, float):
                    found.setdefault(_name(block, row, column, measured=bool(layout.measures)), []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def _name(block: Block, row: int, column: str, *, measured: bool) -> str:
    return f"{block.name}: {block.rows[row][0]}" if measured else f"{block.name}[{column}]"


def how_far(mine: tuple[float, ...], others: tuple[float, ...]) -> float:
    """The largest relative distance of two figures; infinite where one of them is missing."""
    if len(mine) != len(others):
        return math.inf
    apart = [(abs(a - b), max(abs(a), abs(b))) for a, b in zip(mine, others, strict=True)]
    return max((gap / size for gap, size in apart if gap > ABSOLUTE), default=0.0)


def table_of_doors(doors: dict[str, Figures]) -> str:
    """Doors by figures, each held against the first door: `=` to the last bit, else how far apart."""
    first, *others = doors
    lines = [f"{'figure':44}{'cells':>7}" + "".join(f"{door:>14}" for door in doors)]
    for name, figures in doors[first].items():
        marks = [_mark(figures, doors[door].get(name, ())) for door in others]
        lines.append(f"{name[:43]:44}{len(figures):7}{'is':>14}" + "".join(f"{mark:>14}" for mark in marks))
    return "\n".join(lines)


def _mark(mine: tuple[float, ...], others: tuple[float, ...]) -> str:
    return "=" if mine == others else f"{how_far(mine, others):.0e}"
