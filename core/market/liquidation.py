"""Liquidation price: where what is left of the collateral is what the venue asks to be held.

With collateral C, entry p0, and a maintenance margin of rate r on the value less an amount a, equity meets maintenance

    linear     C + q (p - p0) = |q| p r - a              p = (C + a - q p0) / (|q| r - q)
    inverse    C + q (1/p0 - 1/p) = |q| r / p - a        p = (q + |q| r) / (C + a + q / p0)

The venues differ in what they put for r and a (V0 is the value at entry, in the currency of settlement):

    amount                      r = rate           a = amount                       Binance, CoinEx, ApolloX
    rate_and_fee                r = rate + fee     a = 0                            OKX, Gate, KuCoin
    initial_less_maintenance    r = 0              a = amount - V0 rate             Bybit and KuCoin isolated, Phemex

The last reckons maintenance once, at the entry: p = p0 -/+ (C - M0) / |q|, where C is the initial margin and whatever
margin was added. With r = a = 0 the root is the bankruptcy price, at which no equity is left.

A linear long whose collateral is its whole value, and an inverse short likewise, are never liquidated: no price above
zero solves the equation. Where the rate depends on the size, the price is that of the tier met first (`tiers`).

Sources: Binance, "How to Calculate Liquidation Price of USDⓈ-M Futures Contracts" and "... of COIN-M Futures
Contracts"; Gate, liquidation price of linear and inverse contracts; Bybit, "Liquidation Price (USDT Contract)" and
"Liquidation Price Calculation under Isolated Mode"; KuCoin, "How to Calculate the Liquidation Price".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array, Mask
from ..checks import choice, common_size, numbers
from ..errors import ArgumentError, UndefinedError, say
from ..tolerances import ROUNDING
from .contract import CONTRACTS, round_to_tick, settled_value
from .tiers import Tiers, tier_tables, tiered_maintenance

__all__ = [
    "STYLES",
    "bankruptcy_price",
    "liquidating_ratio",
    "liquidation_price",
    "liquidation_root",
    "safe_tick",
    "tiered_liquidation_price",
    "tiered_root",
]

STYLES = ("amount", "rate_and_fee", "initial_less_maintenance")


def liquidation_price(
    quantity: ArrayLike,
    entry_price: ArrayLike,
    collateral: ArrayLike,
    maintenance_rate: ArrayLike,
    maintenance_amount: ArrayLike = 0.0,
    taker_fee: ArrayLike = 0.0,
    contract: str = "linear",
    style: str = "amount",
    multiplier: ArrayLike = 1.0,
) -> Array:
    """Price at which each isolated position is liquidated, (N,).

    Each number is (N,) or one for all.

    Args:
        quantity: coins (linear) or contracts of `multiplier` (inverse, quanto); positive = long, never 0.
        entry_price: quote a coin.
        collateral: wallet balance, or margin posted, in the currency of settlement.
        maintenance_rate: share of the value that must be held, decimals.
        maintenance_amount: what is taken off it, in the currency of settlement.
        taker_fee: share of the value charged on closing, decimals; for "rate_and_fee".
        contract: "linear", "inverse" or "quanto".
        style: how the venue counts maintenance: "amount", "rate_and_fee" or "initial_less_maintenance".
        multiplier: inverse: quote a contract, so with 1 the quantity is the face value; quanto: coins of settlement a
            unit of price.

    NaN: a position that no price above zero liquidates, or whose collateral does not cover maintenance at entry; a
    DataWarning names the first of each. What a style does not use (`taker_fee`, or the amount in "rate_and_fee") is
    left out, and a DataWarning says so.
    Raises ArgumentError (bounds, quantity of 0, unknown contract or style), MissingDataError (a value is missing) and
    UndefinedError (no collateral covers maintenance at entry).
    """
    kind, way = choice(contract, "contract", CONTRACTS), choice(style, "style", STYLES)
    size = common_size(quantity, entry_price, collateral, maintenance_rate, maintenance_amount, taker_fee, multiplier)
    entry, held, posted, face = _position(quantity, entry_price, collateral, multiplier, size)
    rate = numbers(maintenance_rate, "maintenance_rate", size, at_least=0, below=1)
    amount = numbers(maintenance_amount, "maintenance_amount", size, at_least=0)
    fee = numbers(taker_fee, "taker_fee", size, at_least=0, below=1)
    _say_unused(amount, fee, way)

    value = np.abs(settled_value(held, entry, kind, face))
    if way == "rate_and_fee":
        rate, amount = rate + fee, np.zeros(size)
    needed = value * rate - amount
    if way == "initial_less_maintenance":
        rate, amount = np.zeros(size), -needed
    prices = liquidation_root(held, entry, posted, rate, amount, kind, face)
    return _stated(prices, held, posted, needed, value)


def tiered_liquidation_price(
    quantity: ArrayLike,
    entry_price: ArrayLike,
    collateral: ArrayLike,
    tiers: Tiers | Sequence[Tiers],
    contract: str = "linear",
    multiplier: ArrayLike = 1.0,
) -> Array:
    """As `liquidation_price` in style "amount", with rate and amount of the tier that holds the value at that price.

    `tiers` is one table for all or one a position; for inverse and quanto contracts its notionals are in coin.
    """
    kind = choice(contract, "contract", CONTRACTS)
    asked = common_size(quantity, entry_price, collateral, multiplier)
    size = max(asked, 1 if isinstance(tiers, Tiers) else len(tiers))
    entry, held, posted, face = _position(quantity, entry_price, collateral, multiplier, size)
    tables = tier_tables(tiers, size, "position")
    value = np.abs(settled_value(held, entry, kind, face))
    prices = tiered_root(held, entry, posted, tables, kind, face)
    return _stated(prices, held, posted, tiered_maintenance(tables, value), value)


def bankruptcy_price(
    quantity: ArrayLike,
    entry_price: ArrayLike,
    collateral: ArrayLike,
    contract: str = "linear",
    multiplier: ArrayLike = 1.0,
) -> Array:
    """Price at which no equity is left, (N,): at it a liquidated position is closed for good.

    Shapes, units and NaN as in `liquidation_price`, but for positions that keep equity at any price nothing is said.
    Raises ArgumentError (bounds, quantity of 0, unknown contract) and MissingDataError (a value is missing).
    """
    kind = choice(contract, "contract", CONTRACTS)
    size = common_size(quantity, entry_price, collateral, multiplier)
    entry, held, posted, face = _position(quantity, entry_price, collateral, multiplier, size)
    return liquidation_root(held, entry, posted, np.zeros(size), np.zeros(size), kind, face)


def safe_tick(price: ArrayLike, quantity: ArrayLike, tick_size: ArrayLike) -> Array:
    """A liquidation or stop price on the grid of ticks, rounded to the side on which it comes sooner: up for a long.

    Shapes: any that broadcast. NaN passes through. Raises as `round_to_tick`.
    """
    is_long = np.asarray(quantity, dtype=np.float64) > 0
    return np.where(is_long, round_to_tick(price, tick_size, "up"), round_to_tick(price, tick_size, "down"))


def liquidation_root(
    quantity: Array,
    entry: Array,
    collateral: Array,
    rate: Array,
    amount: Array,
    contract: str = "linear",
    multiplier: Array | float = 1.0,
) -> Array:
    """The price above zero at which equity is value x rate - amount, NaN where there is none; arrays that broadcast.

    Nothing is checked: this is the one formula that the functions of liquidation share.

    Args:
        quantity: coins (linear) or contracts of `multiplier`; positive = long.
        entry: price at which profit begins to count, quote a coin.
        collateral: equity at that price, in the currency of settlement.
        rate: maintenance as a share of the value, decimals.
        amount: what is taken off it, in the currency of settlement.
        contract: "linear", "inverse" or "quanto".
        multiplier: size of a contract that is not linear.
    """
    held = quantity * (multiplier if contract != "linear" else 1.0)
    value = held / entry if contract == "inverse" else held * entry
    return entry * liquidating_ratio(value, np.abs(value) * rate, collateral + amount, contract)


def liquidating_ratio(value: Array, owed: Array, cushion: Array, contract: str = "linear") -> Array:
    """The ratio of a price to the one at which profit begins to count, where equity is what must be held.

    Of one position, or, summed over several, of all that move together by that ratio; NaN where none above zero is.
    Nothing is checked.

    Args:
        value: signed, at the first price, in the currency of settlement.
        owed: maintenance on it by the rate alone.
        cushion: equity at that price and the amounts taken off the maintenance.
        contract: "linear", "inverse" or "quanto".
    """
    above, below = (value + owed, cushion + value) if contract == "inverse" else (cushion - value, owed - value)
    ratio = np.divide(above, below, out=np.full(np.broadcast(above, below).shape, np.nan), where=below != 0)
    return np.where((ratio > ROUNDING) & (ratio * ROUNDING < 1), ratio, np.nan)


def tiered_root(
    quantity: Array,
    entry: Array,
    collateral: Array,
    tables: Sequence[Tiers],
    contract: str = "linear",
    multiplier: Array | float = 1.0,
) -> Array:
    """As `liquidation_root` under tiers, (N,): one table for all positions or one each.

    Maintenance is the greatest of the tiers' lines, so equity meets it where it meets the first line on its way: the
    highest of the roots for a long, which falls to it, and the lowest for a short. That root lies in its own tier.
    """
    faces = np.broadcast_to(multiplier, quantity.shape)
    helds, entries, posteds, sizes = (np.split(each, len(tables)) for each in (quantity, entry, collateral, faces))
    return np.concatenate(
        [
            _first_met(table, held, first, posted, size, contract)
            for table, held, first, posted, size in zip(tables, helds, entries, posteds, sizes, strict=True)
        ]
    )


def _first_met(
    table: Tiers, quantity: Array, entry: Array, collateral: Array, multiplier: Array, contract: str
) -> Array:
    """The root of the first line met on the way to liquidation, over all lines of one table, (N,)."""
    held, first, posted, face = (each[:, np.newaxis] for each in (quantity, entry, collateral, multiplier))
    lines = (table.maintenance_rate, table.maintenance_amount)
    roots = liquidation_root(held, first, posted, *lines, contract, face)
    highest = np.where(np.isnan(roots), -np.inf, roots).max(axis=1)
    lowest = np.where(np.isnan(roots), np.inf, roots).min(axis=1)
    met = np.where(quantity > 0, highest, lowest)
    return np.where(np.isfinite(met), met, np.nan)


def _position(
    quantity: ArrayLike, entry_price: ArrayLike, collateral: ArrayLike, multiplier: ArrayLike, size: int
) -> tuple[Array, Array, Array, Array]:
    """Entry prices, quantities, collateral and multipliers, each (size,). Raises ArgumentError, MissingDataError."""
    held = numbers(quantity, "quantity", size)
    if (held == 0).any():
        raise ArgumentError(
            f"quantity is 0 at position {int(np.argmax(held == 0)) + 1}; nothing is held that could be liquidated"
        )
    return (
        numbers(entry_price, "entry_price", size, above=0),
        held,
        numbers(collateral, "collateral", size, above=0),
        numbers(multiplier, "multiplier", size, above=0),
    )


def _say_unused(amount: Array, fee: Array, style: str) -> None:
    name = "taker_fee" if style != "rate_and_fee" else "maintenance_amount"
    if (fee if name == "taker_fee" else amount).any():
        say(f"{name} has no part in style '{style}' and is left out")


def _stated(prices: Array, quantity: Array, collateral: Array, maintenance: Array, value: Array) -> Array:
    """`prices`, NaN where maintenance is not covered at entry; what is missing is said.

    Raises UndefinedError where none is covered.
    """
    due: Mask = collateral < maintenance - ROUNDING * value
    prices = np.where(due, np.nan, prices)
    if due.any():
        first, place = _first(due)
        reason = (
            f"collateral{place} is {collateral[first]:g}, below the maintenance margin {maintenance[first]:g} already "
            "at entry_price, so the liquidation price lies beyond it; add collateral, or check that the rate is a "
            "decimal (1 % = 0.01)"
        )
        if due.all():
            raise UndefinedError(reason)
        say(reason)
    safe = np.isnan(prices) & ~due
    if safe.any():
        first, place = _first(safe)
        side = "long" if quantity[first] > 0 else "short"
        said = f"the collateral of the {side}{place} covers it at any price; no price above 0 liquidates it"
        say(said)
    return prices


def _first(positions: Mask) -> tuple[int, str]:
    """The first of the positions marked, and the words for its place among several."""
    first = int(np.argmax(positions))
    return first, f" at position {first + 1}" if positions.size > 1 else ""
