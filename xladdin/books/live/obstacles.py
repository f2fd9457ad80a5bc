"""What must not be written over: formulas, merged cells, array formulas, locked cells."""

from __future__ import annotations

from typing import NoReturn

from core.errors import BookError

from ..xlsx.areas import Area, cell_name
from .program import OpenSheet

__all__ = ["refuse_formula", "refuse_obstacles", "refuse_occupied", "refuse_protection"]


def refuse_formula(where: str) -> NoReturn:
    """Raises BookError: a formula is never overwritten."""
    raise BookError(f"{where} holds a formula; results go only over values, clear that cell first")


def refuse_obstacles(sheet: OpenSheet, area: Area) -> None:
    """Nothing when values may be laid over `area`. Raises BookError for merged cells and array formulas in it.

    The first cell of a merge, taken alone, holds the value of the merge and may be written.
    """
    merged = sheet.merged_cell(area)
    if merged is not None:
        cell, merge = merged
        if area != Area(merge.top, merge.left, merge.top, merge.left):
            raise BookError(
                f"{sheet.name}!{cell_name(*cell)} lies in the merged cells {merge}, which results would cut; "
                "move it away"
            )
    found = sheet.array_cell(area)
    if found is not None:
        raise BookError(
            f"{sheet.name}!{cell_name(*found)} lies in an array formula, which results would cut; move it away"
        )


def refuse_protection(sheet: OpenSheet, area: Area) -> None:
    """Nothing when the sheet is open to changes. Raises BookError where protection locks a cell of `area`."""
    locked = sheet.locked_cell(area)
    if locked is not None:
        raise BookError(
            f"{sheet.name}!{cell_name(*locked)} is locked by sheet protection; take that off (Review > Unprotect Sheet)"
        )


def refuse_occupied(sheet: OpenSheet, area: Area, purpose: str) -> None:
    """Nothing when the cells are blank. Raises BookError that names one of them and what it is in the way of."""
    found = sheet.occupied_cell(area)
    if found is not None:
        raise BookError(f"{sheet.name}!{cell_name(*found)} is in the way of {purpose}; clear or move it")
