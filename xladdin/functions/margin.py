"""Margin of an account."""

from __future__ import annotations

from typing import Annotated

from core.market.margin import Margin, margin

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Array, Number
from ..results import Table

__all__ = ["PERP_MARGIN"]

CATEGORY = "Perp Margin"


@sheet_function(CATEGORY, returns=Table(per_asset=False))
def PERP_MARGIN(
    quantities: Annotated[Array, kinds.Vector("Positions in contracts; positive = long.")],
    mark_prices: Annotated[Array, kinds.Vector("Mark prices, one a contract.")],
    equity: Annotated[float, Number("Equity of the account, in quote currency.", above=0)],
    maintenance_rates: Annotated[Array | float, kinds.Vector("Maintenance margin as a share of notional.")] = 0.01,
    max_leverage: Annotated[Array | float, kinds.Vector("Largest leverage the venue allows.")] = 20.0,
) -> Margin:
    """Exposure, initial and maintenance margin, headroom and distance to liquidation of an account."""
    return margin(quantities, mark_prices, equity, maintenance_rates, max_leverage)
