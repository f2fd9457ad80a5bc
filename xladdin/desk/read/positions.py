"""The positions that Hedge and Stress look at: those of the last target or those held now, and the overlay.

The overlay book is held whatever the core book becomes, so its positions always count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Array
from core.errors import BookError, say

from ...books.workbook import Block, Workbook
from .inputs import Desk

__all__ = ["Positions", "read_positions"]


@dataclass(frozen=True)
class Positions:
    """Contracts held, `(N,)` in the order of the desk's universe, and where the figures came from."""

    contracts: Array
    origin: str


def read_positions(book: Workbook, desk: Desk, *, hedged: bool) -> Positions:
    """The positions that Settings asks for; with the trades of the last Hedge on top of the target when `hedged`.

    Where no target has been written yet, the positions held now answer and a DataWarning says so.
    Raises BookError when the target holds a contract that is no longer in play.
    """
    universe = desk.universe
    held = universe.positions + universe.overlay_positions
    if desk.settings.book_basis == "current":
        return Positions(held, "the positions held now")
    weights = book.table("Weights")
    if not weights.rows:
        say("no Rebalance stands in this book; the positions held now were used")
        return Positions(held, "the positions held now")
    contracts = universe.overlay_positions + _by_symbol(weights, "Symbol", "TargetPosition", universe.symbols)
    hedge = book.table("Hedge")
    if not (hedged and hedge.rows):
        return Positions(contracts, "the target book")
    return Positions(
        contracts + _by_symbol(hedge, "Hedge", "TradeContracts", universe.symbols), "the target book, hedged"
    )


def _by_symbol(block: Block, name: str, column: str, symbols: tuple[str, ...]) -> Array:
    contracts = np.zeros(len(symbols))
    for row, (symbol, value) in enumerate(zip(block.column(name), block.column(column), strict=True)):
        if symbol not in symbols or not isinstance(value, float):
            raise BookError(f"{block.address(row, name)}: {symbol} of the last run is not in play; run Rebalance again")
        contracts[symbols.index(symbol)] += value
    return contracts
