"""What Rebalance and Hedge want to trade of each contract, as it stands on their sheets.

Where Settings have Hedge look at the positions held now, its trades hedge these: what Rebalance wants is then another
way to go, and is not traded beside them.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.decide.size.orders import is_dust
from core.market.contract import round_to_lot
from core.records import dataclass

from ...books.workbook import Workbook
from .inputs import Desk
from .positions import by_symbol

__all__ = ["WantedTrades", "read_trades", "rebalance_dust"]

WAITS = "WAIT"


@dataclass(frozen=True)
class WantedTrades:
    """Contracts to trade, `(N,)` in the order of the desk's universe, positive = buy, and what they are made of.

    `left_aside` are those of Rebalance that the hedge of another book leaves no room for; `waiting` counts its trades
    that wait for the clock, and `beside` names the instruments of Hedges that Hedge trades too.
    """

    rebalance: Array
    hedge: Array
    left_aside: Array
    waiting: int
    made_of: str
    beside: tuple[str, ...] = ()


def read_trades(book: Workbook, desk: Desk) -> WantedTrades:
    """The trades of the last Rebalance and of the Hedge after it. Raises BookError where one is no longer in play."""
    weights, hedge, symbols = book.table("Weights"), book.table("Hedge"), desk.universe.symbols
    none = np.zeros(len(symbols))
    wanted = by_symbol(weights, "Symbol", "Contracts", symbols)
    waiting = sum(side == WAITS for side in weights.column("Side"))
    if not hedge.rows:
        return WantedTrades(wanted, none, none, waiting, "Weights alone")
    trades = by_symbol(hedge, "Hedge", "TradeContracts", symbols)
    chosen = book.table("HedgeChoice")
    moved = zip(chosen.column("Instrument"), chosen.column("Trade"), strict=True)
    beside = tuple(str(name) for name, units in moved if units and name in desk.instruments.names)
    if not weights.rows:
        return WantedTrades(none, trades, none, 0, "Hedge alone", beside)
    if desk.settings.book_basis == "current":
        return WantedTrades(none, trades, wanted, 0, "Hedge alone", beside)
    return WantedTrades(wanted, trades, none, waiting, "Weights + Hedge", beside)


def rebalance_dust(book: Workbook, desk: Desk) -> Array:
    """Notionals `(N,)` of the orders that Rebalance left out as too small, by the weights on its sheet."""
    block, universe = book.table("Weights"), desk.universe
    final = by_symbol(block, "Symbol", "Final", universe.symbols)
    sides = zip(block.column("Symbol"), block.column("Side"), strict=True)
    stays = np.isin(universe.symbols, [str(symbol) for symbol, side in sides if side == "HOLD"]) & universe.included
    values = universe.contract_values
    asked = round_to_lot(final * desk.settings.equity / values, universe.lots) - universe.positions
    return np.where(stays & is_dust(asked * values, desk.settings.smallest_order), asked * values, 0.0)
