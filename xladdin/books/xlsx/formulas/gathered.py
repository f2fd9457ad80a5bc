"""All formulas of a workbook as what can be followed: those that share a text are one, over all their cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from core.records import dataclass

from ..areas import Area, Reference
from .cells import FormulaCell
from .dependents import dependents
from .references import Formula, Surroundings

__all__ = ["Stale", "stale_results"]

Cells = dict[str, set[tuple[int, int]]]
"""Cells by sheet."""


@dataclass
class Stale:
    """Results that hold no more: of formulas in `cells`, and in the areas that formulas of several cells fill."""

    cells: Cells = field(default_factory=dict)
    filled: dict[str, list[Area]] = field(default_factory=dict)
    areas: list[Reference] = field(default_factory=list)


def stale_results(
    formulas: Iterable[tuple[str, Iterable[FormulaCell]]], written: Sequence[Reference], around: Surroundings
) -> Stale:
    """What of the formulas, given by sheet, can hang on the written areas."""
    gathered = [each for sheet, cells in formulas for each in _gathered(sheet, cells)]
    reached = dependents([formula for formula, _ in gathered], written, around)
    stale = Stale()
    for (formula, members), is_stale in zip(gathered, reached, strict=True):
        if not is_stale:
            continue
        stale.cells.setdefault(formula.sheet, set()).update(members)
        stale.areas.append((formula.sheet, formula.area))
        if not formula.shared and formula.area.absolute.count(":"):
            stale.filled.setdefault(formula.sheet, []).append(formula.area)
    return stale


def _gathered(sheet: str, cells: Iterable[FormulaCell]) -> Iterator[tuple[Formula, list[tuple[int, int]]]]:
    """Each formula of a sheet with the cells in which it is written."""
    sharing: dict[str, list[FormulaCell]] = {}
    for cell in cells:
        if cell.kind == "shared":
            sharing.setdefault(cell.group, []).append(cell)
            continue
        area = cell.area or Area(cell.row, cell.column, cell.row, cell.column)
        text = "" if cell.kind == "dataTable" else cell.text
        yield Formula(sheet, cell.row, cell.column, text, area), [(cell.row, cell.column)]
    for group in sharing.values():
        first = next((cell for cell in group if cell.text), group[0])
        rows, columns = [cell.row for cell in group], [cell.column for cell in group]
        area = Area(min(rows), min(columns), max(rows), max(columns))
        members = list(zip(rows, columns, strict=True))
        yield Formula(sheet, first.row, first.column, first.text, area, shared=True), members
