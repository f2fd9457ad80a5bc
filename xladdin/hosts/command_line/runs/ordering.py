"""The orders that stand in a workbook: told, or handed out once they are held to the positions of today."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from core.errors import ArgumentError, BookError, listed

from ....books.file_book import FileBook
from ....books.workbook import Block, Workbook
from ....desk.day.ordering.checking import check_orders
from ....desk.read.desk import read_desk
from ....desk.read.older import as_declared, kept_tables
from ....desk.read.trades import read_trades
from ....desk.write.ordered.upload import order_rows, orders_as_csv, write_order_file
from ....desk.write.runlog import heard_warnings
from ..told import console
from ..told.answers import records
from ..told.drawing import drawn_tables
from .results import naming, results_beside

__all__ = ["tell_orders"]

TABLES = ("Orders", "OrdersSummary")
HELD = ("Position", "OverlayPosition")


def tell_orders(given: Namespace) -> bool:
    """Whether they may be sent as they stand; nothing is written otherwise, unless `--anyway` says so.

    Raises BookError where no job has ordered anything, or a file cannot be written.
    """
    if given.out and given.as_json:
        raise ArgumentError("--out writes CSV; leave out --json")
    with (
        naming(given.book, *([given.out] if given.out else [])),
        FileBook.open(given.book) as opened,
        heard_warnings() as heard,
    ):
        book = as_declared(opened)
        desk = read_desk(book)
        _refuse_none(given.book, book)
        block = book.table("Orders")
        doubts = [f"{check.name}: {check.remedy}" for check in check_orders(book, desk) if check.status != "OK"]
        doubts += _moved_at_source(given.book, book.table("Universe"))
        rows = order_rows(block, desk.fingerprint("hedge"))
        beside = listed(read_trades(book, desk).beside, 6)
        hands_out = given.as_csv or given.out is not None
        if hands_out and doubts and not given.anyway:
            raise BookError(f"{listed(doubts, len(doubts), '; ')}; or hand them out with --anyway")
        if given.as_json:
            tables = {name: records(book.table(name)) for name in TABLES}
            console.as_json({"job": "orders", "passed": not doubts, "doubts": doubts, "tables": tables, "upload": rows})
        elif given.out is not None:
            write_order_file(given.out, rows, force=given.force)
        elif given.as_csv:
            console.say(orders_as_csv(rows), end="")
        elif not given.quiet:
            for line in list(drawn_tables(book, TABLES, whole=False))[1:]:
                console.show(*line)
    more = (
        [f"Hedge trades {beside} of the sheet Hedges too, which is not in this list: see HedgeChoice"] if beside else []
    )
    _tell(given, [*heard, *more, *([] if given.as_json else doubts)], len(rows))
    return not doubts or given.anyway


def _tell(given: Namespace, notes: list[str], count: int) -> None:
    """What is to know, on the error stream where the answer is for a program."""
    stream = sys.stderr if given.as_csv or given.as_json else None
    if given.quiet:
        return
    for note in notes:
        console.note(note, to=stream)
    if given.out is not None:
        console.show(f"{count} orders; none was sent", to=stream)
        console.wrote(given.out, to=stream)


def _refuse_none(path: Path, book: Workbook) -> None:
    """Nothing where a job has written a list, be it an empty one. Raises BookError."""
    if not kept_tables(book, TABLES):
        raise BookError("it was made by an older PerpDesk and has no sheet Orders; start from `perpdesk new`")
    if any(value is not None for value in book.table("OrdersSummary").column("Value")):
        return
    results = results_beside(path)
    elsewhere = f" (results of jobs may stand in {results.name})" if results != path and results.exists() else ""
    raise BookError(f"no job has ordered anything in it; run Rebalance, then Hedge{elsewhere}")


def _moved_at_source(path: Path, universe: Block) -> Iterator[str]:
    """That the desk which these results come from now holds something else."""
    source = path.with_name(f"{path.stem.removesuffix('.results')}{path.suffix}")
    if source == path or not source.exists():
        return
    with FileBook.open(source) as desk:
        now = _held(as_declared(desk, quietly=True).table("Universe"))
    then = _held(universe)
    moved = [symbol for symbol in then | now if now.get(symbol, 0.0) != then.get(symbol, 0.0)]
    if moved:
        yield f"{source.name} holds other positions than these orders start from ({listed(moved, 6)}); rebalance it"


def _held(universe: Block) -> dict[str, float]:
    """Contracts by symbol, the overlay among them."""
    columns = [universe.column(name) for name in HELD]
    held = [sum(cell for cell in cells if isinstance(cell, float)) for cells in zip(*columns, strict=True)]
    return dict(zip(map(str, universe.column("Symbol")), held, strict=True))
