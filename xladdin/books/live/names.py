"""The named cells of an open workbook, read together: one wide call a sheet, instead of several calls a name."""

from __future__ import annotations

import re
from functools import cached_property

from core.checks import nearest
from core.errors import BookError, LostNameError
from core.records import dataclass

from ..workbook import CellValue
from ..xlsx.areas import Area, cell_name
from .program import OpenWorkbook

__all__ = ["NamedCells", "Place"]

_CELL_REFERENCE = re.compile(r"=('(?:[^']|'')+'|[^'!]+)!(\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)")
WIDEST_READ = 100_000
"""Cells that are read together for the sake of the names among them; names further apart are read one by one."""


@dataclass(frozen=True)
class Place:
    """Where a name points: the name of its sheet and one cell there."""

    sheet: str
    row: int
    column: int

    @property
    def address(self) -> str:
        """Like `Settings!C7`."""
        return f"{self.sheet}!{cell_name(self.row, self.column)}"

    @property
    def area(self) -> Area:
        """The cell as an area."""
        return Area(self.row, self.column, self.row, self.column)


class NamedCells:
    """The names of a whole workbook; those of a single sheet are not meant."""

    def __init__(self, book: OpenWorkbook) -> None:
        self._book = book
        self._read: dict[str, dict[Place, CellValue]] = {}

    def place(self, name: str) -> Place:
        """Where a named cell stands. Raises BookError when the name is missing or is not one cell."""
        known = next((each for each in self.targets if each.lower() == name.lower()), None)
        if known is None:
            raise LostNameError(
                f"{self._book.name} has no named cell '{name}'{nearest(name, self.targets)}; "
                "name the cell again (Formulas > Name Manager) or start from `perpdesk new`",
                self.targets,
            )
        target = self.targets[known]
        found = _pointed_at(target)
        if found is None:
            raise BookError(
                f"the name '{name}' stands for '{target.removeprefix('=')}', not for a cell; "
                "point it at one (Formulas > Name Manager)"
            )
        sheet, area = found
        single = (area.top, area.left) == (area.bottom, area.right)
        if not single and not self._is_merge(sheet, area):
            raise BookError(
                f"the name '{name}' stands for the range {target.removeprefix('=')}; "
                "point it at one cell (Formulas > Name Manager)"
            )
        return Place(sheet, area.top, area.left)

    def value(self, place: Place) -> CellValue:
        """What stands in a named cell."""
        if place.sheet not in self._read:
            self._read[place.sheet] = self._values_on(place.sheet)
        if place not in self._read[place.sheet]:
            self._read[place.sheet][place] = self._book.sheets[place.sheet].values(place.area)[0][0]
        return self._read[place.sheet][place]

    @cached_property
    def targets(self) -> dict[str, str]:
        """What each name stands for, as a formula."""
        return dict(self._book.names())

    def _values_on(self, sheet: str) -> dict[Place, CellValue]:
        """The values of all single cells of a sheet that have a name."""
        pointed = [found for target in self.targets.values() if (found := _pointed_at(target)) is not None]
        areas = [area for where, area in pointed if where == sheet]
        cells = [(area.top, area.left) for area in areas if (area.top, area.left) == (area.bottom, area.right)]
        if not cells:
            return {}
        rows, columns = [row for row, _ in cells], [column for _, column in cells]
        box = Area(min(rows), min(columns), max(rows), max(columns))
        if (box.bottom - box.top + 1) * (box.right - box.left + 1) > WIDEST_READ:
            return {}
        values = self._book.sheets[sheet].values(box)
        return {Place(sheet, row, column): values[row - box.top][column - box.left] for row, column in cells}

    def _is_merge(self, sheet: str, area: Area) -> bool:
        merged = self._book.sheets[sheet].merged_cell(Place(sheet, area.top, area.left).area)
        return merged is not None and merged[1] == area


def _pointed_at(target: str) -> tuple[str, Area] | None:
    """Sheet and area of a name that stands for cells."""
    match = _CELL_REFERENCE.fullmatch(target.strip())
    if match is None:
        return None
    sheet = match[1]
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet, Area.parse(match[2])
