"""Stress tests of a book."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.verify.path.book import as_book
from core.verify.stress.reverse import ReverseStress, reverse_stress
from core.verify.stress.scenarios import Stress, stress
from core.verify.stress.shocks import as_shocks

from .. import kinds
from ..catalog import sheet_function
from ..results import Listing, Table
from .arguments import AccountEquity, Betas, MaintenanceRates, PricesNow, Quantities

__all__ = ["PERP_STRESS", "PERP_STRESS_REVERSE"]

CATEGORY = "Perp Stress"


@sheet_function(
    CATEGORY,
    returns=Listing(
        (
            "market_shock",
            "pnl",
            "funding",
            "equity_after",
            "margin_ratio",
            "liquidated",
            "first_liquidated",
            "shortfall",
        )
    ),
)
def PERP_STRESS(
    quantities: Quantities,
    prices: Annotated[Array, kinds.Vector("Prices before the shock, one a contract.")],
    betas: Betas,
    equity: AccountEquity,
    market_shocks: Annotated[Array, kinds.Shock("Moves of the market, one or several: -0.1 = down 10 %.")],
    maintenance_rates: MaintenanceRates = 0.01,
    funding_shock: Annotated[Array | float, kinds.Shock("Funding rate settled in the shock; longs pay it.")] = 0.0,
    beta_shift: Annotated[Array | float, kinds.Vector("Added to each beta, one for all or one a shock.")] = 0.0,
    idiosyncratic: Annotated[Array | None, kinds.Shock("Own return of each contract on top of beta x shock.")] = None,
) -> Stress:
    """Profit and loss, equity, margin ratio and liquidations of a book under market shocks."""
    book = as_book(quantities, prices, equity, maintenance_rates)
    return stress(book, as_shocks(book, betas, market_shocks, funding_shock, beta_shift, idiosyncratic))


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_STRESS_REVERSE(
    quantities: Quantities,
    prices: PricesNow,
    betas: Betas,
    equity: AccountEquity,
    maintenance_rates: MaintenanceRates = 0.01,
) -> ReverseStress:
    """Smallest market move, up or down, that liquidates the account, and the price of each contract there."""
    return reverse_stress(as_book(quantities, prices, equity, maintenance_rates), betas)
