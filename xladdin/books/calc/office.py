"""What LibreOffice must answer of the document that is open in it; whoever talks to it keeps these promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime
from typing import Literal, Protocol

from core.records import dataclass

from ..live.program import Cell
from ..xlsx.areas import Area

__all__ = [
    "About",
    "CalcValue",
    "Extent",
    "Format",
    "Formula",
    "Kind",
    "Meaning",
    "Obstacles",
    "Office",
    "Piece",
    "Shown",
    "TableFound",
    "Values",
]

CalcValue = float | str | None
"""What a cell holds: a number (dates and truth values too), a text, nothing."""

Kind = Literal["date", "truth", "number"]
"""How a number is meant, which in Calc is a matter of its format."""


@dataclass(frozen=True)
class About:
    """The document: its name, whether it may be written, its sheets, and the day from which its dates count."""

    name: str
    read_only: bool
    sheets: tuple[str, ...]
    epoch: datetime


@dataclass(frozen=True)
class TableFound:
    """A database range, as which Calc has the tables of an Excel workbook."""

    name: str
    sheet: str
    area: Area
    has_header: bool
    has_totals: bool
    is_query: bool


@dataclass(frozen=True)
class Shown:
    """A block of cells: an error is its text; where numbers are meant as dates and as truth values."""

    rows: list[list[CalcValue]]
    dates: tuple[Area, ...] = ()
    truths: tuple[Area, ...] = ()


@dataclass(frozen=True)
class Obstacles:
    """What is in the way of writing: a merged cell with all of its merge, a cell that protection locks."""

    merged: tuple[Cell, Area] | None
    locked: Cell | None


@dataclass(frozen=True)
class Values:
    """Write values over an area; `kinds` says how the numbers in its parts are meant."""

    sheet: str
    area: Area
    rows: Sequence[Sequence[CalcValue]]
    kinds: tuple[tuple[Kind, Area], ...] = field(default=())


@dataclass(frozen=True)
class Formula:
    """Write a formula into a cell; one in braces into the whole array formula that begins there."""

    sheet: str
    cell: Cell
    text: str


@dataclass(frozen=True)
class Format:
    """Give an area the number format of a cell."""

    sheet: str
    area: Area
    source: Cell


@dataclass(frozen=True)
class Extent:
    """Make a table cover another area."""

    table: str
    sheet: str
    area: Area


@dataclass(frozen=True)
class Meaning:
    """Let a name stand for another formula."""

    name: str
    text: str


Piece = Values | Formula | Format | Extent | Meaning


class Office(Protocol):
    """One open document. Raises BookError with LibreOffice's reason."""

    def about(self) -> About:
        """The document."""

    def names(self) -> dict[str, str]:
        """What each name of the document stands for, like `=Settings!$C$7`."""

    def tables(self) -> list[TableFound]:
        """Its database ranges."""

    def read(self, sheet: str, area: Area) -> Shown:
        """What stands in an area."""

    def formulas(self, sheet: str, area: Area | None) -> list[tuple[Cell, str]]:
        """The formulas in an area, or in all of the sheet; of an array formula in braces."""

    def obstacles(self, sheet: str, area: Area) -> Obstacles:
        """What is in the way of writing over an area."""

    def is_protected(self, sheet: str) -> bool:
        """Whether a sheet is protected."""

    def write(self, pieces: Sequence[Piece]) -> None:
        """Do all of it in one step of undo, or nothing. Raises BookError, HalfWrittenError."""
