"""A Calc document in memory: what `books.calc.office.Office` promises, over cells in dictionaries."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.formula import ArrayFormula

from core.errors import BookError
from xladdin.books.calc.office import (
    About,
    CalcValue,
    Extent,
    Format,
    Formula,
    Meaning,
    Obstacles,
    Piece,
    Shown,
    TableFound,
    Values,
)
from xladdin.books.live.program import Cell
from xladdin.books.xlsx.areas import Area

__all__ = ["MemoryOffice"]

EPOCH = datetime(1899, 12, 30)


class MemoryOffice:
    """The sheets of a workbook file as Calc holds them: numbers with formats, texts, formulas that nobody computes.

    `fails_at` is the piece, counted from 0, at which it refuses to write; `written` counts the commits.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        self.name, self.read_only, self.protected = name or path.name, False, set[str]()
        self.fails_at: int | None = None
        self.written = 0
        self.asked: list[str] = []
        self.cells: dict[tuple[str, int, int], CalcValue] = {}
        self.formats: dict[tuple[str, int, int], str] = {}
        self.formula_texts: dict[tuple[str, int, int], str] = {}
        self.merges: list[tuple[str, Area]] = []
        book = openpyxl.load_workbook(path)
        self.sheets = tuple(book.sheetnames)
        self.targets = {name: f"={defined.attr_text}" for name, defined in book.defined_names.items()}
        self.areas = {
            table.name: (sheet.title, Area.parse(table.ref)) for sheet in book for table in sheet.tables.values()
        }
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    self._take((sheet.title, cell.row, cell.column), cell.value)

    def _take(self, place: tuple[str, int, int], value: Any) -> None:
        if isinstance(value, ArrayFormula):
            self.formula_texts[place] = f"{{{value.text}}}"
        elif isinstance(value, str) and value.startswith("="):
            self.formula_texts[place] = value
        elif isinstance(value, datetime):
            self.cells[place], self.formats[place] = (value - EPOCH) / timedelta(days=1), "date"
        elif value is not None:
            self.cells[place] = float(value) if isinstance(value, int) else value

    def about(self) -> About:
        """The document."""
        return About(self.name, self.read_only, self.sheets, EPOCH)

    def names(self) -> dict[str, str]:
        """What each name stands for."""
        return self.targets

    def tables(self) -> list[TableFound]:
        """Its tables."""
        return [TableFound(name, sheet, area, True, False, False) for name, (sheet, area) in self.areas.items()]

    def read(self, sheet: str, area: Area) -> Shown:
        """What stands in an area."""
        self.asked.append(f"read {sheet}!{area}")
        rows = [
            [self._shown((sheet, row, column)) for column in range(area.left, area.right + 1)]
            for row in range(area.top, area.bottom + 1)
        ]
        kinds = {
            kind: tuple(Area(r, c, r, c) for r, c in area.cells() if self.formats.get((sheet, r, c)) == kind)
            for kind in ("date", "truth")
        }
        return Shown(rows, kinds["date"], kinds["truth"])

    def _shown(self, place: tuple[str, int, int]) -> CalcValue:
        formula = self.formula_texts.get(place)
        return formula[1:] if formula is not None and formula.startswith("=#") else self.cells.get(place, "")

    def formulas(self, sheet: str, area: Area | None) -> list[tuple[Cell, str]]:
        """The formulas in an area, or in all of the sheet."""
        found = [(place[1:], text) for place, text in self.formula_texts.items() if place[0] == sheet]
        return [(cell, text) for cell, text in sorted(found) if area is None or area.covers(*cell)]

    def obstacles(self, sheet: str, area: Area) -> Obstacles:
        """What is in the way of writing over an area."""
        merge = next((each for where, each in self.merges if where == sheet and each.overlaps(area)), None)
        corner = (max(merge.top, area.top), max(merge.left, area.left)) if merge else (0, 0)
        locked = (area.top, area.left) if sheet in self.protected else None
        return Obstacles((corner, merge) if merge else None, locked)

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        return sheet in self.protected

    def write(self, pieces: Sequence[Piece]) -> None:
        """Do all of it, or nothing."""
        names = ("cells", "formats", "formula_texts", "areas", "targets")
        before = {name: copy.copy(getattr(self, name)) for name in names}
        for number, piece in enumerate(pieces):
            if number == self.fails_at:
                for name, value in before.items():
                    setattr(self, name, value)
                raise BookError("LibreOffice refused to write (out of paper)")
            self._write(piece)
        self.written += 1

    def _write(self, piece: Piece) -> None:
        if isinstance(piece, Values):
            for (row, column), value in zip(piece.area.cells(), (v for r in piece.rows for v in r), strict=True):
                place = (piece.sheet, row, column)
                self.formula_texts.pop(place, None)
                self.cells.pop(place, None)
                if value is not None:
                    self.cells[place] = value
            for kind, area in piece.kinds:
                self.formats.update({(piece.sheet, *cell): kind for cell in area.cells()})
        elif isinstance(piece, Formula):
            self.cells.pop((piece.sheet, *piece.cell), None)
            self.formula_texts[piece.sheet, *piece.cell] = piece.text
        elif isinstance(piece, Format):
            kind = self.formats.get((piece.sheet, *piece.source), "number")
            self.formats.update({(piece.sheet, *cell): kind for cell in piece.area.cells()})
        elif isinstance(piece, Extent):
            self.areas[piece.table] = (piece.sheet, piece.area)
        elif isinstance(piece, Meaning):
            self.targets[piece.name] = f"={piece.text}"
