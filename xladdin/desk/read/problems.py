"""All that is wrong with a desk at once: who has ten cells to mend is told ten, not one after the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import ParamSpec

from core.errors import BookError

from ...books.workbook import Block, Workbook
from ...cells import is_blank
from ..history_file import filed_series, kept_name
from ..layout.fields import TableLayout
from ..layout.sheets import SETTINGS, TABLES
from .cells import read_cell, read_columns
from .desk import read_desk, read_limits, read_setting, read_tiers, wrong_contracts
from .headings import CONTRACT_TABLES, refuse_lost_columns, refuse_other_columns
from .hedges.instruments import wrong_instruments
from .history import wrong_cells
from .inputs import Desk

__all__ = ["BookProblemsError", "read_whole_desk"]

HISTORY = {"Prices": True, "Funding": False, "Factors": False}
"""The tables of times and numbers, and whether each contract must have its column there."""

P = ParamSpec("P")

CELL_BY_CELL = ("Universe", "Tiers", "Hedges")
MOST = 200


class BookProblemsError(BookError):
    """Several things of one workbook are wrong: each of `problems` is a sentence with the place and the way out."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_whole_desk(book: Workbook) -> Desk:
    """What `read_desk` gives. Raises BookProblemsError where more than one thing is wrong, else BookError."""
    found = list(_other_columns(book))
    try:
        desk = read_desk(book)
    except BookError as error:
        found += [str(error), *_problems(book)]
    else:
        if not found:
            return desk
    found = list(dict.fromkeys(found))
    if len(found) == 1:
        raise BookError(found[0])
    if len(found) > MOST:
        found[MOST:] = [f"{len(found) - MOST:,} more of the kind are not listed; mend these first"]
    raise BookProblemsError(found)


def _other_columns(book: Workbook) -> Iterator[str]:
    """Result tables that are not as they were drawn."""
    for name in TABLES:
        if name not in CONTRACT_TABLES and name not in HISTORY:
            yield from _refusal(_refuse_columns, book, name)


def _problems(book: Workbook) -> Iterator[str]:
    """Everything in the inputs that a job would stop at: cells first, then what is wrong between sound ones."""
    for setting in SETTINGS:
        yield from _refusal(read_setting, book, setting)
    blocks: dict[str, Block] = {}
    for name in CONTRACT_TABLES:
        try:
            blocks[name] = book.table(name)
            refuse_lost_columns(blocks[name].header, TABLES[name])
        except BookError as error:
            blocks.pop(name, None)
            yield str(error)
    for name in CELL_BY_CELL:
        if name in blocks:
            yield from _wrong_cells(blocks[name], TABLES[name])
    named = set(blocks["Hedges"].column("Underlying")) if "Hedges" in blocks else set()
    symbols = _in_play(blocks["Universe"], named) if "Universe" in blocks else ()
    yield from _wrong_between_cells(book, blocks, symbols)
    for name, required in HISTORY.items():
        yield from _wrong_history(book, name, symbols, required=required)


def _wrong_between_cells(book: Workbook, blocks: dict[str, Block], symbols: tuple[str, ...]) -> Iterator[str]:
    if "Universe" in blocks:
        try:
            column = read_columns(blocks["Universe"], TABLES["Universe"])
        except BookError:
            pass  # said already, cell by cell
        else:
            yield from wrong_contracts(blocks["Universe"], column)
    if "Hedges" in blocks and "Universe" in blocks:
        try:
            column = read_columns(blocks["Hedges"], TABLES["Hedges"])
        except BookError:
            pass  # said already, cell by cell
        else:
            listed_symbols = [str(symbol).strip() for symbol in blocks["Universe"].column("Symbol")]
            yield from wrong_instruments(blocks["Hedges"], column, listed_symbols)
    if "Limits" in blocks:
        yield from _refusal(read_limits, book, symbols)
    if "Tiers" in blocks and not list(_wrong_cells(blocks["Tiers"], TABLES["Tiers"])):
        yield from _refusal(read_tiers, book, symbols)


def _wrong_history(book: Workbook, name: str, symbols: tuple[str, ...], *, required: bool) -> Iterator[str]:
    try:
        series = book.series(name) if name == "Factors" else filed_series(book, name, kept_name(book))
    except BookError as error:
        yield str(error)
        return
    declared = TABLES["Factors"].blank_header
    columns = [heading for heading in series.header[1:] if heading not in declared] if name == "Factors" else symbols
    yield from wrong_cells(series, columns, required=required)


def _refuse_columns(book: Workbook, name: str) -> None:
    refuse_other_columns(book.header(name), TABLES[name])


def _wrong_cells(block: Block, table: TableLayout) -> Iterator[str]:
    for column in table.columns:
        for row, value in enumerate(block.column(column.name)):
            yield from _refusal(read_cell, value, column, block.address(row, column.name))


def _in_play(universe: Block, named: Collection[object]) -> tuple[str, ...]:
    """The symbols that are included, held, hedges or `named` on Hedges, as far as the cells say."""
    columns = [universe.column(name) for name in ("Symbol", "Include", "Hedge", "Position", "OverlayPosition")]
    return tuple(
        str(symbol).strip()
        for symbol, include, hedge, *held in zip(*columns, strict=True)
        if not is_blank(symbol)
        and (include == "Y" or hedge == "Y" or symbol in named or any(isinstance(n, float) and n for n in held))
    )


def _refusal(read: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> Iterator[str]:
    """The sentence with which something is refused, if it is."""
    try:
        read(*args, **kwargs)
    except BookError as error:
        yield str(error)
