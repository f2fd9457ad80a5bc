"""What one look sees of the book that is held: how far it is from each of its lines.

    beta         of all that is held, that of Hedges with it, on equity, against TargetBeta and its HedgeBand
    margin       initial margin of all that is held, against what MarginBuffer leaves
    liquidation  the smallest move of one price that liquidates, against the distance that is asked for
    funding      what the next settlement takes, on equity, against the most that is asked for
    regime       since when the benchmark swings as it does now, which has no line

A line is measured by its load: the share of the room that is used, above 1 beyond the line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

import numpy as np

from core.arrays import Array, Mask, Times
from core.records import dataclass

from ...feeds.venue.now import Now
from ..day.estimates import Estimates, estimate
from ..day.instruments.valued import refuse_unknown, value_instruments
from ..day.margins.closing import closing
from ..day.margins.reach import reach_of
from ..day.market_state import MarketState
from ..read.inputs import Desk
from ..read.positions import Positions

__all__ = ["Line", "Lines", "Seen", "see"]

HELD = "the positions held now"


@dataclass(frozen=True)
class Lines:
    """The lines that Settings do not have.

    distance  of a price from its liquidation, a share of it; closer is beyond the line
    funding   share of equity that one settlement may take
    """

    distance: float = 0.20
    funding: float = 0.001


@dataclass(frozen=True)
class Line:
    """One line: its load, what it says when it is crossed, and when the book is back."""

    name: str
    load: float
    crossed: str
    back: str


@dataclass(frozen=True)
class Seen:
    """One look: what it saw of each line, of the market, and at prices of when; `held` is how many contracts are."""

    lines: tuple[Line, ...]
    market: MarketState
    regime_window: bool
    prices_of: datetime
    held: int


def see(desk: Desk, asked: Lines, now: Mapping[str, Now], prices_of: datetime) -> Seen:
    """Look at what is held, with what a venue says of this moment where there is one. Raises BookError."""
    estimates = estimate(desk)
    universe, equity = desk.universe, desk.settings.equity
    contracts = universe.positions + universe.overlay_positions
    values = contracts * universe.contract_values
    held, units = np.flatnonzero(contracts), desk.instruments.positions
    lines: tuple[Line, ...] = ()
    if held.size or units.any():
        lines = (
            _beta(desk, _beta_of(desk, estimates, values) / equity),
            _margin(desk, float((np.abs(values) * universe.initial_margin_rates).sum()) / equity),
            _liquidation(*_nearest(desk, contracts), asked.distance),
            *_funding(desk, values, asked.funding, now),
        )
    return Seen(
        lines, estimates.market, desk.settings.regime_window == "Y", prices_of, int(held.size + np.count_nonzero(units))
    )


def _beta_of(desk: Desk, estimates: Estimates, values: Array) -> float:
    """Beta in money of all that is held, the sheet Hedges with it. Raises BookError where that has none."""
    units = desk.instruments.positions
    exposed = values
    if desk.instruments.names:
        refuse_unknown(desk.instruments, estimates.known, units != 0, desk.universe.symbols)
        exposed = value_instruments(desk).exposed(units, values)
    held = np.flatnonzero(exposed)
    return float(exposed[held] @ estimates.betas[held])


def _beta(desk: Desk, beta: float) -> Line:
    target, band = desk.settings.target_beta, desk.settings.hedge_band
    load = abs(beta - target) / band if band > 0 else math.inf if beta != target else 0.0
    figures = f"beta is {beta:.3f}, target {target:.3f}, band {band:.3f} to either side"
    return Line("beta", load, f"{figures}: a hedge is due", f"{figures}: back inside")


def _margin(desk: Desk, used: float) -> Line:
    room = 1 - desk.settings.margin_buffer
    load = used / room if room > 0 else math.inf if used > 0 else 0.0
    figures = f"initial margin takes {used:.1%} of equity, and MarginBuffer leaves {room:.1%}"
    return Line("margin", load, f"{figures}: no room for a new position", f"{figures}: back inside")


def _nearest(desk: Desk, contracts: Array) -> tuple[str, float, float]:
    """The contract that is nearest to its liquidation, the distance, and the price; infinitely far where none is."""
    universe = desk.universe
    behind, book, ladder = reach_of(desk, Positions(contracts, HELD, "", desk.instruments.positions))
    if ladder is None:
        return "", 0.0, math.nan
    prices = closing(behind, book, ladder, universe).liquidations
    distances = np.abs(prices / universe.prices - 1)
    if np.isnan(distances).all():
        return "", math.inf, math.nan
    place = int(np.nanargmin(distances))
    return universe.symbols[place], float(distances[place]), float(prices[place])


def _liquidation(symbol: str, distance: float, price: float, line: float) -> Line:
    if math.isinf(distance):
        said = "no price of one contract alone liquidates"
    elif math.isnan(price):
        said = "the account is below its maintenance margin"
    else:
        said = f"{symbol} is {distance:.1%} from its liquidation at {price:,.6g}, the line {line:.1%}"
    load = line / distance if distance > 0 else math.inf
    return Line("liquidation", load, said, f"{said}: back beyond the line")


def _funding(desk: Desk, values: Array, most: float, now: Mapping[str, Now]) -> tuple[Line, ...]:
    """The next settlement of what is held: all contracts that settle at its instant. Nothing where none is known."""
    rates, times, told = _next_rates(desk, now)
    held = (values != 0) & ~np.isnan(rates) & ~np.isnat(times)
    if not held.any():
        return ()
    first = times[held].min()
    due = held & (times == first)
    paid = np.where(due, values * rates, 0.0)
    share, most_of = float(paid.sum()) / desk.settings.equity, desk.universe.symbols[int(np.argmax(paid))]
    verb = "takes" if share >= 0 else "brings"
    by = "" if told[due].all() else ", by the last rates that settled"
    figures = (
        f"funding at {first.item():%Y-%m-%d %H:%M} UTC {verb} {abs(paid.sum()):,.0f}, {abs(share):.3%} of equity"
        f"{by}; the line {most:.3%}"
    )
    load = share / most if most > 0 else math.inf if share > 0 else 0.0
    return (Line("funding", max(load, 0.0), f"{figures}; most for {most_of}", f"{figures}: back inside"),)


def _next_rates(desk: Desk, now: Mapping[str, Now]) -> tuple[Array, Times, Mask]:
    """Rate and instant of the next settlement of each contract, and whether the venue has told it.

    Where it has not, the last rate that settled, at the first whole interval after it that is still to come.
    """
    panel, symbols = desk.panel, desk.universe.symbols
    hours = panel.settlements().hours
    rates, told = np.full(len(symbols), np.nan), np.zeros(len(symbols), dtype=np.bool_)
    times = np.full(len(symbols), np.datetime64("NaT", "s"))
    for place, symbol in enumerate(symbols):
        said = now.get(symbol)
        if said is not None and said.rate is not None and said.settles is not None:
            rates[place], times[place], told[place] = said.rate, np.datetime64(said.settles, "s"), True
            continue
        rows = np.flatnonzero(np.isfinite(panel.funding[:, place]) & (hours[:, place] > 0))
        if rows.size:
            last, between = rows[-1], np.timedelta64(round(hours[rows[-1], place] * 3600), "s")
            rates[place] = panel.funding[last, place]
            missed = (panel.times[-1] - panel.times[last]) // between
            times[place] = panel.times[last] + (missed + 1) * between
    return rates, times, told
