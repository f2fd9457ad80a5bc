"""What returns were worth for their risk, and where they came from."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.verify.backtest.attribution import Attribution, attribute
from core.verify.backtest.drawdown import Drawdown, drawdown
from core.verify.backtest.performance import sharpe_ratio

from .. import kinds
from ..catalog import sheet_function
from ..kinds import ReturnSeries
from ..results import Table, Vector
from .arguments import GappyReturns, MarketReturns, PeriodsPerYear, RiskFreeHistory

__all__ = ["PERP_ATTRIBUTION", "PERP_DRAWDOWN", "PERP_SHARPE"]

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
