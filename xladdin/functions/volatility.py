"""Volatility and regimes."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.estimate.premium.variance import variance_risk_premium
from core.estimate.volatility import methods as estimators
from core.estimate.volatility.garch import GarchFit, garch
from core.estimate.volatility.regime import Regimes, variance_regimes
from core.estimate.volatility.true_range import average_true_range

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Choice, Funding, Integer, Number, Returns
from ..results import Listing, Table, Vector
from .arguments import EwmaHalflife, GappyReturns, PeriodsPerYear

__all__ = ["PERP_ATR", "PERP_GARCH", "PERP_REGIME", "PERP_VOL", "PERP_VRP"]

CATEGORY = "Perp Volatility"


@sheet_function(CATEGORY, returns=Vector())
def PERP_VOL(
    returns: GappyReturns,
    method: Annotated[
        str, Choice("sample, ewma (younger rows count more) or garch (of the next bar).", estimators.METHODS)
    ] = "sample",
    periods_per_year: PeriodsPerYear = 365.0,
    halflife: EwmaHalflife = 30.0,
) -> Array:
    """Annualised volatility of each contract."""
    return estimators.volatility(returns, method, periods_per_year, halflife)


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_GARCH(
    returns: Annotated[Array, Returns("Returns, T x N, one contract a column; at least 50 rows.")],
    horizon: Annotated[int, Integer("Bars ahead over which volatility_horizon is taken.", at_least=1)] = 1,
    periods_per_year: PeriodsPerYear = 365.0,
) -> GarchFit:
    """GARCH(1,1) of each contract: parameters, standard errors, volatility now, over a horizon, long run."""
    return garch(returns, horizon, periods_per_year)


@sheet_function(CATEGORY, returns=Vector())
def PERP_ATR(
    high: Annotated[Array, kinds.Vector("Highs of the bars, T x 1, oldest first.")],
    low: Annotated[Array, kinds.Vector("Lows of the same bars.")],
    close: Annotated[Array, kinds.Vector("Closes of the same bars.")],
    period: Annotated[int, Integer("Bars of the average; the ones before it is complete show #N/A.", at_least=1)] = 14,
) -> Array:
    """Wilder's average true range after each bar, in units of the price."""
    return average_true_range(high, low, close, period)


@sheet_function(CATEGORY, returns=Vector())
def PERP_VRP(
    implied_vol: Annotated[Array, kinds.Vector("Implied volatilities a year, decimals: 0.6 = 60 %.")],
    returns: GappyReturns,
    periods_per_year: PeriodsPerYear = 365.0,
    funding: Annotated[
        Array | None,
        Funding(
            "Funding rates settled in each bar, T x N; then returns are taken net of it.", may_be_blank=True, blank=0.0
        ),
    ] = None,
) -> Array:
    """Variance risk premium of each contract: implied variance less realised variance, a year."""
    return variance_risk_premium(implied_vol, returns, periods_per_year, funding)


@sheet_function(CATEGORY, returns=Listing(("start_row", "end_row", "volatility"), numbered="regime"))
def PERP_REGIME(
    returns: Annotated[Array, kinds.ReturnSeries("Returns of one contract, T x 1; blanks are left out.")],
    min_size: Annotated[int, Integer("Fewest rows of a regime.", at_least=2)] = 48,
    penalty: Annotated[
        float | None,
        Number("Price of a change in log-likelihood x 2; blank = modified BIC, dearer for fat tails.", at_least=0),
    ] = None,
) -> Regimes:
    """Volatility regimes: their rows and volatility per bar; the last row is the current one."""
    return variance_regimes(returns, min_size, penalty)
