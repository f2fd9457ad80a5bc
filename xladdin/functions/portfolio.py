"""Covariance, the optimal portfolio and the efficient frontier."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.choices import COVARIANCE_METHODS, OBJECTIVES
from core.decide.limits.declared import Limits
from core.decide.portfolio.frontier import Frontier, efficient_frontier
from core.decide.portfolio.optimize import optimize
from core.estimate.covariance import methods as estimators

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Choice, Integer, Returns
from ..results import Matrix, Portfolios, Vector
from .arguments import AnnualCovariance, EwmaHalflife, ExpectedReturns, LimitRows, PeriodsPerYear

__all__ = ["PERP_COV", "PERP_FRONTIER", "PERP_OPTIMIZE"]

CATEGORY = "Perp Portfolio"


@sheet_function(CATEGORY, returns=Matrix())
def PERP_COV(
    returns: Annotated[Array, Returns("Returns, T x N, one contract a column; blank before a listing and in a gap.")],
    method: Annotated[
        str,
        Choice(
            "sample, ledoit_wolf, shrunk_correlation, constant_correlation, ewma, factor or semi (downside).",
            COVARIANCE_METHODS,
        ),
    ] = "ledoit_wolf",
    periods_per_year: PeriodsPerYear = 365.0,
    halflife: EwmaHalflife = 60.0,
    market_returns: Annotated[Array | None, kinds.ReturnSeries("Returns of the market, T x 1, for factor.")] = None,
    gaps: Annotated[
        str, Choice("own: each contract's own rows. listwise: a row with a gap is dropped for all.", estimators.GAPS)
    ] = "own",
) -> Array:
    """Annualised covariance matrix of the contracts, N x N."""
    return estimators.covariance(returns, method, periods_per_year, halflife, market_returns, gaps=gaps)


@sheet_function(CATEGORY, returns=Vector())
def PERP_OPTIMIZE(
    expected_returns: ExpectedReturns,
    covariance: AnnualCovariance,
    objective: Annotated[
        str, Choice("What to optimise, such as max_sharpe, target_volatility, cvar, robust or risk_budget.", OBJECTIVES)
    ] = "max_sharpe",
    limits: LimitRows = None,
    returns: Annotated[Array | None, Returns("Returns, T x N, for semivariance, cvar and the limit cvar_max.")] = None,
) -> Array:
    """Weights of the optimal portfolio inside the limits, certified optimal."""
    return optimize(
        expected_returns, covariance, objective, Limits.from_rows(limits or [], len(expected_returns)), returns
    ).weights


@sheet_function(
    CATEGORY,
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
