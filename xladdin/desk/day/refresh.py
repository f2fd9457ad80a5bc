"""Refresh: history from a feed onto the desk's sheets; what the analyst entered stays as it is."""

from __future__ import annotations

import math

import numpy as np

from core.errors import ArgumentError, BookError, listed
from core.market.panel import Panel

from ...books.workbook import Block, CellValue, Workbook
from ...symbols import as_cell_text, printable, read_symbol
from ..layout.sheets import TABLES

__all__ = ["included_symbols", "write_history"]

NEW_CONTRACT: dict[str, CellValue] = {
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
}
"""Cautious terms of a contract that the universe does not know yet; the run says that they are assumed."""


def included_symbols(book: Workbook) -> list[str]:
    """The symbols that Universe includes or marks as a hedge, and the benchmark."""
    block = book.table("Universe")
    wanted = [
        symbol
        for symbol, include, hedge in zip(_symbols(block), block.column("Include"), block.column("Hedge"), strict=True)
        if "Y" in (include, hedge)
    ]
    return list(dict.fromkeys([*wanted, str(book.value("Benchmark").value)]))


def write_history(book: Workbook, panel: Panel, source: str) -> list[str]:
    """Stage the panel as the desk's history, prices and bar length included; returns what the analyst should know.

    Contracts without history are set aside (Include and Hedge N), never deleted; new ones get cautious terms.
    """
    times = panel.times.tolist()
    for name, block in (("Prices", panel.prices), ("Funding", panel.funding)):
        rows = [[time, *map(_blank_where_missing, values)] for time, values in zip(times, block.tolist(), strict=True)]
        book.write_table(name, rows, [TABLES[name].header[0], *panel.symbols])
    book.write_value("BarHours", panel.bar_hours)
    bars, last = len(times) - 1, times[-1]
    loaded = f"{printable(source)}: {len(panel.symbols)} contracts, {bars} bars to {last:%Y-%m-%d %H:%M} UTC"
    book.write_value("DataSource", as_cell_text(loaded))
    return _update_universe(book, panel)


def _update_universe(book: Workbook, panel: Panel) -> list[str]:
    block = book.table("Universe")
    rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
    known = _symbols(block)
    for row, symbol in zip(rows, known, strict=True):
        row["Symbol"] = symbol
    for row in rows:
        if row["Symbol"] in panel.symbols:
            row["Include"] = "Y"
            row["Price"] = _latest(panel, str(row["Symbol"]))
        elif "Y" in (row["Include"], row["Hedge"]):
            row["Include"] = row["Hedge"] = "N"
    set_aside = [str(symbol) for symbol in known if symbol not in panel.symbols]
    added = [symbol for symbol in panel.symbols if symbol not in known]
    rows += [_new_contract(block, symbol, _latest(panel, symbol)) for symbol in added]
    book.write_table("Universe", [[row[name] for name in block.header] for row in rows])
    notes = [f"set aside for want of history: {listed(set_aside)}"] if set_aside else []
    if added:
        terms = ", ".join(
            f"{name} {value}" for name, value in NEW_CONTRACT.items() if name not in ("Include", "Position")
        )
        notes.append(f"added to Universe with assumed terms, please correct them: {listed(added)} ({terms})")
    return notes


def _symbols(block: Block) -> list[str]:
    """The symbols of the universe as every job reads them. Raises BookError that names the cell."""
    found = []
    for row, cell in enumerate(block.column("Symbol")):
        try:
            found.append(read_symbol(cell))
        except ArgumentError as error:
            raise BookError(f"{block.address(row, 'Symbol')}: {error}") from None
    return found


def _new_contract(block: Block, symbol: str, price: float | None) -> dict[str, CellValue]:
    blank: dict[str, CellValue] = dict.fromkeys(block.header)
    return {**blank, **NEW_CONTRACT, "Symbol": symbol, "Price": price}


def _latest(panel: Panel, symbol: str) -> float | None:
    prices = panel.prices[:, panel.symbols.index(symbol)]
    known = prices[np.isfinite(prices)]
    return float(known[-1]) if known.size else None


def _blank_where_missing(value: float) -> float | None:
    return None if math.isnan(value) else value
