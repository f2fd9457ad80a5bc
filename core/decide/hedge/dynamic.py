"""A hedge through time: betas that move, a band around the target, and trades only when the band is left.
Waits for a cell that follows a hedge alone, bar by bar; a backtest asks `around.hedged` and counts what it holds.

    at the close of bar t:   beta_t = (sum n_ti b_ti + sum h_j B_tj) / capital_t
                             |beta_t - target_t| > band   ->   trade back (to the edge, or to the target)

Only what is known at the close of bar t decides the trade of bar t: the betas of that row (rolling or filtered, never
smoothed), the notionals of that row, and the hedges held since the trades before. Changing any later row changes no
earlier trade. Each trade is that of `hedge_beta`: least cost, least gross, whole lots.

Between trades hedges are held in contracts where prices are given, so their notional moves with the price; without
prices the notional stands still.

Sources: as in `hedge.beta`; the band in time as in Clewlow and Hodges, J. of Economic Dynamics and Control 21 (1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, choice, finite, number, numbers, positive_prices
from ...choices import AIMS
from ...errors import ArgumentError, say
from ...records import dataclass
from ...tolerances import ROUNDING
from ...units import BASIS_POINT
from .beta import SMALLEST_BETA, band_target, cheapest_trades
from .lots import in_contracts

__all__ = ["DynamicHedge", "dynamic_hedge"]


@dataclass(frozen=True, eq=False)
class DynamicHedge:
    """Hedges over T rows: `trades` and `positions` after them (T, H) and `cost` (T,) in money; all else (T,).

    `beta_before` and `beta_after` the trade are of the whole book on capital, NaN where a beta is missing; `due` says
    where the band was left.
    """

    trades: Array
    positions: Array
    cost: Array
    beta_before: Array
    beta_after: Array
    due: NDArray[np.bool_]


def dynamic_hedge(
    notionals: ArrayLike,
    betas: ArrayLike,
    target_beta: ArrayLike,
    hedge_betas: ArrayLike,
    band: float = 0.0,
    capital: ArrayLike | None = None,
    prices: ArrayLike | None = None,
    lot_sizes: ArrayLike = 0,
    cost_bps: ArrayLike = 0,
    hedge_notionals: ArrayLike = 0,
    aim: str = "target",
) -> DynamicHedge:
    """Trades in H hedges that keep the book's beta within `band` of its target, row after row.

    Args:
        notionals: (T, N) of the positions in money, long positive; (N,) is held throughout.
        betas: (T, N) of the positions.
        target_beta: (T,) or one, of the whole book on capital.
        hedge_betas: (T, H) of the hedges.
        band: how far beta may stray from its target before anything is traded.
        capital: (T,) or one, money that beta is measured on; None is the gross of each row's notionals.
        prices: (T, H) of the hedges, quote a coin; needed for lots.
        lot_sizes: (H,) or one, in contracts; 0 is not rounded.
        cost_bps: (H,) or one, basis points of the notional traded.
        hedge_notionals: (H,) or one, in money, held before the first row at its prices.
        aim: where a trade goes, "target" or the nearest "edge" of the band.

    NaN: a notional of 0 needs no beta; in a row that lacks a beta or a price of what is held (the warm-up of a rolling
    beta), or has no hedge with a usable beta, nothing is traded and a DataWarning counts such rows.
    Raises ArgumentError (shapes, bounds, lots without prices) and MissingDataError.
    """
    core_betas = as_matrix(betas, "betas")
    rows = len(core_betas)
    slopes = as_matrix(hedge_betas, "hedge_betas")
    aligned(core_betas, "betas", slopes, "hedge_betas")
    held = _through_time(notionals, core_betas.shape)
    targets = numbers(target_beta, "target_beta", rows)
    band = number(band, "band", at_least=0)
    aim = choice(aim, "aim", AIMS)
    bases = _bases(capital, held)
    quotes = _quotes(prices, slopes)
    sizes = numbers(lot_sizes, "lot_sizes", slopes.shape[1], at_least=0)
    if sizes.any() and prices is None:
        raise ArgumentError("lot_sizes needs prices, one column for each hedge; without them lots cannot be counted")
    rates = numbers(cost_bps, "cost_bps", slopes.shape[1], at_least=0) * BASIS_POINT

    own = (held * np.where(held == 0, 0.0, core_betas)).sum(axis=1) / bases
    usable = (np.abs(slopes) >= SMALLEST_BETA) & np.isfinite(quotes)
    levels = np.where(usable, quotes, 1.0)
    quantity = _quantities(hedge_notionals, quotes[0])
    trades, positions = np.zeros(slopes.shape), np.zeros(slopes.shape)
    before, after, due = np.empty(rows), np.empty(rows), np.zeros(rows, dtype=np.bool_)
    for row in range(rows):
        existing = _of_held(quantity, quotes[row])
        before[row] = after[row] = own[row] + _of_held(existing, slopes[row]).sum() / bases[row]
        due[row] = abs(before[row] - targets[row]) > band + ROUNDING
        if due[row] and usable[row].any():
            goal = band_target(before[row], targets[row], band, aim)
            tradable = np.where(usable[row], slopes[row], 0.0)
            wanted = cheapest_trades((goal - before[row]) * bases[row], tradable, rates, existing, sizes * levels[row])
            contracts, trades[row] = in_contracts(wanted, levels[row], sizes)
            quantity = quantity + contracts
            after[row] += float(trades[row] @ tradable) / bases[row]
        positions[row] = existing + trades[row]
    _say_where_nothing_is_traded(np.isnan(before) | (due & ~usable.any(axis=1)))
    return DynamicHedge(trades, positions, np.abs(trades) @ rates, before, after, due)


def _of_held(amounts: Array, values: Array) -> Array:
    """amounts x values, 0 where there is no amount: what is not held needs no value."""
    return np.where(amounts == 0, 0.0, amounts * values)


def _through_time(notionals: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Notionals `(T, N)`, each row the same where they were given as `(N,)`."""
    if np.ndim(notionals) < 2:
        return np.broadcast_to(numbers(notionals, "notionals", shape[1]), shape)
    held = finite(as_matrix(notionals, "notionals"), "notionals")
    if held.shape != shape:
        raise ArgumentError(
            f"notionals is {held.shape[0]} x {held.shape[1]} where betas is {shape[0]} x {shape[1]}; "
            "give one row a bar and one column a contract"
        )
    return held


