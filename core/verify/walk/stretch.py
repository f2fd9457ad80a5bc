"""A stretch of bars in which nothing happens to a book but prices, funding and interest, as one block of arithmetic.

A stretch ends before the first bar in which something does: a stop is reached, or an account is below its maintenance
at the close, or at the lows or highs that are looked at. What a position must hold at a price p is the largest of the
lines of its tiers, which are lines in p whichever kind of contract it is:

    linear     rate_k |coins| p - amount_k
    inverse    rate_k |coins| strike - amount_k p           struck at the last trade, amounts in coin

The loop of `stretch_loops` does the same bar after bar, as machine code.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask
from ...numeric.compiled import in_rows
from ...tolerances import ACTIVE

__all__ = ["Bars", "Books", "Held", "hold_by_numpy", "short"]


class Bars(NamedTuple):
    """T bars of N contracts, `(T, N)` each.

    prices           NaN where nothing can be traded
    marks, settled   what is held is worth and pays
    margin_ranges    lows and highs at which the margin is looked at; None: closes only
    stop_ranges      lows and highs that reach stops
    interest         on the equity, a bar
    """

    prices: Array
    marks: Array
    settled: Array
    margin_ranges: tuple[Array, ...] | None
    stop_ranges: tuple[Array, ...]
    interest: float

    def in_rows(self) -> Bars:
        """The same in the one form that a loop is compiled for."""
        prices, marks, settled = in_rows(self.prices, self.marks, self.settled)
        margin = None if self.margin_ranges is None else tuple(in_rows(*self.margin_ranges))
        return Bars(prices, marks, settled, margin, tuple(in_rows(*self.stop_ranges)), self.interest)


class Held(NamedTuple):
    """What is held, `(N,)` each; lines of maintenance `(K, N)`.

    coins, strikes     signed, and the price at the last trade
    linear             the kind of contract
    levels, slopes     lines of maintenance in the price
    own                what backs a position alone, infinite where it shares the account
    stops              prices at which positions are left, NaN for none
    """

    coins: Array
    strikes: Array
    linear: Mask
    levels: Array
    slopes: Array
    own: Array
    stops: Array

    @property
    def alone(self) -> Mask:
        """Held with collateral of its own."""
        return np.isfinite(self.own)


class Books(NamedTuple):
    """The columns of a ledger as they are written, `(T,)` and `(T, N)`."""

    equity: Array
    interest: Array
    turnover: Array
    pnl: Array
    funding: Array
    fees: Array
    slippage: Array
    liquidation: Array
    quantities: Array


def hold_by_numpy(bars: Bars, held: Held, books: Books, first: int, last: int) -> int:
    """Book bars `first` to `last` up to the first in which something happens; how many they are.

    `held.own` goes with them.
    """
    rows, coins = slice(first, last + 1), held.coins
    before, now = bars.marks[first - 1 : last], bars.marks[rows]
    pnl = coins * (now - before)
    paid = coins * np.where(held.linear, now, held.strikes) if not held.linear.all() else coins * now
    funding = -(paid * bars.settled[rows])
    gains = pnl + funding
    worth = _worth(float(books.equity[first - 1]), gains.sum(axis=1), bars.interest)
    own = _own(held, gains)
    stops = _stopped(held, bars.stop_ranges, rows)
    happens = stops | short(held, now, worth[1:], None if own is None else own[1:])
    for each in bars.margin_ranges or ():
        to_there = coins * (each[rows] - before)
        at = worth[:-1] + to_there.sum(axis=1)
        happens |= short(held, each[rows], at, None if own is None else own[:-1] + to_there[:, held.alone])
    done = int(happens.argmax()) if happens.any() else len(now)
    booked = slice(first, first + done)
    books.pnl[booked], books.funding[booked], books.quantities[booked] = pnl[:done], funding[:done], coins
    books.equity[booked] = worth[1 : done + 1]
    books.interest[booked] = worth[:done] * bars.interest
    if own is not None:
        held.own[held.alone] = own[done]
    return done


def short(held: Held, prices: Array, worth: Array, own: Array | None = None) -> Mask:
    """Where at `prices` `(B, N)` an account is at its maintenance or below it, `(B,)`.

    `worth` `(B,)` is the whole equity there, `own` `(B, M)` what backs each of the M positions that stand alone.
    """
    shares = held.coins != 0 if own is None else (held.coins != 0) & ~held.alone
    if len(held.levels) == 1:
        # einsum adds up a row by itself; a matrix product would round differently with the number of rows.
        shared = np.einsum("ij,j->i", prices, held.slopes[0] * shares) + held.levels[0] @ shares
    else:
        shared = np.where(shares, _lines(held, prices, slice(None)), 0.0).sum(axis=1)
    if own is None:
        return np.asarray((worth <= shared * (1 + ACTIVE)) & shares.any())
    below = (own <= _lines(held, prices, held.alone) * (1 + ACTIVE)).any(axis=1)
    return np.asarray(below | (worth - own.sum(axis=1) <= shared * (1 + ACTIVE)) & shares.any())


def _lines(held: Held, prices: Array, columns: Mask | slice) -> Array:
    """Maintenance of the positions of these columns at these prices."""
    at = prices[:, columns]
    lines = zip(held.levels[:, columns], held.slopes[:, columns], strict=True)
    return np.asarray(np.max([level + slope * at for level, slope in lines], axis=0))


def _worth(start: float, gains: Array, interest: float) -> Array:
    """Equity before the first bar and after each, `(B + 1,)`."""
    if interest == 0:
        return np.cumsum(np.concatenate([[start], gains]))
    return np.fromiter(accumulate(gains.tolist(), lambda e, g: e + (g + e * interest), initial=start), np.float64)


def _own(held: Held, gains: Array) -> Array | None:
    """What backs each position that stands alone, before the first bar and after each; None where there is none."""
    alone = held.alone
    if not alone.any():
        return None
    return np.cumsum(np.vstack([held.own[alone], gains[:, alone]]), axis=0)


def _stopped(held: Held, ranges: tuple[Array, ...], rows: slice) -> Mask:
    """Where a stop is reached, `(B,)`."""
    stopping = np.isfinite(held.stops)
    if not stopping.any():
        return np.zeros(rows.stop - rows.start, dtype=bool)
    stops = held.stops[stopping]
    low, high = (each[rows, stopping] for each in ranges)
    return np.asarray(np.where(held.coins[stopping] > 0, low <= stops, high >= stops).any(axis=1))
