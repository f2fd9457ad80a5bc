"""The capital asset pricing model."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.estimate.capm import STANDARD_ERRORS, CapmFit, CapmPremium, capm, capm_premium, capm_return

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Choice, Flag
from ..results import Table, Vector
from .arguments import AssetReturns, MarketReturn, MarketReturns, PeriodsPerYear, RiskFree, RiskFreeHistory

__all__ = ["PERP_CAPM", "PERP_CAPM_PREMIUM", "PERP_CAPM_RETURN"]

CATEGORY = "Perp CAPM"


@sheet_function(CATEGORY, returns=Vector())
def PERP_CAPM_RETURN(
    beta: Annotated[Array, kinds.Vector("Beta, one or several.")],
    risk_free: RiskFree,
    market_return: MarketReturn,
) -> Array:
    """Expected return by the CAPM: risk_free + beta x (market_return - risk_free)."""
    return capm_return(beta, risk_free, market_return)


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_CAPM(
    asset_returns: AssetReturns,
    market_returns: MarketReturns,
    risk_free: RiskFreeHistory = 0.0,
    periods_per_year: PeriodsPerYear = 365.0,
    intercept: Annotated[bool, Flag("FALSE regresses through the origin: no alpha.")] = True,
    standard_errors: Annotated[
        str, Choice("classical, or newey_west for residuals that hang together.", STANDARD_ERRORS)
    ] = "classical",
) -> CapmFit:
    """CAPM regression of each contract: beta, alpha, errors, fit, expected and realised return."""
    return capm(asset_returns, market_returns, risk_free, periods_per_year, intercept, standard_errors)


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_CAPM_PREMIUM(
    expected_return: Annotated[Array, kinds.AnnualReturn("Expected return a year, net of funding, one a contract.")],
    beta: Annotated[Array, kinds.Vector("Beta, one a contract.")],
    risk_free: RiskFree,
    market_return: MarketReturn,
    volatility: Annotated[Array | None, kinds.Volatility("Annualised volatility; blank = no Sharpe ratio.")] = None,
    sharpe_hurdle: Annotated[Array | float, kinds.Vector("Sharpe ratio to reach, one for all or one each.")] = 0.0,
) -> CapmPremium:
    """Does the premium pay for the risk: required return, excess over it, Sharpe ratio, and 1 or 0."""
    return capm_premium(expected_return, beta, risk_free, market_return, volatility, sharpe_hurdle)
