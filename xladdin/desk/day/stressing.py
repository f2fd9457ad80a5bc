"""Stress: every scenario of the sheet on the book, down to who is liquidated first and what would have been enough.

scenarios    the shocks of the sheet, followed to the margin and to each liquidation; they jump, so that a stop is
             filled where they land and helps nobody: what is lost beyond it is told, and what it would have saved
reach        how far the market can fall and rise, and how far each price alone, until something is liquidated
history      the past days of the window that would hurt this book most
simulated    days drawn from the window by the method of Settings, looked at bar by bar, stops filled in their bar
"""

from __future__ import annotations

import warnings

import numpy as np

from core.arrays import Array, Mask
from core.errors import BookError, DataWarning, MissingDataError, say
from core.market.panel import Panel
from core.records import dataclass
from core.units import HOURS_PER_DAY, daily_volatility
from core.verify.exposure import exposure
from core.verify.path.book import Book, as_book
from core.verify.simulate.monte_carlo import LARGEST_RETURN, MonteCarlo, monte_carlo
from core.verify.stress.beta_stress import beta_stress
from core.verify.stress.capital import Capital, capital_needed
from core.verify.stress.gaps import Gaps, stop_gaps
from core.verify.stress.replay import Replay, replay
from core.verify.stress.reverse import LiquidationLadder, MarketReach
from core.verify.stress.scenarios import Stress, stress
from core.verify.stress.worst_case import WorstCase, worst_case
from core.verify.stress.worst_windows import WorstWindows, worst_windows

from ..read.inputs import Desk
from ..read.positions import Positions
from .estimates import Estimates
from .instruments.shocked import Beside, held_beside, scenario_shocks
from .joint_sample import say_joint_sample
from .margins.closing import Closing, closing
from .margins.reach import reach_of_book
from .margins.safeguards import Safeguards, safeguards
from .outcome import Outcome

__all__ = ["StressRun", "run_stress"]


SIMULATED_DAYS = 10_000
WORST_WINDOWS = 10


@dataclass(frozen=True)
class StressRun:
    """The scenarios on the book, and what the book can bear; contracts in the order of the desk's universe, `(N,)`.

    `stress` is that of the book without its stops, `at_stops` with each filled where it stands (None: there is
    none), `gaps` what lies between. `daily_volatilities` are of the book on equity, one a scenario `(S,)`.
    `worst_case` is the worst that the scenarios' shocks and beta shifts can do together. `reach` and `ladder` are
    None where the account is below its maintenance already: everything liquidates. `critical_shifts` `(S,)` say how
    wrong every beta may be until a scenario's shock liquidates, and `replays` go through the windows of `history` bar
    by bar.

    All of these are of the margin account, without what is set aside for the instruments `beside` it; `history` has
    their profit too. The properties are of the whole.
    """

    contracts: Array
    beside: Beside
    safeguards: Safeguards
    closing: Closing
    stress: Stress
    at_stops: Stress | None
    gaps: Gaps
    daily_volatilities: Array
    capital: Capital
    reach: MarketReach | None
    ladder: LiquidationLadder | None
    worst_case: WorstCase
    critical_shifts: Array
    history: WorstWindows
    replays: tuple[Replay, ...]
    replays_beside: tuple[Array | float, ...]
    simulated: MonteCarlo

    @property
    def pnl(self) -> Array:
        """Of prices, `(S,)`."""
        return np.asarray(self.stress.pnl + self.beside.pnl.sum(axis=1))

    @property
    def funding(self) -> Array:
        """Received, `(S,)`."""
        return np.asarray(self.stress.funding + self.beside.funding.sum(axis=1))

    @property
    def total_pnl(self) -> Array:
        """What each scenario does to equity, `(S,)`."""
        return self.stress.total_pnl + self.beside.total

    def whole(self, account_equity: Array) -> Array:
        """Equity of the whole after each scenario, `(S,)`, by that of the margin account."""
        return account_equity + self.beside.set_aside + self.beside.total

    @property
    def worst(self) -> int:
        """The scenario that loses most, counted from 0."""
        return int(np.argmin(self.whole(self.stress.equity_after)))

    def outcome(self, desk: Desk, positions: Positions) -> Outcome:
        """The worst scenario, and the capital that survives them all."""
        names, pnl = desk.scenarios.names, self.total_pnl[self.worst]
        needed = self.capital.every + self.beside.set_aside
        return Outcome(
            f"worst of {positions.origin}: {names[self.worst]}, P&L {pnl:,.0f}; capital that "
            f"survives every scenario {needed:,.0f} of {desk.settings.equity:,.0f}",
            f"{len(names)} scenarios on {positions.origin}",
        )


