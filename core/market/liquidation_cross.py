"""Liquidation prices of a cross account: each coin's own, while all others stay at their mark.

One wallet stands behind all positions. With the headroom H left above maintenance at the marks m,

    H = wallet + sum q_j (m_j - e_j) - sum (|q_j| m_j r_j - a_j)

headroom changes with the price of contract i alone by q_i - |q_i| r_i a unit, so that it is used up at

    linear     p_i = m_i - H / (q_i - |q_i| r_i)
    inverse    1 / p_i = 1 / m_i + H / (q_i + |q_i| r_i)

This is Binance's formula with its TMM and UPNL (maintenance and profit of the other contracts) gathered in H. The
price of a long lies below its mark and that of a short above; where H is so large that no price above zero uses it
up, the contract cannot liquidate the account on its own.

A long and a short of one coin (two perpetuals of it, or both sides in hedge mode) have one price between them. Coins
are told by their `underlyings`; the contracts of one go from their marks by one ratio s, with values v_j = q_j m_j:

    linear     s = 1 - H / sum (v_j - |v_j| r_j)          p_i = s m_i

so a pair that nets to nothing is liquidated far above, where the maintenance of both has eaten the headroom. Different
coins move together too: the common move that liquidates is `margin.Margin.distance_to_liquidation`, nearer than any of
these in a book all long, and perhaps further in a hedged one.

Source: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" and "... of COIN-M Futures
Contracts" (cross margin).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, Mask
from ..checks import choice, number, numbers, prices_for_held
from ..errors import ArgumentError, UndefinedError, say
from .contract import CONTRACTS, pnl, settled_value
from .liquidation import liquidating_ratio, tiered_root
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
    underlyings: Sequence[str | float | None] | None = None,
) -> Array:
    """The price of each contract, other coins at their mark, at which the whole account is liquidated, (N,).

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
        underlyings: N labels, texts or numbers; equal ones are one coin, and None is a coin of its own.

    NaN: no position (which needs no price), or no price above zero that liquidates, which a DataWarning says.
    Raises ArgumentError (bounds, lengths, no position at all), MissingDataError (a held contract lacks a price) and
    UndefinedError (the account is below maintenance already).
    """
    kind = choice(contract, "contract", CONTRACTS)
    held, entries, marks, face = _book(quantities, entry_prices, mark_prices, multiplier)
    rates = numbers(maintenance_rates, "maintenance_rates", held.size, at_least=0, below=1)
    given = 0.0 if maintenance_amounts is None else maintenance_amounts
    amounts = numbers(given, "maintenance_amounts", held.size, at_least=0)
    values = settled_value(held, marks, kind, face)
    owed, amounts = np.abs(values) * rates, np.where(held == 0, 0.0, amounts)
    headroom = _headroom(wallet_balance, pnl(held, entries, marks, kind, face), owed - amounts)

    same = _same_coin(underlyings, held.size)
    value, due = same @ values, same @ owed
    # The amounts of the coin stand in its maintenance and in its cushion alike, and cancel.
    ratios = liquidating_ratio(value, due, headroom + due, kind)
    prices = np.where(held == 0, np.nan, marks * ratios)
    _say_safe(np.isnan(prices) & (held != 0))
    return prices


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
    behind = _headroom(wallet_balance, pnl(held, entries, marks, kind, face), needed) + needed
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


def _same_coin(underlyings: Sequence[str | float | None] | None, contracts: int) -> Array:
    """1 where the contract of the row and that of the column are of one coin, else 0, (N, N)."""
    if underlyings is None:
        return np.eye(contracts)
    if len(underlyings) != contracts:
        raise ArgumentError(
            f"underlyings has {len(underlyings)} labels where {contracts} are needed, one for each contract"
        )
    same = np.array([[one is not None and one == other for other in underlyings] for one in underlyings])
    return np.where(np.eye(contracts), 1.0, same)


def _headroom(wallet_balance: float, profits: Array, needed: Array) -> float:
    """Equity at the marks beyond the maintenance of all positions."""
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
    return headroom


def _say_safe(safe: Mask) -> None:
    if not safe.any():
        return
    first, more = int(np.argmax(safe)) + 1, int(safe.sum()) - 1
    also = f", nor the coins of {more} more positions" if more else ""
    say(f"no price above 0 of the coin at position {first} alone liquidates the account{also}")
