"""The efficient frontier."""

from __future__ import annotations

from typing import Annotated

from core.decide.limits.declared import Limits
from core.decide.portfolio.frontier import Frontier, efficient_frontier

from ..catalog import sheet_function
from ..kinds import Integer
from ..results import Portfolios
from .arguments import AnnualCovariance, ExpectedReturns, LimitRows

__all__ = ["PERP_FRONTIER"]


@sheet_function(
    "Perp Portfolio",
    returns=Portfolios((("return", "returns"), ("volatility", "volatilities"), ("sharpe", "sharpes"))),
)
def PERP_FRONTIER(
    expected_returns: ExpectedReturns,
    covariance: AnnualCovariance,
    points: Annotated[
        int, Integer("Number of portfolios, equally spaced in expected return.", at_least=2, at_most=10_000)
    ] = 50,
    limits: LimitRows = None,
) -> Frontier:
    """Portfolios from least variance to greatest return inside the limits: return, volatility, sharpe, weights."""
    return efficient_frontier(
        expected_returns, covariance, points, Limits.from_rows(limits or [], len(expected_returns))
    )
