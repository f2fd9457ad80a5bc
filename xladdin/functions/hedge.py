"""Hedging to a target beta or to target factor exposures, and when a hedge is due."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.decide.hedge.beta import BetaHedge, hedge_beta, hedge_due
from core.decide.hedge.factors import FactorHedge, hedge_factors

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Number
from ..results import Listing, Listings, Single
from .arguments import Notionals

__all__ = ["PERP_HEDGE", "PERP_HEDGE_BAND", "PERP_HEDGE_FACTORS"]

CATEGORY = "Perp Hedge"


@sheet_function(
    CATEGORY,
    returns=Listing(("trade_notional", "trade_contracts", "cost", "beta_before", "beta_after"), numbered="hedge"),
)
def PERP_HEDGE(
    notionals: Notionals,
    betas: Annotated[Array, kinds.Vector("Betas of what is held, one a contract.")],
    target_beta: Annotated[float, Number("Beta of the book after the hedge, on capital.")],
    hedge_betas: Annotated[Array, kinds.Vector("Betas of the hedge contracts.")],
    capital: Annotated[
        float | None, Number("Capital that beta is measured on; blank = gross of notionals.", above=0)
    ] = None,
    prices: Annotated[Array | None, kinds.Vector("Prices of the hedge contracts; blank = notionals only.")] = None,
    lot_sizes: Annotated[Array | None, kinds.Vector("Smallest steps of the hedge contracts; blank = none.")] = None,
    cost_bps: Annotated[Array | float, kinds.Vector("Trading cost in basis points, one for all or one a hedge.")] = 0.0,
    hedge_notionals: Annotated[Array | None, kinds.Vector("Notionals of the hedges already held.")] = None,
) -> BetaHedge:
    """Trades in the hedge contracts that bring the beta of the book to its target at least cost."""
    return hedge_beta(notionals, betas, target_beta, hedge_betas, capital, prices, lot_sizes, cost_bps, hedge_notionals)


@sheet_function(
    CATEGORY,
    returns=Listings(
        (
            Listing(("trade_notional",), numbered="hedge"),
            Listing(("exposure_before", "exposure_after"), named="factor"),
        )
    ),
)
def PERP_HEDGE_FACTORS(
    notionals: Notionals,
    loadings: Annotated[Array, kinds.Block("Loadings of what is held: one row a factor, one column a contract.")],
    hedge_loadings: Annotated[Array, kinds.Block("Loadings of the hedges: one row a factor, one column a hedge.")],
    targets: Annotated[Array | float, kinds.Vector("Exposures after the hedge, one for all or one a factor.")] = 0.0,
    capital: Annotated[
        float | None, Number("Capital that exposures are measured on; blank = gross of notionals.", above=0)
    ] = None,
) -> FactorHedge:
    """Trades in the hedges that bring each factor exposure to its target, or as near in least squares."""
    return hedge_factors(notionals, loadings, hedge_loadings, targets, capital)


@sheet_function(CATEGORY, returns=Single())
def PERP_HEDGE_BAND(
    beta_now: Annotated[float, Number("Beta of the book now, on capital.")],
    target_beta: Annotated[float, Number("Beta it should have.")],
    band: Annotated[float, Number("Distance from the target within which nothing is traded.", at_least=0)],
) -> int:
    """Whether a re-hedge is due: 1 when beta is further than the band from its target, else 0."""
    return int(hedge_due(beta_now, target_beta, band))
