"""Cell addresses: `C7` and `$B$6:$T$14` as numbers, and back; ranges that name their sheet inside a formula's text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from core.errors import BookError
from core.records import dataclass

from ..workbook import column_letters

__all__ = [
    "LAST_COLUMN",
    "LAST_ROW",
    "AddressError",
    "Area",
    "Reference",
    "cell_name",
    "map_ranges",
    "parse_cell",
    "ranges_in",
]

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")
_SHEET_RANGE = re.compile(
    r"(?<![\w:])(?P<sheet>'(?:[^']|'')+'|[^'!,()\s:=+*/&<>-]+)!(?P<range>\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)(?![\w(])"
)


class AddressError(BookError):
    """A text in a file is no address of cells; whoever reads the file adds which one it is."""


@dataclass(frozen=True)
class Area:
    """A rectangle of cells on one sheet, all edges inside it, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> Area:
        """The rectangle that `B6:T14` or `$C$7` names. Raises AddressError."""
        first, _, second = text.partition(":")
        (top, left), (bottom, right) = parse_cell(first), parse_cell(second or first)
        if bottom < top or right < left:
            raise AddressError(f"'{text}' is not a range of cells; open the book in Excel and save it again")
        return cls(top, left, bottom, right)

    def __str__(self) -> str:
        return self._text("")

    @property
    def absolute(self) -> str:
        """Like `$B$6:$T$14`."""
        return self._text("$")

    def overlaps(self, other: Area) -> bool:
        """Whether the two share a cell."""
        return not (
            other.top > self.bottom or other.bottom < self.top or other.left > self.right or other.right < self.left
        )

    def covers(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def contains(self, other: Area) -> bool:
        """Whether all of `other` lies inside."""
        return self.covers(other.top, other.left) and self.covers(other.bottom, other.right)

    def cells(self) -> Iterator[tuple[int, int]]:
        """Each cell as (row, column), row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column

    def without(self, other: Area) -> list[Area]:
        """The up to two rectangles of this one that lie below or right of `other`, which shares its top left cell."""
        below = replace(self, top=max(self.top, other.bottom + 1))
        beside = replace(self, left=max(self.left, other.right + 1), bottom=min(self.bottom, other.bottom))
        return [part for part in (below, beside) if part.top <= part.bottom and part.left <= part.right]

    def _text(self, mark: str) -> str:
        first = f"{mark}{column_letters(self.left)}{mark}{self.top}"
        if (self.top, self.left) == (self.bottom, self.right):
            return first
        return f"{first}:{mark}{column_letters(self.right)}{mark}{self.bottom}"


Reference = tuple[str, Area]
"""A sheet and an area of it."""


def parse_cell(text: str) -> tuple[int, int]:
    """Row and column of `C7` or `$C$7`. Raises BookError."""
    match = _CELL.fullmatch(text)
    if match is None:
        raise AddressError(f"'{text}' is not the address of a cell; open the book in Excel and save it again")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    row = int(match[2])
    if row > LAST_ROW or column > LAST_COLUMN:
        raise AddressError(
            f"'{text}' lies outside a sheet of {LAST_ROW:,} rows and {LAST_COLUMN:,} columns; "
            "open the book in Excel and save it again"
        )
    return row, column


def cell_name(row: int, column: int) -> str:
    """Like `C7`."""
    return f"{column_letters(column)}{row}"


def map_ranges(formula: str, change: Callable[[str, Area], Area]) -> str:
    """`formula` with each range that names its sheet put through `change(sheet, area)`; all else stays as it is."""

    def changed(match: re.Match[str]) -> str:
        sheet = match["sheet"]
        plain = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        before = Area.parse(match["range"])
        after = change(plain, before)
        return match[0] if after == before else f"{sheet}!{after.absolute}"

    return _SHEET_RANGE.sub(changed, formula)


def ranges_in(formula: str) -> tuple[list[Reference], str]:
    """The ranges of a formula that name their sheet, and what is left of its text without them."""
    found: list[Reference] = []

    def note(sheet: str, area: Area) -> Area:
        found.append((sheet, area))
        return area

    map_ranges(formula, note)
    return found, _SHEET_RANGE.sub("", formula)
