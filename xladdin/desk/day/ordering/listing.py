"""The order list: what Weights and Hedge trade, netted by contract, with limits, costs, funding and margin.

The two are read from their sheets, so the list is of the latest of each, whichever of them has just run. The account
nets the core book and the overlay, and so does the list.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Mask, Rows, Times
from core.decide.size.order_list import OrderList, limit_prices, net_orders
from core.errors import listed, say
from core.records import dataclass
from core.units import HOURS_PER_YEAR

from ....books.workbook import Workbook
from ...read.inputs import Desk, Universe
from ...read.last_run import belongs_to_inputs, last_job
from ...read.trades import WantedTrades, read_trades, rebalance_dust
from ..estimates import Estimates
from .dust import CENT, say_dust

__all__ = ["Ordered", "list_orders"]


@dataclass(frozen=True)
class Ordered:
    """One entry an order, `(P,)`: at `places` of the desk's universe, what only closes first, then the largest.

    `contracts` and `notionals` are signed, buy positive; money in quote. `limits` are prices, `on_tick` where they are
    rounded. `funding` is what the order adds at its next settlement `settles`, paid positive; NaN, NaT = not known.
    `dust` are the amounts that were left out, `beside` the instruments of Hedges that are traded too; margins `before`
    and `after` are of all contracts `(N,)`.
    """

    places: Rows
    symbols: tuple[str, ...]
    contracts: Array
    notionals: Array
    limits: Array
    on_tick: Mask
    rebalance: Array
    hedge: Array
    reduces: Mask
    positions_before: Array
    positions_after: Array
    fees: Array
    slippage: Array
    funding: Array
    settles: Times
    notes: tuple[str, ...]
    dust: Array
    saved: float
    waiting: int
    beside: tuple[str, ...]
    before: Array
    after: Array
    equity: float
    made_of: str

    @property
    def reasons(self) -> list[str]:
        """Who wants each."""
        both = zip((self.rebalance != 0).tolist(), (self.hedge != 0).tolist(), strict=True)
        return ["both" if all(pair) else "rebalance" if pair[0] else "hedge" for pair in both]


def list_orders(book: Workbook, desk: Desk, estimates: Estimates, hedge_dust: Array | None = None) -> Ordered:
    """The orders of what now stands on Weights and Hedge; what was left out, and any doubt about them, is said.

    `hedge_dust` are notionals of the hedge's trades that were left out already. Raises BookError.
    """
    universe, settings = desk.universe, desk.settings
    wanted = read_trades(book, desk)
    values = universe.contract_values
    trades = np.array([wanted.rebalance, wanted.hedge])
    held = universe.positions + universe.overlay_positions
    found = net_orders(trades, held, values, universe.lots, settings.smallest_order)
    say_dust("Orders, once netted", universe.symbols, found.dust * values, settings)
    _say_doubts(book, desk, wanted)
    limits, on_tick = limit_prices(found.contracts, universe.prices, universe.slippage_rates, universe.ticks)
    places = _in_order(found, values)
    _say_unordered(universe, places, on_tick, found, settings.smallest_order)
    funding, settles = _next_funding(desk, estimates, found.contracts * values)
    notionals = found.contracts * values
    saved = (np.abs(trades).sum(axis=0) - np.abs(trades.sum(axis=0))) * values * universe.cost_rates
    left_out = [rebalance_dust(book, desk), hedge_dust if hedge_dust is not None else np.zeros(0), found.dust * values]
    amounts = np.concatenate(left_out)
    rates = values * universe.initial_margin_rates
    return Ordered(
        places=places,
        symbols=tuple(universe.symbols[place] for place in places.tolist()),
        contracts=found.contracts[places],
        notionals=notionals[places],
        limits=limits[places],
        on_tick=on_tick[places],
        rebalance=wanted.rebalance[places],
        hedge=wanted.hedge[places],
        reduces=found.reduces[places],
        positions_before=found.before[places],
        positions_after=found.after[places],
        fees=np.abs(notionals[places]) * universe.fee_rates[places],
        slippage=np.abs(notionals[places]) * universe.slippage_rates[places],
        funding=funding[places],
        settles=settles[places],
        notes=_notes(universe, found, on_tick, places),
        dust=amounts[np.abs(amounts) >= CENT],
        saved=float(saved.sum()),
        waiting=wanted.waiting,
        beside=wanted.beside,
        before=np.abs(found.before) * rates,
        after=np.abs(found.after) * rates,
        equity=settings.equity,
        made_of=wanted.made_of,
    )


def _in_order(found: OrderList, values: Array) -> Rows:
    """The contracts with an order: what only closes sets margin free and goes first, then by size."""
    ordered = np.flatnonzero(found.contracts)
    sizes = np.abs(found.contracts * values)[ordered]
    return np.asarray(ordered[np.lexsort([-sizes, ~found.reduces[ordered]])], dtype=np.intp)


def _next_funding(desk: Desk, estimates: Estimates, notionals: Array) -> tuple[Array, Times]:
    """What notionals `(N,)` pay at the next settlement, at the funding that Estimates expect, and when that is.

    The next comes as long after the last as that one came after its own; NaN and NaT where none has ever settled.
    """
    panel = desk.panel
    hours, now = panel.settlements().hours, panel.times[-1]
    amounts = np.full(len(notionals), np.nan)
    settles = np.full(len(notionals), np.datetime64("NaT", "s"))
    for place in range(len(notionals)):
        rows = np.flatnonzero(np.isfinite(hours[:, place]))
        if not rows.size:
            continue
        stands, last = float(hours[rows[-1], place]), panel.times[rows[-1]]
        since = (now - last) / np.timedelta64(1, "h")
        settles[place] = last + np.timedelta64(round(stands * (since // stands + 1) * 3600), "s")
        amounts[place] = notionals[place] * estimates.funding[place] * stands / HOURS_PER_YEAR
    return amounts, settles


def _notes(universe: Universe, found: OrderList, on_tick: Mask, places: Rows) -> tuple[str, ...]:
    """What is to be known of each order, a blank text where nothing is."""
    notes = []
    for place in places.tolist():
        said = []
        after, rest = float(found.after[place]), float(found.broken[place])
        if found.reduces[place] and after == 0:
            said.append("closes the position")
        if found.before[place] * after < 0:
            said.append("turns the position")
        if rest:
            said.append(f"{rest:+.6g} contracts are no whole lot and stay")
        if not on_tick[place]:
            said.append("Tick too wide" if universe.ticks[place] else "no Tick: limit not rounded")
        notes.append("; ".join(said))
    return tuple(notes)


def _say_doubts(book: Workbook, desk: Desk, wanted: WantedTrades) -> None:
    """What makes the list another than the desk may think."""
    if wanted.beside:
        named = listed(wanted.beside, 6)
        say(f"Orders has contracts of Universe alone: trade {named} of Hedges too, as HedgeChoice says")
    symbols = np.array(desk.universe.symbols)
    if wanted.left_aside.any():
        named = listed(symbols[wanted.left_aside != 0].tolist(), 6)
        say(
            f"Orders leave the trades of Weights aside ({named}): BookBasis is current, so Hedge hedged what is held "
            "now; set BookBasis to target and hedge again to trade both"
        )
    ran = last_job(book, ("rebalance",)) is not None
    if wanted.rebalance.any() and ran and not belongs_to_inputs(book, desk, "rebalance"):
        say(
            "Orders net trades of Weights that belong to older inputs (positions, prices or settings have changed "
            "since); run Rebalance, then Hedge"
        )


def _say_unordered(universe: Universe, places: Rows, on_tick: Mask, found: OrderList, smallest: float) -> None:
    """What no order can be made of, and limits that a venue may refuse."""
    symbols, values = np.array(universe.symbols), universe.contract_values
    lost = (found.contracts == 0) & (np.abs(found.broken) * values >= max(smallest, 1.0))
    if lost.any():
        say(f"Orders: {listed(symbols[lost].tolist(), 6)} would have to be traded by less than a lot, and is not")
    off = [universe.symbols[place] for place in places.tolist() if not on_tick[place]]
    if off:
        say(
            f"Orders: the limit of {listed(off, 6)} is not rounded, as Universe has no Tick that fits its price; enter "
            "the Tick of your venue"
        )
