"""Whole lots: the trades nearest to what is needed when contracts come in steps.

What is needed is an exposure to K factors (one, the market, for a beta hedge):

    miss(x) = | gap - L x |         L: loadings (K, H);  x_j a whole number of lots of hedge j, where it has lots

Over all whole numbers this is the closest-vector problem: with two lots that do not divide each other the miss goes to
zero as the trades go to infinity, which no one wants. So the search stays near the unrounded trades:

    every hedge but the finest    the whole lot nearest to its unrounded trade, and two on either side
    the finest (the filler)       the two whole lots around what the others leave open, however many those are

Of these, the least miss; among equal misses the least cost; among equal costs the least gross.

Source: Babai, "On Lovasz' lattice reduction and the nearest lattice point problem", Combinatorica 6 (1986) (rounding,
and the last coordinate that makes up for the others).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_vector, numbers, positive_prices
from ...errors import ArgumentError, InfeasibleError, MissingDataError
from ...market.contract import round_to_lot
from ...tolerances import ROUNDING

__all__ = ["each_its_own", "in_contracts", "lot_notionals", "nearest_in_lots"]

WIDE, NARROW = np.arange(-2, 3), np.arange(-1, 2)
"""Lots either way from the nearest that are tried, for few hedges and for many."""

WIDE_SEARCH, NARROW_SEARCH = 5, 8
"""Hedges besides the filler that are searched so (a few thousand combinations); of more, the coarsest are rounded."""


def lot_notionals(prices: ArrayLike | None, lot_sizes: ArrayLike | None, hedges: int) -> tuple[Array, Array, Array]:
    """Prices (NaN where unknown), lot sizes and the notional of one lot (0 where none is needed), each `(H,)`.

    Raises ArgumentError (a price not above zero, fewer or more prices than hedges, a negative lot, lots without
    prices) and MissingDataError (a lot without its price).
    """
    quotes = np.full(hedges, np.nan) if prices is None else positive_prices(each_its_own(prices, "prices", hedges))
    sizes = numbers(0.0 if lot_sizes is None else lot_sizes, "lot_sizes", hedges, at_least=0)
    if sizes.any() and prices is None:
        raise ArgumentError("lot_sizes needs prices, one for each hedge; without them lots cannot be counted")
    unpriced = (sizes > 0) & np.isnan(quotes)
    if unpriced.any():
        raise MissingDataError(
            f"prices has no value at position {int(np.argmax(unpriced)) + 1}, so its lots cannot be counted; fill it in"
        )
    return quotes, sizes, np.where(sizes > 0, sizes * quotes, 0.0)


def each_its_own(values: ArrayLike, name: str, hedges: int) -> Array:
    """`values` `(H,)`; what differs from hedge to hedge is never one number for all. Raises ArgumentError."""
    vector = as_vector(values, name)
    if vector.size != hedges:
        raise ArgumentError(f"{name} has {vector.size} values where {hedges} are needed, one for each hedge")
    return vector


def in_contracts(trades: Array, quotes: Array, lot_sizes: Array) -> tuple[Array, Array]:
    """Trades in money as contracts `(H,)`, whole lots to the last digit, and the notional of those."""
    contracts = round_to_lot(trades / quotes, lot_sizes, "nearest")
    return contracts, np.where(lot_sizes > 0, contracts * quotes, trades)


def nearest_in_lots(
    wanted: Array,
    lots: Array,
    loadings: Array,
    gap: Array,
    buy_costs: Array,
    sell_costs: Array,
    held: Array,
    low: Array,
    high: Array,
    affords: Callable[[Array], Mask] | None = None,
) -> Array:
    """The trades `(H,)` in whole lots, near `wanted` `(H,)`, whose exposure is nearest to `gap` `(K,)`.

    Args:
        wanted: `(H,)` trades before rounding, in money.
        lots: `(H,)` notional of one lot; a trade without (0) stays as wanted, unless it is the filler.
        loadings: `(K, H)` exposure of a unit of money; a hedge without any is only rounded.
        gap: `(K,)` exposure needed, in money.
        buy_costs: `(H,)` of a unit of money bought.
        sell_costs: `(H,)` of a unit of money sold.
        held: `(H,)` positions before, in money, for the gross.
        low: `(H,)` lower bound of each trade, in money.
        high: `(H,)` upper bound of each trade, in money.
        affords: which of some trades `(M, H)` are paid for; None: all. Where none near by is, none is left out.

    Raises InfeasibleError (no whole number of lots within the bounds).
    """
    sizes = np.linalg.norm(loadings, axis=0)
    tried = _rounded(wanted, lots, low, high)[np.newaxis]
    usable = np.flatnonzero(sizes > 0)
    if usable.size:
        dearness = np.minimum(buy_costs, sell_costs)[usable] / sizes[usable]
        filler = int(usable[np.lexsort((dearness, (lots * sizes)[usable]))[0]])
        tried = _combinations(tried[0], lots, sizes, filler)
        tried = _filled(tried, filler, lots[filler], (low[filler], high[filler]), loadings, gap)
    tried = tried[((tried >= low - ROUNDING * np.abs(low)) & (tried <= high + ROUNDING * np.abs(high))).all(axis=1)]
    if not len(tried):
        raise InfeasibleError("lot_sizes: no whole number of lots lies within the limits of the hedges; widen them")

    paid_for = np.zeros(0, dtype=np.bool_) if affords is None else affords(tried)
    tried = tried[paid_for] if paid_for.any() else tried
    miss = np.linalg.norm(gap - tried @ loadings.T, axis=1)
    moved = max(float(np.abs(gap).max()), float((lots * sizes).max()))
    tried = tried[miss <= miss.min() + ROUNDING * moved]
    cost = np.maximum(tried, 0.0) @ buy_costs + np.maximum(-tried, 0.0) @ sell_costs
    tried = tried[cost <= cost.min() + ROUNDING * np.abs(cost).max()]
    return np.asarray(tried[np.argmin(np.abs(held + tried).sum(axis=1))])


def _rounded(wanted: Array, lots: Array, low: Array, high: Array) -> Array:
    """Each trade alone as the nearest whole lot, one less or more where that passes a bound."""
    nearest = round_to_lot(wanted, lots, "nearest")
    return nearest - np.where(nearest > high, lots, 0.0) + np.where(nearest < low, lots, 0.0)


def _combinations(centre: Array, lots: Array, sizes: Array, filler: int) -> Array:
    """Every combination of whole lots around `centre`, `(M, H)`, with nothing of the filler yet."""
    stepped = np.flatnonzero((lots > 0) & (sizes > 0))
    by_fineness = stepped[np.argsort((lots * sizes)[stepped])]
    searched = by_fineness[by_fineness != filler][:NARROW_SEARCH]
    steps = WIDE if len(searched) <= WIDE_SEARCH else NARROW
    count = len(steps) ** len(searched)
    tried = np.tile(centre, (count, 1))
    tried[:, filler] = 0.0
    for place, hedge in enumerate(searched):
        # Each hedge runs through its steps once while the next one takes a single step, as the digits of a counter do.
        tried[:, hedge] += lots[hedge] * np.resize(np.repeat(steps, len(steps) ** place), count)
    return tried


def _filled(tried: Array, filler: int, lot: float, bounds: tuple[float, float], loadings: Array, gap: Array) -> Array:
    """Each combination with the filler that brings it nearest to the gap: the lots on either side of the best."""
    slope = loadings[:, filler]
    best = np.clip((gap - tried @ loadings.T) @ slope / (slope @ slope), *bounds)
    toward_zero = round_to_lot(best, lot)
    beyond = toward_zero + np.copysign(lot, best)
    filled = np.tile(tried, (2 if lot > 0 else 1, 1))
    filled[:, filler] = np.concatenate([toward_zero, beyond]) if lot > 0 else best
    return filled
