"""What a program must tell and do so that its open workbook can be read and changed: the seam to Excel and to Calc.

Areas and cells count from 1, as on a sheet. Formulas are texts as the program has them; nobody here writes one that the
program did not give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from ..workbook import CellValue
from ..xlsx.areas import Area

__all__ = ["Cell", "OpenSheet", "OpenTable", "OpenWorkbook", "TableToChange"]

Cell = tuple[int, int]
"""Row and column."""


class OpenSheet(Protocol):
    """A sheet. What looks for a cell gives the first that it finds, or None."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def is_protected(self) -> bool:
        """Whether its cells are protected."""

    def values(self, area: Area) -> list[list[CellValue]]:
        """What stands there: None when blank, an error as its text, a time to the second."""

    def formulas(self, area: Area, values: list[list[CellValue]]) -> list[list[str | None]]:
        """The formula of each cell, None where a value was entered; `values` are what stands there."""

    def all_formulas(self) -> Iterable[tuple[Cell, str]]:
        """Every formula of the sheet, with its cell."""

    def occupied_cell(self, area: Area) -> Cell | None:
        """A cell that is not blank."""

    def merged_cell(self, area: Area) -> tuple[Cell, Area] | None:
        """A cell that is merged with others, and all of that merge."""

    def array_cell(self, area: Area) -> Cell | None:
        """A cell of an array formula or a spill."""

    def locked_cell(self, area: Area) -> Cell | None:
        """A cell that the sheet's protection locks, where that is on."""

    def put(self, area: Area, rows: Sequence[Sequence[CellValue]], *, errors: bool = False) -> None:
        """Write values over cells. With `errors`, a text that reads like an error (#N/A) is that error again."""

    def fill(self, cell: Cell, formula: str) -> None:
        """Write a formula that the program gave for a calculated column."""

    def copy_format(self, source: Cell, area: Area) -> None:
        """Give cells the number format of another."""


class OpenTable(Protocol):
    """A table: an Excel table, or a database range of Calc."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def sheet(self) -> OpenSheet:
        """Where it stands."""

    @property
    def area(self) -> Area:
        """Header, body and, where it has one, the total row."""

    @property
    def has_header(self) -> bool:
        """Whether its first row holds headings."""

    @property
    def has_totals(self) -> bool:
        """Whether its last row is a total row."""

    @property
    def is_query(self) -> bool:
        """Whether something outside of the workbook fills it."""

    def resize(self, area: Area) -> None:
        """Make it cover another area that begins at the same cell."""


class TableToChange(Protocol):
    """What a landing is told of each table that changes."""

    @property
    def opened(self) -> OpenTable:
        """The table."""

    @property
    def keeps_columns(self) -> bool:
        """Whether its headings stay."""


class OpenWorkbook(Protocol):
    """A workbook that is open in a program."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def sheets(self) -> Mapping[str, OpenSheet]:
        """Its sheets by name, in their order."""

    def tables(self) -> Iterable[OpenTable]:
        """Its tables, in the order of the sheets."""

    def names(self) -> Mapping[str, str]:
        """What each name of the whole workbook stands for, as a formula: `=Settings!$C$7`."""

    def speaking(self, doing: str) -> AbstractContextManager[object]:
        """Whatever the program refuses inside becomes a BookError that says what was being done."""

    def landing(self, changes: Sequence[TableToChange]) -> AbstractContextManager[object]:
        """Around all writing of one commit: modes and filters are put back at its end. Raises BookError."""
