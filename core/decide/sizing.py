"""Position size by volatility: hold as much as makes the forecast volatility of the position the wanted one.

    leverage = min(target_volatility / volatility, max_leverage)
    contracts = equity * leverage / price, rounded toward zero to the lot

A forecast of 10/7 of the target makes the position 30 % smaller than equity.

Source: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_vector, numbers
from ..market.contract import round_to_lot

__all__ = ["volatility_leverage", "volatility_size"]

Array = NDArray[np.float64]


def volatility_leverage(volatility: ArrayLike, target_volatility: ArrayLike, max_leverage: ArrayLike = 3) -> Array:
    """Leverage of each contract `(N,)`: min(target / volatility, max_leverage); each argument `(N,)` or one for all.

    Both volatilities over the same period (annual with annual), above zero (a target of zero asks for no position).
    Raises ArgumentError, MissingDataError for a gap.
    """
    size = _common_size(volatility, target_volatility, max_leverage)
    forecast = numbers(volatility, "volatility", size, above=0)
    target = numbers(target_volatility, "target_volatility", size, at_least=0)
    return np.minimum(target / forecast, numbers(max_leverage, "max_leverage", size, above=0))


def volatility_size(
    equity: ArrayLike,
    price: ArrayLike,
    volatility: ArrayLike,
    target_volatility: ArrayLike,
    max_leverage: ArrayLike = 3,
    lot_size: ArrayLike = 0,
) -> Array:
    """Contracts `(N,)` whose notional is equity x leverage, rounded toward zero to `lot_size` (0: not rounded).

    `equity` and `price` in the quote currency; linear contracts of one unit; each argument `(N,)` or one for all.
    Raises ArgumentError, MissingDataError.
    """
    size = _common_size(equity, price, volatility, target_volatility, max_leverage, lot_size)
    leverage = as_vector(volatility_leverage(volatility, target_volatility, max_leverage), "volatility", size)
    capital = numbers(equity, "equity", size, at_least=0)
    prices = numbers(price, "price", size, above=0)
    return round_to_lot(capital * leverage / prices, numbers(lot_size, "lot_size", size, at_least=0))


def _common_size(*arguments: ArrayLike) -> int:
    """How many contracts the arguments speak of together."""
    return max(np.size(argument) for argument in arguments)
