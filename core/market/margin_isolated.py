"""Margin of isolated positions: each stands on collateral of its own, and falls alone.

    equity_i              = collateral_i + P&L_i at the mark
    initial margin_i      = |value_i| / max leverage_i
    maintenance margin_i  = |value_i| x rate_i - amount_i
    margin ratio_i        = maintenance_i / equity_i             liquidated when it passes 1
    distance_i            = |liquidation price_i / mark_i - 1|

The liquidation price leaves the maintenance margin, the bankruptcy price leaves nothing; what the venue earns or
loses between the two goes to its insurance fund. A cross account of one contract is an isolated one.

Source: Binance, "Leverage and Margin"; Bybit, "Bankruptcy Price".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import aligned, choice, numbers, prices_for_held
from ..records import dataclass
from .contract import CONTRACTS, pnl, settled_value
from .liquidation import liquidation_root
from .margin import margin_ratio

__all__ = ["IsolatedMargin", "isolated_margin"]


@dataclass(frozen=True, eq=False)
class IsolatedMargin:
    """Margin of N positions, each field (N,); money in the currency of settlement, prices in quote.

    `value` and `unrealised_pnl` are signed. `margin_ratio` is infinite where no equity is left. Prices are NaN where
    nothing is held or no price above zero gets there. `distance_to_liquidation` is a share of the mark, 0 where
    liquidation is due.
    """

    value: Array
    unrealised_pnl: Array
    equity: Array
    initial_margin: Array
    maintenance_margin: Array
    margin_ratio: Array
    headroom: Array
    liquidation_price: Array
    bankruptcy_price: Array
    distance_to_liquidation: Array


def isolated_margin(
    quantities: ArrayLike,
    entry_prices: ArrayLike,
    mark_prices: ArrayLike,
    collateral: ArrayLike,
    maintenance_rates: ArrayLike = 0.01,
    max_leverage: ArrayLike = 20.0,
    maintenance_amounts: ArrayLike = 0.0,
    contract: str = "linear",
    multiplier: ArrayLike = 1.0,
) -> IsolatedMargin:
    """Margin of each of N isolated positions.

    Args:
        quantities: (N,) coins (linear) or contracts of `multiplier`; positive = long.
        entry_prices: (N,) quote a coin; a contract of quantity 0 needs neither this nor a mark.
        mark_prices: (N,) quote a coin.
        collateral: (N,) margin posted for each, in the currency of settlement.
        maintenance_rates: (N,) or one, share of the value that must be held, decimals.
        max_leverage: (N,) or one, times; its inverse is the share that opens a position.
        maintenance_amounts: (N,) or one, taken off the maintenance margin, in the currency of settlement.
        contract: "linear", "inverse" or "quanto".
        multiplier: (N,) or one, as in `liquidation_price`.

    Raises ArgumentError (bounds, lengths) and MissingDataError (a value is missing).
    """
    kind = choice(contract, "contract", CONTRACTS)
    held = numbers(quantities, "quantities")
    entries = prices_for_held(entry_prices, "entry_prices", held != 0)
    marks = prices_for_held(mark_prices, "mark_prices", held != 0)
    posted = numbers(collateral, "collateral", above=0)
    aligned(held, "quantities", posted, "collateral")
    rates = numbers(maintenance_rates, "maintenance_rates", held.size, at_least=0, below=1)
    leverages = numbers(max_leverage, "max_leverage", held.size, above=0)
    amounts = numbers(maintenance_amounts, "maintenance_amounts", held.size, at_least=0)
    face = numbers(multiplier, "multiplier", held.size, above=0)

    amounts = np.where(held == 0, 0.0, amounts)
    value = settled_value(held, marks, kind, face)
    profit = pnl(held, entries, marks, kind, face)
    equity = posted + profit
    initial, maintenance = np.abs(value) / leverages, np.abs(value) * rates - amounts
    nothing = np.zeros(held.size)
    liquidated = liquidation_root(held, entries, posted, rates, amounts, kind, face)
    bankrupt = liquidation_root(held, entries, posted, nothing, nothing, kind, face)
    return IsolatedMargin(
        value=value,
        unrealised_pnl=profit,
        equity=equity,
        initial_margin=initial,
        maintenance_margin=maintenance,
        margin_ratio=margin_ratio(maintenance, equity),
        headroom=equity - initial,
        liquidation_price=liquidated,
        bankruptcy_price=bankrupt,
        distance_to_liquidation=np.where(equity <= maintenance, 0.0, np.abs(liquidated / marks - 1)),
    )
