"""The open document, its sheets and its tables, in the words of `live.program`.

What is read is asked of LibreOffice area by area. What is written is collected while a commit lands, and goes over in
one piece at its end: LibreOffice does all of it in one step of undo, or takes back what it did.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby

from core.errors import BookError

from ...cells import ERROR_CODES
from ..contents import plain
from ..live.cells import as_read
from ..live.program import Cell, TableToChange
from ..workbook import CellValue
from ..xlsx.areas import Area
from .followers import Resized, followed, keeps_addresses
from .office import CalcValue, Extent, Format, Formula, Kind, Meaning, Office, Piece, TableFound, Values

__all__ = ["CalcDocument", "CalcSheet", "CalcTable"]

ERRORS = frozenset(ERROR_CODES.values())
ERROR_FORMULAS = frozenset(f"={error}" for error in ERRORS)
"""How Calc holds an error that was entered as a value."""

A_DAY = timedelta(days=1)


class CalcDocument:
    """The document, as `program.OpenWorkbook`."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._about = office.about()
        self._landing: list[Piece] | None = None

    @property
    def name(self) -> str:
        """The file's name, or what the document is called that has none."""
        return self._about.name

    @property
    def epoch(self) -> datetime:
        """The day from which its dates count."""
        return self._about.epoch

    @cached_property
    def sheets(self) -> dict[str, CalcSheet]:
        """Its sheets by name."""
        return {name: CalcSheet(self, name) for name in self._about.sheets}

    def tables(self) -> Iterable[CalcTable]:
        """Its tables, in the order of the sheets and from top to bottom."""
        order = {name: place for place, name in enumerate(self.sheets)}
        found = sorted(self.office.tables(), key=lambda each: (order[each.sheet], each.area.top, each.area.left))
        return [CalcTable(self.sheets[each.sheet], each) for each in found]

    def names(self) -> dict[str, str]:
        """What each name stands for."""
        return self.office.names()

    def speaking(self, doing: str) -> AbstractContextManager[object]:
        """LibreOffice's refusals are BookErrors already."""
        return nullcontext(doing)

    @contextmanager
    def landing(self, changes: Sequence[TableToChange]) -> Iterator[None]:
        """Collect what is written, and hand it over at the end. Raises BookError where the document is read-only."""
        if self._about.read_only:
            raise BookError(
                f"{self.name} is open for reading only; open it for editing (Edit > Edit Mode) "
                "or save it under another name, then run again"
            )
        self._landing = []
        try:
            yield
            self.office.write([*self._landing, *self._followers()])
        finally:
            self._landing = None

    def _followers(self) -> Iterator[Piece]:
        """What must follow the tables that change their rows, in a document that keeps addresses."""
        before = {table.name: table.area for table in self.office.tables()} if keeps_addresses(self.name) else {}
        extents = [piece for piece in self._landing or () if isinstance(piece, Extent) and piece.table in before]
        resized = [Resized(each.sheet, before[each.table], each.area) for each in extents]
        resized = [each for each in resized if each.old.bottom != each.new.bottom]
        if not resized:
            return
        for name, target in self.office.names().items():
            if (text := followed(target, resized)) != target:
                yield Meaning(name, text.removeprefix("="))
        for sheet in self.sheets:
            for cell, formula in self.office.formulas(sheet, None):
                if (text := followed(formula, resized)) != formula:
                    yield Formula(sheet, cell, text)

    def add(self, piece: Piece) -> None:
        """Collect something to write. Nothing is written but in a landing."""
        assert self._landing is not None
        self._landing.append(piece)


