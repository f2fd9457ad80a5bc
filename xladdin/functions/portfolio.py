"""Covariance and the optimal portfolio."""

from __future__ import annotations

from typing import Annotated, Any

from core.arrays import Array
from core.decide.limits.declared import Limits
from core.decide.portfolio.optimize import OBJECTIVES, optimize
from core.estimate.covariance import methods as estimators

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Block, Choice, Number, Rows
from ..results import Matrix, Vector

__all__ = ["PERP_COV", "PERP_OPTIMIZE"]

CATEGORY = "Perp Portfolio"


@sheet_function(CATEGORY, returns=Matrix())
def PERP_COV(
    returns: Annotated[Array, Block("Returns, T x N, one contract a column; rows with a gap are left out.")],
    method: Annotated[
        str,
        Choice("sample, ledoit_wolf, constant_correlation, ewma, factor or semi (downside).", estimators.METHODS),
    ] = "ledoit_wolf",
    periods_per_year: Annotated[float, Number("Bars a year: 8760 hourly, 1095 8-hour, 365 daily.", above=0)] = 365.0,
    halflife: Annotated[float, Number("Rows after which a row counts half, for ewma.", above=0)] = 60.0,
    market_returns: Annotated[Array | None, kinds.Vector("Returns of the market, T x 1, for factor.")] = None,
) -> Array:
    """Annualised covariance matrix of the contracts, N x N."""
    return estimators.covariance(returns, method, periods_per_year, halflife, market_returns)


@sheet_function(CATEGORY, returns=Vector())
def PERP_OPTIMIZE(
    expected_returns: Annotated[Array, kinds.Vector("Expected returns a year, one a contract, net of funding.")],
    covariance: Annotated[Array, Block("Annualised covariance matrix, N x N.")],
    objective: Annotated[
        str, Choice("What to optimise, such as max_sharpe, target_volatility, cvar, robust or risk_budget.", OBJECTIVES)
    ] = "max_sharpe",
    limits: Annotated[
        list[list[Any]] | None, Rows("Rows of a limit's name and its value, or one value a contract.")
    ] = None,
    returns: Annotated[Array | None, Block("Returns, T x N, for semivariance, cvar and the limit cvar_max.")] = None,
) -> Array:
    """Weights of the optimal portfolio inside the limits, certified optimal."""
    return optimize(
        expected_returns, covariance, objective, Limits.from_rows(limits or [], len(expected_returns)), returns
    ).weights
