"""The positions held now: open profit, funding paid since entry, and how far each is from its liquidation."""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Mask, Rows, Times
from core.errors import BookError, listed, say
from core.market.liquidation import safe_tick
from core.records import dataclass
from core.verify.risk.open_positions import funding_since, open_profit

from ...read.inputs import Desk
from ...read.positions import Positions

__all__ = ["Ends", "OpenPositions", "ends_of", "open_positions"]


@dataclass(frozen=True)
class OpenPositions:
    """One row a position `(P,)`, core before overlay, the largest notional first; NaN where it is not known.

    `places` are those of the contracts in the desk's universe. Money in quote; funding positive where it was paid.
    Liquidation and stop are those of all that is held of the contract, prices on the tick; `stop_pnl` is what the stop
    brings from the price now, `first` what closes first where there is a stop.
    """

    places: Rows
    overlay: Mask
    contracts: Array
    entries: Array
    notionals: Array
    profits: Array
    returns: Array
    funding: Array
    liquidation: Array
    distance: Array
    stop: Array
    to_stop: Array
    stop_pnl: Array
    first: tuple[str | None, ...]
    notes: tuple[str, ...]


def open_positions(desk: Desk) -> OpenPositions:
    """What is held of the core book and of the overlay, each with its own entry; a doubt about its past is said."""
    universe, count = desk.universe, len(desk.universe.symbols)
    contracts = np.concatenate([universe.positions, universe.overlay_positions])
    entries = np.concatenate([universe.entry_prices, universe.overlay_entries])
    times = np.concatenate([universe.entry_times, np.full(count, np.datetime64("NaT", "s"))])
    notionals = contracts * np.tile(universe.contract_values, 2)
    held = np.flatnonzero(contracts)
    order = held[np.argsort(-np.abs(notionals[held]), kind="stable")]
    places = order % count
    contracts, entries, times, notionals = contracts[order], entries[order], times[order], notionals[order]
    entries = np.where(entries > 0, entries, np.nan)
    inverse, now = universe.inverse[places], universe.prices[places]
    profits = open_profit(contracts, entries, now, inverse) if order.size else np.zeros(0)
    at_entry = np.abs(contracts) * np.where(inverse, 1.0, entries)
    funding, notes = _funding(desk, places, contracts, times, entries)
    ends = ends_of(desk)
    return OpenPositions(
        places=places,
        overlay=order >= count,
        contracts=contracts,
        entries=entries,
        notionals=notionals,
        profits=profits,
        returns=profits / at_entry,
        funding=funding,
        liquidation=ends.liquidation[places],
        distance=ends.distance[places],
        stop=ends.stop[places],
        to_stop=ends.to_stop[places],
        stop_pnl=ends.stop_pnl[places],
        first=tuple(ends.first[place] for place in places.tolist()),
        notes=notes,
    )


def _funding(desk: Desk, places: Rows, contracts: Array, times: Times, entries: Array) -> tuple[Array, tuple[str, ...]]:
    """Funding paid since each entry, and what is not known of each position."""
    history, symbols = desk.history, desk.universe.symbols
    if not places.size:
        return np.zeros(0), ()
    columns = [history.symbols.index(symbols[place]) for place in places.tolist()]
    since = history.times[:, np.newaxis] > times[np.newaxis, :]  # never after NaT
    inverse = desk.universe.inverse[places]
    paid = funding_since(contracts, inverse, history.prices[:, columns], history.funding[:, columns], since)
    unread = np.asarray((history.unread()[:, columns] & since).any(axis=0))
    before, after = times < history.times[0], times > history.times[-1]
    known = ~np.isnat(times) & ~before & ~after
    notes = [
        "; ".join(
            [
                *(["EntryPrice is blank"] if np.isnan(entry) else []),
                *(["EntryTime is blank, so no funding is counted"] if np.isnat(time) and np.isfinite(entry) else []),
                *([f"opened before the history, which begins {_day(history.times[0])}"] if early else []),
                *(["EntryTime is after the last bar"] if late else []),
                *(["funding of some bars could not be read"] if lost else []),
            ]
        )
        for entry, time, early, late, lost in zip(entries, times, before, after, unread, strict=True)
    ]
    late_ones = [symbols[place] for place, late in zip(places.tolist(), after, strict=True) if late]
    if late_ones:
        say(f"Universe: EntryTime of {listed(late_ones)} is after the last bar; correct it, or refresh")
    return np.where(known, paid, np.nan), tuple(notes)


@dataclass(frozen=True)
class Ends:
    """Where each contract `(N,)` ends, as in `OpenPositions`; NaN where it does not, or is not held."""

    liquidation: Array
    distance: Array
    stop: Array
    to_stop: Array
    stop_pnl: Array
    first: tuple[str | None, ...]


def ends_of(desk: Desk) -> Ends:
    """Where what is held now ends; nothing is known of it, and that is said, where its margin cannot be read."""
    universe = desk.universe
    none = np.full(len(universe.symbols), np.nan)
    nowhere = Ends(none, none, none, none, none, (None,) * len(universe.symbols))
    held = universe.positions + universe.overlay_positions
    if not held.any():
        return nowhere
    from ..margins.closing import closing
    from ..margins.reach import reach_of

    try:
        behind, book, ladder = reach_of(desk, Positions(held, "the positions held now", "", desk.instruments.positions))
    except BookError as error:
        say(f"Positions has no distances: {error}")
        return nowhere
    found = closing(behind, book, ladder, universe)
    price = safe_tick(found.liquidations, held, universe.ticks)
    first = tuple(found.first(column) if count else None for column, count in enumerate(held.tolist()))
    return Ends(price, price / universe.prices - 1, behind.stops, found.to_stops, found.losses, first)


def _day(time: np.datetime64) -> str:
    return f"{time.item():%Y-%m-%d}"