class CalcSheet:
    """A sheet, as `program.OpenSheet`."""

    def __init__(self, document: CalcDocument, name: str) -> None:
        self._document, self.name = document, name

    @property
    def is_protected(self) -> bool:
        """Whether its cells are protected."""
        return self._document.office.is_protected(self.name)

    def values(self, area: Area) -> list[list[CellValue]]:
        """What stands there."""
        if area.bottom < area.top:
            return []
        shown = self._document.office.read(self.name, area)
        rows: list[list[CellValue]] = [[None if value == "" else value for value in row] for row in shown.rows]
        for dates in shown.dates:
            for row, column in dates.cells():
                value = rows[row - area.top][column - area.left]
                if isinstance(value, float):
                    rows[row - area.top][column - area.left] = self._moment(value)
        for truths in shown.truths:
            for row, column in truths.cells():
                value = rows[row - area.top][column - area.left]
                if isinstance(value, float):
                    rows[row - area.top][column - area.left] = value != 0
        return rows

    def formulas(self, area: Area, values: list[list[CellValue]]) -> list[list[str | None]]:
        """The formula of each cell, None where a value was entered."""
        found: list[list[str | None]] = [[None] * len(row) for row in values]
        if not values:
            return found
        for (row, column), text in self._document.office.formulas(self.name, area):
            if text not in ERROR_FORMULAS:
                found[row - area.top][column - area.left] = text
        return found

    def all_formulas(self) -> Iterable[tuple[Cell, str]]:
        """Every formula, with its cell."""
        return self._document.office.formulas(self.name, None)

    def occupied_cell(self, area: Area) -> Cell | None:
        """A cell that is not blank."""
        rows = self._document.office.read(self.name, area).rows
        held = {(area.top + down, area.left + right) for down, row in enumerate(rows) for right in _filled(row)}
        held.update(cell for cell, _ in self._document.office.formulas(self.name, area))
        return min(held, default=None)

    def merged_cell(self, area: Area) -> tuple[Cell, Area] | None:
        """A cell that is merged with others, and all of that merge."""
        return self._document.office.obstacles(self.name, area).merged

    def array_cell(self, area: Area) -> Cell | None:
        """A cell of an array formula."""
        formulas = self._document.office.formulas(self.name, area)
        return next((cell for cell, text in formulas if text.startswith("{")), None)

    def locked_cell(self, area: Area) -> Cell | None:
        """A cell that the sheet's protection locks."""
        return self._document.office.obstacles(self.name, area).locked

    def put(self, area: Area, rows: Sequence[Sequence[CellValue]], *, errors: bool = False) -> None:
        """Write values over cells. Text is text, whatever it begins with."""
        if area.bottom < area.top:
            return
        plain_rows: list[list[CalcValue]] = []
        wrong: list[Formula] = []
        for down, row in enumerate(rows, area.top):
            plain_rows.append([])
            for right, value in enumerate(row, area.left):
                read = as_read(value)
                is_error = isinstance(read, str) and read in ERRORS and (errors or not isinstance(value, str))
                if is_error:
                    wrong.append(Formula(self.name, (down, right), f"={read}"))
                plain_rows[-1].append(None if is_error else self._entered(read))
        self._document.add(Values(self.name, area, plain_rows, tuple(_kinds(area, rows))))
        for formula in wrong:
            self._document.add(formula)

    def fill(self, cell: Cell, formula: str) -> None:
        """Write a formula of a calculated column."""
        self._document.add(Formula(self.name, cell, formula))

    def copy_format(self, source: Cell, area: Area) -> None:
        """Give cells the number format of another."""
        self._document.add(Format(self.name, area, source))

    def _moment(self, serial: float) -> CellValue:
        try:
            return plain(self._document.epoch + serial * A_DAY)
        except OverflowError:  # a number that no calendar has, in a format of dates
            return serial

    def _entered(self, value: CellValue) -> CalcValue:
        if isinstance(value, datetime):
            return (value - self._document.epoch) / A_DAY
        return float(value) if isinstance(value, bool) else value


class CalcTable:
    """A table, as `program.OpenTable`."""

    def __init__(self, sheet: CalcSheet, found: TableFound) -> None:
        self.sheet, self.name, self.area = sheet, found.name, found.area
        self.has_header, self.has_totals, self.is_query = found.has_header, found.has_totals, found.is_query

    def resize(self, area: Area) -> None:
        """Make it cover another area."""
        self.sheet._document.add(Extent(self.name, self.sheet.name, area))


def _filled(row: Sequence[CalcValue]) -> Iterator[int]:
    return (place for place, value in enumerate(row) if value not in ("", None))


def _kinds(area: Area, rows: Sequence[Sequence[CellValue]]) -> Iterator[tuple[Kind, Area]]:
    """How the numbers are meant, in runs down each column; what is no number belongs to any run."""
    for right, column in enumerate(zip(*rows, strict=True), area.left):
        kinds = [(_kind(value), down) for down, value in enumerate(column, area.top)]
        for kind, run in groupby((each for each in kinds if each[0] is not None), key=lambda each: each[0]):
            places = [down for _, down in run]
            if kind is not None:
                yield kind, Area(places[0], right, places[-1], right)


def _kind(value: CellValue) -> Kind | None:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, datetime):
        return "date"
    return "number" if isinstance(value, float) and math.isfinite(value) else None
