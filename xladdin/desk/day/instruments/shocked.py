"""What scenarios and past days make of the contracts, and of the instruments that are held beside them.

What is fully paid (spot, bought options, stablecoins) and the initial margin of a perpetual elsewhere are set aside:
that money is part of Equity and backs none of the contracts. So a scenario first goes through the margin account
without it, liquidations and all, and what the instruments then are worth comes on top. Options are valued in full.
"""

from __future__ import annotations

import warnings

import numpy as np

from core.arrays import Array, Mask
from core.errors import DataWarning, listed, say
from core.estimate.volatility.methods import volatility
from core.records import dataclass
from core.verify.path.book import Book, as_book
from core.verify.stress.shocks import Shocks, as_shocks

from ...read.inputs import Desk
from ...read.positions import Positions
from ..estimates import Estimates
from .set_aside import set_aside, shares
from .valued import Valued, refuse_unknown, value_instruments

__all__ = ["Beside", "held_beside", "scenario_shocks"]


@dataclass(frozen=True, eq=False)
class Beside:
    """The instruments that are held, `(B,)`: names and units; what of Equity is set aside for them.

    `pnl` and `funding` `(S, B)` are what each scenario brings, in quote.
    """

    names: tuple[str, ...]
    set_aside: float
    pnl: Array
    funding: Array
    valued: Valued
    units: Array

    @property
    def total(self) -> Array:
        """Of all of them, funding included, `(S,)`."""
        return np.asarray((self.pnl + self.funding).sum(axis=1))

    @property
    def exposures(self) -> Array:
        """Of all rows of Hedges to the return of their underlyings, `(H,)` in quote: an option's by its delta."""
        return self.valued.exposures * self.units

    def windows(self, prices: Array, bars: int, bar_hours: float) -> Array | None:
        """Profit in each stretch of so many bars of `prices` `(T, N)`, `(T - bars,)`, NaN beside a gap; or None."""
        if not self.names:
            return None
        growth = prices[bars:] / prices[:-bars] - 1
        return self._profits(growth, np.full(len(growth), bars * bar_hours))

    def along(self, prices: Array, bar_hours: float) -> Array | float:
        """Profit at each row of a stretch of `prices` `(R, N)` since its first; 0 where nothing is held."""
        if not self.names:
            return 0.0
        return self._profits(prices / prices[0] - 1, np.arange(len(prices), dtype=np.float64) * bar_hours)

    def _profits(self, returns: Array, hours: Array) -> Array:
        under = self.valued.instruments.underlying[self.units != 0]
        there = ~np.isnan(returns[:, under[under >= 0]]).any(axis=1)
        found = np.full(len(returns), np.nan)
        if there.any():
            still = np.nan_to_num(returns[there])
            found[there] = self.valued.profits(still, hours=hours[there]) @ self.units
        return found


def held_beside(desk: Desk, estimates: Estimates, positions: Positions) -> Beside:
    """What is held of the sheet Hedges, in each scenario. Raises BookError where an underlying has no beta."""
    instruments, units = desk.instruments, positions.instruments
    held = units != 0
    valued = value_instruments(desk)
    refuse_unknown(instruments, estimates.known, held, desk.universe.symbols)
    scenarios, nothing = desk.scenarios, np.zeros((len(desk.scenarios.names), 0))
    if not held.any():
        return Beside((), 0.0, nothing, nothing, valued, units)
    under = np.zeros(len(desk.universe.symbols), dtype=bool)
    under[instruments.underlying[held & (instruments.underlying >= 0)]] = True
    returns = scenario_shocks(desk, estimates, _each_one(desk, under)).returns
    profits = valued.profits(returns, scenarios.vol_multipliers, scenarios.horizons, scenarios.peg_shocks)
    notionals = np.where(instruments.are("perp"), instruments.prices * units, 0.0)
    found = Beside(
        names=tuple(name for name, is_held in zip(instruments.names, held, strict=True) if is_held),
        set_aside=set_aside(desk, units),
        pnl=(profits * units)[:, held],
        funding=(0.0 - scenarios.funding_shocks[:, np.newaxis] * notionals)[:, held],
        valued=valued,
        units=units,
    )
    _say_of_margin(desk, found, held)
    return found


def scenario_shocks(desk: Desk, estimates: Estimates, book: Book) -> Shocks:
    """The scenarios of the sheet for what a book holds."""
    scenarios = desk.scenarios
    return as_shocks(
        book,
        estimates.betas,
        scenarios.market_shocks,
        scenarios.funding_shocks,
        scenarios.beta_shifts,
        overrides=scenarios.overrides,
        correlation_shock=scenarios.correlations,
        volatility_ratios=_volatility_ratios(estimates),
    )


def _volatility_ratios(estimates: Estimates) -> Array:
    """Volatility of each contract over that of the market, by the same sample; NaN where it is not known."""
    past = estimates.outlook.past
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "returns: .* dropped", DataWarning)  # said with the estimates
        market = volatility(np.asarray(past.market_returns), periods_per_year=past.periods_per_year).item()
    return estimates.volatilities / market


def _each_one(desk: Desk, chosen: Mask) -> Book:
    """A book that holds one coin of each chosen contract: whoever asks wants its moves, not its profit."""
    universe = desk.universe
    return as_book(np.where(chosen, 1.0, 0.0), universe.prices, desk.settings.equity)


def _say_of_margin(desk: Desk, found: Beside, held: Mask) -> None:
    """Say where a perpetual elsewhere loses more than the margin that is set aside for it."""
    instruments = desk.instruments
    posted = (np.abs(found.units * instruments.prices) * shares(desk))[held]
    beyond = instruments.are("perp")[held] & ((found.pnl + found.funding).min(axis=0, initial=0.0) < -posted)
    if beyond.any():
        names = listed(name for name, is_it in zip(found.names, beyond.tolist(), strict=True) if is_it)
        say(
            f"Hedges: {names} loses more in a scenario than its initial margin, and its own liquidation is not "
            "followed; keep more money at its venue"
        )
