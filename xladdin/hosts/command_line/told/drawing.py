"""Result tables as lines of a terminal: columns side by side, long texts over several lines, nothing cut."""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from ....books.workbook import Workbook
from ....desk.jobs import Report
from ....desk.layout.sheets import TABLES
from ....desk.write.display import VIEWS, shown_rows
from ....symbols import printable
from .console import LONGEST, Line, Part

__all__ = ["drawn", "drawn_tables"]

WIDTH = 120
"""Characters that the widest view needs; a narrower terminal wraps the lines itself."""

NARROWEST = 24
"""Characters below which no column of texts is made."""

STYLES = {
    "OK": "green",
    "survives": "green",
    "agrees": "green",
    "as good": "green",
    "WARN": "yellow",
    "margin call": "yellow",
    "FAIL": "red",
    "liquidated": "red",
    "differs": "red",
    "not covered": "yellow",
}


def drawn(report: Report, book: Workbook, tables: Sequence[str], *, whole: bool) -> list[Line]:
    """The sentence of a job, its tables, its verdict, ready to show; `whole`: with all columns.

    Raises BookError where a table lacks a column, so that nothing need be written before it is known to be shown.
    """
    headline = f"  {printable(report.headline, LONGEST)}"
    return [
        [(report.job.capitalize(), "bold"), headline],
        *drawn_tables(book, tables, whole=whole),
        *([[(report.verdict, "dim")]] if report.verdict else []),
    ]


def drawn_tables(book: Workbook, tables: Sequence[str], *, whole: bool) -> Iterator[Line]:
    """Each table that has rows, under its name and after a blank line. Raises BookError."""
    for name in tables:
        block = book.table(name)
        if not block.rows:
            continue
        table = TABLES[name]
        headings = block.header if whole else VIEWS[name]
        numbers = [table.column(heading).kind == "number" for heading in headings]
        yield []
        yield [(name, "bold")]
        yield from _grid(headings, shown_rows(block, table, headings), numbers)


def _grid(headings: Sequence[str], rows: list[list[str]], numbers: Sequence[bool]) -> Iterator[Line]:
    cells = [[printable(cell, LONGEST) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
    _narrow(widths, [max(_width(heading), NARROWEST) for heading in headings], numbers)
    yield [(_line(headings, widths, numbers), "dim")]
    for row in cells:
        parts = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
        for i in range(max(map(len, parts))):
            yield list(_coloured([part[i] if i < len(part) else "" for part in parts], widths, numbers))


def _narrow(widths: list[int], least: list[int], numbers: Sequence[bool]) -> None:
    """Take from the widest columns of texts what makes the lines longer than the terminal."""
    room = max(shutil.get_terminal_size().columns, WIDTH)
    while (over := sum(widths) + 2 * len(widths) - room) > 0:
        texts = [i for i, number in enumerate(numbers) if not number and widths[i] > least[i]]
        if not texts:
            return
        widest = max(texts, key=widths.__getitem__)
        others = [widths[i] for i in texts if widths[i] < widths[widest]]
        widths[widest] = max(least[widest], widths[widest] - over, max(others, default=0) - 1)


def _wrapped(cell: str, width: int) -> list[str]:
    return textwrap.wrap(cell, width) or [""] if _width(cell) > width else [cell]


def _coloured(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> Iterator[Part]:
    for cell, width, number in zip(cells, widths, numbers, strict=True):
        text = _placed(cell, width, number)
        yield (text, STYLES[cell]) if cell in STYLES else text


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    return "".join(_placed(*each) for each in zip(cells, widths, numbers, strict=True))


def _placed(cell: str, width: int, number: bool) -> str:
    """A cell in its column, with a blank on both sides: numbers to the right, texts to the left."""
    blanks = " " * (width - _width(cell))
    return f" {blanks}{cell} " if number else f" {cell}{blanks} "


def _width(text: str) -> int:
    """How many places of a terminal a text takes: an ideograph takes two."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text if not letter.isascii())
