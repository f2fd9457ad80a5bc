"""What is open on positions: profit since entry, and funding paid since.

    profit      linear    q (p - p0)
                inverse   q (1/p0 - 1/p) coins, worth q (p/p0 - 1) in quote at the price p now; q in quote
    funding     paid at each settlement after entry, value x rate: q p_t f_t (linear), q f_t (inverse), in quote

Sources: those of `market.contract`; exchanges' pages on unrealised P&L and funding fees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, numbers, positive_prices
from ...errors import ArgumentError
from ...market.contract import in_quote, inverse_pnl, linear_pnl

__all__ = ["funding_since", "open_profit"]


def open_profit(quantities: ArrayLike, entries: ArrayLike, prices: ArrayLike, inverse: ArrayLike) -> Array:
    """Profit of each position at the price now, in quote, `(N,)`; NaN where it has no entry price.

    Shapes: all `(N,)`. `quantities` in coins, of an inverse contract in quote (contracts of 1); negative is short.
    Raises ArgumentError (lengths, price not above zero), MissingDataError (no quantity).
    """
    held = numbers(quantities, "quantities")
    first = positive_prices(as_vector(entries, "entries", held.size), "entries")
    now = positive_prices(as_vector(prices, "prices", held.size), "prices")
    coin = in_quote(inverse_pnl(held, first, now), now)
    return np.where(numbers(inverse, "inverse", held.size) != 0, coin, linear_pnl(held, first, now))


def funding_since(
    quantities: ArrayLike, inverse: ArrayLike, prices: ArrayLike, rates: ArrayLike, since: ArrayLike
) -> Array:
    """Funding paid (+) or received (-) of each position over the rows where it was held, in quote, `(N,)`.

    Shapes: `quantities` and `inverse` `(N,)`; `prices`, `rates` (NaN: none settled) and `since` (true where the
    position was open when the row settled) `(T, N)`. A settlement without a price of its own is paid at the price
    before it; NaN where there is none. Raises ArgumentError (shapes), MissingDataError.
    """
    held = numbers(quantities, "quantities")
    levels, settled = positive_prices(as_matrix(prices, "prices")), as_matrix(rates, "rates")
    opened = np.asarray(since, dtype=np.bool_)
    aligned(levels, "prices", settled, "rates")
    if not levels.shape == settled.shape == opened.shape == (len(levels), held.size):
        raise ArgumentError(f"prices, rates and since take one column for each of {held.size} quantities")
    value = np.where(numbers(inverse, "inverse", held.size) != 0, 1.0, _last_known(levels)) * held
    paid = np.where(opened & (settled == settled) & (settled != 0), value * np.nan_to_num(settled), 0.0)
    return np.asarray(paid.sum(axis=0))


def _last_known(prices: Array) -> Array:
    """Each price, or the last one before it; NaN where there is none yet."""
    rows = np.where(np.isnan(prices), 0, np.arange(len(prices))[:, np.newaxis])
    return np.take_along_axis(prices, np.maximum.accumulate(rows, axis=0), axis=0)
