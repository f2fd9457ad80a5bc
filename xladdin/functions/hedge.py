"""Hedging to a target beta."""

from __future__ import annotations

from typing import Annotated

from core.decide.hedge import BetaHedge, hedge_beta

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Array, Number
from ..results import Listing

__all__ = ["PERP_HEDGE"]

CATEGORY = "Perp Hedge"


@sheet_function(
    CATEGORY,
    returns=Listing(("trade_notional", "trade_contracts", "cost", "beta_before", "beta_after"), numbered="hedge"),
)
def PERP_HEDGE(
    notionals: Annotated[Array, kinds.Vector("Notionals held, one a contract; positive = long.")],
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
