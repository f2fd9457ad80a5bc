"""What stands behind each position that is stressed: its entry, its stop, and the equity of one in isolated margin.

    entry         of Position at EntryPrice and OverlayPosition at OverlayEntry, traded to the target at the price now
    stop          where the share Stop of that entry is lost, on the tick on which it comes sooner
    own equity    Collateral + open P&L of what is held now; a trade at the price now changes nothing of it

An entry that is not stated is the price now, so that its P&L is none.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.decide.size.stop import stop_price
from core.errors import BookError, say
from core.market.entry import entry_after
from core.records import dataclass
from core.tolerances import ROUNDING
from core.verify.path.book import Book, as_book

from ...read.inputs import Desk, Universe
from ...read.positions import Positions
from ..instruments.set_aside import set_aside

__all__ = ["Safeguards", "safeguards"]


@dataclass(frozen=True, eq=False)
class Safeguards:
    """Of each contract `(N,)`, in quote: its average entry, its stop price, and the own equity of one that is isolated.

    NaN: not held; no stop; cross margin. `equity` is that of the account that backs them, without what is set aside for
    the instruments of Hedges.
    """

    entries: Array
    stops: Array
    own_equity: Array
    equity: float

    def book(self, desk: Desk, positions: Positions, *, stopped: bool) -> Book:
        """What is held, on the account of the desk, with its stops or without."""
        universe = desk.universe
        return as_book(
            positions.contracts,
            universe.prices,
            self.equity,
            universe.maintenance_rates,
            isolated=self.own_equity,
            stops=self.stops if stopped else None,
            inverse=universe.inverse,
            tiers=desk.tiers,
        )


def safeguards(desk: Desk, positions: Positions) -> Safeguards:
    """Entries, stops and own equity of the positions; what was assumed of them is said.

    Raises BookError where the collateral of a position is used up, more of it is posted than there is equity, or a tick
    is larger than the price of a stop.
    """
    universe, prices = desk.universe, desk.universe.prices
    first, second = (np.where(each > 0, each, prices) for each in (universe.entry_prices, universe.overlay_entries))
    held = universe.positions + universe.overlay_positions
    both = entry_after(universe.positions, first, universe.overlay_positions, second, universe.inverse)
    entries = entry_after(held, both, positions.contracts - held, prices, universe.inverse)
    stops = stop_price(positions.contracts, entries, universe.stops, universe.ticks)
    if (stops <= 0).any():
        names = universe.named(stops <= 0)
        raise BookError(
            f"sheet 'Universe': the Stop of {names} has no price above zero on its Tick; enter the Tick of your venue"
        )
    _say_of_stops(universe, stops, np.sign(positions.contracts))
    open_profit = _profit(universe, universe.positions, first) + _profit(universe, universe.overlay_positions, second)
    equity = desk.settings.equity - set_aside(desk, positions.instruments)
    return Safeguards(entries, stops, _own_equity(desk, positions, open_profit, equity), equity)


def _profit(universe: Universe, contracts: Array, entries: Array) -> Array:
    """Profit in quote of what was entered then, at the price now."""
    coins = np.where(universe.inverse, contracts / entries, contracts)
    return coins * (universe.prices - entries)


def _own_equity(desk: Desk, positions: Positions, open_profit: Array, equity: float) -> Array:
    """Equity of each isolated position, NaN for the others. Raises BookError."""
    universe = desk.universe
    alone = universe.isolated & (positions.contracts != 0)
    opened = alone & np.isnan(universe.collateral)
    if opened.any():
        say(
            f"Universe: {universe.named(opened)} is to be opened in isolated margin and has no Collateral; its "
            "initial margin at MaxLeverage was taken for it"
        )
    locked = np.abs(positions.contracts * universe.contract_values) * universe.initial_margin_rates
    own = np.where(alone, np.where(opened, locked, universe.collateral + open_profit), np.nan)
    spent = alone & ~(own > 0)
    if spent.any():
        place = int(np.argmax(spent))
        raise BookError(
            f"sheet 'Universe': the Collateral {universe.collateral[place]:,.0f} of {universe.symbols[place]} is used "
            f"up by its open loss of {-open_profit[place]:,.0f}; correct Collateral or EntryPrice, or clear its "
            "Position if the exchange has closed it"
        )
    if np.nansum(own) > equity * (1 + ROUNDING):
        raise BookError(
            f"sheet 'Universe': Collateral with open P&L adds up to {np.nansum(own):,.0f}, more than the Equity of "
            f"{equity:,.0f} that it is part of{_tied(desk, equity)}; correct one of them"
        )
    return own


def _tied(desk: Desk, equity: float) -> str:
    tied = desk.settings.equity - equity
    return f", once {tied:,.0f} are set aside for what is held of Hedges" if tied else ""


def _say_of_stops(universe: Universe, stops: Array, sides: Array) -> None:
    stopped = ~np.isnan(stops)
    unknown = ((universe.positions != 0) & ~(universe.entry_prices > 0)) | (
        (universe.overlay_positions != 0) & ~(universe.overlay_entries > 0)
    )
    if (stopped & unknown).any():
        say(
            f"Universe: no entry is stated of {universe.named(stopped & unknown)}, so its Stop counts from the price "
            "now; enter EntryPrice (OverlayEntry)"
        )
    passed = stopped & (sides * (universe.prices - stops) <= 0)
    if passed.any():
        say(
            f"Universe: the price of {universe.named(passed)} is beyond its Stop already, so Stress closes it at "
            "once; clear Stop or Position if it is closed"
        )
