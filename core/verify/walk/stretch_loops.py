"""Stretches of bars and the trades between them as one plain loop, which runs as machine code.

The loop goes bar by bar and trades where weights are due. It stops before a bar in which something happens to the book,
and before a trade that the account may not bear: those are taken step by step outside, and then it goes on.

Source: as in `stretch` and `traded_account`, whose numbers these are.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled
from ...tolerances import ACTIVE, ROUNDING
from .given import Orders
from .stretch import Bars, Books, Held

__all__ = ["Stretch", "TradeTerms", "stretch_of", "walk_along", "walk_by_loop"]

Stretch = tuple[Any, ...]
"""All that the loop reads and writes, see `stretch_of`."""


class TradeTerms(NamedTuple):
    """What a trade costs and sets aside, `(N,)` each; maintenance rates and amounts of the tiers `(K, N)`."""

    fee: Array
    slippage: Array
    lots: Array
    isolated: Array
    loss_shares: Array
    rates: Array
    amounts: Array


def walk_by_loop(stretch: Stretch) -> None:
    """Go on along a stretch to its last row or an event, by machine code."""
    compiled(walk_along)(stretch)


def stretch_of(
    bars: Bars,
    held: Held,
    entries: Array,
    collateral: Array,
    terms: TradeTerms,
    orders: Orders,
    books: Books,
    at: Rows,
) -> Stretch:
    """The stretch to go on from row `at[0]` with the order `at[1]`, the last trade being at `at[2]`.

    Args:
        bars: (T, N), in the form of `in_rows`.
        held: (N,) what is held; goes with it.
        entries: (N,) quote, mean prices of what is held; goes with it.
        collateral: (N,) quote, set aside at the last trade, NaN in cross margin; goes with it.
        terms: (N,) of a trade.
        orders: what is to be traded when.
        books: (T,) and (T, N) columns that are written.
        at: (4,) row, order and row of the last trade, which go with it, and the last row.
    """
    nothing = np.empty((0, held.coins.size))
    lows, highs = bars.margin_ranges or (nothing, nothing)
    stop_lows, stop_highs = bars.stop_ranges
    return (
        *(bars.prices, bars.marks, bars.settled, lows, highs, stop_lows, stop_highs, bars.interest),
        *(*held, entries, collateral, *terms, *orders, *books, at),
    )


def walk_along(stretch: Stretch) -> None:
    """Go on along a stretch to its last row or an event: a loop that other loops may call."""
    _walk_loop(*stretch)


def _walk_loop(
    prices, marks, settled, lows, highs, stop_lows, stop_highs, interest,
    coins, strikes, linear, levels, slopes, own, stops, entries, collateral,
    fee, slippage, lots, isolated, loss_shares, rates, amounts, due, weights,
    equity, earned, turnover, pnl, funding, fees, slipped, liquidation, quantities, at,
):  # fmt: skip
    size, worth, row, order = coins.size, equity[at[0]], at[0], at[1]
    alone, charged = np.empty(size, np.bool_), np.empty(size)
    some_alone, some_shared, some_stop = _looked_over(coins, own, stops, slopes, alone, charged)
    odd = levels.shape[0] > 1 or some_alone or not linear.all()
    while True:
        if order < due.size and due[order] == row:
            done = _trade(
                row, prices[row], marks[row], weights[order], worth,
                coins, strikes, linear, levels, slopes, own, stops, entries, collateral,
                fee, slippage, lots, isolated, loss_shares, rates, amounts,
                equity, turnover, fees, slipped, quantities,
            )  # fmt: skip
            if not done:
                break
            worth, at[2] = equity[row], row
            order += 1
            some_alone, some_shared, some_stop = _looked_over(coins, own, stops, slopes, alone, charged)
            odd = levels.shape[0] > 1 or some_alone or not linear.all()
        if row == at[3]:
            break
        t = row + 1
        gain, needed = 0.0, 0.0
        # Rows are not cut out of the tables: that would cost more than the arithmetic.
        for i in range(size):
            price = marks[t, i] if linear[i] else strikes[i]
            p = coins[i] * (marks[t, i] - marks[row, i])
            f = -((coins[i] * price) * settled[t, i])
            gain += p + f
            needed += charged[i] * marks[t, i]
            pnl[t, i], funding[t, i], quantities[t, i] = p, f, coins[i]
        income = worth * interest
        later = worth + (gain + income)
        if odd:
            happens = _short(later, marks[t], coins, alone, own, pnl[t], funding[t], levels, slopes)
        else:
            happens = some_shared and later <= needed * (1 + ACTIVE)
        if lows.shape[0] > 0 and not happens:
            happens = _short_there(worth, marks[row], lows[t], coins, alone, own, levels, slopes)
            happens = happens or _short_there(worth, marks[row], highs[t], coins, alone, own, levels, slopes)
        if some_stop and not happens:
            for i in range(size):
                happens |= coins[i] > 0 and stop_lows[t, i] <= stops[i]
                happens |= coins[i] < 0 and stop_highs[t, i] >= stops[i]
        if happens:
            for i in range(size):
                pnl[t, i] = funding[t, i] = quantities[t, i] = 0.0
            break
        if some_alone:
            for i in range(size):
                own[i] += pnl[t, i] + funding[t, i]
        earned[t], equity[t], worth, row = income, later, later, t
    at[0], at[1] = row, order


def _looked_over(coins, own, stops, slopes, alone, charged):
    """Whether some positions stand alone, share the account, have stops; who stands `alone`, and what the only line
    of each that shares is `charged` with its price.
    """
    some_alone = some_shared = some_stop = False
    for i in range(coins.size):
        alone[i] = np.isfinite(own[i])
        shares = coins[i] != 0 and not alone[i]
        charged[i] = slopes[0, i] if shares else 0.0
        some_alone, some_shared = some_alone or alone[i], some_shared or shares
        some_stop = some_stop or np.isfinite(stops[i])
    return some_alone, some_shared, some_stop


def _short(worth, prices, coins, alone, own, pnl, funding, levels, slopes):
    """Whether an account is at its maintenance, where positions have earned `pnl` and `funding` since the last row."""
    needed, aside, some_shared = 0.0, 0.0, False
    for i in range(coins.size):
        if coins[i] == 0:
            continue
        need = levels[0, i] + slopes[0, i] * prices[i]
        for k in range(1, levels.shape[0]):
            need = max(need, levels[k, i] + slopes[k, i] * prices[i])
        if alone[i]:
            backing = own[i] + (pnl[i] + funding[i])
            if backing <= need * (1 + ACTIVE):
                return True
            aside += backing
        else:
            needed += need
            some_shared = True
    return some_shared and worth - aside <= needed * (1 + ACTIVE)


def _short_there(worth, before, there, coins, alone, own, levels, slopes):
    """The same where prices stand `there` within the bar."""
    moved, total = np.empty(coins.size), 0.0
    for i in range(coins.size):
        moved[i] = coins[i] * (there[i] - before[i])
        total += moved[i]
    return _short(worth + total, there, coins, alone, own, moved, np.zeros(coins.size), levels, slopes)


def _whole_lots(amount, lot):
    """As `round_to_lot`, towards zero."""
    if lot == 0:
        return amount
    count = amount / lot
    whole = np.rint(count)
    counted = whole if abs(count - whole) <= max(ACTIVE, ROUNDING * abs(count)) else np.trunc(count)
    inverse = np.rint(1 / lot)
    return (counted / inverse if inverse > 0 and abs(inverse * lot - 1) <= ROUNDING else counted * lot) + 0.0


def _trade(
    row, quoted, marks, weights, worth,
    coins, strikes, linear, levels, slopes, own, stops, entries, collateral,
    fee, slippage, lots, isolated, loss_shares, rates, amounts,
    equity, turnover, fees, slipped, quantities,
):  # fmt: skip
    """Trade to the weights; False, and nothing is done, where the account might not bear it."""
    size, nothing = coins.size, np.zeros(coins.size)
    new, aside = np.empty(size), np.empty(size)
    cost = moved = total = 0.0
    for i in range(size):
        unit = marks[i] if linear[i] else 1.0
        old = coins[i] * (1.0 if linear[i] else strikes[i])
        stays = np.isnan(quoted[i]) or np.isnan(weights[i])
        new[i] = old if stays else _whole_lots(weights[i] * worth / unit, lots[i])
        traded = abs(new[i] - old) * unit
        cost += fee[i] * traded + slippage[i] * traded
        moved += traded
        aside[i] = isolated[i] * abs(new[i]) * unit if new[i] != 0 else np.nan
        total += aside[i] if np.isfinite(aside[i]) else 0.0
    left = worth - cost
    share = max(left, 0.0) / total if total > left else 1.0
    lines, inclines, held = np.empty_like(levels), np.empty_like(slopes), np.empty(size)
    for i in range(size):
        aside[i] *= share
        held[i] = new[i] if linear[i] else new[i] / marks[i]
        for k in range(rates.shape[0]):
            charge = rates[k, i] * abs(held[i])
            lines[k, i] = -amounts[k, i] if linear[i] else charge * marks[i]
            inclines[k, i] = charge if linear[i] else -amounts[k, i]
    alone = np.isfinite(aside)
    if left <= 0 or _short(left, marks, held, alone, aside, nothing, nothing, lines, inclines):
        return False
    for i in range(size):
        unit = marks[i] if linear[i] else 1.0
        old = coins[i] * (1.0 if linear[i] else strikes[i])
        traded = abs(new[i] - old) * unit
        fees[row, i] += fee[i] * traded
        slipped[row, i] += slippage[i] * traded
        entries[i] = _entered(entries[i], old, new[i], marks[i], linear[i])
        coins[i], strikes[i], collateral[i], quantities[row, i] = held[i], marks[i], aside[i], held[i]
        own[i] = aside[i] if alone[i] else np.inf
        stops[i] = entries[i] * (1 - np.sign(held[i]) * loss_shares[i])
        for k in range(rates.shape[0]):
            levels[k, i], slopes[k, i] = lines[k, i], inclines[k, i]
    turnover[row] += moved / worth
    equity[row] = left
    return True


def _entered(entry, old, new, price, linear):
    """As `standing.entered`, of one contract."""
    if new == 0:
        return np.nan
    if old * new <= 0:
        return price
    added = abs(new) - abs(old)
    if added <= 0:
        return entry
    if linear:
        return (abs(old) * entry + added * price) / abs(new)
    return abs(new) / (abs(old) / entry + added / price)
