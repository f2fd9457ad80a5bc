"""A backtest: a policy walked through a history, and the figures of what became of it.

    total return = price P&L - funding paid - costs - liquidation loss + interest       all over the first equity

Figures begin at the first decision, so that the window before it does not dilute them. Turnover is sum |change of
weight| a year, both ways. Beta and alpha are those to the market, or to the mean of the contracts where none is given.

Sources: those of its parts, `walk`, `performance`, `drawdown`, `deflated_sharpe` and `estimate.capm`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from ...arrays import Array
from ...checks import enough, number, whole
from ...errors import ArgumentError, MissingDataError, SolveError, say
from ...estimate.capm import capm
from ...records import dataclass
from ..performance.deflated_sharpe import deflated_sharpe
from ..performance.drawdown import drawdown
from ..performance.ratios import annual_growth, annual_volatility, sharpe_ratio, sortino_ratio
from ..walk.history import History
from ..walk.ledger import Ledger
from ..walk.terms import Terms
from ..walk.walk import walk, walk_again
from .decisions import Decisions
from .programs import programmed

__all__ = ["Backtest", "Figures", "backtest"]

FEWEST_BARS = 2
"""Bars after the first decision that a deviation needs."""


@dataclass(frozen=True)
class Figures:
    """What became of 1; NaN where a figure does not exist.

    funding_paid and costs are positive where they were paid; liquidation_loss is negative where the exchange bore what
    was lost beyond all equity. liquidations counts positions closed by the exchange, at least in part; answered is the
    share of the decisions in which the policy itself had an answer.
    """

    total_return: float
    price_pnl: float
    funding_paid: float
    costs: float
    liquidation_loss: float
    annual_return: float
    annual_volatility: float
    sharpe: float
    sortino: float
    max_drawdown: float
    worst_period: float
    turnover: float
    beta: float
    alpha: float
    liquidations: int
    deflated_sharpe: float
    rebalances: int
    answered: float
    interest: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """A run: the history, the ledger and the decisions of it; `trials` were made before it was chosen."""

    history: History
    ledger: Ledger
    decisions: Decisions
    trials: int = 1

    @property
    def path(self) -> Array:
        """Equity and weights after each row, `(T, 1 + N)`."""
        return np.column_stack([self.ledger.equity / self.ledger.start, self.ledger.weights])

    @cached_property
    def by_range(self) -> Ledger | None:
        """The same decisions with the margin looked at where all stand at their lows, and where all at their highs.

        None where the history has no lows and highs.
        """
        if self.history.ranges is None or self.ledger.terms.margin == "range":
            return None if self.history.ranges is None else self.ledger
        return walk_again(self.history, self.ledger, replace(self.ledger.terms, margin="range"))

    @property
    def figures(self) -> Figures:
        """The figures of the run. Raises ArgumentError (trials) and MissingDataError (fewer than 2 bars after it)."""
        ledger, periods = self.ledger, self.history.periods_per_year
        first, asked = int(ledger.decisions[0]), self.decisions.made(ledger.decisions.size)
        returns, rate = ledger.returns_since(first), self.decisions.limits.risk_free
        enough(returns.size, FEWEST_BARS, "prices after the first decision")
        beta, alpha = self._market_line(returns, first)
        total = ledger.equity[-1] / ledger.start - 1
        pnl, funding, fees, slippage, lost = (
            float(part.sum() / ledger.start)
            for part in (ledger.pnl, ledger.funding, ledger.fees, ledger.slippage, ledger.liquidation)
        )
        return Figures(
            total_return=float(total),
            price_pnl=pnl,
            funding_paid=0.0 - funding,
            costs=fees + slippage,
            liquidation_loss=lost,
            annual_return=annual_growth(returns, periods),
            annual_volatility=annual_volatility(returns, periods),
            sharpe=_sharpe(returns, rate, periods),
            sortino=float(sortino_ratio(returns, rate, periods)[0]),
            max_drawdown=float(drawdown(returns).max_drawdown[0]),
            worst_period=float(returns.min()),
            turnover=float(ledger.turnover.sum() * periods / returns.size),
            beta=beta,
            alpha=alpha,
            liquidations=len(ledger.liquidated),
            deflated_sharpe=_deflated(returns - rate / periods, self.trials),
            rebalances=asked,
            answered=1 - len(self.decisions.unanswered) / asked,
            interest=float(ledger.interest.sum() / ledger.start),
        )

    def _market_line(self, returns: Array, first: int) -> tuple[float, float]:
        """Beta and alpha a year to the market; NaN where it does not vary or has too few rows."""
        market = self.history.benchmark[first + 1 :]
        known = np.isfinite(market)
        if not known.all():
            say(f"market has no return in {int((~known).sum())} of {known.size} rows; beta and alpha are without them")
        try:
            rate = self.decisions.limits.risk_free
            fit = capm(returns[known], market[known], rate, self.history.periods_per_year)
        except (MissingDataError, SolveError) as error:
            say(f"beta and alpha are missing: {error}")
            return np.nan, np.nan
        return float(fit.beta[0]), float(fit.alpha[0])


def backtest(
    decisions: Decisions,
    terms: Terms,
    rebalance: int = 24,
    trials: int = 1,
    *,
    equity: float = 1.0,
    first: int | None = None,
) -> Backtest:
    """Walk the decisions through their history, asked from row `first` on and every `rebalance` rows after.

    `first` counts from 0; None: as soon as the window is full. The account begins with `equity`, in cash. What was not
    answered, doubted or liquidated is said through DataWarnings.
    Raises ArgumentError (rebalance, trials, terms, equity, first), MissingDataError (a window longer than the history)
    and UndefinedError (a policy that answered nowhere).
    """
    history, every = decisions.history, whole(rebalance, "rebalance", at_least=1)
    count, rows, window = whole(trials, "trials", at_least=1), len(history.prices), decisions.window
    if rows < window + 1 + FEWEST_BARS:
        raise MissingDataError(
            f"window of {window} returns and {FEWEST_BARS} bars after it need {window + 1 + FEWEST_BARS} rows of "
            f"prices and there are {rows}; select a longer history or a shorter window"
        )
    start = window if first is None else whole(first, "first", at_least=window, at_most=rows - 1 - FEWEST_BARS)
    if terms.delay >= rows - start:
        raise ArgumentError(f"delay is {terms.delay}; it must be below {rows - start}, the rows of the run")
    capital = number(equity, "equity", above=0)
    ledger = walk(history, range(start, rows, every), decisions.programs() or programmed(decisions), terms, capital)
    decisions.report(decisions.made(ledger.decisions.size))
    run = Backtest(history, ledger, decisions, count)
    _say_what_befell(run)
    return run


def _say_what_befell(run: Backtest) -> None:
    """Say who was liquidated first, who left at a stop, and where prices or rates of what was held are missing."""
    history, ledger = run.history, run.ledger
    if ledger.liquidated:
        row, column = ledger.liquidated[0]
        left = ledger.equity[row] / ledger.start
        ruined = np.flatnonzero(ledger.equity == 0)
        end = f"; all was lost at row {ruined[0] + 1}" if ruined.size and ruined[0] > row else ""
        beyond = f", and {ledger.shortfall / ledger.start:.3g} of the first beyond it" if ledger.shortfall else ""
        say(
            f"{len(ledger.liquidated)} positions were liquidated, first that of column {column + 1} at row {row + 1}, "
            f"after which equity was {left:.3g} of the first{end}{beyond}"
        )
    if run.by_range is not None and len(run.by_range.liquidated) != len(ledger.liquidated):
        times = f"{len(run.by_range.liquidated)} positions instead of {len(ledger.liquidated)}"
        first = run.by_range.liquidated
        at = f", first at row {first[0][0] + 1}" if first else ""
        say(f"looked at where all contracts stand at their lows or highs, the margin falls short for {times}{at}")
    if ledger.stopped:
        row, column = ledger.stopped[0]
        say(f"{len(ledger.stopped)} positions were left at their stops, first column {column + 1} at row {row + 1}")
    held = ledger.quantities[:-1] != 0
    unpriced, unsettled = held & ~history.tradable[1:], held & np.isnan(history.rates[1:])
    if unpriced.any():
        row, column = np.argwhere(unpriced)[0]
        say(
            f"prices of what is held are missing in {int(unpriced.any(axis=1).sum())} rows, first column {column + 1} "
            f"at row {row + 2}: kept there at the last price, and not traded"
        )
    if unsettled.any():
        say(f"funding of what is held is missing in {int(unsettled.any(axis=1).sum())} rows, in which none was booked")


def _sharpe(returns: Array, rate: float, periods: float) -> float:
    """The Sharpe ratio; NaN where nothing varies."""
    try:
        return float(sharpe_ratio(returns, rate, periods)[0])
    except SolveError:
        return float("nan")


def _deflated(excess: Array, trials: int) -> float:
    """The deflated Sharpe ratio; NaN where nothing varies or there are too few bars."""
    try:
        return deflated_sharpe(excess, trials)
    except (MissingDataError, SolveError):
        return float("nan")
