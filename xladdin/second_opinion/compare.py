"""Each figure of a sheet beside its second opinion: the cell that is furthest off, and whether that is much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ..books.workbook import Block, CellValue
from .tolerances import SAME, Tolerance

__all__ = ["Figure", "compared", "figure_of_rows", "not_covered"]

Verdict = Literal["agrees", "as good", "differs", "not covered"]


@dataclass(frozen=True)
class Figure:
    """One figure of the desk: at the cell that is furthest off, of so many that were looked at.

    `difference` and `tolerance` are None where there are no two numbers.
    """

    name: str
    sheet: str
    cell: str
    cells: int
    desk: CellValue
    second: CellValue
    difference: float | None
    tolerance: float | None
    verdict: Verdict
    reason: str

    @property
    def distance(self) -> float:
        """Difference in tolerances, by which figures are ranked; those that differ stand first."""
        if self.verdict == "not covered":
            return -1.0
        if self.difference is None:
            return math.inf if self.verdict == "differs" else 0.0
        ratio = self.difference / self.tolerance if self.tolerance else (math.inf if self.difference else 0.0)
        return ratio if self.verdict == "differs" else min(ratio, 1.0)


def compared(
    block: Block, column: str, seconds: Sequence[Any], tolerance: Tolerance, name: str = "", excuse: str = ""
) -> list[Figure]:
    """The cells of a column against their second opinion: each that differs, and the furthest of the others.

    Of names that are equally right a second opinion has the set.

    `excuse` says why cells that are off may be: then they are as good.
    """
    name = name or f"{block.name}.{column}"
    figures = [
        _cell(block, row, column, desk, second, tolerance, name)
        for row, (desk, second) in enumerate(zip(block.column(column), seconds, strict=True))
    ]
    if excuse:
        figures = [
            Figure(**{**vars(each), "verdict": "as good", "reason": excuse}) if each.verdict == "differs" else each
            for each in figures
        ]
    wrong = [each for each in figures if each.verdict == "differs"]
    others = sorted((each for each in figures if each.verdict != "differs"), key=lambda each: each.distance)
    summed = [Figure(**{**vars(others[-1]), "cells": len(others)})] if others else []
    return [*wrong, *summed]


def figure_of_rows(block: Block, second: int) -> list[Figure]:
    """That a table has as many rows as it should; nothing where it has."""
    if len(block.rows) == second:
        return []
    desk = float(len(block.rows))
    return [
        Figure(
            f"{block.name}, rows", block.sheet, "", 1, desk, float(second), abs(desk - second), 0.0, "differs",
            "the table has other rows than the inputs ask for",
        )
    ]  # fmt: skip


def not_covered(name: str, sheet: str, cells: int, reason: str) -> Figure:
    """A figure without a second opinion, and why."""
    return Figure(name, sheet, "", cells, None, None, None, None, "not covered", reason)


def _cell(block: Block, row: int, column: str, desk: CellValue, second: Any, tolerance: Tolerance, name: str) -> Figure:
    second = _plain(_one_of(second, desk) if isinstance(second, frozenset) else second)
    cell = block.address(row, column).split("!")[-1]
    difference, allowed, same = _apart(desk, second, tolerance)
    verdict: Verdict = "agrees" if same else "differs"
    reason = tolerance.reason if isinstance(desk, float) and isinstance(second, float) else SAME.reason
    return Figure(name, block.sheet, cell, 1, desk, second, difference, allowed, verdict, reason)


def _apart(desk: CellValue, second: CellValue, tolerance: Tolerance) -> tuple[float | None, float | None, bool]:
    """Difference, what is allowed, and whether it is within that."""
    if _is_missing(desk) and _is_missing(second):
        return 0.0, tolerance.absolute, True
    if isinstance(desk, datetime) and isinstance(second, datetime):
        seconds = abs((desk - second).total_seconds())
        return seconds, 1.0, seconds <= 1.0
    if isinstance(desk, float) and isinstance(second, float):
        difference, allowed = abs(desk - second), tolerance.at(second)
        return difference, allowed, difference <= allowed
    return None, None, desk == second


def _one_of(names: frozenset[str], desk: CellValue) -> CellValue:
    """The desk's where it is right, else the first that is; None where there is none."""
    return desk if desk in names else min(names, default=None)


def _plain(value: Any) -> CellValue:
    """As a cell would hold it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return datetime(*value.timetuple()[:6])
    number = float(value)
    if math.isinf(number):
        return "#NUM!"
    return None if math.isnan(number) else number


def _is_missing(value: CellValue) -> bool:
    return value is None or value in ("", "#N/A")
