"""Returns and funding."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.estimate.funding.forecast import funding_forecast
from core.market.funding import annualised_funding
from core.market.resample import AGGREGATIONS, resample
from core.market.returns import KINDS, SIDES, total_returns

from ..catalog import sheet_function
from ..kinds import Block, Choice, Flag, Funding, Integer, Number, Text, TimeArray, Times
from ..results import Dated, Matrix, Vector
from .arguments import FundingRates

__all__ = ["PERP_FUNDING_ANNUAL", "PERP_FUNDING_FORECAST", "PERP_RESAMPLE", "PERP_RETURNS"]

CATEGORY = "Perp Returns"


@sheet_function(CATEGORY, returns=Matrix())
def PERP_RETURNS(
    prices: Annotated[Array, Block("Prices, T x N, oldest first, one contract a column.")],
    funding: Annotated[
        Array | None,
        Funding(
            "Funding rates settled in the bar that ends at each row, T x N; blank where none settled.",
            may_be_blank=True,
            blank=0.0,
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
    rates: FundingRates,
    settlements_per_day: Annotated[float, Number("Settlements a day: 3 for every 8 hours.", above=0)] = 3.0,
    compound: Annotated[bool, Flag("TRUE compounds the mean rate over the year.")] = False,
) -> Array:
    """Annualised mean funding rate of each contract; above zero, longs pay shorts."""
    return annualised_funding(rates, settlements_per_day, compound)


@sheet_function(CATEGORY, returns=Vector())
def PERP_FUNDING_FORECAST(
    rates: FundingRates,
    horizon: Annotated[int, Integer("Settlements to come, whose rates are summed.", at_least=1)] = 3,
    halflife: Annotated[float, Number("Settlements after which one counts half in the level.", above=0)] = 21.0,
) -> Array:
    """Funding expected over the next settlements, summed: the rate returns to its recent level."""
    return funding_forecast(rates, horizon, halflife)


@sheet_function(CATEGORY, returns=Dated())
def PERP_RESAMPLE(
    times: Annotated[
        TimeArray, Times("Dates and times (UTC) of the rows: closes of bars or settlements, oldest first.")
    ],
    values: Annotated[Array, Block("Values over the same rows, T x N; blanks are left out.")],
    interval: Annotated[str, Text("Length of the new bars: minutes, hours or days, such as 15m, 8h or 1d.")],
    how: Annotated[
        str, Choice("last, sum, mean or ohlc (open, high, low, close of each column).", AGGREGATIONS)
    ] = "last",
) -> tuple[TimeArray, Array]:
    """Values brought to longer bars: the times of their closes, then the values, without header."""
    return resample(times, values, interval, how)