def _bases(capital: ArrayLike | None, held: Array) -> Array:
    """Capital of each row `(T,)`: as given, or the gross of the notionals."""
    if capital is not None:
        return numbers(capital, "capital", len(held), above=0)
    gross = np.abs(held).sum(axis=1)
    if not gross.all():
        raise ArgumentError(
            f"capital is 0 in row {int(np.argmin(gross)) + 1} because notionals has no position; "
            "state the capital on which beta is measured"
        )
    return np.asarray(gross)


def _quotes(prices: ArrayLike | None, slopes: Array) -> Array:
    """Prices `(T, H)`; without any, all are 1: a contract is then one unit of money whose notional stands still."""
    if prices is None:
        return np.ones_like(slopes)
    quotes = positive_prices(as_matrix(prices, "prices"))
    if quotes.shape != slopes.shape:
        raise ArgumentError(
            f"prices is {quotes.shape[0]} x {quotes.shape[1]} where hedge_betas is {slopes.shape[0]} x "
            f"{slopes.shape[1]}; give one row a bar and one column a hedge"
        )
    return quotes


def _quantities(hedge_notionals: ArrayLike, quotes: Array) -> Array:
    """Contracts held before the first row, from their notional at its prices."""
    values = numbers(hedge_notionals, "hedge_notionals", quotes.size)
    return values / finite(np.where(values == 0, 1.0, quotes), "prices")


def _say_where_nothing_is_traded(blind: NDArray[np.bool_]) -> None:
    if blind.any():
        say(
            f"betas: in {int(blind.sum())} of {len(blind)} rows a beta or price is missing or no hedge has a usable "
            "beta, so nothing is traded there"
        )
