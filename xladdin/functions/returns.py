"""Returns and funding."""

from __future__ import annotations

from typing import Annotated

from core.market.funding import annualised_funding
from core.market.returns import KINDS, SIDES, total_returns

from ..catalog import sheet_function
from ..kinds import Array, Block, Choice, Flag, Number
from ..results import Matrix, Vector

__all__ = ["PERP_FUNDING_ANNUAL", "PERP_RETURNS"]

CATEGORY = "Perp Returns"


@sheet_function(CATEGORY, returns=Matrix())
def PERP_RETURNS(
    prices: Annotated[Array, Block("Prices, T x N, oldest first, one contract a column.")],
    funding: Annotated[
        Array | None,
        Block(
            "Funding rates settled in the bar that ends at each row, T x N; blank where none settled.",
            may_be_blank=True,
        ),
    ] = None,
    kind: Annotated[str, Choice("simple or log.", KINDS)] = "simple",
    side: Annotated[
        str, Choice("long or short; a short earns the negative of the long simple return.", SIDES)
    ] = "long",
) -> Array:
    """Total returns of perpetuals, net of the funding paid, one row fewer than the prices."""
    return total_returns(prices, funding, kind, side)


@sheet_function(CATEGORY, returns=Vector())
def PERP_FUNDING_ANNUAL(
    rates: Annotated[Array, Block("Funding rates, one settlement a row, one contract a column; blanks are left out.")],
    settlements_per_day: Annotated[float, Number("Settlements a day: 3 for every 8 hours.", above=0)] = 3.0,
    compound: Annotated[bool, Flag("TRUE compounds the mean rate over the year.")] = False,
) -> Array:
    """Annualised mean funding rate of each contract; above zero, longs pay shorts."""
    return annualised_funding(rates, settlements_per_day, compound)
