"""The average entry of a position that is traded: what is added counts at its price, what is taken off changes nothing.

    added to          linear    (q e + t p) / (q + t)            inverse    (q + t) / (q / e + t / p)
    taken off         e
    opened, turned    p

An inverse contract is worth a fixed sum of quote, so its entries are averaged in coin: profit is the same before and
after. A position whose entry is not known has none after a trade either, unless that opens it anew.

Source: exchanges' pages on the average entry price; the profit is that of `contract`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import as_vector, numbers

__all__ = ["entry_after"]


def entry_after(
    held: ArrayLike, entries: ArrayLike, traded: ArrayLike, prices: ArrayLike, inverse: ArrayLike = False
) -> Array:
    """Average entry of each position after a trade at `prices`, `(N,)`.

    Shapes: `(N,)`, or one for all. Units: `held` and `traded` in contracts, positive = long or bought; prices in quote
    a coin, above zero. NaN: no position is left, or its entry is not known. Raises ArgumentError (bounds, lengths),
    MissingDataError (a quantity, or the price of a trade, is missing).
    """
    before = numbers(held, "held")
    size = before.size
    trade = numbers(traded, "traded", size)
    first = as_vector(entries, "entries", size)
    price = numbers(np.where(trade != 0, as_vector(prices, "prices", size), 1.0), "prices", size, above=0)
    numbers(np.where(np.isnan(first), 1.0, first), "entries", size, above=0)
    in_coin = np.broadcast_to(np.asarray(inverse, dtype=np.bool_), before.shape)
    after = before + trade
    side = np.sign(before)
    with np.errstate(divide="ignore", invalid="ignore"):
        linear = (before * first + trade * price) / after
        coins = after / (before / first + trade / price)
    grown = np.where(trade == 0, first, np.where(in_coin, coins, linear))
    kept = np.where(side * trade < 0, first, grown)
    return np.where(after == 0, np.nan, np.where(np.sign(after) == side, kept, price))
