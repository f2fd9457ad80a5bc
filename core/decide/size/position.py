"""Position size: as much of a contract as keeps the risk of the position what it may be.

By volatility, so that the position swings as much as wanted:

    leverage  = min(target_volatility / volatility, max_leverage)
    contracts = equity x leverage / price

By average true range (ATR), so that a move of some ranges against it loses a fixed share of equity:

    contracts = min(risk_fraction x equity / (atr_multiple x ATR), max_leverage x equity / price)

Both are rounded toward zero to the lot. A forecast of 10/7 of the target makes the position 30 % smaller than equity;
1 % of $1M at a range of $0.0141 a gallon is 709,220 gallons, 16 contracts of 42,000.

Sources: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017); Faith, Way of the Turtle
(2007), "Original Turtle Trading Rules" (its N is the ATR, its unit has a multiple of 1, its stop one of 2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, common_size, numbers
from ...errors import say
from ...market.contract import round_to_lot

__all__ = ["atr_size", "volatility_leverage", "volatility_size"]


def volatility_leverage(volatility: ArrayLike, target_volatility: ArrayLike, max_leverage: ArrayLike = 3) -> Array:
    """Leverage of each contract `(N,)`: min(target / volatility, max_leverage); each argument `(N,)` or one for all.

    Both volatilities over the same period (annual with annual), above zero (a target of zero asks for no position).
    Raises ArgumentError, MissingDataError for a gap.
    """
    size = common_size(volatility, target_volatility, max_leverage)
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
    size = common_size(equity, price, volatility, target_volatility, max_leverage, lot_size)
    leverage = as_vector(volatility_leverage(volatility, target_volatility, max_leverage), "volatility", size)
    capital = numbers(equity, "equity", size, at_least=0)
    prices = numbers(price, "price", size, above=0)
    return _in_whole_lots(capital * leverage / prices, numbers(lot_size, "lot_size", size, at_least=0))


def atr_size(
    equity: ArrayLike,
    price: ArrayLike,
    atr: ArrayLike,
    risk_fraction: ArrayLike,
    atr_multiple: ArrayLike = 2,
    max_leverage: ArrayLike = 3,
    lot_size: ArrayLike = 0,
) -> Array:
    """Contracts `(N,)` that lose `risk_fraction` of equity when the price moves `atr_multiple` x `atr` against them.

    Linear contracts of one unit; each argument is `(N,)` or one for all.

    Args:
        equity: of the account or set aside for the position, in quote currency.
        price: quote a contract.
        atr: average true range, quote a contract; a contract that does not move (0) is held up to `max_leverage`.
        risk_fraction: share of equity that may be lost, 0 to 1.
        atr_multiple: ranges in the move that may lose it.
        max_leverage: largest notional, in times equity.
        lot_size: step of a position in contracts, rounded toward zero; 0 is not rounded.

    Raises ArgumentError, MissingDataError for a gap.
    """
    size = common_size(equity, price, atr, risk_fraction, atr_multiple, max_leverage, lot_size)
    capital = numbers(equity, "equity", size, at_least=0)
    prices = numbers(price, "price", size, above=0)
    share = numbers(risk_fraction, "risk_fraction", size, at_least=0, at_most=1)
    adverse = numbers(atr, "atr", size, at_least=0) * numbers(atr_multiple, "atr_multiple", size, above=0)
    most = capital * numbers(max_leverage, "max_leverage", size, above=0) / prices
    at_risk = np.divide(share * capital, adverse, out=np.where(share > 0, np.inf, 0.0), where=adverse > 0)
    return _in_whole_lots(np.minimum(at_risk, most), numbers(lot_size, "lot_size", size, at_least=0))


def _in_whole_lots(contracts: Array, lots: Array) -> Array:
    """Rounded toward zero; a DataWarning says where one lot is already more than the size."""
    rounded = round_to_lot(contracts, lots)
    nothing = (contracts > 0) & (rounded == 0)
    if nothing.any():
        first = int(np.argmax(nothing))
        say(
            f"lot_size is {lots[first]:g} at position {first + 1} where the size is {contracts[first]:.4g}; "
            "one lot is too much, so nothing is held"
        )
    return rounded
