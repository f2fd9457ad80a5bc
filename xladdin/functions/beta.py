"""Beta against the market, and of a portfolio."""

from __future__ import annotations

from typing import Annotated

from core.estimate.beta import METHODS, estimate_beta, portfolio_beta

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Array, Block, Choice, Number
from ..results import Single, Vector

__all__ = ["PERP_BETA", "PERP_BETA_PORTFOLIO"]

CATEGORY = "Perp Beta"


@sheet_function(CATEGORY, returns=Vector())
def PERP_BETA(
    asset_returns: Annotated[Array, Block("Returns of the contracts, T x N, one contract a column.")],
    market_returns: Annotated[Array, kinds.Vector("Returns of the market over the same rows, T x 1.")],
    method: Annotated[
        str, Choice("ols, ewma, downside (rows with market < 0) or upside (market > 0).", METHODS)
    ] = "ols",
    halflife: Annotated[float, Number("Rows after which a row counts half, for ewma.", above=0)] = 60.0,
) -> Array:
    """Beta of each contract against the market."""
    return estimate_beta(asset_returns, market_returns, method, halflife)


@sheet_function(CATEGORY, returns=Single())
def PERP_BETA_PORTFOLIO(
    weights: Annotated[Array, kinds.Vector("Weights, notional / equity, one a contract; negative = short.")],
    betas: Annotated[Array, kinds.Vector("Betas, one a contract.")],
) -> float:
    """Beta of a portfolio: the sum of weight x beta."""
    return portfolio_beta(weights, betas)
