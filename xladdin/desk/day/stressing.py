"""Stress: every scenario of the sheet on the book, down to who is liquidated first and what would have been enough.

scenarios    the shocks of the sheet, followed to the margin and to each liquidation
reach        how far the market can fall and rise, and how far each price alone, until something is liquidated
history      the past days of the window that would hurt this book most
simulated    days drawn in blocks of hours from the window, looked at bar by bar
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from core.arrays import Array, Mask
from core.errors import BookError, DataWarning, UndefinedError
from core.market.panel import Panel
from core.units import HOURS_PER_DAY, daily_volatility
from core.verify.exposure import exposure
from core.verify.path.book import Book, as_book
from core.verify.simulate.monte_carlo import LARGEST_RETURN, MonteCarlo, monte_carlo
from core.verify.stress.capital import Capital, capital_needed
from core.verify.stress.reverse import LiquidationLadder, MarketReach, liquidation_ladder, market_reach
from core.verify.stress.scenarios import Stress, stress
from core.verify.stress.shocks import as_shocks
from core.verify.stress.worst_case import WorstCase, worst_case
from core.verify.stress.worst_windows import WorstWindows, worst_windows

from ..read.inputs import Desk
from ..read.positions import Positions
from .estimates import Estimates
from .joint_sample import say_joint_sample
from .outcome import Outcome

__all__ = ["StressRun", "run_stress"]


SIMULATED_DAYS = 10_000
WORST_WINDOWS = 10


@dataclass(frozen=True)
class StressRun:
    """The scenarios on the book, and what the book can bear; contracts in the order of the desk's universe, `(N,)`.

    `daily_volatilities` are of the book on equity, one a scenario `(S,)`. `worst_case` is the worst that the scenarios'
    shocks and beta shifts can do together. `reach` and `ladder` are None where the account is below its maintenance
    already: everything liquidates.
    """

    contracts: Array
    stress: Stress
    daily_volatilities: Array
    capital: Capital
    reach: MarketReach | None
    ladder: LiquidationLadder | None
    worst_case: WorstCase
    history: WorstWindows
    simulated: MonteCarlo

    @property
    def worst(self) -> int:
        """The scenario that loses most, counted from 0."""
        return int(np.argmin(self.stress.equity_after))

    def outcome(self, desk: Desk, positions: Positions) -> Outcome:
        """The worst scenario, and the capital that survives them all."""
        names, pnl = desk.scenarios.names, self.stress.total_pnl[self.worst]
        return Outcome(
            f"worst of {positions.origin}: {names[self.worst]}, P&L {pnl:,.0f}; capital that "
            f"survives every scenario {self.capital.every:,.0f} of {desk.settings.equity:,.0f}",
            f"{len(names)} scenarios on {positions.origin}",
        )


def run_stress(desk: Desk, estimates: Estimates, positions: Positions) -> StressRun:
    """Every scenario on the book, what it can bear, and the days that were or might be.

    Raises:
        BookError: there is no scenario, nothing is held, or the window has less than a day.
    """
    scenarios, past = desk.scenarios, desk.panel
    day, book = _bars_of_a_day(desk, positions), _book(desk, positions)
    shocks = as_shocks(
        book,
        estimates.betas,
        scenarios.market_shocks,
        scenarios.funding_shocks,
        scenarios.beta_shifts,
        overrides=scenarios.overrides,
    )
    result = stress(book, shocks)
    _refuse_broken_prices(past, book.held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing is said in the desk's words
        history = worst_windows(book, past.prices, day, WORST_WINDOWS)
        simulated = monte_carlo(book, past.returns(), SIMULATED_DAYS, day, int(desk.settings.seed))
    held = np.flatnonzero(book.held)
    say_joint_sample("a simulated day", past.returns()[:, held], [past.symbols[each] for each in held])
    reach, ladder = _reach(book, estimates)
    return StressRun(
        contracts=positions.contracts,
        stress=result,
        daily_volatilities=_book_volatility(desk, estimates, positions) * scenarios.vol_multipliers,
        capital=capital_needed(result),
        reach=reach,
        ladder=ladder,
        worst_case=worst_case(book, estimates.betas, _range(scenarios.market_shocks), _range(scenarios.beta_shifts)),
        history=history,
        simulated=simulated,
    )


def _book(desk: Desk, positions: Positions) -> Book:
    """What is held, on the account of the desk."""
    universe = desk.universe
    return as_book(
        positions.contracts,
        universe.prices,
        desk.settings.equity,
        universe.maintenance_rates,
        inverse=universe.inverse,
        tiers=desk.tiers,
    )


def _bars_of_a_day(desk: Desk, positions: Positions) -> int:
    """How many bars make a day. Raises BookError where there is nothing to stress, or too little past."""
    if not desk.scenarios.names:
        raise BookError(
            "table 'Scenarios' on sheet 'Scenarios' is empty; add a scenario, or copy the set of a new desk"
        )
    if not positions.contracts.any():
        raise BookError(positions.if_none)
    bars = max(1, round(HOURS_PER_DAY / desk.settings.bar_hours))
    if len(desk.panel.times) <= bars:
        raise BookError(
            f"sheet 'Prices': the window is less than a day long and Stress looks at days; refresh with more than "
            f"{bars} bars"
        )
    return bars


def _refuse_broken_prices(past: Panel, held: Mask) -> None:
    """Raises BookError where a price of what is held rises in one bar beyond what days can be drawn from."""
    returns = np.where(held, past.returns(), np.nan)
    row, column = divmod(int(np.nan_to_num(returns).argmax()), returns.shape[1])
    if returns[row, column] > LARGEST_RETURN:
        raise BookError(
            f"sheet 'Prices': {past.symbols[column]} at {past.times[row + 1].item():%Y-%m-%d %H:%M} is "
            f"{1 + returns[row, column]:,.0f} times the price before it, and Stress draws days from such bars; correct "
            "that price, or shorten Window on Settings to begin after it"
        )


def _reach(book: Book, estimates: Estimates) -> tuple[MarketReach | None, LiquidationLadder | None]:
    """How far the market, and each price alone, can go; None of either for an account below its maintenance."""
    known = np.where(estimates.volatilities > 0, estimates.volatilities, np.nan)  # no move is sigmas of none
    daily_volatilities = daily_volatility(1.0) * np.where(book.held, known, 1.0)
    try:
        return market_reach(book, estimates.betas), liquidation_ladder(book, daily_volatilities)
    except UndefinedError:
        return None, None


def _book_volatility(desk: Desk, estimates: Estimates, positions: Positions) -> float:
    """Volatility of the book a day, on equity."""
    known, equity = estimates.known, desk.settings.equity
    book = exposure(
        (positions.contracts * desk.universe.contract_values)[known] / equity,
        estimates.expected_returns[known],
        estimates.covariance[np.ix_(known, known)],
        estimates.betas[known],
        estimates.funding[known],
        desk.settings.risk_free,
    )
    return daily_volatility(book.volatility)


def _range(values: Array) -> Array:
    """From the lowest to the highest, nothing at all included."""
    return np.array([min(values.min(), 0.0), max(values.max(), 0.0)])
