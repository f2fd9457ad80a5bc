"""The kinds of perpetual contract: what they earn, cost and pay, and the lots and ticks they trade in.

    linear     settled in the quote currency: q in coins            value = q p        P&L = q (p1 - p0)
    inverse    settled in the coin: q in contracts of a fixed       value = q m / p    P&L = q m (1/p0 - 1/p1)
               quote value m (the multiplier)
    quanto     settled in another coin: q in contracts that pay     value = q m p      P&L = q m (p1 - p0)
               m of it (the multiplier) for each unit of price

    fee        = |value| x rate      maker or taker; a negative maker rate is a rebate
    funding    = -value x rate       longs pay shorts when the rate is positive

Positive quantities are long; value, P&L, fee and funding are in the currency of settlement. An inverse long gains at
most q m / p0 coins however high the price rises, and loses coins ever faster as it falls: the collateral falls with
it. A quanto (BitMEX ETHUSD: 0.000001 XBT a dollar) pays in bitcoin at a fixed rate, whatever bitcoin is worth.

Source: Hull, "Options, Futures, and Other Derivatives", ch. 2 (futures) and 30 (quantos); BitMEX, "Inverse Perpetual
Contracts Guide" and "Quanto Perpetual Contracts Guide".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import choice, positive_prices, together
from ..errors import ArgumentError, MissingDataError
from ..tolerances import ACTIVE, ROUNDING

__all__ = [
    "CONTRACTS",
    "ROUNDINGS",
    "TICK_ROUNDINGS",
    "fee",
    "funding_payment",
    "in_coin",
    "in_quote",
    "inverse_pnl",
    "linear_pnl",
    "notional",
    "pnl",
    "quanto_pnl",
    "round_to_lot",
    "round_to_tick",
    "settled_value",
]

CONTRACTS = ("linear", "inverse", "quanto")
ROUNDINGS = ("toward_zero", "nearest")
TICK_ROUNDINGS = ("nearest", "up", "down")


def linear_pnl(quantity: ArrayLike, entry: ArrayLike, exit: ArrayLike) -> Array:
    """Profit of a linear contract in the quote currency, q (p1 - p0).

    Shapes: any that broadcast. Units: quantity in coins, prices in quote a coin. NaN passes through.
    Raises ArgumentError (price not above zero, shapes that do not fit).
    """
    amount, first, last = together(quantity=quantity, entry=entry, exit=exit)
    return amount * (_prices(last, "exit") - _prices(first, "entry"))


def inverse_pnl(quantity: ArrayLike, entry: ArrayLike, exit: ArrayLike, multiplier: ArrayLike = 1.0) -> Array:
    """Profit of an inverse contract in coin, q m (1/p0 - 1/p1).

    Shapes: any that broadcast. Units: quantity in contracts, `multiplier` in quote a contract. NaN passes through.
    Raises ArgumentError (price not above zero, shapes that do not fit).
    """
    amount, first, last, size = together(quantity=quantity, entry=entry, exit=exit, multiplier=multiplier)
    first, last = _prices(first, "entry"), _prices(last, "exit")
    # (p1 - p0) / p0 / p1 is the same difference without the cancellation of 1/p0 - 1/p1.
    return amount * size * ((last - first) / first / last)


def quanto_pnl(quantity: ArrayLike, entry: ArrayLike, exit: ArrayLike, multiplier: ArrayLike) -> Array:
    """Profit of a quanto contract in the coin of settlement, q m (p1 - p0).

    Shapes: any that broadcast. Units: quantity in contracts, `multiplier` in coins of settlement a unit of price.
    NaN passes through. Raises ArgumentError (price not above zero, shapes that do not fit).
    """
    amount, size = together(quantity=quantity, multiplier=multiplier)
    return linear_pnl(amount * size, entry, exit)


def pnl(
    quantity: ArrayLike, entry: ArrayLike, exit: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0
) -> Array:
    """Profit in the currency of settlement, by the kind of contract; `multiplier` does not count for a linear one.

    Shapes, units, NaN and errors as in `linear_pnl`, `inverse_pnl` and `quanto_pnl`; ArgumentError for another kind.
    """
    kind = choice(contract, "contract", CONTRACTS)
    if kind == "linear":
        return linear_pnl(quantity, entry, exit)
    return (inverse_pnl if kind == "inverse" else quanto_pnl)(quantity, entry, exit, multiplier)


def notional(quantity: ArrayLike, price: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0) -> Array:
    """Signed value of a position in the quote currency: q p when linear, q m whatever the price when inverse.

    Shapes: any that broadcast. `multiplier` counts for inverse contracts only. NaN passes through.
    Raises ArgumentError (price not above zero, unknown contract, shapes that do not fit).
    """
    amount, level, size = together(quantity=quantity, price=price, multiplier=multiplier)
    level = _prices(level, "price")
    return amount * (level if choice(contract, "contract", CONTRACTS[:2]) == "linear" else size)


def settled_value(
    quantity: ArrayLike, price: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0
) -> Array:
    """Signed value in the currency of settlement, on which margin, fees and funding are reckoned.

    q p when linear, q m / p when inverse, q m p when quanto. Shapes: any that broadcast. NaN passes through.
    Raises ArgumentError (price not above zero, unknown contract, shapes that do not fit).
    """
    amount, level, size = together(quantity=quantity, price=price, multiplier=multiplier)
    level = _prices(level, "price")
    kind = choice(contract, "contract", CONTRACTS)
    if kind == "linear":
        return amount * level
    return amount * size * (level if kind == "quanto" else 1 / level)


def fee(
    quantity: ArrayLike, price: ArrayLike, rate: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0
) -> Array:
    """Fee of a trade in the currency of settlement, |value| x rate; a negative maker rate is a rebate, received.

    Shapes: any that broadcast. Units: `rate` a decimal of the value. NaN passes through. Raises as `settled_value`.
    """
    value, share = together(value=settled_value(quantity, price, contract, multiplier), rate=rate)
    return np.abs(value) * share


def funding_payment(
    quantity: ArrayLike, mark_price: ArrayLike, rate: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0
) -> Array:
    """Cash received at one settlement of funding, -value at the mark x rate: a long pays a positive rate.

    Shapes: any that broadcast. Units: `rate` a decimal a settlement; cash in the currency of settlement.
    NaN passes through. Raises as `settled_value`.
    """
    value, share = together(value=settled_value(quantity, mark_price, contract, multiplier), rate=rate)
    return -value * share


def in_quote(coins: ArrayLike, coin_price: ArrayLike) -> Array:
    """Money held in coin, such as the equity behind inverse and quanto contracts, in the quote currency.

    Shapes: any that broadcast. NaN passes through. Raises ArgumentError (price not above zero).
    """
    amount, level = together(coins=coins, coin_price=coin_price)
    return amount * _prices(level, "coin_price")


def in_coin(money: ArrayLike, coin_price: ArrayLike) -> Array:
    """Money in the quote currency as an amount of coin, the inverse of `in_quote`."""
    amount, level = together(money=money, coin_price=coin_price)
    return amount / _prices(level, "coin_price")


def round_to_lot(quantity: ArrayLike, lot_size: ArrayLike, how: str = "toward_zero") -> Array:
    """`quantity` as a whole number of lots; a lot of 0 leaves it as it is.

    Shapes: any that broadcast. "toward_zero" never trades more than asked; "nearest" sends halves away from zero.
    Floating-point noise does not cost a lot: 0.1 + 0.2 is three lots of 0.1, and so is 0.29999999999999999.
    NaN passes through. Raises ArgumentError (negative lot, unknown `how`) and MissingDataError (lot missing).
    """
    how = choice(how, "how", ROUNDINGS)
    amount, lot = together(quantity=quantity, lot_size=lot_size)
    return _on_grid(amount, lot, "lot", np.trunc if how == "toward_zero" else _half_away)


def round_to_tick(price: ArrayLike, tick_size: ArrayLike, how: str = "nearest") -> Array:
    """`price` as a whole number of ticks; a tick of 0 leaves it as it is.

    Shapes: any that broadcast. "nearest" sends halves up, "up" and "down" never cross the price. Floating-point
    noise does not cost a tick. NaN passes through. Raises as `round_to_lot`.
    """
    how = choice(how, "how", TICK_ROUNDINGS)
    level, tick = together(price=price, tick_size=tick_size)
    if how == "nearest":
        return _on_grid(level, tick, "tick", _half_away)
    return _on_grid(level, tick, "tick", np.ceil if how == "up" else np.floor)


def _half_away(values: Array) -> Array:
    return np.copysign(np.floor(np.abs(values) + 0.5), values)


def _on_grid(values: Array, step: Array, name: str, rounded: Callable[[Array], Array]) -> Array:
    """`values` as whole steps, counted by `rounded` where they are not whole but for noise already."""
    if np.isnan(step).any():
        raise MissingDataError(f"{name}_size is missing; enter the contract's {name}, or 0 for no rounding")
    if (step < 0).any():
        raise ArgumentError(f"{name}_size is {step.min():g}; it must be at least 0")

    size = np.where(step > 0, step, 1.0)
    count = values / size
    whole = np.rint(count)
    noise = np.maximum(ACTIVE, ROUNDING * np.abs(count))
    counted = np.where(np.abs(count - whole) <= noise, whole, rounded(count))

    # A lot of 0.001 is not a binary fraction but its inverse, 1000, is exact: divide by it for the nearest double.
    inverse = np.rint(1 / size)
    decimal = (inverse > 0) & (np.abs(inverse * size - 1) <= ROUNDING)
    on_grid = np.where(decimal, counted / np.where(decimal, inverse, 1.0), counted * size)
    return np.where(step > 0, on_grid, values) + 0.0  # + 0.0 turns -0.0 into 0.0


def _prices(prices: Array, name: str) -> Array:
    positive_prices(np.atleast_1d(prices), name)
    return prices
