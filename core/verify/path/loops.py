"""The steps of `kernels_stress` as plain loops, which run as machine code.

A loop that does one thing to each contract of a row is run on several contracts at a time. A sum is not, for its order
would change; the sums over a row are scalar products, which the linear algebra library takes in its own fixed order.

Source: as in `straight_path`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...numeric.compiled import compiled
from .straight import Account

__all__ = ["ends_by_loop", "returns_by_loop", "walk_by_loop"]


def returns_by_loop(factors: Array, loadings: Array, overrides: Array | None) -> Array:
    """The returns of `Moves`, `(S, N)`."""
    result = np.empty((len(factors), loadings.shape[1]))
    given = np.empty((0, loadings.shape[1])) if overrides is None else overrides
    compiled(_returns_loop)(factors, loadings, given, result)
    return result


def _returns_loop(factors, loadings, overrides, returns):  # type: ignore[no-untyped-def]
    scenarios, size = returns.shape
    for row in range(scenarios):
        r = returns[row]
        r[:] = 0.0
        for k in range(loadings.shape[0]):
            factor, loading = factors[row, k], loadings[k]
            for i in range(size):
                r[i] += factor * loading[i]
        if overrides.shape[0] > 0:
            given = overrides[row]
            for i in range(size):
                r[i] = r[i] if np.isnan(given[i]) else given[i]
        for i in range(size):
            r[i] = r[i] if r[i] > -1.0 else -1.0


def ends_by_loop(
    account: Account, factors: Array, loadings: Array, overrides: Array | None, funding: Array
) -> tuple[Array, NDArray[np.bool_]]:
    """Profit, maintenance and shortfall `(3, S)` of the book held throughout; and whether anything is closed `(S,)`."""
    alone = account.alone
    own = np.where(alone, account.isolated, np.inf)
    free = account.equity - own[alone].sum()
    levels, slopes = account.lines
    stops = np.isfinite(account.stop_moves).any()
    sums, closes = np.empty((3, len(funding))), np.empty(len(funding), dtype=bool)
    compiled(_ends_loop)(
        account.values,
        levels,
        slopes,
        own,
        own + account.own_tolerance,
        np.where(alone, 0.0, 1.0),
        account.stop_moves if stops else np.empty(0),
        free,
        account.tolerance,
        factors,
        loadings,
        np.empty((0, own.size)) if overrides is None else overrides,
        funding,
        sums,
        closes,
    )
    return sums, closes | account.short


def _ends_loop(  # type: ignore[no-untyped-def]
    values, levels, slopes, own, limits, shared, stops, free, tolerance,
    factors, loadings, overrides, funding, sums, closes,
):  # fmt: skip
    size = values.size
    r, needed, left, ones = np.zeros(size), np.empty(size), np.empty(size), np.ones(size)
    for row in range(funding.size):
        f = funding[row]
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
        closes[row] = below > 0 or cross < -tolerance


def walk_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    """What the walk leaves, `(7, S)`: profit, funding, fees, collateral lost, liquidated, stopped (none), first."""
    sums = np.zeros((7, len(returns)))
    compiled(_walk_loop)(
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


def _walk_loop(  # type: ignore[no-untyped-def]
    values, linear, rates, isolated, equity, fees, tolerance, own_tolerance, returns, funding, sums
):
    """One scenario after the other: first those that stand alone, then the cross account, loser by loser."""
    size = values.size
    earned = np.empty(size)
    for row in range(returns.shape[0]):
        r, f = returns[row], funding[row]
        pnl = cost = fee = lost = count = slope = 0.0
        level, left, first, first_at = equity, 0, -1, np.inf
        for i in range(size):
            earned[i] = np.inf
            if values[i] == 0:
                continue
            price_gain, gain, need = values[i] * r[i], values[i] * (r[i] - f), abs(values[i]) * rates[i]
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
        reached = 0.0
        while left > 0:
            now, later = level + slope * reached, level + slope
            if min(now, later) >= -tolerance:
                break
            if now >= -tolerance:
                reached = min(max(-level / slope, reached), 1.0)
            i = int(np.argmin(earned))
            due = fees[i] * abs(values[i]) * (1 + reached * r[i] if linear[i] else 1.0)
            gain, need = values[i] * (r[i] - f), abs(values[i]) * rates[i]
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
