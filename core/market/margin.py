"""Margin of a cross-margined account: what it must hold, what is free, and how far liquidation is.

    initial margin        sum |q_i| p_i / max leverage_i        needed to open
    maintenance margin    sum |q_i| p_i x rate_i                needed to stay open
    margin ratio          maintenance / equity                  the account is liquidated when it passes 1
    headroom              equity - initial margin               free for new positions

When all prices move by the same share x, equity becomes E + x Net and maintenance M (1 + x), so the account meets
its maintenance at the one move x = (E - M) / (M - Net).

Source: exchanges' margin pages; one rate a contract stands for the tier the position is in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, aligned, number, numbers
from .contract import notional

__all__ = ["Margin", "maintenance_margin", "margin", "margin_ratio"]


@dataclass(frozen=True)
class Margin:
    """An account's margin, in the quote currency where it is money.

    `margin_ratio` above 1 is liquidation. `distance_to_liquidation` is the size of the smallest common relative
    move of all prices at which equity meets maintenance: 0 when it already does, NaN when no move does.
    """

    gross: float
    net: float
    leverage: float
    initial_margin: float
    maintenance_margin: float
    margin_ratio: float
    headroom: float
    distance_to_liquidation: float


def margin(
    quantities: ArrayLike,
    mark_prices: ArrayLike,
    equity: float,
    maintenance_rates: ArrayLike = 0.01,
    max_leverage: ArrayLike = 20.0,
) -> Margin:
    """Margin of linear positions that share one equity (cross margin).

    Shapes: `quantities` and `mark_prices` (N,); `maintenance_rates` and `max_leverage` (N,) or one for all.
    Units: coins, quote a coin, quote, decimals, times.
    Raises ArgumentError (bounds, lengths; equity not above zero) and MissingDataError (a value is missing).
    """
    amounts = numbers(quantities, "quantities")
    prices = numbers(mark_prices, "mark_prices", above=0)
    aligned(amounts, "quantities", prices, "mark_prices")
    capital = number(equity, "equity", above=0)
    rates = numbers(maintenance_rates, "maintenance_rates", len(amounts), at_least=0, below=1)
    leverages = numbers(max_leverage, "max_leverage", len(amounts), above=0)

    values = notional(amounts, prices)
    gross = float(np.abs(values).sum())
    net = float(values.sum())
    initial = float((np.abs(values) / leverages).sum())
    maintenance = float(maintenance_margin(values, rates))
    return Margin(
        gross=gross,
        net=net,
        leverage=gross / capital,
        initial_margin=initial,
        maintenance_margin=maintenance,
        margin_ratio=float(margin_ratio(maintenance, capital)),
        headroom=capital - initial,
        distance_to_liquidation=_distance(capital, net, maintenance),
    )


def maintenance_margin(notionals: Array, rates: Array) -> Array:
    """Equity that positions need to stay open, sum |notional| x rate over the last axis: (..., N) -> (...)."""
    return np.asarray((np.abs(notionals) * rates).sum(axis=-1))


def margin_ratio(maintenance: ArrayLike, equity: ArrayLike) -> Array:
    """Maintenance over equity: 0 when nothing must be held, infinite when it must and no equity is left."""
    needed, held = np.broadcast_arrays(np.asarray(maintenance, float), np.asarray(equity, float))
    ratio = np.divide(needed, held, out=np.full(needed.shape, np.inf), where=held > 0)
    return np.where(needed > 0, ratio, 0.0)


def _distance(equity: float, net: float, maintenance: float) -> float:
    if maintenance > 0 and equity <= maintenance:
        return 0.0
    slope = maintenance - net
    if slope == 0:
        return float("nan")
    move = (equity - maintenance) / slope
    return abs(move) if move > -1 else float("nan")
