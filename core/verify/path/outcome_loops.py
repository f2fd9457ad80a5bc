"""The two steps of `outcomes` as plain loops, which run as machine code.

A loop that does one thing to each contract of a row is run on several contracts at a time. A sum is not, for its order
would change; the sums over a row are scalar products, which the linear algebra library takes in its own fixed order.

Source: as in `straight_move`.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled
from ..box_sort import order_of
from .account import Account

__all__ = ["held_by_loop", "move_by_loop"]


def held_by_loop(
    account: Account, factors: Array, loadings: Array, overrides: Array | None, funding: Array
) -> tuple[Array, Rows, Array]:
    """Profit, maintenance and shortfall `(3, S)` of the book held throughout; where anything is closed, and returns."""
    alone = account.alone
    own = np.where(alone, account.isolated, np.inf)
    free = account.equity - own[alone].sum()
    levels, slopes = account.lines
    rows = len(funding)
    sums, felled, returns = np.empty((3, rows)), np.empty(rows, np.int64), np.empty((rows, own.size))
    count = compiled(_held_loop)(
        account.values,
        levels,
        slopes,
        own,
        own + account.own_tolerance,
        np.where(alone, 0.0, 1.0),
        account.stops - 1 if account.stopping else np.empty(0),
        free,
        account.tolerance,
        account.short,
        factors,
        loadings,
        np.empty((0, own.size)) if overrides is None else overrides,
        funding,
        sums,
        felled,
        returns,
    )
    return sums, felled[:count], returns[:count]


def _held_loop(  # type: ignore[no-untyped-def]
    values, levels, slopes, own, limits, shared, stops, free, tolerance, short,
    factors, loadings, overrides, funding, sums, felled, returns,
):  # fmt: skip
    """How many rows are felled; which, and their returns, stand at the head of `felled` and `returns`."""
    size, count = values.size, 0
    needed, left, ones = np.empty(size), np.empty(size), np.ones(size)
    for row in range(funding.size):
        f, r = funding[row], returns[count]
        if loadings.shape[0] == 0:
            r[:] = 0.0
        for k in range(loadings.shape[0]):
            factor, loading = factors[row, k], loadings[k]
            if k == 0:  # to begin with the first factor saves a pass
                for i in range(size):
                    r[i] = factor * loading[i]
            else:
                for i in range(size):
                    r[i] += factor * loading[i]
        if overrides.shape[0] > 0:
            given = overrides[row]
            for i in range(size):
                r[i] = r[i] if np.isnan(given[i]) else given[i]
        for i in range(size):
            r[i] = r[i] if r[i] > -1.0 else -1.0
            needed[i] = levels[0, i] + slopes[0, i] * r[i]
        for k in range(1, levels.shape[0]):
            level, slope = levels[k], slopes[k]
            for i in range(size):
                line = level[i] + slope[i] * r[i]
                needed[i] = line if line > needed[i] else needed[i]
        below = 0
        for i in range(size):
            left[i] = values[i] * (r[i] - f) - needed[i]
            below += limits[i] + left[i] < 0
        cross, shortfall = free + np.dot(shared, left), 0.0
        if below > 0:
            for i in range(size):
                shortfall += max(-(own[i] + left[i]), 0.0)
        for i in range(stops.size):
            side = np.sign(values[i])
            below += side != 0 and (side * stops[i] >= 0 or side * r[i] <= side * stops[i])
        sums[0, row], sums[1, row] = np.dot(values, r), np.dot(ones, needed)
        sums[2, row] = shortfall + max(-cross, 0.0)
        if short or below > 0 or cross < -tolerance:
            felled[count] = row
            count += 1
    return count


def move_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    """What the move leaves, `(7, S)`: profit, funding, fees, collateral lost, liquidated, stopped (none), first."""
    sums = np.zeros((7, len(returns)))
    compiled(_move_loop)(
        account.values,
        account.linear,
        account.rates[0],
        account.isolated,
        account.equity,
        account.fees,
        account.tolerance,
        account.own_tolerance,
        returns,
        funding,
        sums,
    )
    return sums


def _move_loop(  # type: ignore[no-untyped-def]
    values, linear, rates, isolated, equity, fees, tolerance, own_tolerance, returns, funding, sums
):
    """One scenario after the other: first those that stand alone, then the cross account, loser by loser."""
    size = values.size
    earned, losers = np.empty(size), np.empty(size, np.int64)
    for row in range(returns.shape[0]):
        r, f = returns[row], funding[row]
        pnl = cost = fee = lost = count = slope = 0.0
        level, left, first, first_at = equity, 0, -1, np.inf
        for i in range(size):
            earned[i] = np.inf
            if values[i] == 0:
                continue
            price_gain, need = values[i] * r[i], abs(values[i]) * rates[i]
            gain = price_gain - values[i] * f
            growth = need * r[i] if linear[i] else 0.0
            if np.isnan(isolated[i]):
                earned[i] = price_gain
                left += 1
                level -= need
                slope += gain - growth
                continue
            own, at = isolated[i], 1.0
            level -= own
            if min(own - need, own + gain - need - growth) < -own_tolerance[i]:
                at = 0.0 if own - need < -own_tolerance[i] else max((own - need) / (growth - gain), 0.0)
                due = fees[i] * abs(values[i]) * (1 + at * r[i] if linear[i] else 1.0)
                paid = min(due, max(own + at * gain, 0.0))
                fee += paid
                lost += own + at * gain - paid
                count += 1
                if at < first_at:
                    first, first_at = i, at
            pnl += at * price_gain
            cost += at * values[i] * f
        reached, worst = 0.0, -1
        while left > 0:
            now, later = level + slope * reached, level + slope
            if min(now, later) >= -tolerance:
                break
            if now >= -tolerance:
                reached = min(max(-level / slope, reached), 1.0)
            if worst < 0:
                worst = 0
                order_of(values * r, losers)
            while earned[losers[worst]] == np.inf:
                worst += 1
            i = losers[worst]
            due = fees[i] * abs(values[i]) * (1 + reached * r[i] if linear[i] else 1.0)
            gain, need = earned[i] - values[i] * f, abs(values[i]) * rates[i]
            level += reached * gain - due + need
            slope -= gain - (need * r[i] if linear[i] else 0.0)
            pnl += reached * earned[i]
            cost += reached * values[i] * f
            fee += due
            earned[i] = np.inf
            left -= 1
            count += 1
            if reached < first_at:
                first, first_at = i, reached
        for i in range(size):
            if earned[i] < np.inf:
                pnl += earned[i]
                cost += values[i] * f
        sums[0, row], sums[1, row], sums[2, row], sums[3, row] = pnl, -cost, fee, lost
        sums[4, row], sums[6, row] = count, first
