"""Beta hedge: the trade in hedge contracts that brings the beta of a book to a target.

    beta of the book = (sum n_i b_i + sum h_j B_j) / capital
    trades x_j       : sum x_j B_j = (target - beta) capital         n, h: notionals held;  B: betas of the hedges

$100M long at beta 1.4, one hedge of beta 0.9, target 1.1: the trade is (1.1 - 1.4) 100 / 0.9 = -33.33M.

Several hedges: the least cost first, then the least gross of the resulting hedges. Both are sums of one straight line a
hedge (with a kink where an existing position is closed), so the cheapest beta is bought first, then the next. All
trades push beta the same way: even where trading is free, hedges that are held are not exchanged for others.

Where lots are given, the trades are the whole lots nearest to the target (see `lots`), and `miss` says how near.

A hedge is worth its cost only when beta has left a band around its target. Back to where? With costs in proportion to
the trade, to the nearest edge of the band: the last step to the middle costs as much as any other and buys the least.
With a fixed cost a trade, to the target itself.

Sources: Hull, Options, Futures, and Other Derivatives, section 3.5 (changing the beta of a portfolio); Davis and
Norman, Math. of Operations Research 15 (1990), and Whalley and Wilmott, Math. Finance 7 (1997) (to the edge of a band).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, choice, finite, number, numbers
from ...choices import AIMS
from ...errors import ArgumentError, say
from ...records import dataclass
from ...tolerances import ROUNDING
from ...units import BASIS_POINT
from .lots import each_its_own, in_contracts, lot_notionals, nearest_in_lots

__all__ = [
    "SMALLEST_BETA",
    "BetaHedge",
    "band_target",
    "capital_of",
    "cheapest_trades",
    "hedge_beta",
    "hedge_due",
]

SMALLEST_BETA = 0.01
"""A hedge whose beta is nearer to zero would need more than a hundred times the exposure it removes."""


@dataclass(frozen=True)
class BetaHedge:
    """Trades `(H,)`, buy positive: `trade_notional` and `cost` in money, `trade_contracts` NaN without a price.

    `beta_before` and `beta_after` are of the whole book, existing hedges included, on capital; `miss` is beta_after
    less the target, which only whole lots leave open.
    """

    trade_notional: Array
    trade_contracts: Array
    cost: Array
    beta_before: float
    beta_after: float
    miss: float


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

    Args:
        notionals: `(N,)` of the positions, in money, long positive.
        betas: `(N,)` of the positions; a notional of 0 needs none.
        target_beta: of the whole book on capital.
        hedge_betas: `(H,)` of the hedges.
        capital: money that beta is measured on; None is the gross of the notionals.
        prices: `(H,)` of the hedges, quote a coin; needed for lots and for contracts.
        lot_sizes: `(H,)` or one, in contracts; 0 is not rounded.
        cost_bps: `(H,)` or one, basis points of the notional traded.
        hedge_notionals: `(H,)` of the hedges held already, in money; None is nothing.

    A hedge whose beta is all but zero is passed over; where one lot is too large for the trade, nothing is traded; a
    DataWarning says either. Raises ArgumentError (no hedge with a usable beta, capital not above zero, lots without
    prices), MissingDataError.
    """
    held = numbers(notionals, "notionals")
    held_betas = numbers(np.where(held == 0, 0.0, as_vector(betas, "betas", held.size)), "betas")
    slopes = numbers(hedge_betas, "hedge_betas")
    target = number(target_beta, "target_beta")
    _pass_over_flat(slopes)
    base = capital_of(held, capital, "beta")
    rates = numbers(cost_bps, "cost_bps", slopes.size, at_least=0) * BASIS_POINT
    existing = np.zeros(slopes.size)
    if hedge_notionals is not None:
        existing = finite(each_its_own(hedge_notionals, "hedge_notionals", slopes.size), "hedge_notionals")
    quotes, lot_sizes, lots = lot_notionals(prices, lot_sizes, slopes.size)

    before = float(held @ held_betas + existing @ slopes) / base
    trades = cheapest_trades((target - before) * base, slopes, rates, existing, lots)
    contracts, trades = in_contracts(trades, quotes, lot_sizes)
    _warn_of_large_lots(trades, target, before, base, slopes, lots)
    after = before + float(trades @ slopes) / base
    return BetaHedge(
        trade_notional=trades,
        trade_contracts=contracts,
        cost=np.abs(trades) * rates,
        beta_before=before,
        beta_after=after,
        miss=after - target,
    )


