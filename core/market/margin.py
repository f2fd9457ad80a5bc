"""Margin of a cross-margined account: what it must hold, what is free, and how far liquidation is.

    initial margin        sum |q_i| p_i / max leverage_i                    needed to open
    maintenance margin    sum (|q_i| p_i x rate_i - amount_i)               needed to stay open
    margin ratio          maintenance / equity                              the account is liquidated when it passes 1
    headroom              equity - initial margin                           free for new positions
    equity                wallet balance + sum q_i (p_i - entry_i)

When all prices move by the same share x, equity becomes E + x Net and maintenance M + x R, where R = sum |q_i| p_i
rate_i, so the account meets its maintenance at the one move x = (E - M) / (R - Net).

Source: exchanges' margin pages; one rate and amount a contract stand for the tier the position is in (`tiers`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import Array
from ..checks import number, numbers, prices_for_held
from ..errors import UndefinedError, say
from ..records import dataclass
from .contract import linear_pnl, notional

__all__ = ["Margin", "cross_margin", "maintenance_margin", "margin", "margin_ratio"]


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
    maintenance_amounts: ArrayLike = 0.0,
) -> Margin:
    """Margin of linear positions that share one equity (cross margin).

    Shapes: `quantities` and `mark_prices` (N,); rates, leverages and amounts (N,) or one for all.
    Units: coins, quote a coin, quote, decimals, times, quote.
    NaN: a contract of quantity 0 needs no price. A rate above the initial margin is said through a DataWarning.
    Raises ArgumentError (bounds, lengths; equity not above zero) and MissingDataError (a value is missing).
    """
    amounts = numbers(quantities, "quantities")
    prices = prices_for_held(mark_prices, "mark_prices", amounts != 0)
    capital = number(equity, "equity", above=0)
    rates = numbers(maintenance_rates, "maintenance_rates", len(amounts), at_least=0, below=1)
    leverages = numbers(max_leverage, "max_leverage", len(amounts), above=0)
    deductions = numbers(maintenance_amounts, "maintenance_amounts", len(amounts), at_least=0)
    _warn_of_percent(rates, leverages)

    values = notional(amounts, prices)
    gross = float(np.abs(values).sum())
    net = float(values.sum())
    initial = float((np.abs(values) / leverages).sum())
    charged = float(maintenance_margin(values, rates))
    maintenance = charged - float(deductions[values != 0].sum())
    return Margin(
        gross=gross,
        net=net,
        leverage=gross / capital,
        initial_margin=initial,
        maintenance_margin=maintenance,
        margin_ratio=float(margin_ratio(maintenance, capital)),
        headroom=capital - initial,
        distance_to_liquidation=_distance(capital, net, maintenance, charged),
    )


def cross_margin(
    quantities: ArrayLike,
    entry_prices: ArrayLike,
    mark_prices: ArrayLike,
    wallet_balance: float,
    maintenance_rates: ArrayLike = 0.01,
    max_leverage: ArrayLike = 20.0,
    maintenance_amounts: ArrayLike = 0.0,
) -> Margin:
    """As `margin`, with the equity of a cross account: its wallet balance and the profit not yet realised.

    Args:
        quantities: (N,) coins; positive = long.
        entry_prices: (N,) quote a coin; a contract of quantity 0 needs neither this nor a mark.
        mark_prices: (N,) quote a coin.
        wallet_balance: in quote, before profit that is not realised.
        maintenance_rates: (N,) or one, share of the notional that must be held, decimals.
        max_leverage: (N,) or one, times; its inverse is the share that opens a position.
        maintenance_amounts: (N,) or one, in quote, taken off the maintenance margin.

    Raises as `margin`, and UndefinedError (no equity left).
    """
    amounts = numbers(quantities, "quantities")
    entries = prices_for_held(entry_prices, "entry_prices", amounts != 0)
    marks = prices_for_held(mark_prices, "mark_prices", amounts != 0)
    equity = number(wallet_balance, "wallet_balance") + float(linear_pnl(amounts, entries, marks).sum())
    if equity <= 0:
        raise UndefinedError(f"wallet_balance with unrealised profit is {equity:g}; the account has no equity left")
    return margin(amounts, marks, equity, maintenance_rates, max_leverage, maintenance_amounts)


def maintenance_margin(notionals: Array, rates: Array) -> Array:
    """Equity that positions need to stay open, sum |notional| x rate over the last axis: (..., N) -> (...)."""
    return np.asarray((np.abs(notionals) * rates).sum(axis=-1))


def margin_ratio(maintenance: ArrayLike, equity: ArrayLike) -> Array:
    """Maintenance over equity: 0 when nothing must be held, infinite when it must and no equity is left."""
    needed, held = np.broadcast_arrays(np.asarray(maintenance, float), np.asarray(equity, float))
    ratio = np.divide(needed, held, out=np.full(needed.shape, np.inf), where=held > 0)
    return np.where(needed > 0, ratio, 0.0)


def _warn_of_percent(rates: Array, leverages: Array) -> None:
    above = rates * leverages > 1
    if above.any():
        first = int(np.argmax(above))
        say(
            f"maintenance_rates is {rates[first]:g} at position {first + 1}, above the initial margin "
            f"1 / {leverages[first]:g} of max_leverage; is it in percent? write 1 % as 0.01"
        )


def _distance(equity: float, net: float, maintenance: float, charged: float) -> float:
    if maintenance > 0 and equity <= maintenance:
        return 0.0
    slope = charged - net
    if slope == 0:
        return float("nan")
    move = (equity - maintenance) / slope
    return abs(move) if move > -1 else float("nan")
