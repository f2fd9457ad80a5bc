"""The scripts that xlwings Lite offers in its pane: the jobs of the desk, and what stands beside them.

`main.py` takes them over by `from xladdin.hosts.lite.scripts import *`. A script asks for the sheets of a desk by name,
so that nothing else of the workbook is sent to it. What came of a job, or why nothing did, is a message; a job that is
refused asks Excel to do nothing but to show why. The add-in has no way back: no undo, no copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import xlwings
from xlwings.server import script

from core.errors import PerpDeskError

from ...catalog import function
from ...desk import jobs
from ...desk.jobs import Report
from ...desk.layout.sheets import SHEETS, tables_on
from ...functions import FILES
from ...reasons import reasons
from ..jobs import in_one_message, on_open_book
from .book import LiteBook
from .example_sheet import write_example

__all__ = ["check", "connect_formulas", "example", "hedge", "rebalance", "refresh", "stress", "why"]

DESK = [each.name for each in SHEETS if each.name == "Settings" or tables_on(each.name)]
"""The sheets that a job may read or write."""

STORE = "/data"
"""The folder of the add-in's file store."""

FUNCTIONS = tuple(name for names in FILES.values() for name in names)


@script(name="Refresh", include=DESK)
def refresh(book: xlwings.Book, source: str = STORE) -> None:
    """Load prices and funding from files that were put into the add-in's file store; the results are emptied."""
    _say(book, *in_one_message("refresh", lambda: _refreshed(book, Path(source.strip() or STORE))))


@script(name="Rebalance", include=DESK)
def rebalance(book: xlwings.Book) -> None:
    """Estimate, choose the target book and size its orders."""
    _run("rebalance", book)


@script(name="Hedge", include=DESK)
def hedge(book: xlwings.Book) -> None:
    """Trade the beta of the book back to its target."""
    _run("hedge", book)


@script(name="Stress", include=DESK)
def stress(book: xlwings.Book) -> None:
    """Every scenario on the book: profit, margin, liquidation."""
    _run("stress", book)


@script(name="Check", include=DESK)
def check(book: xlwings.Book) -> None:
    """Hold the results against inputs and limits."""
    _run("check", book)


@script(name="Example", include=DESK)
def example(book: xlwings.Book, name: Literal[FUNCTIONS] = "PERP_BETA") -> None:  # type: ignore[valid-type]
    """A new sheet with a function, cells that it is asked with, and what its answer means."""
    try:
        _say(book, f"Example of {name} on sheet '{write_example(book, function(name))}'", True)
    except PerpDeskError as error:
        _say(book, str(error), False)


@script(name="Why?", include=DESK)
def why(book: xlwings.Book) -> None:
    """Why the selected cell shows an error or a warning."""
    chosen = book.selection
    if chosen is None or (address := chosen.get_address(False, False)) is None:  # a shape is selected
        _say(book, "no cell is selected; select the one that is meant", False)
    else:
        _say(book, reasons.why(f"[{book.name}]{chosen.sheet.name}!{address.partition(':')[0]}"), True)


@script(name="Connect formulas")
async def connect_formulas(book: xlwings.BookAsync) -> None:
    """Enter every formula with a function of PerpDesk once more: those of another door show #NAME? until then."""
    entered = 0
    for sheet in book.sheets:
        used = await sheet.get_used_range()
        if used is None:
            continue
        formulas = await used.get_formula()
        lines: list[Any] = [formulas] if isinstance(formulas, str) else list(formulas)
        rows: list[list[Any]] = [[line] if isinstance(line, str) else list(line) for line in lines]
        for down, row in enumerate(rows, used.row):
            for right, formula in enumerate(row, used.column):
                if isinstance(formula, str) and formula.startswith("=") and "PERP_" in formula:
                    sheet.range((down, right)).formula = formula.replace("_xldudf_", "")
                    entered += 1
    _say(book, f"{entered} formulas with functions of PerpDesk were entered once more", True)


def _run(name: str, book: xlwings.Book) -> None:
    def work() -> Report:
        return on_open_book(name, LiteBook(book), None, lambda doing: None)

    _say(book, *in_one_message(name, work))


def _refreshed(book: xlwings.Book, source: Path) -> Report:
    desk = LiteBook(book)
    report = jobs.refresh(desk, source)
    desk.commit()
    return report


def _say(book: xlwings.Book | xlwings.BookAsync, message: str, well: bool) -> None:
    """As a message over the workbook."""
    book.app.alert(message, title="PerpDesk" if well else "PerpDesk: nothing was changed")
