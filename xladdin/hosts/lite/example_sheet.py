"""One function on a sheet of its own: cells that it is asked with, its formula, and what the answer means."""

from __future__ import annotations

from typing import Any

from core.errors import BookError

from ...books.workbook import column_letters
from ...catalog import FunctionSpec
from ...examples.collected import example_of
from ...examples.example import Asked, Example
from .book import entered

__all__ = ["write_example"]

LABELS, VALUES = 2, 3
"""The columns of what is said and of the cells."""


def write_example(book: Any, spec: FunctionSpec) -> str:
    """Add a sheet with the example of a function to an `xlwings.Book`; returns its name. Raises BookError."""
    if any(each.name.lower() == spec.name.lower() for each in book.sheets):
        raise BookError(f"there is a sheet '{spec.name}' already; rename or delete it first")
    shown = example_of(spec.name)
    if shown is None:
        raise BookError(f"{spec.name} has no example; its help stands beside the formula bar")
    sheet = book.sheets.add(spec.name, after=book.sheets[len(book.sheets) - 1])
    _write(sheet, 2, [[spec.name], [spec.summary]])
    row, places = 5, []
    for argument, given in zip(spec.args, shown.arguments(), strict=False):
        if given is None:
            places.append("")
            continue
        _write(sheet, row, [[argument.name]])
        places.append(_input(sheet, row, given))
        row += len(given.rows) + 1
    _write(sheet, row, [["answer"]])
    sheet.range((row, VALUES)).formula = f"={spec.name}({','.join(places)})"
    _write(sheet, row + len(shown.answer().rows) + 1, _meanings(shown))
    return spec.name


def _write(sheet: Any, row: int, rows: list[list[str]]) -> None:
    cells = sheet.range((row, LABELS), (row + len(rows) - 1, LABELS + len(rows[0]) - 1))
    cells.value = [[entered(cell) for cell in each] for each in rows]


def _input(sheet: Any, row: int, given: Any) -> str:
    """The cells of an input; returns what stands for them in the formula."""
    first = f"{column_letters(VALUES)}{row}"
    if isinstance(given, Asked):
        sheet.range((row, VALUES)).formula = given.formula
        return f'"{first}"'
    width = len(given.rows[0])
    cells = sheet.range((row, VALUES), (row + len(given.rows) - 1, VALUES + width - 1))
    cells.value = [[entered(cell) for cell in each] for each in given.rows]
    last = f"{column_letters(VALUES + width - 1)}{row + len(given.rows) - 1}"
    return first if first == last else f"{first}:{last}"


def _meanings(shown: Example) -> list[list[str]]:
    return [[label or "meaning", meant.words] for label, meant in shown.shows.items()]
