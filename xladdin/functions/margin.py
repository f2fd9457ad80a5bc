"""Liquidation prices, margin tiers and the margin of an account."""

from __future__ import annotations

from typing import Annotated

from core.arrays import Array
from core.errors import ArgumentError
from core.market.liquidation import STYLES, liquidation_price, tiered_liquidation_price
from core.market.liquidation_cross import cross_liquidation_prices
from core.market.margin import Margin, margin
from core.market.tiers import Tier, Tiers, tier

from .. import kinds
from ..catalog import sheet_function
from ..kinds import Number
from ..results import Table, Vector
from .arguments import AccountEquity, MaintenanceRates, MarkPrices, Quantities

__all__ = ["PERP_LIQUIDATION", "PERP_LIQUIDATION_CROSS", "PERP_MARGIN", "PERP_TIER"]

CATEGORY = "Perp Margin"


@sheet_function(CATEGORY, returns=Vector())
def PERP_LIQUIDATION(
    quantity: Annotated[
        Array, kinds.Vector("Position in coins (linear) or in quote value (inverse); positive = long.")
    ],
    entry_price: Annotated[Array, kinds.Vector("Average price at which the position was opened.")],
    collateral: Annotated[Array, kinds.Vector("Wallet balance or margin posted; in coin for an inverse contract.")],
    maintenance_rate: Annotated[Array, kinds.MarginRate("Maintenance margin as a share of value: 0.01 = 1 %.")],
    maintenance_amount: Annotated[Array | float, kinds.Vector("Amount off the maintenance margin (tier).")] = 0.0,
    taker_fee: Annotated[Array | float, kinds.FeeRate("Fee rate to close; counts in style rate_and_fee.")] = 0.0,
    contract: Annotated[
        str, kinds.Choice("linear or inverse (margined in the coin).", ("linear", "inverse"))
    ] = "linear",
    style: Annotated[
        str, kinds.Choice("amount (Binance), rate_and_fee (OKX, Gate) or initial_less_maintenance (Bybit).", STYLES)
    ] = "amount",
    tiers: Annotated[
        Array | None, kinds.Block("Tiers as in PERP_TIER: the one met on the way counts, in place of rate and amount.")
    ] = None,
) -> Array:
    """Price at which an isolated position is liquidated, by the rule of the venue."""
    if tiers is not None:
        if style != STYLES[0]:
            raise ArgumentError(f"tiers go with style '{STYLES[0]}' alone; leave out style, or tiers")
        return tiered_liquidation_price(quantity, entry_price, collateral, Tiers.from_rows(tiers), contract)
    return liquidation_price(
        quantity, entry_price, collateral, maintenance_rate, maintenance_amount, taker_fee, contract, style
    )


@sheet_function(CATEGORY, returns=Vector())
def PERP_LIQUIDATION_CROSS(
    quantities: Annotated[Array, kinds.Vector("Positions in coins; positive = long.")],
    entry_prices: Annotated[Array, kinds.Vector("Average entry prices, one a contract.")],
    mark_prices: MarkPrices,
    wallet_balance: Annotated[float, Number("Cash of the account, without unrealised profit.")],
    maintenance_rates: MaintenanceRates,
    maintenance_amounts: Annotated[Array | None, kinds.Vector("Amounts off the maintenance margin (tiers).")] = None,
    underlyings: Annotated[
        tuple[str | float | None, ...] | None,
        kinds.Labels("Coins, texts or numbers: contracts of one coin have one price. Blank = each its own."),
    ] = None,
) -> Array:
    """Price of each contract, others at their mark, at which a cross account is liquidated; #N/A where none does."""
    return cross_liquidation_prices(
        quantities,
        entry_prices,
        mark_prices,
        wallet_balance,
        maintenance_rates,
        maintenance_amounts,
        underlyings=underlyings,
    )


@sheet_function(CATEGORY, returns=Table(per_asset=True))
def PERP_TIER(
    notional: Annotated[Array, kinds.Vector("Value of the position, one or several.")],
    tiers: Annotated[Array, kinds.Block("Columns min_notional, max_notional, rate, amount (or blank), max leverage.")],
) -> Tier:
    """Maintenance rate, maintenance amount and largest leverage of the margin tier that holds a notional."""
    return tier(notional, tiers)


@sheet_function(CATEGORY, returns=Table(per_asset=False))
def PERP_MARGIN(
    quantities: Quantities,
    mark_prices: MarkPrices,
    equity: AccountEquity,
    maintenance_rates: MaintenanceRates = 0.01,
    max_leverage: Annotated[Array | float, kinds.Vector("Largest leverage the venue allows.")] = 20.0,
) -> Margin:
    """Exposure, initial and maintenance margin, headroom and distance to liquidation of an account."""
    return margin(quantities, mark_prices, equity, maintenance_rates, max_leverage)