def hedge_due(beta_now: float, target_beta: float, band: float) -> bool:
    """True when beta is further than `band` from its target; on the edge nothing is due. Raises ArgumentError."""
    distance = abs(number(beta_now, "beta_now") - number(target_beta, "target_beta"))
    return distance > number(band, "band", at_least=0) + ROUNDING


def band_target(beta_now: float, target_beta: float, band: float, aim: str = "edge") -> float:
    """The beta to trade to: `beta_now` itself within the band, outside it the nearest edge, or the target by `aim`.

    Pure numbers. The edge where costs are in proportion to the trade, "target" where each trade has a fixed cost.
    Raises ArgumentError.
    """
    aim = choice(aim, "aim", AIMS)
    if not hedge_due(beta_now, target_beta, band):
        return float(beta_now)
    return float(target_beta) if aim == "target" else float(target_beta + np.copysign(band, beta_now - target_beta))


def capital_of(notionals: Array, capital: float | None, measured: str) -> float:
    """The money that exposures are measured on: `capital`, or the gross of the notionals. Raises ArgumentError."""
    if capital is not None:
        return number(capital, "capital", above=0)
    gross = float(np.abs(notionals).sum())
    if gross == 0:
        raise ArgumentError(
            f"capital is 0 because notionals has no position; state the capital on which {measured} is measured"
        )
    return gross


def cheapest_trades(exposure: float, slopes: Array, rates: Array, existing: Array, lots: Array) -> Array:
    """Trades `(H,)` whose beta-weighted sum is `exposure`, the cheapest pieces first, or as near as `lots` allow.

    All in money: `rates` is the cost a unit traded, `existing` what is held, `lots` the notional of one lot (0: none).
    A hedge whose beta is below SMALLEST_BETA in size is not traded.
    """
    slopes = np.where(np.abs(slopes) >= SMALLEST_BETA, slopes, 0.0)
    direction = np.sign(exposure) * np.sign(slopes)
    pieces = []
    for hedge in np.flatnonzero(slopes).tolist():
        beta = abs(slopes[hedge])
        if direction[hedge] * existing[hedge] < 0:
            pieces.append((rates[hedge] / beta, -1 / beta, hedge, abs(existing[hedge])))
        pieces.append((rates[hedge] / beta, 1 / beta, hedge, np.inf))
    trades = np.zeros(slopes.size)
    left = abs(exposure)
    for _, _, hedge, room in sorted(pieces):
        amount = min(room, left / abs(slopes[hedge]))
        trades[hedge] += direction[hedge] * amount
        left -= amount * abs(slopes[hedge])
    if not lots.any():
        return trades
    unlimited = np.full(slopes.size, np.inf)
    return nearest_in_lots(
        trades, lots, slopes[np.newaxis], np.array([exposure]), rates, rates, existing, -unlimited, unlimited
    )


def _pass_over_flat(slopes: Array) -> None:
    flat = np.abs(slopes) < SMALLEST_BETA
    if flat.all():
        raise ArgumentError(
            f"hedge_betas is {slopes[0]:g}; take a contract with a beta of at least {SMALLEST_BETA} in size"
        )
    if flat.any():
        first = int(np.argmax(flat))
        say(
            f"hedge_betas is {slopes[first]:g} at position {first + 1}, below {SMALLEST_BETA} in size; "
            "that hedge is passed over"
        )


def _warn_of_large_lots(trades: Array, target: float, before: float, base: float, slopes: Array, lots: Array) -> None:
    needed = abs(target - before)
    if trades.any() or needed <= ROUNDING or not lots.any():
        return
    in_lots = (lots > 0) & (np.abs(slopes) >= SMALLEST_BETA)
    smallest = float((lots * np.abs(slopes))[in_lots].min(initial=np.inf)) / base
    say(f"lot_sizes: one lot moves beta by {smallest:.4g} where {needed:.4g} is needed; nothing is traded")
