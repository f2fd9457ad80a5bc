"""A block of whole rows that hold nothing but times and numbers, written without an object a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

import numpy as np
from lxml import etree

from core.arrays import Array, Mask
from core.records import dataclass

from ...workbook import column_letters
from ..areas import Area, cell_name
from ..cell_values import EPOCH_1900, encode
from ..markup import MAIN

__all__ = ["NumberBlock"]

LINES = 64
"""Rows that are written together."""

MOST_TEMPLATES = 1_000
_NAME = "@"
"""What stands for the row's number in a template; no style, letter or number contains it."""


@dataclass(eq=False)
class NumberBlock:
    """New rows of a table that has its rows to itself.

    `area` is where they stand, `reach` the area with what the table covered before. `numbers` (T, width), the first
    column being days since the book's epoch; NaN is a blank cell, or one with a text: `odd` has those by (row, column)
    in `numbers`. `styles` is the style of each column, `looks` those of rows that look otherwise, `attributes` what
    else the tag of a row says, both by the row's number.
    """

    area: Area
    reach: Area
    numbers: Array
    styles: Sequence[str | None]
    looks: Mapping[int, Sequence[str | None]]
    attributes: Mapping[int, bytes]
    odd: Mapping[tuple[int, int], str]
    _templates: dict[bytes, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._missing: Mask = np.asarray(np.isnan(self.numbers))
        self._gaps: Mask = np.asarray(self._missing.any(axis=1))
        self._odd: dict[int, dict[int, str]] = {}
        for (row, column), value in self.odd.items():
            self._odd.setdefault(row, {})[column] = value

    @property
    def until(self) -> int:
        """The last row that it covers, by what is or was there."""
        return self.reach.bottom

    def covers(self, number: int) -> bool:
        """Whether a row of the sheet belongs to it."""
        return self.reach.top <= number <= self.reach.bottom

    def odd_in(self, line: int) -> Iterable[tuple[int, str]]:
        """The texts in place of numbers in one line of `numbers`, by column."""
        return self._odd.get(line, {}).items()

    def row(self, number: int, prefix: str) -> bytes | None:
        """The bytes of one row; None for one that is no more. One that only has a height or a style stays."""
        if number <= self.area.bottom:
            return self._line(number - self.area.top, prefix).encode()
        kept = self.attributes.get(number)
        return b'<%srow r="%d"%s/>' % (prefix.encode(), number, kept) if kept else None

    def chunks(self, prefix: str) -> Iterator[bytes]:
        """The bytes of its rows, `LINES` at a time."""
        for first in range(0, len(self.numbers), LINES):
            lines = range(first, min(first + LINES, len(self.numbers)))
            yield "".join(self._line(line, prefix) for line in lines).encode()
        for number in sorted(number for number in self.attributes if number > self.area.bottom):
            yield self.row(number, prefix) or b""

    def _line(self, line: int, prefix: str) -> str:
        number = self.area.top + line
        if line in self._odd or number in self.looks:
            cells = self._cell_by_cell(line, prefix)
        else:
            values = self.numbers[line]
            missing = self._missing[line]
            if self._gaps[line]:
                values = values[~missing]
            cells = self._template(missing, prefix).replace(_NAME, str(number)) % tuple(values.tolist())
        extra = self.attributes.get(number, b"").decode()
        return f'<{prefix}row r="{number}"{extra}>{cells}</{prefix}row>'

    def _template(self, missing: np.ndarray, prefix: str) -> str:
        """A row of cells with places for its row number and its values, by which of them are blank."""
        key = missing.tobytes() + prefix.encode()
        known = self._templates.get(key)
        if known is None:
            columns = zip(range(self.area.left, self.area.right + 1), self.styles, missing.tolist(), strict=True)
            known = "".join(self._cell(column, style, blank, prefix) for column, style, blank in columns)
            if len(self._templates) < MOST_TEMPLATES:
                self._templates[key] = known
        return known

    @staticmethod
    def _cell(column: int, style: str | None, blank: bool, prefix: str) -> str:
        tag = f'<{prefix}c r="{column_letters(column)}{_NAME}"' + (f' s="{style}"' if style is not None else "")
        return f"{tag}/>" if blank else f"{tag}><{prefix}v>%r</{prefix}v></{prefix}c>"

    def _cell_by_cell(self, line: int, prefix: str) -> str:
        """A row with a look of its own, or with something else among its numbers."""
        number, odd, cells = self.area.top + line, self._odd.get(line, {}), []
        for position, style in enumerate(self.looks.get(number, self.styles)):
            column = self.area.left + position
            value = float(self.numbers[line, position])
            if position in odd:
                cells.append(_encoded(cell_name(number, column), style, odd[position], prefix))
            else:
                text = self._cell(column, style, bool(np.isnan(value)), prefix).replace(_NAME, str(number))
                cells.append(text if np.isnan(value) else text % value)
        return "".join(cells)


def _encoded(address: str, style: str | None, text: str, prefix: str) -> str:
    """The XML of a cell that holds a text."""
    space = prefix.rstrip(":")
    cell = etree.Element(f"{{{MAIN}}}c", nsmap={space or None: MAIN}, r=address)  # type: ignore[dict-item]  # as lxml says
    if style is not None:
        cell.set("s", style)
    encode(cell, text, EPOCH_1900)
    written: str = etree.tostring(cell, encoding="unicode")
    declared = f' xmlns{":" if space else ""}{space}="{MAIN}"'
    return written.replace(declared, "", 1)
