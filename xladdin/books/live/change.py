"""A new body, and maybe new columns, for one table of an open workbook: planned and refused first, landed later.

Planning asks the program all that could stand in the way, so that landing meets nothing but the program's own
refusals; and what landing has done up to one of those, it can undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain

from core.errors import BookError
from core.records import dataclass

from ..contents import check_header, check_widths, plain
from ..structured import column_named, has_addresses
from ..workbook import CellValue
from ..xlsx.areas import LAST_COLUMN, LAST_ROW, Area, cell_name
from .cells import as_read
from .grid import KEPT, Filled, Grid, Kept, Planned, fill_in, put_values
from .obstacles import refuse_formula, refuse_obstacles, refuse_occupied, refuse_protection
from .program import OpenTable
from .table import LiveTable

__all__ = ["TableChange"]

Formulas = Callable[[], Iterable[tuple[str, str]]]
"""All formulas of a workbook, each with its place; asked for only where columns change."""

Before = tuple[list[list[CellValue]], list[list[str | None]]]
"""Values and formulas of cells as they stood."""


@dataclass(frozen=True)
class TableChange:
    """What a table becomes: `rows` is all of its body, of which the first `kept` rows stay untouched."""

    table: LiveTable
    header: tuple[str, ...]
    rows: list[list[CellValue]]
    kept: int

    @classmethod
    def planned(
        cls,
        table: LiveTable,
        header: Sequence[str],
        kept_rows: Sequence[Sequence[CellValue]],
        rows: Sequence[Sequence[CellValue]],
        kept: int,
    ) -> TableChange:
        """`rows` below `kept_rows`, of which the first `kept` stand there already. Raises BookError."""
        table.refuse_fixed_size()
        check_widths(rows, len(header), table.where)
        top = table.area.top + 1 + len(kept_rows)
        body = [
            [_plain(value, table, row, right) for right, value in enumerate(values)]
            for row, values in enumerate(rows, top)
        ]
        everything = [*map(list, kept_rows), *body] or [[None] * len(header)]
        change = cls(table, tuple(header), everything, kept)
        change._refuse_columns()
        return change

    @property
    def opened(self) -> OpenTable:
        """The table as its program has it."""
        return self.table.opened

    @property
    def old(self) -> Area:
        """Where the table stands."""
        return self.table.area

    @property
    def new(self) -> Area:
        """Where it will stand."""
        return Area(self.old.top, self.old.left, self.old.top + len(self.rows), self.old.left + len(self.header) - 1)

    @property
    def keeps_columns(self) -> bool:
        """Whether the headings stay."""
        return self.header == self.table.header

    @property
    def shown(self) -> list[list[CellValue]]:
        """The body as it will read; formulas that stay show what they show now, new ones nothing yet."""
        calculated = [position for position, formula in enumerate(self.table.calculated) if formula is not None]
        rows = [[as_read(value) for value in row] for row in self.rows]
        for row, before in zip(rows, self.table.rows, strict=False):
            for position in calculated:
                row[position] = before[position] if row[position] is None else row[position]
        return rows

    def refuse(self, others: Iterable[tuple[str, Area]], formulas: Formulas) -> None:
        """Nothing when the change may land beside the other tables of its sheet. Raises BookError."""
        table, new = self.table, self.new
        if new.bottom > LAST_ROW or new.right > LAST_COLUMN:
            raise BookError(
                f"{table.where} would need {len(self.rows):,} rows and {len(self.header):,} columns, "
                "more than a sheet has; shorten it"
            )
        for name, area in others:
            if area.overlaps(new):
                raise BookError(f"table '{name}' is in the way of {table.where}, which needs {new}; move it away")
        if not self.keeps_columns:
            self._refuse_orphans(formulas())
        for added in new.without(self.old):
            refuse_occupied(table.sheet, added, f"table '{table.name}', which needs {new}")
        for area in dict.fromkeys((self.old, new)):  # one, where the table keeps its size
            refuse_obstacles(table.sheet, area)
            refuse_protection(table.sheet, area)
        if new != self.old and table.sheet.is_protected:
            raise BookError(
                f"sheet '{table.sheet_name}' is protected, so that table '{table.name}' cannot be resized; "
                "take that off (Review > Unprotect Sheet)"
            )
        self._grid()

    def land(self, undo: ExitStack) -> None:
        """Write the change; what takes it back is left in `undo`."""
        table, sheet, old, new = self.table, self.table.sheet, self.old, self.new
        grid = self._grid()
        body = Area(old.top + 1 + self.kept, old.left, max(old.bottom, new.bottom), max(old.right, new.right))
        undo.callback(self._take_back, grid, body, self._before(body))
        if new != old:
            table.opened.resize(new)
        if not self.keeps_columns:
            self._put_header(self.header, old)
        if new.bottom > old.bottom or new.right > old.right:
            self._carry_formats()
        put_values(sheet, body, grid)
        fill_in(sheet, body, grid)

    def _before(self, body: Area) -> Before:
        if body.bottom < body.top:
            return [], []
        values = self.table.sheet.values(body)
        return values, self.table.sheet.formulas(body, values)

    def _take_back(self, grid: Grid, body: Area, before: Before) -> None:
        """Make size, headings and cells what they were."""
        sheet, (values, formulas) = self.table.sheet, before
        if self.new != self.old:
            self.table.opened.resize(self.old)
        if not self.keeps_columns:
            self._put_header(self.table.header, self.new)
        shown = zip(chain.from_iterable(grid), chain.from_iterable(values), chain.from_iterable(formulas), strict=True)
        cells = [_taken_back(planned, value, formula) for planned, value, formula in shown]
        width = body.right - body.left + 1
        restored = [cells[start : start + width] for start in range(0, len(cells), width)]
        put_values(sheet, body, restored, errors=True)
        fill_in(sheet, body, restored)

    def _put_header(self, header: Sequence[str], before: Area) -> None:
        """Write headings; first ones that nobody has, for Excel renames a heading that stands twice at any moment."""
        top, left = self.old.top, self.old.left
        cells = Area(top, left, top, left + len(header) - 1)
        self.table.sheet.put(cells, [[f"__{number}__" for number in range(len(header))]])
        self.table.sheet.put(cells, [list(header)])
        if before.right >= left + len(header):
            beyond = Area(top, left + len(header), top, before.right)
            self.table.sheet.put(beyond, [[None] * (before.right - beyond.left + 1)])

    def _carry_formats(self) -> None:
        """Give new rows and columns the number formats of the first row and the last column."""
        sheet, old, new = self.table.sheet, self.old, self.new
        for added in new.without(old):
            for column in range(added.left, added.right + 1):
                source = (old.top + 1, min(column, old.right))
                sheet.copy_format(source, replace(added, left=column, right=column))

    def _grid(self) -> Grid:
        """What becomes of each cell below the kept rows, of all that the table covers before or after."""
        old, new = self.old, self.new
        return [
            [self._planned(row, column) for column in range(old.left, max(old.right, new.right) + 1)]
            for row in range(old.top + 1 + self.kept, max(old.bottom, new.bottom) + 1)
        ]

    def _planned(self, row: int, column: int) -> Planned:
        table, down, right = self.table, row - self.old.top - 1, column - self.old.left
        inside = self.old.covers(row, column)
        formula = table.formulas[down][right] if inside else None
        calculated = table.calculated[right] if column <= self.old.right else None
        if not self.new.covers(row, column):
            if formula is not None and calculated is None:
                self._refuse_formula(row, column)
            return None if inside else KEPT
        value = self.rows[down][right]
        if formula is not None and table.rows[down][right] == value:
            return KEPT
        if calculated is not None and value is None:
            return KEPT if inside else Filled(calculated)
        if formula is not None:
            self._refuse_formula(row, column)
        return value

    def _refuse_formula(self, row: int, column: int) -> None:
        refuse_formula(f"{self.table.sheet_name}!{cell_name(row, column)}")

    def _refuse_columns(self) -> None:
        """Nothing when the headings can be, and formulas of calculated columns can follow. Raises BookError."""
        table = self.table
        if not self.keeps_columns:
            check_header(self.header, table.where)
        for heading, formula in zip(table.header, table.calculated, strict=True):
            if formula is None:
                continue
            if not self.keeps_columns:
                raise BookError(
                    f"column '{heading}' of table '{table.name}' holds formulas, so its columns cannot change; "
                    "move those formulas out of the table"
                )
            if self.new.bottom > self.old.bottom and has_addresses(formula):
                raise BookError(
                    f"column '{heading}' of table '{table.name}' has a formula with cell addresses; "
                    "use headings instead ([@Price]) so that it can be filled down"
                )

    def _refuse_orphans(self, formulas: Iterable[tuple[str, str]]) -> None:
        """Nothing when no formula names a column that goes or moves: Excel would make it name another one."""
        stay = {old for old, new in zip(self.table.header, self.header, strict=False) if old == new}
        unsettled = {heading.lower() for heading in self.table.header if heading not in stay}
        for where, formula in formulas:
            lost = column_named(formula, self.table.name, unsettled)
            if lost is not None:
                raise BookError(
                    f"{where} refers to {self.table.name}[{lost}], a column that would go or move; "
                    "change that formula first"
                )


def _taken_back(planned: Planned, value: CellValue, formula: str | None) -> Planned:
    """What a cell that may have been written over becomes again."""
    if isinstance(planned, Kept):
        return KEPT
    return value if formula is None else Filled(formula)


def _plain(value: object, table: LiveTable, row: int, right: int) -> CellValue:
    try:
        return plain(value)
    except BookError as error:
        raise BookError(f"{table.sheet_name}!{cell_name(row, table.area.left + right)}: {error}") from None
