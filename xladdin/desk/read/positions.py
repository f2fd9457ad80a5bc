"""The positions that Hedge and Stress look at: those of the last target or those held now, and the overlay.

The overlay book is held whatever the core book becomes, so its positions always count.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.errors import BookError, say
from core.records import dataclass

from ...books.workbook import Block, Workbook
from .inputs import Desk

__all__ = ["Positions", "by_symbol", "read_positions"]

HOLDS_NONE = "sheet 'Universe': no position is held and {asked}; enter Position, or {else_}"
TARGETS_NONE = (
    "sheet 'Weights': the target of the last Rebalance is an empty book; its row on sheet 'Runs' says why, mend that "
    "and run it again, or set BookBasis to current on Settings for the positions held now"
)


@dataclass(frozen=True)
class Positions:
    """Contracts held, `(N,)` in the order of the desk's universe, where they came from, and what to do if all are 0.

    `instruments` are the units held of those of Hedges, `(H,)`.
    """

    contracts: Array
    origin: str
    if_none: str
    instruments: Array


def read_positions(book: Workbook, desk: Desk, *, hedged: bool) -> Positions:
    """The positions that Settings asks for; with the trades of the last Hedge on top of the target when `hedged`.

    Where no target has been written yet, the positions held now answer and a DataWarning says so.
    Raises BookError when the target holds a contract that is no longer in play.
    """
    universe, units = desk.universe, desk.instruments.positions
    held = universe.positions + universe.overlay_positions
    if desk.settings.book_basis == "current":
        none = HOLDS_NONE.format(asked="Settings asks for those held now", else_="set BookBasis to target")
        return Positions(held, "the positions held now", none, units)
    weights = book.table("Weights")
    if not weights.rows:
        say("no Rebalance stands in this book; the positions held now were used")
        none = HOLDS_NONE.format(asked="no target is written", else_="run Rebalance")
        return Positions(held, "the positions held now", none, units)
    contracts = universe.overlay_positions + by_symbol(weights, "Symbol", "TargetPosition", universe.symbols)
    hedge = book.table("Hedge")
    if not (hedged and hedge.rows):
        return Positions(contracts, "the target book", TARGETS_NONE, units)
    contracts += by_symbol(hedge, "Hedge", "TradeContracts", universe.symbols)
    return Positions(contracts, "the target book, hedged", TARGETS_NONE, units + _traded_instruments(book, desk))


def _traded_instruments(book: Workbook, desk: Desk) -> Array:
    """What the last Hedge trades of each instrument, `(H,)`; its table has the contracts of Universe above them."""
    if not desk.instruments.names:
        return desk.instruments.positions
    costs = book.table("HedgeChoice")
    if not costs.rows:
        say("Hedge has not run since the sheet Hedges was filled, so none of it is traded; run Hedge again")
        return np.zeros(len(desk.instruments.names))
    known = (*desk.universe.symbols, *desk.instruments.names)
    return by_symbol(costs, "Instrument", "Trade", known)[len(desk.universe.symbols) :]


def by_symbol(block: Block, name: str, column: str, symbols: tuple[str, ...]) -> Array:
    """A column of a result table, summed by the contracts of the desk `(N,)`. Raises BookError for another contract."""
    contracts = np.zeros(len(symbols))
    for row, (symbol, value) in enumerate(zip(block.column(name), block.column(column), strict=True)):
        if symbol not in symbols or not isinstance(value, float):
            raise BookError(f"{block.address(row, name)}: {symbol} of the last run is not in play; run Rebalance again")
        contracts[symbols.index(symbol)] += value
    return contracts
