"""Liquidation prices of a cross account: each contract's own, while all others stay at their mark.

One wallet stands behind all positions. With the headroom H left above maintenance at the marks m,

    H = wallet + sum q_j (m_j - e_j) - sum (|q_j| m_j r_j - a_j)

headroom changes with the price of contract i alone by q_i - |q_i| r_i a unit, so that it is used up at

    linear     p_i = m_i - H / (q_i - |q_i| r_i)
    inverse    1 / p_i = 1 / m_i + H / (q_i + |q_i| r_i)

This is Binance's formula with its TMM and UPNL (maintenance and profit of the other contracts) gathered in H. The
price of a long lies below its mark and that of a short above; where H is so large that no price above zero uses it
up, the contract cannot liquidate the account on its own. Contracts move together: the common move that liquidates is
`margin.Margin.distance_to_liquidation`, nearer than any of these in a book all long, and perhaps further in a hedged
one.

Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" and "... of COIN-M Futures
Contracts" (cross margin).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import choice, number, numbers, prices_for_held
from ..errors import ArgumentError, UndefinedError
from .contract import CONTRACTS, pnl, settled_value
from .liquidation import liquidation_root, tiered_root
from .tiers import Tiers, tier_tables, tiered_maintenance

__all__ = ["cross_liquidation_prices", "tiered_cross_liquidation_prices"]


def cross_liquidation_prices(
    quantities: ArrayLike,
    entry_prices: ArrayLike,
    mark_prices: ArrayLike,
    wallet_balance: float,
    maintenance_rates: ArrayLike,
    maintenance_amounts: ArrayLike | None = None,
    contract: str = "linear",
    multiplier: ArrayLike = 1.0,
) -> Array:
    """The price of each contract, others at their mark, at which the whole account is liquidated, (N,).

    All contracts are of one kind and settle in the currency of `wallet_balance`.

    Args:
        quantities: (N,) coins (linear) or contracts of `multiplier`; positive = long.
        entry_prices: (N,) quote a coin.
        mark_prices: (N,) quote a coin, at which the account stands now.
        wallet_balance: of the account, before profit that is not realised.
        maintenance_rates: (N,) or one, share of the value that must be held, decimals.
        maintenance_amounts: (N,) or one, what is taken off it; None is nothing.
        contract: "linear", "inverse" or "quanto".
        multiplier: (N,) or one, as in `liquidation_price`.

    NaN: no position (which needs no price), or no price above zero that liquidates.
    Raises ArgumentError (bounds, lengths, no position at all), MissingDataError (a held contract lacks a price) and
    UndefinedError (the account is below maintenance already).
    """
    kind = choice(contract, "contract", CONTRACTS)
    held, entries, marks, face = _book(quantities, entry_prices, mark_prices, multiplier)
    rates = numbers(maintenance_rates, "maintenance_rates", held.size, at_least=0, below=1)
    given = 0.0 if maintenance_amounts is None else maintenance_amounts
    amounts = numbers(given, "maintenance_amounts", held.size, at_least=0)
    needed = np.where(held == 0, 0.0, np.abs(settled_value(held, marks, kind, face)) * rates - amounts)
    behind = _behind_each(wallet_balance, pnl(held, entries, marks, kind, face), needed)
    return liquidation_root(held, marks, behind, rates, amounts, kind, face)


def tiered_cross_liquidation_prices(
    quantities: ArrayLike,
    entry_prices: ArrayLike,
    mark_prices: ArrayLike,
    wallet_balance: float,
    tiers: Tiers | Sequence[Tiers],
    contract: str = "linear",
    multiplier: ArrayLike = 1.0,
) -> Array:
    """As `cross_liquidation_prices`, each contract by the tier that holds its value at the price in question.

    Args:
        quantities: (N,) coins (linear) or contracts of `multiplier`; positive = long.
        entry_prices: (N,) quote a coin.
        mark_prices: (N,) quote a coin.
        wallet_balance: of the account, before profit that is not realised.
        tiers: one table for all or one a contract; for inverse and quanto contracts its notionals are in coin.
        contract: "linear", "inverse" or "quanto".
        multiplier: (N,) or one, as in `liquidation_price`.
    """
    kind = choice(contract, "contract", CONTRACTS)
    held, entries, marks, face = _book(quantities, entry_prices, mark_prices, multiplier)
    tables = tier_tables(tiers, held.size)
    needed = tiered_maintenance(tables, settled_value(held, marks, kind, face))
    behind = _behind_each(wallet_balance, pnl(held, entries, marks, kind, face), needed)
    return np.where(held == 0, np.nan, tiered_root(held, marks, behind, tables, kind, face))


def _book(
    quantities: ArrayLike, entry_prices: ArrayLike, mark_prices: ArrayLike, multiplier: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    """Quantities, entries, marks and multipliers, each (N,); prices are 1 where nothing is held."""
    held = numbers(quantities, "quantities")
    if not held.any():
        raise ArgumentError("quantities are all 0; nothing is held that could be liquidated")
    entries = prices_for_held(entry_prices, "entry_prices", held != 0)
    marks = prices_for_held(mark_prices, "mark_prices", held != 0)
    return held, entries, marks, numbers(multiplier, "multiplier", held.size, above=0)


def _behind_each(wallet_balance: float, profits: Array, needed: Array) -> Array:
    """Equity that stands behind each position at its mark once all others have their maintenance, (N,)."""
    equity = number(wallet_balance, "wallet_balance") + float(profits.sum())
    if equity <= 0:
        raise UndefinedError(
            f"wallet_balance with unrealised profit is {equity:g}; the account has no equity left, "
            "so there is no price yet to come"
        )
    headroom = equity - float(needed.sum())
    if headroom < 0:
        raise UndefinedError(
            f"the account is below maintenance already: equity {equity:g} where {needed.sum():g} must be held; "
            f"add {-headroom:g} to wallet_balance or reduce quantities"
        )
    return headroom + needed
