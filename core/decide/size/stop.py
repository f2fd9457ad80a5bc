"""Stops: the price at which a position is closed by its holder, before the venue would liquidate it.

    by the loss     stop = entry (1 - loss) (long),  entry (1 + loss) (short)      loss as a share of the entry
    early           distance = min(share x |price - liquidation|, atr_multiple x ATR)
                    stop     = price - distance (long),  price + distance (short)

An early stop takes whichever is nearer. A liquidation costs its fee and is filled in the worst of markets; a stop at
half of the way there leaves half of the collateral. Two average true ranges are a move that is more than noise.

Source: Faith, Way of the Turtle (2007), "Original Turtle Trading Rules" (stops at 2 N).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, numbers
from ...errors import ArgumentError
from ...market.liquidation import safe_tick

__all__ = ["early_stop", "stop_price"]


def stop_price(quantity: ArrayLike, entry: ArrayLike, loss: ArrayLike, tick_size: ArrayLike = 0.0) -> Array:
    """Price at which each position `(N,)` has lost the share `loss` of its entry, on the tick on which it comes sooner.

    Shapes: `quantity` `(N,)`, positive = long; the others `(N,)` or one for all. Units: prices and tick in quote a
    coin, a tick of 0 rounds nothing. NaN: no position, or no `entry` or `loss` is known. Raises ArgumentError (an entry
    not above zero, a loss outside (0, 1), a negative tick), MissingDataError (a quantity or a tick is missing).
    """
    held = numbers(quantity, "quantity")
    first = as_vector(entry, "entry", held.size)
    share = as_vector(loss, "loss", held.size)
    known = (held != 0) & ~np.isnan(first) & ~np.isnan(share)
    numbers(np.where(np.isnan(first), 1.0, first), "entry", held.size, above=0)
    numbers(np.where(np.isnan(share), 0.5, share), "loss", held.size, above=0, below=1)
    exact = first * (1 - np.sign(held) * share)
    return np.where(known, safe_tick(exact, held, as_vector(tick_size, "tick_size", held.size)), np.nan)


def early_stop(
    quantity: ArrayLike,
    price: ArrayLike,
    liquidation_price: ArrayLike,
    share: ArrayLike = 0.5,
    atr: ArrayLike | None = None,
    atr_multiple: ArrayLike = 2.0,
) -> Array:
    """Stop price of each position `(N,)`, between its price and its liquidation price.

    Shapes: `quantity` `(N,)`, positive = long; the others `(N,)` or one for all. Units: prices and `atr` in quote a
    coin; `share` of the way to liquidation, in (0, 1). Where both bounds are far, a long's stop may not be positive: it
    is NaN then, as is that of no position, and of one that has neither liquidation price (NaN: nothing liquidates it)
    nor ATR (None, or NaN). Raises ArgumentError (ranges; a liquidation price on the wrong side), MissingDataError.
    """
    held = numbers(quantity, "quantity")
    level = numbers(price, "price", held.size, above=0)
    liquidation = as_vector(liquidation_price, "liquidation_price", held.size)
    part = numbers(share, "share", held.size, above=0, below=1)
    multiple = numbers(atr_multiple, "atr_multiple", held.size, above=0)
    side = np.sign(held)
    room = np.where(side != 0, side * (level - liquidation), np.nan)
    if (room <= 0).any():
        place = int(np.argmax(room <= 0))
        raise ArgumentError(
            f"liquidation_price is {liquidation[place]:g} at position {place + 1}, where a "
            f"{'long' if side[place] > 0 else 'short'} at {level[place]:g} is liquidated already; check its sign"
        )
    stop = level - side * np.fmin(part * room, multiple * _range(atr, held.size))
    return np.where((side != 0) & (stop > 0), stop, np.nan)


def _range(atr: ArrayLike | None, size: int) -> Array:
    """The average true range of each contract, NaN where it is not known."""
    if atr is None:
        return np.full(size, np.nan)
    vector = as_vector(atr, "atr", size)
    if (vector <= 0).any():
        place = int(np.argmax(vector <= 0))
        raise ArgumentError(f"atr is {vector[place]:g} at position {place + 1}; it must be above 0")
    return vector