def run_stress(desk: Desk, estimates: Estimates, positions: Positions) -> StressRun:
    """Every scenario on the book, what it can bear, and the days that were or might be.

    Raises:
        BookError: there is no scenario, nothing is held, or the window has less than a day.
    """
    scenarios, past, hours = desk.scenarios, desk.panel, desk.settings.bar_hours
    beside = held_beside(desk, estimates, positions)
    day, behind = _bars_of_a_day(desk, positions), safeguards(desk, positions)
    book, stopping = (behind.book(desk, positions, stopped=stopped) for stopped in (False, True))
    shocks = scenario_shocks(desk, estimates, book)
    result = stress(book, shocks)
    _refuse_broken_prices(past, book.held)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # what is missing is said in the desk's words
        try:
            history = worst_windows(stopping, past.prices, day, WORST_WINDOWS, beside.windows(past.prices, day, hours))
        except MissingDataError:
            raise BookError(_no_whole_day(past, book.held)) from None
        at_stops = stress(stopping, shocks) if stopping.account.stopping else None
    simulated = _simulated(desk, stopping, day)
    held = np.flatnonzero(book.held)
    say_joint_sample("a simulated day", past.returns()[:, held], [past.symbols[each] for each in held])
    reach, ladder = reach_of_book(book, estimates)
    if beside.names:
        say("Hedges: the simulated days, and the moves that liquidate, are of the contracts of Universe alone")
    return StressRun(
        contracts=positions.contracts,
        beside=beside,
        safeguards=behind,
        closing=closing(behind, book, ladder, desk.universe),
        stress=result,
        at_stops=at_stops,
        gaps=stop_gaps(stopping, shocks),
        daily_volatilities=_book_volatility(desk, estimates, positions, beside) * scenarios.vol_multipliers,
        capital=capital_needed(result),
        reach=reach,
        ladder=ladder,
        worst_case=_worst_case(desk, book, estimates, beside),
        critical_shifts=beta_stress(book, estimates.betas, scenarios.market_shocks, 0.0).critical_shift,
        history=history,
        replays=_replays(stopping, past, history),
        replays_beside=tuple(beside.along(past.prices[rows], hours) for rows in _windows(history)),
        simulated=simulated,
    )


def _replays(book: Book, past: Panel, history: WorstWindows) -> tuple[Replay, ...]:
    """Each of the worst windows on the book, with the funding that was settled in it."""
    return tuple(replay(book, past.prices[rows], past.funding[rows]) for rows in _windows(history))


def _windows(history: WorstWindows) -> list[slice]:
    """Their rows, the first being the close that each starts from."""
    return [slice(first - 1, last) for first, last in zip(history.start_row, history.end_row, strict=True)]


def _simulated(desk: Desk, book: Book, bars: int) -> MonteCarlo:
    """Days drawn by the method of Settings. Raises BookError where the window is too short for it."""
    method = desk.settings.simulation_method
    with warnings.catch_warnings():
        # Rows left out are said in the desk's words, and of maintenance the scenarios have spoken.
        warnings.filterwarnings("ignore", "returns: .* dropped|the account is below", DataWarning)
        try:
            return monte_carlo(
                book,
                desk.panel.returns(),
                SIMULATED_DAYS,
                bars,
                int(desk.settings.seed),
                method=method,
                names=desk.universe.symbols,
            )
        except MissingDataError as error:
            raise BookError(
                f"sheet 'Settings': SimulationMethod {method} cannot draw from this window ({error}); choose "
                "bootstrap, or refresh with more bars and set a longer Window"
            ) from None


def _worst_case(desk: Desk, book: Book, estimates: Estimates, beside: Beside) -> WorstCase:
    """What market and beta can do together at worst; an option counts by its delta, which it never falls below."""
    ranges = _range(desk.scenarios.market_shocks), _range(desk.scenarios.beta_shifts)
    if not beside.names:
        return worst_case(book, estimates.betas, *ranges)
    under = np.maximum(beside.valued.instruments.underlying, 0)
    prices = desk.universe.prices[under]
    with_instruments = as_book(
        np.append(book.coins, beside.exposures / prices), np.append(desk.universe.prices, prices), book.equity
    )
    return worst_case(with_instruments, np.append(estimates.betas, estimates.betas[under]), *ranges)


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


def _no_whole_day(past: Panel, held: Mask) -> str:
    """What to say where no day of the window has all prices of what is held."""
    lacking = np.where(held, np.isnan(past.prices).sum(axis=0), 0)
    worst = int(np.argmax(lacking))
    return (
        "sheet 'Prices': no day of the window has every price of what is held, and Stress looks at days; "
        f"{past.symbols[worst]} lacks most, {lacking[worst]} of {len(past.times)}; refresh to fill them, or with "
        "longer bars"
    )


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


def _book_volatility(desk: Desk, estimates: Estimates, positions: Positions, beside: Beside) -> float:
    """Volatility of the book a day, on equity."""
    known, equity = estimates.known, desk.settings.equity
    notionals = beside.valued.exposed(positions.instruments, positions.contracts * desk.universe.contract_values)
    book = exposure(
        notionals[known] / equity,
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
