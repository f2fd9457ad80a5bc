"""Beta hedge: the trade in hedge contracts that brings the beta of a book to a target.

    beta of the book = (sum n_i b_i + sum h_j B_j) / capital
    trades x_j       : sum x_j B_j = (target - beta) capital         n, h: notionals held;  B: betas of the hedges

$100M long at beta 1.4, one hedge of beta 0.9, target 1.1: the trade is (1.1 - 1.4) 100 / 0.9 = -33.33M.

Several hedges: the least cost first, then the least gross of the resulting hedges. Both are sums of one straight line a
hedge (with a kink where an existing position is closed), so the cheapest beta is bought first, then the next.
Where lots are given, each trade is a whole number of them, and the last is rounded to the nearest beta attainable.

Source: Hull, Options, Futures, and Other Derivatives, section 3.5 (changing the beta of a portfolio).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_vector, finite, number, numbers, positive_prices
from ..errors import ArgumentError, DataWarning, MissingDataError
from ..market.contract import round_to_lot
from ..units import BASIS_POINT

__all__ = ["BetaHedge", "hedge_beta", "hedge_due"]

Array = NDArray[np.float64]

SMALLEST_BETA = 0.01
"""A hedge whose beta is nearer to zero would need more than a hundred times the exposure it removes."""

ROUNDING = 1e-12
"""Difference between betas that is read as rounding."""


@dataclass(frozen=True)
class BetaHedge:
    """Trades `(H,)`, buy positive: `trade_notional` and `cost` in money, `trade_contracts` NaN without a price.

    `beta_before` and `beta_after` are of the whole book, existing hedges included, on capital.
    """

    trade_notional: Array
    trade_contracts: Array
    cost: Array
    beta_before: float
    beta_after: float


def hedge_beta(
    notionals: ArrayLike,
    betas: ArrayLike,
    target_beta: float,
    hedge_betas: ArrayLike,
    capital: float | None = None,
    prices: ArrayLike | None = None,
    lot_sizes: ArrayLike | None = None,
    cost_bps: ArrayLike = 0,
    hedge_notionals: ArrayLike | None = None,
) -> BetaHedge:
    """The trades in H hedges that bring the book's beta to `target_beta`.

    `notionals` and `betas` `(N,)` of the positions, long positive (a notional of 0 needs no beta); `hedge_betas`
    `(H,)`; `capital` in money (default: gross of the notionals); `prices` and `lot_sizes` `(H,)` of the hedges, a lot
    of 0 is not rounded; `cost_bps` basis points of the notional traded; `hedge_notionals` `(H,)` held already. Where
    one lot is too large for the trade, nothing is traded and a DataWarning says so. Raises ArgumentError (no hedge
    with a usable beta, capital not above zero, lots without prices), MissingDataError.
    """
    held = finite(as_vector(notionals, "notionals"), "notionals")
    held_betas = numbers(np.where(held == 0, 0.0, as_vector(betas, "betas", held.size)), "betas")
    slopes = finite(as_vector(hedge_betas, "hedge_betas"), "hedge_betas")
    hedges = slopes.size
    target = number(target_beta, "target_beta")
    if (np.abs(slopes) < SMALLEST_BETA).all():
        raise ArgumentError(
            f"hedge_betas is {slopes[0]:g}; take a contract with a beta of at least {SMALLEST_BETA} in size"
        )
    base = float(np.abs(held).sum()) if capital is None else number(capital, "capital", above=0)
    if base == 0:
        raise ArgumentError(
            "capital is 0 because notionals has no position; state the capital on which beta is measured"
        )
    rates = finite(as_vector(cost_bps, "cost_bps", hedges), "cost_bps")
    if (rates < 0).any():
        raise ArgumentError(f"cost_bps is {rates.min():g}; it must be at least 0")
    existing = np.zeros(hedges) if hedge_notionals is None else as_vector(hedge_notionals, "hedge_notionals", hedges)
    existing = finite(existing, "hedge_notionals")
    quotes, lots = _lot_notionals(prices, lot_sizes, hedges)

    before = float(held @ held_betas + existing @ slopes) / base
    trades = _least_cost((target - before) * base, slopes, rates, existing, lots)
    _warn_of_large_lots(trades, target, before, base, slopes, lots)
    return BetaHedge(
        trade_notional=trades,
        trade_contracts=trades / quotes,
        cost=np.abs(trades) * rates * BASIS_POINT,
        beta_before=before,
        beta_after=before + float(trades @ slopes) / base,
    )


def hedge_due(beta_now: float, target_beta: float, band: float) -> bool:
    """True when beta is further than `band` from its target; on the edge nothing is due. Raises ArgumentError."""
    distance = abs(number(beta_now, "beta_now") - number(target_beta, "target_beta"))
    return distance > number(band, "band", at_least=0) + ROUNDING


def _lot_notionals(prices: ArrayLike | None, lot_sizes: ArrayLike | None, hedges: int) -> tuple[Array, Array]:
    """Prices `(H,)` with NaN where unknown, and the notional of one lot `(H,)`, 0 where trades need no rounding."""
    quotes = np.full(hedges, np.nan) if prices is None else positive_prices(as_vector(prices, "prices", hedges))
    lots = np.zeros(hedges) if lot_sizes is None else finite(as_vector(lot_sizes, "lot_sizes", hedges), "lot_sizes")
    if (lots < 0).any():
        raise ArgumentError(f"lot_sizes is {lots.min():g}; it must be at least 0, where 0 means not rounded")
    if lots.any() and prices is None:
        raise ArgumentError("lot_sizes needs prices, one for each hedge; without them lots cannot be counted")
    unpriced = (lots > 0) & np.isnan(quotes)
    if unpriced.any():
        raise MissingDataError(
            f"prices has no value at position {int(np.argmax(unpriced)) + 1}, so its lots cannot be counted; fill it in"
        )
    return quotes, np.where(lots > 0, lots * quotes, 0.0)


def _least_cost(exposure: float, slopes: Array, rates: Array, existing: Array, lots: Array) -> Array:
    """Trades whose beta-weighted sum is `exposure`, or as near to it as lots allow: the cheapest pieces first."""
    direction = np.sign(exposure) * np.sign(slopes)
    pieces = []
    for hedge in np.flatnonzero(np.abs(slopes) >= SMALLEST_BETA).tolist():
        beta = abs(slopes[hedge])
        if direction[hedge] * existing[hedge] < 0:
            pieces.append((rates[hedge] / beta, -1 / beta, hedge, abs(existing[hedge])))
        pieces.append((rates[hedge] / beta, 1 / beta, hedge, np.inf))
    wanted = np.zeros(slopes.size)
    left = abs(exposure)
    used: list[int] = []
    for _, _, hedge, room in sorted(pieces):
        amount = min(room, left / abs(slopes[hedge]))
        if amount > 0:
            wanted[hedge] += direction[hedge] * amount
            used = [*(other for other in used if other != hedge), hedge]
            left -= amount * abs(slopes[hedge])
    trades = wanted.copy()
    for hedge in used:
        # The last trade makes up for what whole lots of the others left open.
        is_last = hedge == used[-1]
        missing = exposure - trades @ slopes if is_last else 0.0
        trades[hedge] = round_to_lot(
            wanted[hedge] + missing / slopes[hedge], lots[hedge], "nearest" if is_last else "toward_zero"
        )
    return trades


def _warn_of_large_lots(trades: Array, target: float, before: float, base: float, slopes: Array, lots: Array) -> None:
    needed = abs(target - before)
    if trades.any() or needed <= ROUNDING or not lots.any():
        return
    smallest = np.where(lots > 0, lots * np.abs(slopes), np.inf).min() / base
    warnings.warn(
        f"lot_sizes: one lot moves beta by {smallest:.4g} where {needed:.4g} is needed; nothing is traded",
        DataWarning,
        stacklevel=3,
    )
