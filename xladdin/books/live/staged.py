"""A workbook that is open in a program as a `Workbook`: read in few wide calls, changed at once or not at all.

What is staged stands only in this object until `commit`; nothing of it is seen in the program before. `commit` writes
values and never over a formula; when the program refuses in the middle, what was written is taken back. The selection
is not touched, modes and filters are put back whatever happens. The workbook is not saved: that is for its user to do.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Concatenate, ParamSpec, TypeVar

from core.arrays import Array, Times
from core.checks import nearest
from core.errors import BookError, LostNameError, listed

from ..contents import check_series, plain
from ..series import rows_of, series_of
from ..workbook import Block, CellValue, NamedCell, Series
from .cells import as_read
from .change import TableChange
from .names import NamedCells, Place
from .obstacles import refuse_formula, refuse_obstacles, refuse_protection
from .program import OpenWorkbook
from .table import LiveTable

__all__ = ["HalfWrittenError", "StagedBook"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


class HalfWrittenError(BookError):
    """The program refused in the middle, and then refused to have what was written taken back."""


def _staging(method: Callable[Concatenate[StagedBook, _P], _T]) -> Callable[Concatenate[StagedBook, _P], _T]:
    """All or nothing: when one change is refused, those that were staged before are dropped with it."""

    @functools.wraps(method)
    def guarded(book: StagedBook, /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            with book._book.speaking(f"look at {book.name}"):
                return method(book, *args, **kwargs)
        except BaseException:
            book._look_anew()
            raise

    return guarded


class StagedBook:
    """An open workbook, held for one job; what was read once is not asked of its program again before the commit."""

    def __init__(self, book: OpenWorkbook) -> None:
        self._book = book
        self._found: dict[str, LiveTable] | None
        self._names: NamedCells
        self._changes: dict[str, TableChange]
        self._values: dict[Place, CellValue]
        self._look_anew()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._book.name

    def table(self, name: str) -> Block:
        """One table, wholly blank rows left out. Raises BookError."""
        with self._book.speaking(f"read table '{name}'"):
            table = self._table(name)
            change = self._changes.get(table.name)
            header, rows = (table.header, table.rows) if change is None else (change.header, change.shown)
            filled = [(row, values) for row, values in enumerate(rows, table.area.top + 1) if _holds_something(values)]
        return Block(
            table.name,
            table.sheet_name,
            header,
            tuple(tuple(values) for _, values in filled),
            tuple(row for row, _ in filled),
            table.area.left,
        )

    def header(self, name: str) -> tuple[str, ...]:
        """The headings of one table. Raises BookError."""
        return self.table(name).header

    def series(self, name: str) -> Series:
        """One table of times and numbers, wholly blank rows left out. Raises BookError."""
        return series_of(self.table(name))

    def value(self, name: str) -> NamedCell:
        """One named cell. Raises BookError."""
        with self._book.speaking(f"read the cell '{name}'"):
            place = self._names.place(name)
            value = as_read(self._values[place]) if place in self._values else self._names.value(place)
        return NamedCell(name, place.address, value)

    @_staging
    def write_table(self, name: str, rows: Sequence[Sequence[CellValue]], header: Sequence[str] | None = None) -> None:
        """Stage a new body for a table, and new columns where `header` is given. Raises BookError."""
        table = self._table(name)
        headings = table.header if header is None else [str(heading) for heading in header]
        self._stage(TableChange.planned(table, headings, (), rows, kept=0))

    @_staging
    def write_series(
        self,
        name: str,
        times: Times,
        numbers: Array,
        header: Sequence[str],
        odd: Mapping[tuple[int, int], str] | None = None,
    ) -> None:
        """Stage a new body of times and numbers for a table, and its columns. Raises BookError."""
        table, headings = self._table(name), [str(heading) for heading in header]
        check_series(times, numbers, odd or {}, headings, table.where)
        self._stage(TableChange.planned(table, headings, (), rows_of(times, numbers, odd or {}), kept=0))

    @_staging
    def append_rows(self, name: str, rows: Sequence[Sequence[CellValue]]) -> None:
        """Stage rows below the last filled one of a table. Raises BookError."""
        table = self._table(name)
        change = self._changes.get(table.name)
        body = list(table.rows if change is None else change.rows)
        calculated = table.calculated if change is None or change.keeps_columns else [None] * len(change.header)
        values = [position for position, formula in enumerate(calculated) if formula is None]
        while body and not _holds_something([body[-1][position] for position in values]):
            body.pop()
        header, kept = (table.header, len(body)) if change is None else (change.header, min(change.kept, len(body)))
        self._stage(TableChange.planned(table, header, body, rows, kept))

    @_staging
    def write_value(self, name: str, value: CellValue) -> None:
        """Stage a new value for a named cell. Raises BookError."""
        place = self._names.place(name)
        try:
            new = plain(value)
        except BookError as error:
            raise BookError(f"{place.address}: {error}") from None
        sheet = self._book.sheets[place.sheet]
        refuse_obstacles(sheet, place.area)
        refuse_protection(sheet, place.area)
        if sheet.formulas(place.area, [[self._names.value(place)]])[0][0] is not None:
            refuse_formula(place.address)
        self._values[place] = new

    def beside(self, name: str) -> bytes:
        """Raises BookError: only the host of the program knows where its workbook lies."""
        raise BookError(f"{self.name} lies in no folder of this machine, so {name} cannot be found; save it in one")

    def write_beside(self, name: str, content: bytes) -> None:
        """Raises BookError: only the host of the program knows where its workbook lies."""
        raise BookError(f"{self.name} lies in no folder of this machine for its file {name}; save it in one")

    def commit(self) -> None:
        """Land all that was staged, or nothing; the workbook is changed and not saved. Raises BookError."""
        if not self._changes and not self._values:
            return
        changes = list(self._changes.values())
        try:
            with self._book.speaking(f"write into {self.name}"), self._book.landing(changes):
                self._land(changes)
        finally:
            self._look_anew()

    def _land(self, changes: Sequence[TableChange]) -> None:
        """Write everything; whatever stops it, the program or the user, what was written is taken back."""
        undo = ExitStack()
        try:
            for change in changes:
                change.land(undo)
            for place, value in self._values.items():
                sheet = self._book.sheets[place.sheet]
                undo.callback(sheet.put, place.area, sheet.values(place.area), errors=True)
                sheet.put(place.area, [[value]])
        except BaseException as error:
            self._take_back(undo, error)
            raise

    def _take_back(self, undo: ExitStack, error: BaseException) -> None:
        try:
            undo.close()
        except Exception as failure:
            raise HalfWrittenError(
                f"{self.name} was written in part and could not be put back ({failure}); "
                f"close it without saving, its last copy is {self.name}.bak beside it"
            ) from error

    def _stage(self, change: TableChange) -> None:
        others = [
            (name, self._changes[name].new if name in self._changes else table.area)
            for name, table in self._tables.items()
            if name != change.table.name and table.sheet_name == change.table.sheet_name
        ]
        change.refuse(others, self._formulas)
        self._changes[change.table.name] = change

    def _formulas(self) -> Iterator[tuple[str, str]]:
        """Every formula of the workbook, each with its place."""
        for name, target in self._names.targets.items():
            yield f"the name '{name}'", target
        for sheet in self._book.sheets.values():
            for cell, formula in sheet.all_formulas():
                yield Place(sheet.name, *cell).address, formula

    def _table(self, name: str) -> LiveTable:
        found = next((table for known, table in self._tables.items() if known.lower() == name.lower()), None)
        if found is None:
            raise LostNameError(
                f"{self.name} has no table '{name}'{nearest(name, self._tables)}; "
                f"it has: {listed(self._tables) or 'none'}. "
                "Restore it (Table Design > Table Name) or start from `perpdesk new`",
                self._tables,
            )
        return found

    @property
    def _tables(self) -> dict[str, LiveTable]:
        if self._found is None:
            self._found = {table.name: table for table in map(LiveTable, self._book.tables())}
        return self._found

    def _look_anew(self) -> None:
        """Forget what was staged, and what was read."""
        self._found = None
        self._names = NamedCells(self._book)
        self._changes, self._values = {}, {}


def _holds_something(values: Sequence[CellValue]) -> bool:
    return any(value is not None for value in values)
