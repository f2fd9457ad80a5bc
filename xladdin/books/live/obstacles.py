"""What must not be written over: formulas, merged cells, array formulas, locked cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from core.errors import BookError

from ..xlsx.areas import Area, cell_name
from .cells import entered_in, range_at
from .excel import first_cell, is_locked, is_protected, is_spilled

__all__ = ["refuse_formula", "refuse_obstacles", "refuse_occupied", "refuse_protection"]


def refuse_formula(where: str) -> NoReturn:
    """Raises BookError: a formula is never overwritten."""
    raise BookError(f"{where} holds a formula; results go only over values, clear that cell first")


def refuse_obstacles(sheet: Any, name: str, area: Area) -> None:
    """Nothing when values may be laid over `area`. Raises BookError for merged cells and array formulas in it.

    The first cell of a merge, taken alone, holds the value of the merge and may be written.
    """
    merged = first_cell(area, lambda part: range_at(sheet, part).merge_cells is not False)
    if merged is not None:
        merge = Area.parse(sheet.range(merged).merge_area.address)
        if area != Area(merge.top, merge.left, merge.top, merge.left):
            raise BookError(
                f"{name}!{cell_name(*merged)} lies in the merged cells {merge}, which results would cut; move it away"
            )
    _refuse_array(sheet, name, area, lambda cells: cells.has_array)
    _refuse_array(sheet, name, area, is_spilled)


def refuse_protection(sheet: Any, name: str, area: Area) -> None:
    """Nothing when the sheet is open to changes. Raises BookError where protection locks a cell of `area`."""
    if not is_protected(sheet):
        return
    locked = first_cell(area, lambda part: is_locked(range_at(sheet, part)) is not False)
    if locked is not None:
        raise BookError(
            f"{name}!{cell_name(*locked)} is locked by sheet protection; take that off (Review > Unprotect Sheet)"
        )


def refuse_occupied(sheet: Any, name: str, area: Area, purpose: str) -> None:
    """Nothing when the cells are blank. Raises BookError that names one of them and what it is in the way of."""
    for down, row in enumerate(entered_in(range_at(sheet, area)), area.top):
        for right, text in enumerate(row, area.left):
            if text not in ("", None):
                raise BookError(f"{name}!{cell_name(down, right)} is in the way of {purpose}; clear or move it")


def _refuse_array(sheet: Any, name: str, area: Area, question: Callable[[Any], bool | None]) -> None:
    found = first_cell(area, lambda part: question(range_at(sheet, part)) is not False)
    if found is not None:
        raise BookError(f"{name}!{cell_name(*found)} lies in an array formula, which results would cut; move it away")
