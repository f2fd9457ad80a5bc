"""The two kinds of perpetual contract, and the lots they trade in.

    linear     margined in the quote currency: quantity in coins        P&L = q (p1 - p0)
    inverse    margined in the coin: quantity in contracts of a fixed   P&L = q m (1/p0 - 1/p1)  in coin
               quote value m (the multiplier)

Positive quantities are long. An inverse long gains at most q m / p0 coins however high the price rises, and
loses coins ever faster as it falls: the collateral falls with it.

Source: Hull, "Options, Futures, and Other Derivatives", ch. 2; exchanges' contract pages for the inverse form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, choice, positive_prices, together
from ..errors import ArgumentError, MissingDataError

__all__ = ["CONTRACTS", "ROUNDINGS", "inverse_pnl", "linear_pnl", "notional", "round_to_lot"]

CONTRACTS = ("linear", "inverse")
ROUNDINGS = ("toward_zero", "nearest")

LOT_NOISE = 1e-9
"""Distance from a whole lot, in lots, that is read as floating-point noise (0.1 + 0.2 is three lots of 0.1)."""

RELATIVE_NOISE = 1e-12
"""The same for large positions, as a share of the number of lots."""


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


def notional(quantity: ArrayLike, price: ArrayLike, contract: str = "linear", multiplier: ArrayLike = 1.0) -> Array:
    """Signed value of a position in the quote currency: q p when linear, q m whatever the price when inverse.

    Shapes: any that broadcast. `multiplier` counts for inverse contracts only. NaN passes through.
    Raises ArgumentError (price not above zero, unknown contract, shapes that do not fit).
    """
    amount, level, size = together(quantity=quantity, price=price, multiplier=multiplier)
    level = _prices(level, "price")
    return amount * (level if choice(contract, "contract", CONTRACTS) == "linear" else size)


def round_to_lot(quantity: ArrayLike, lot_size: ArrayLike, how: str = "toward_zero") -> Array:
    """`quantity` as a whole number of lots; a lot of 0 leaves it as it is.

    Shapes: any that broadcast. "toward_zero" never trades more than asked; "nearest" sends halves away from zero.
    Floating-point noise does not cost a lot: 0.1 + 0.2 is three lots of 0.1, and so is 0.29999999999999999.
    NaN passes through. Raises ArgumentError (negative lot, unknown `how`) and MissingDataError (lot missing).
    """
    how = choice(how, "how", ROUNDINGS)
    amount, lot = together(quantity=quantity, lot_size=lot_size)
    if np.isnan(lot).any():
        raise MissingDataError("lot_size is missing; enter the contract's lot, or 0 for no rounding")
    if (lot < 0).any():
        raise ArgumentError(f"lot_size is {lot.min():g}; it must be at least 0")

    step = np.where(lot > 0, lot, 1.0)
    lots = amount / step
    whole = np.rint(lots)
    noise = np.maximum(LOT_NOISE, RELATIVE_NOISE * np.abs(lots))
    down = np.trunc(lots) if how == "toward_zero" else np.copysign(np.floor(np.abs(lots) + 0.5), lots)
    counted = np.where(np.abs(lots - whole) <= noise, whole, down)

    # A lot of 0.001 is not a binary fraction but its inverse, 1000, is exact: divide by it for the nearest double.
    inverse = np.rint(1 / step)
    decimal = (inverse > 0) & (np.abs(inverse * step - 1) <= RELATIVE_NOISE)
    rounded = np.where(decimal, counted / np.where(decimal, inverse, 1.0), counted * step)
    return np.where(lot > 0, rounded, amount) + 0.0  # + 0.0 turns -0.0 into 0.0


def _prices(prices: Array, name: str) -> Array:
    positive_prices(np.atleast_1d(prices), name)
    return prices
