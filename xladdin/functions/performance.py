"""What returns were worth for their risk and where they came from, and what a policy would have made of a history."""

from __future__ import annotations

from typing import Annotated, Any

from core.arrays import Array
from core.choices import POLICIES
from core.market.broken_prices import say_broken
from core.verify.backtest.backtest import Backtest, Figures, backtest
from core.verify.backtest.rules import Rules
from core.verify.performance.attribution import Attribution, attribute
from core.verify.performance.drawdown import Drawdown, drawdown
from core.verify.performance.ratios import sharpe_ratio
from core.verify.walk.history import as_history

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Choice, Integer, Number, ReturnSeries
from ..results import Matrix, Table, Vector
from .arguments import GappyReturns, MarketReturns, PeriodsPerYear, RiskFreeHistory

__all__ = ["PERP_ATTRIBUTION", "PERP_BACKTEST", "PERP_BACKTEST_PATH", "PERP_DRAWDOWN", "PERP_SHARPE"]

CATEGORY = "Perp Performance"


@sheet_function(CATEGORY, returns=Vector())
def PERP_SHARPE(
    returns: GappyReturns, risk_free: RiskFreeHistory = 0.0, periods_per_year: PeriodsPerYear = 365.0
) -> Array:
    """Annualised Sharpe ratio of each column of returns."""
    return sharpe_ratio(returns, risk_free, periods_per_year)


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_DRAWDOWN(
    returns: Annotated[Array, kinds.Returns("Returns, T x N, one series a column; nothing moves in a blank row.")],
) -> Drawdown:
    """Deepest fall from a peak, the rows where it began and was deepest, and where the peak was reached again."""
    return drawdown(returns)


@sheet_function(CATEGORY, returns=Table(per_asset=False))
def PERP_ATTRIBUTION(
    portfolio_returns: Annotated[Array, ReturnSeries("Returns of the portfolio after funding and costs, T x 1.")],
    market_returns: MarketReturns,
    funding: Annotated[
        Array | None,
        kinds.Funding(
            "Funding of each bar as a return, positive = received; blank = none.", may_be_blank=True, blank=0.0
        ),
    ] = None,
    costs: Annotated[
        Array | None, ReturnSeries("Costs of each bar as a return, 0 or above; one for all or one each.")
    ] = None,
    risk_free: RiskFreeHistory = 0.0,
    periods_per_year: PeriodsPerYear = 365.0,
) -> Attribution:
    """Return by market, own skill, funding and costs, which sum to the total; beta, and the t of alpha."""
    return attribute(portfolio_returns, market_returns, funding, costs, risk_free, periods_per_year)


History = Annotated[Array, kinds.Block("Prices, T x N, one contract a column, the oldest row first.")]
SettledFunding = Annotated[
    Array | None,
    kinds.Funding("Funding rates settled in each bar, T x N; blank where none settled.", may_be_blank=True, blank=0.0),
]
PolicyName = Annotated[str, Choice("Policy, as on the desk: hybrid, classical, min_variance ...", POLICIES)]
Window = Annotated[int, Integer("Rows of returns that a decision looks back on.", at_least=2)]
Every = Annotated[int, Integer("Rows from one decision to the next.", at_least=1)]
CostBps = Annotated[float, Number("Fee and slippage together, in basis points of the notional traded.", at_least=0)]
RunRows = Annotated[
    list[list[Any]] | None,
    kinds.Rows("Limits as in PERP_OPTIMIZE; also volatility_target, drawdown_buffer, clock ... of docs/limits.md."),
]
MarketPrices = Annotated[
    Array | None, kinds.Vector("Prices of the market, T x 1; blank = mean return of the contracts.")
]


@sheet_function(CATEGORY, returns=Table(per_asset=False))
def PERP_BACKTEST(
    prices: History,
    funding: SettledFunding = None,
    policy: PolicyName = "hybrid",
    window: Window = 720,
    rebalance: Every = 24,
    cost_bps: CostBps = 5.0,
    limits: RunRows = None,
    market: MarketPrices = None,
    periods_per_year: PeriodsPerYear = 8760.0,
) -> Figures:
    """What a policy would have made of a history, with funding, costs and liquidations; nothing sees the future."""
    return _run(prices, funding, policy, window, rebalance, cost_bps, limits, market, periods_per_year).figures


@sheet_function(CATEGORY, returns=Matrix())
def PERP_BACKTEST_PATH(
    prices: History,
    funding: SettledFunding = None,
    policy: PolicyName = "hybrid",
    window: Window = 720,
    rebalance: Every = 24,
    cost_bps: CostBps = 5.0,
    limits: RunRows = None,
    market: MarketPrices = None,
    periods_per_year: PeriodsPerYear = 8760.0,
) -> Array:
    """Equity, from 1 on, and the weights of each contract after each row of a backtest, T x (1 + N)."""
    return _run(prices, funding, policy, window, rebalance, cost_bps, limits, market, periods_per_year).path


def _run(
    prices: Array,
    funding: Array | None,
    policy: str,
    window: int,
    rebalance: int,
    cost_bps: float,
    limits: list[list[Any]] | None,
    market: Array | None,
    periods_per_year: float,
) -> Backtest:
    """The run that both cells show."""
    history = as_history(prices, funding, market, periods_per_year)
    say_broken(history.prices)
    rules = Rules.from_rows(limits or [], history.prices.shape[1], cost_bps)
    return backtest(rules.decisions(history, policy, window), rules.terms, rebalance, rules.trials)
