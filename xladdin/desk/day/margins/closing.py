"""What closes each position when its price alone goes against it, its stop or the exchange, and an early stop.

liquidation    the price at which the position, or the account by it alone, is down to its maintenance
bankruptcy     the price at which the own equity of an isolated position is used up
early stop     half of the way to liquidation, on the tick on which it comes sooner
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Mask, Rows
from core.decide.size.stop import early_stop
from core.market.liquidation import bankruptcy_price, safe_tick
from core.market.margin_isolated import IsolatedMargin, isolated_margin
from core.records import dataclass
from core.verify.path.book import Book
from core.verify.stress.reverse import LiquidationLadder

from ...read.inputs import Universe
from .safeguards import Safeguards

__all__ = ["FARTHEST", "Closing", "closing"]

FARTHEST = 10.0
"""A price that must rise more than tenfold liquidates nobody."""


@dataclass(frozen=True, eq=False)
class Closing:
    """Of each contract `(N,)`, NaN where there is none; prices in quote a coin, money in quote.

    own_ratios       maintenance over own equity, of one that is isolated
    own_headrooms    own equity above the initial margin
    liquidations     price against the position that liquidates it, or the account
    bankruptcies     price at which own equity is used up
    to_stops         move from the price now to the stop, 0 where it is passed already
    losses           profit from now to the stop, negative for a loss
    exchange_first   where the exchange closes on the way to the stop
    early_stops      prices
    """

    own_ratios: Array
    own_headrooms: Array
    liquidations: Array
    bankruptcies: Array
    to_stops: Array
    losses: Array
    exchange_first: Mask
    early_stops: Array

    def first(self, column: int) -> str | None:
        """What closes a position that has a stop: "stop" or "exchange"; None for one without."""
        if np.isnan(self.to_stops[column]):
            return None
        return "exchange" if self.exchange_first[column] else "stop"


def closing(behind: Safeguards, book: Book, ladder: LiquidationLadder | None, universe: Universe) -> Closing:
    """What closes each position of a book; without a `ladder` the account is below its maintenance already."""
    ticks = universe.ticks
    account, sides, nothing = book.account, np.sign(book.coins), np.full(book.coins.size, np.nan)
    against = nothing if ladder is None else np.where(sides > 0, ladder.down, ladder.up)
    against = np.where((sides != 0) & (np.abs(against) <= FARTHEST), against, np.nan)
    liquidations = book.prices * (1 + against)
    to_stops = np.where(sides * (book.prices - behind.stops) <= 0, 0.0, behind.stops / book.prices - 1)
    to_stops = np.where(np.isnan(behind.stops), np.nan, to_stops)
    ratios, headrooms, bankruptcies = nothing.copy(), nothing.copy(), nothing.copy()
    alone = np.flatnonzero(account.alone)
    if alone.size:
        own = _own_margin(book, alone, 1 / universe.initial_margin_rates)
        ratios[alone], headrooms[alone] = own.margin_ratio, own.headroom
        bankruptcies[alone] = bankruptcy_price(book.coins[alone], book.prices[alone], account.isolated[alone])
    early = nothing.copy()
    room = np.flatnonzero(np.abs(against) > 0)
    if room.size:
        exact = early_stop(sides[room], book.prices[room], liquidations[room])
        early[room] = safe_tick(exact, sides[room], ticks[room])
    return Closing(
        own_ratios=ratios,
        own_headrooms=headrooms,
        liquidations=liquidations,
        bankruptcies=bankruptcies,
        to_stops=to_stops,
        losses=account.values * to_stops,
        exchange_first=(np.abs(against) < np.abs(to_stops)) if ladder is not None else sides != 0,
        early_stops=early,
    )


def _own_margin(book: Book, alone: Rows, max_leverage: Array) -> IsolatedMargin:
    """Margin at the price now of these isolated positions, each by the tier that it is in."""
    account, prices = book.account, book.prices[alone]
    rates, amounts = account.rates[:, alone], account.amounts[:, alone]
    tier = np.argmax(rates * np.abs(account.values[alone]) - amounts, axis=0)[np.newaxis]
    return isolated_margin(
        book.coins[alone],
        prices,
        prices,
        account.isolated[alone],
        np.take_along_axis(rates, tier, axis=0)[0],
        max_leverage[alone],
        np.take_along_axis(amounts, tier, axis=0)[0],
    )
