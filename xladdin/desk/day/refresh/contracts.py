"""Refresh, the contracts: their prices on Universe, new ones, and the columns that follow them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.errors import listed
from core.market.panel import Panel

from ....books.workbook import Block, CellValue, Workbook
from ....cells import is_blank
from ...layout.sample_universe import SAMPLE_UNIVERSE
from ...layout.sheets import TABLES
from ...read.cells import symbol_in
from ...read.hedges.instruments import underlyings_of
from .filling import Offer, Row, fill

__all__ = ["benchmark_symbol", "included_symbols", "update_contracts"]

NEW_CONTRACT: Row = {
    "Include": "Y",
    "Contract": "linear",
    "Lot": 0.0,
    "TakerFeeBps": 5.0,
    "SlippageBps": 2.0,
    "MaxLeverage": 20.0,
    "MaintenanceRate": 0.01,
    "MinWeight": 0.0,
    "MaxWeight": 0.5,
    "Position": 0.0,
    "Hedge": "N",
    "Assumed": "Y",
}
"""Cautious terms of a contract that the universe does not know yet; its row and a check say that they are assumed."""

FOLLOWERS = ("Limits", "Scenarios")
"""Tables with a column for each contract that the analyst fills."""

NO_TERMS = ("Include", "Position", "Hedge", "Assumed")


def included_symbols(book: Workbook) -> list[str]:
    """The symbols that Universe includes, holds or marks as a hedge, or Hedges names, and the benchmark.

    Raises BookError.
    """
    block = book.table("Universe")
    marks = zip(*(block.column(name) for name in ("Include", "Hedge")), strict=True)
    held = zip(*(block.column(name) for name in ("Position", "OverlayPosition")), strict=True)
    named = underlyings_of(book)
    wanted = [
        symbol
        for symbol, marked, positions in zip(_symbols(block), marks, held, strict=True)
        if "Y" in marked or any(positions) or symbol in named
    ]
    return list(dict.fromkeys([*wanted, benchmark_symbol(book)]))


def benchmark_symbol(book: Workbook) -> str:
    """The benchmark of Settings. Raises BookError."""
    named = book.value("Benchmark")
    return symbol_in(named.value, named.address)


def update_contracts(book: Workbook, panel: Panel, asked: Collection[str], offer: Offer) -> list[str]:
    """Stage Universe for what was loaded, with what its source says of it; returns what the analyst should know.

    What was asked for by name is included. Contracts without history are set aside (Include and Hedge N), never
    deleted; new ones get cautious terms where the source says none. A contract that settles otherwise than Universe
    says is told. The columns of Limits and Scenarios follow the contracts.
    """
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    known = _symbols(block)
    for row, symbol in zip(rows, known, strict=True):
        row["Symbol"] = symbol
    prices = dict(zip(panel.symbols, panel.latest_prices().tolist(), strict=True))
    set_aside: list[str] = []
    for row in rows:
        if row["Symbol"] in panel.symbols:
            row["Include"] = "Y" if row["Symbol"] in asked else row["Include"]
            row["Price"] = prices[str(row["Symbol"])]
        elif "Y" in (row["Include"], row["Hedge"]):
            row["Include"] = row["Hedge"] = "N"
            set_aside.append(str(row["Symbol"]))
    added = [symbol for symbol in panel.symbols if symbol not in known]
    differ = [row for row in rows if row["Contract"] != offer.settled.get(str(row["Symbol"]), row["Contract"])]
    rows += [_new_contract(block, symbol, prices[symbol], offer.settled.get(symbol)) for symbol in added]
    filled = fill(book, rows, offer, {str(row["Symbol"]): _nobody_s(row) for row in rows if row["Assumed"] == "Y"})
    book.write_table("Universe", [[row[name] for name in block.header] for row in rows])
    _follow(book, [str(row["Symbol"]) for row in rows])
    notes = [f"set aside for want of history: {listed(set_aside)}"] if set_aside else []
    for row in differ:
        there = offer.settled[str(row["Symbol"])]
        notes.append(f"Universe has {row['Symbol']} as {row['Contract']} and it settles as {there}: correct Contract")
    return [*notes, *_told_of_new([row for row in rows if row["Symbol"] in added], offer), *filled]


def _told_of_new(rows: Sequence[Row], offer: Offer) -> list[str]:
    """What is assumed of the contracts that were added: all terms, or what no source says."""
    notes = []
    for mark, words in (("Y", "added to Universe with assumed terms, please correct them"), ("N", "added to Universe")):
        added = [row for row in rows if row["Assumed"] == mark]
        same = [
            name
            for name in NEW_CONTRACT
            if name not in NO_TERMS and all(_is_assumed(row, name, offer) for row in added)
        ]
        if added:
            terms = ", ".join(f"{name} {NEW_CONTRACT[name]}" for name in same)
            assumed = "" if mark == "Y" else "assumed are "
            notes.append(f"{words}: {listed(str(row['Symbol']) for row in added)} ({assumed}{terms})")
    return notes


def _is_assumed(row: Row, name: str, offer: Offer) -> bool:
    """Whether a term of a new contract is as every new one has it, and no source has said so."""
    return row[name] == NEW_CONTRACT[name] and not (name == "Contract" and row["Symbol"] in offer.settled)


def _nobody_s(row: Row) -> list[Row]:
    """Rows of values that nobody has typed: those of a new contract, and of the sample's contract of that name."""
    sample = [dict(zip(TABLES["Universe"].header, cells, strict=True)) for cells in SAMPLE_UNIVERSE]
    return [NEW_CONTRACT, *(each for each in sample if each["Symbol"] == row["Symbol"])]


def _follow(book: Workbook, symbols: Sequence[str]) -> None:
    """Give Limits and Scenarios a column for each contract; a column of another one stays while it holds a value."""
    for name in FOLLOWERS:
        block, declared = book.table(name), TABLES[name].header
        strangers = [heading for heading in block.header if heading not in (*declared, *symbols)]
        kept = [heading for heading in strangers if any(not is_blank(cell) for cell in block.column(heading))]
        header = (*declared, *symbols, *kept)
        places = [block.header.index(heading) if heading in block.header else None for heading in header]
        rows = [[None if place is None else row[place] for place in places] for row in block.rows]
        book.write_table(name, rows, header)


def _symbols(block: Block) -> list[str]:
    """The symbols of the universe as every job reads them. Raises BookError that names the cell."""
    return [symbol_in(cell, block.address(row, "Symbol")) for row, cell in enumerate(block.column("Symbol"))]


def _new_contract(block: Block, symbol: str, price: float | None, settled: str | None) -> dict[str, CellValue]:
    blank: dict[str, CellValue] = dict.fromkeys(block.header)
    known: dict[str, CellValue] = {} if settled is None else {"Contract": settled}
    return {**blank, **NEW_CONTRACT, **known, "Symbol": symbol, "Price": price}
