"""The open document as the worker asks for it over the pipe: places, blocks and pieces in the words of `books.calc`."""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from core.errors import BookError

from ...books.calc.office import (
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
from ...books.live.program import Cell
from ...books.live.staged import HalfWrittenError
from ...books.xlsx.areas import Area
from .extension.messages import Block, RefusedError, error_of

__all__ = ["PipedOffice"]

Place = list[Any]
PLAIN_SHEET = re.compile(r"[^\W\d]\w*")


class PipedOffice:
    """One document, as `books.calc.office.Office`."""

    def __init__(self, ask: Callable[..., Any], title: str) -> None:
        """`ask` puts a question of kind `ask` to the office; `title` is what Edit > Undo will offer to take back."""
        self._asked, self._title = ask, title

    def about(self) -> About:
        """The document."""
        found = self._ask("about")
        name = PurePath(found["path"]).name or str(found["title"])
        return About(name, found["read_only"], tuple(found["sheets"]), datetime(*found["epoch"]))

    def names(self) -> dict[str, str]:
        """What each name of the document stands for."""
        return {name: _target(*each) for name, each in self._ask("names").items()}

    def tables(self) -> list[TableFound]:
        """Its database ranges."""
        found = self._ask("tables")
        return [TableFound(name, place[0], _area(place), *traits) for name, (place, *traits) in found.items()]

    def read(self, sheet: str, area: Area) -> Shown:
        """What stands in an area."""
        block, dates, truths = self._ask("read", _place(sheet, area))
        rows = [list(row) for row in block.cells(error_of)]
        return Shown(rows, tuple(map(_area, dates)), tuple(map(_area, truths)))

    def formulas(self, sheet: str, area: Area | None) -> list[tuple[Cell, str]]:
        """The formulas in an area, or in all of the sheet."""
        found = self._ask("formulas", [sheet] if area is None else _place(sheet, area))
        return [((row + 1, column + 1), text) for column, row, text in found]

    def obstacles(self, sheet: str, area: Area) -> Obstacles:
        """What is in the way of writing over an area."""
        merged, locked = self._ask("obstacles", _place(sheet, area))
        cells = [(row + 1, column + 1) for column, row in filter(None, (merged and merged[0], locked))]
        return Obstacles((cells[0], _area(merged[1])) if merged else None, cells[-1] if locked else None)

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""
        return bool(self._ask("is_protected", sheet))

    def write(self, pieces: Sequence[Piece]) -> None:
        """Do all of it in one step of undo, or nothing."""
        half = self._ask("write", self._title, *map(_packed, pieces))
        if half:
            raise HalfWrittenError(str(half))

    def _ask(self, verb: str, *needed: Any) -> Any:
        try:
            return self._asked(verb, *needed)
        except RefusedError as error:
            raise BookError(str(error)) from error


def _target(content: str, place: Place | None) -> str:
    """What a name stands for, as a formula that Excel could have written."""
    if place is None:
        return f"={content}"
    sheet = str(place[0])
    quoted = sheet if PLAIN_SHEET.fullmatch(sheet) else "'{}'".format(sheet.replace("'", "''"))
    return f"={quoted}!{_area(place).absolute}"


def _area(place: Place) -> Area:
    _, left, top, right, bottom = place
    return Area(top + 1, left + 1, bottom + 1, right + 1)


def _place(sheet: str, area: Area) -> Place:
    return [sheet, area.left - 1, area.top - 1, area.right - 1, area.bottom - 1]


def _packed(piece: Piece) -> list[Any]:
    """A piece as it goes through the pipe."""
    if isinstance(piece, Values):
        kinds = [[kind, _place(piece.sheet, area)] for kind, area in piece.kinds]
        return ["values", _place(piece.sheet, piece.area), _block(piece.rows), kinds]
    if isinstance(piece, Formula):
        return ["formula", _place(piece.sheet, _cell(piece.cell)), piece.text]
    if isinstance(piece, Format):
        return ["format", _place(piece.sheet, piece.area), _place(piece.sheet, _cell(piece.source))]
    if isinstance(piece, Meaning):
        return ["meaning", None, piece.name, piece.text]
    assert isinstance(piece, Extent)
    return ["extent", _place(piece.sheet, piece.area), piece.table]


def _cell(cell: Cell) -> Area:
    return Area(*cell, *cell)


def _block(rows: Sequence[Sequence[CalcValue]]) -> Block:
    """A block in which a text that reads like an error stays a text."""
    flat = [value for row in rows for value in row]
    others = {position: value for position, value in enumerate(flat) if not isinstance(value, float)}
    numbers = array("d", (value if isinstance(value, float) else 0.0 for value in flat))
    assert all(map(math.isfinite, numbers))
    return Block(len(rows), len(rows[0]), numbers, others)
