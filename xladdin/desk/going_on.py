"""Going on in a results book that exists: its notes, sheets and log stay, its inputs become those of the desk.

A results book belongs to people as soon as it is written: they type remarks into it, colour it, add sheets. So the next
run of the desk that it comes from writes into that very book.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from core.errors import BookError, listed

from ..books.workbook import Series, Workbook
from .history_file import HISTORY_FILE, kept_name
from .jobs import RESULT_TABLES
from .layout.sheets import NAMED_RESULTS, SETTINGS
from .read.headings import CONTRACT_TABLES
from .read.older import as_declared
from .write.results import clear

__all__ = ["carry_history", "is_desk", "same_desk", "take_inputs"]

HISTORY = ("Prices", "Funding", "Factors")
"""The tables that Refresh fills."""

SAID = "Terms"
"""What the source of the last refresh said, by which what was typed is told from what was filled."""

LOG = "Runs"
MOST_NAMED = 12


def is_desk(book: Workbook) -> bool:
    """Whether a workbook has the inputs and the log of a desk."""
    try:
        for name in (*CONTRACT_TABLES, LOG):
            book.table(name)
        book.value(SETTINGS[0].name)
    except BookError:
        return False
    return True


def same_desk(source: Workbook, other: Workbook) -> bool:
    """Whether two desks are one at two times: the first run of `source` is in the log of `other`.

    Where nothing has run on `source`, the contracts of both decide.
    """
    runs = source.table(LOG).rows
    if runs:
        return runs[0] in other.table(LOG).rows
    return source.table("Universe").column("Symbol") == other.table("Universe").column("Symbol")


def take_inputs(book: Workbook, source: Workbook) -> list[str]:
    """Stage in `book` the inputs of `source` that differ, and the runs it lacks; the names of what was taken.

    Results of runs that only `source` knows are taken with them; else another history empties all results, as Refresh
    does. Raises BookError where something cannot be written.
    """
    book, source = as_declared(book, quietly=True), as_declared(source, quietly=True)
    known = book.table(LOG).rows
    missing = [row for row in source.table(LOG).rows if row not in known]
    job = source.table(LOG).index("Job")
    history = [name for name in HISTORY if _take_series(book, source, name)]
    file = kept_name(source)
    carry_history(book, source)
    if file != kept_name(book):
        book.write_value(HISTORY_FILE, file)
        history.append(HISTORY_FILE)
    taken = [*history, *(name for name in (*CONTRACT_TABLES, SAID) if _take_table(book, source, name))]
    if any(row[job] != "refresh" for row in missing):
        taken += [name for name in RESULT_TABLES if _take_table(book, source, name)]
    elif history:
        clear(book, RESULT_TABLES)
    for name in (*(setting.name for setting in SETTINGS), *_written_names()):
        value = source.value(name).value
        if value != book.value(name).value:
            book.write_value(name, value)
            taken.append(name)
    if missing:
        book.append_rows(LOG, missing)
    return [listed(taken, MOST_NAMED)] if taken else []


def carry_history(book: Workbook, source: Workbook) -> None:
    """Stage the history file of `source` beside `book`, which may lie or land in another folder.

    Where it is missing whoever reads it says so; Refresh, or blanking its name, is the way out and needs none.
    """
    file = kept_name(as_declared(source, quietly=True))
    if file is not None:
        with suppress(BookError):
            book.write_beside(file, source.beside(file))


def _written_names() -> list[str]:
    """The named cells that a job fills; the others are formulas of the sheet."""
    return [result.name for result in NAMED_RESULTS if result.sheet in HISTORY]


def _take_table(book: Workbook, source: Workbook, name: str) -> bool:
    """Whether a table differed and was staged."""
    wanted, there = source.table(name), book.table(name)
    if (wanted.header, wanted.rows) == (there.header, there.rows):
        return False
    book.write_table(name, wanted.rows, None if wanted.header == there.header else wanted.header)
    return True


def _take_series(book: Workbook, source: Workbook, name: str) -> bool:
    """The same for a table of times and numbers; what stands among these goes with it cell by cell."""
    wanted, there = source.series(name), book.series(name)
    if _same_series(wanted, there):
        return False
    texts = {place: value for place, value in wanted.odd.items() if isinstance(value, str)}
    if len(texts) == len(wanted.odd) and not np.isnat(wanted.times).any() and len(wanted.times):
        book.write_series(name, wanted.times, wanted.numbers, wanted.header, texts)
        return True
    book.write_table(name, source.table(name).rows, wanted.header)
    return True


def _same_series(first: Series, second: Series) -> bool:
    return (
        first.header == second.header
        and first.odd == second.odd
        and np.array_equal(first.times, second.times, equal_nan=True)
        and np.array_equal(first.numbers, second.numbers, equal_nan=True)
    )
