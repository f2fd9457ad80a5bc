"""The cross account on a straight way, for numba: a walk from event to event, each of which changes a few sums.

Lines and events are those of `cross_move`, which takes all scenarios side by side; here one goes after the other, and
only the next edge of the position that is open in part has to be found anew.

Source: as in `straight_move`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Rows
from ..box_sort import order_of
from .positions import FEES, FIRST, FIRST_AT, LIQUIDATED, STOPPED, Positions, lower_tier, set_needed

__all__ = ["Left", "follow_cross"]


class Left(NamedTuple):
    """What M positions that stood alone leave to the cross account, `(M,)`: where they are closed, and how much."""

    at: Array
    backing: Array


def follow_cross(
    shared: Positions, backing, headroom, tolerance, left: Left, deficit, stops, r, f, went, figures
) -> None:
    """The cross account to the end, from event to event only where it may be liquidated on the way.

        shared: the positions that share its collateral, one an entry
        backing: collateral and profit of now that stand behind them, money
        headroom: what `backing` is above the maintenance margin of now, money
        tolerance: money below which a shortfall is rounding
        left: what positions on their own leave to the account, and when
        deficit: whether one of them leaves less than nothing
        stops: `(N,)` the share of the way at which each position's stop is met; above 1 is never
        r: `(N,)` returns at the end of the way
        f: the stress's funding, a share of notional
        went: `(N,)` set to how far positions go, each part of them as far as it is open
        figures: the scenario's figures, to which those of the account are added

    Without a deficit, collateral that is left only adds to headroom, and so does a stop that ends a loss: where
    headroom is left now and at the end without them, nobody is liquidated.
    """
    needed, gains, after, shares = np.empty(r.size), np.empty(r.size), np.empty(r.size), np.ones(r.size)
    set_needed(shared.levels, shared.slopes, r, needed)
    stopped = ends_a_gain = 0
    for i in range(r.size):
        gains[i] = shared.values[i] * (r[i] - f)
        after[i] = gains[i] - needed[i]
        ends_a_gain += (gains[i] > 0) & (stops[i] <= 1)
    went[:] = 0.0
    if deficit or ends_a_gain > 0 or headroom < -tolerance or backing + np.dot(shares, after) < -tolerance:
        stopped = _walk(shared, backing, tolerance, left, stops, r, gains, needed, shares, went, figures)
    for i in range(r.size):
        went[i] += shares[i] * (stops[i] if stops[i] < 1 else 1.0)
        stopped += (shares[i] > 0) & (stops[i] <= 1)
    figures[STOPPED] += stopped


def _walk(shared: Positions, backing, tolerance, left: Left, stops, r, gains, needed, shares, went, figures) -> int:
    """From event to event and breach to breach, until none is left or nothing is open; how many are stopped by then.

    `shares` is what is then open.
    """
    columns, values, sizes, linear, fees, _, _, _, rates, amounts, tops = shared[:11]
    levels, growths, last = shared.level.copy(), shared.slope * r, np.full(r.size, rates.shape[0])
    edge_at, edge_of, edge_levels, edge_growths = _edges(shared, r, needed, levels, growths)
    ats, events = _events(stops, left.at, edge_at)
    losers = np.empty(r.size, np.int64)
    order_of(values * r, losers)
    level, growth, slope = levels.sum(), growths.sum(), gains.sum()
    met, worst, reached, open_ones = 0, 0, 0.0, r.size
    edge, edge_level, edge_growth = np.inf, 0.0, 0.0
    stopped, liquidated, paid, first, first_at = 0, 0, 0.0, -1, np.inf
    while open_ones > 0:
        planned = ats[met] if met < ats.size else np.inf
        at = max(min(planned, edge), reached)
        breach = _breach(backing - level, growth - slope, reached, at, tolerance)
        if breach < at:
            reached = breach
            while shares[losers[worst]] == 0:
                worst += 1
            i = losers[worst]
            if liquidated == 0:
                first, first_at = columns[i], reached
            liquidated += last[i] == rates.shape[0]
            ratio = 1 + reached * r[i]
            unit, size = 1.0 if linear[i] else ratio, sizes[i] * shares[i] * (ratio if linear[i] else 1.0)
            last[i] = lower_tier(tops, i, size, unit, last[i])
            part = min(tops[last[i], i] * unit / size, 1.0) if last[i] > 0 else 0.0
            due = fees[i] * size * (1 - part)
            backing -= due
            paid += due
        elif at == np.inf:
            break
        elif edge <= planned:
            i, reached = losers[worst], at
            level += edge_level - levels[i]
            growth += edge_growth - growths[i]
            levels[i], growths[i] = edge_level, edge_growth
            edge, edge_level, edge_growth = _next_edge(
                rates, amounts, i, sizes[i] * shares[i], linear[i], r[i], reached, edge_level, edge_growth
            )
            continue
        else:
            event, reached = events[met], at
            met += 1
            if event >= r.size + left.at.size:
                event -= r.size + left.at.size
                i = edge_of[event]
                if shares[i] == 1:
                    level += edge_levels[event] - levels[i]
                    growth += edge_growths[event] - growths[i]
                    levels[i], growths[i] = edge_levels[event], edge_growths[event]
                continue
            if event >= r.size:
                backing += left.backing[event - r.size]
                continue
            i, part = event, 0.0
            if shares[i] == 0:
                continue
            stopped += 1

        done = shares[i] * (1 - part)
        went[i] += done * reached
        backing += done * reached * gains[i]
        slope -= done * gains[i]
        shares[i] *= part
        new_level, new_growth = 0.0, 0.0
        if part > 0:
            size = sizes[i] * shares[i]
            new_level, new_growth = _line(rates, amounts, i, size, linear[i], r[i], reached)
            edge, edge_level, edge_growth = _next_edge(
                rates, amounts, i, size, linear[i], r[i], reached, new_level, new_growth
            )
        else:
            open_ones -= 1
            edge = np.inf if i == losers[worst] else edge
        level += new_level - levels[i]
        growth += new_growth - growths[i]
        levels[i], growths[i] = new_level, new_growth
    figures[FEES] += paid
    figures[LIQUIDATED] += liquidated
    if first_at < figures[FIRST_AT]:
        figures[FIRST], figures[FIRST_AT] = first, first_at
    return stopped


def _breach(height: float, fall: float, reached: float, at: float, tolerance: float) -> float:
    """Where headroom height - fall l is short between `reached` and `at` or the end; infinite where it is not."""
    until = min(at, 1.0)
    if height - fall * reached < -tolerance:
        return reached
    if height - fall * until >= -tolerance:
        return np.inf
    return min(max(height / fall, reached), until) if fall > 0 else until


def _line(rates, amounts, i, size, linear, r, at) -> tuple[float, float]:
    """Level and growth of the line on which the maintenance of one position lies at a share of the way."""
    level, growth = 0.0, 0.0
    for k in range(rates.shape[0]):
        charged, freed = rates[k, i] * size, amounts[k, i]
        rise = (charged if linear else -freed) * r
        if k == 0 or charged - freed + rise * at > level + growth * at:
            level, growth = charged - freed, rise
    return level, growth


def _next_edge(rates, amounts, i, size, linear, r, reached, level, growth) -> tuple[float, float, float]:
    """Where one position next passes to a line of another tier, which grows faster, and that line; else infinite."""
    edge, edge_level, edge_growth = np.inf, level, growth
    for k in range(rates.shape[0]):
        charged, freed = rates[k, i] * size, amounts[k, i]
        rise = (charged if linear else -freed) * r
        if rise > growth:
            at = max((level - (charged - freed)) / (rise - growth), reached)
            if at < edge or (at == edge and rise > edge_growth):
                edge, edge_level, edge_growth = at, charged - freed, rise
    return (edge if edge <= 1 else np.inf), edge_level, edge_growth


def _edges(shared: Positions, r, needed, levels, growths) -> tuple[Array, Rows, Array, Array]:
    """The edges of tiers on the way, `(E,)`: at which share which position, open in whole, passes to which line."""
    count, room = 0, r.size * (shared.rates.shape[0] - 1)
    ats, positions, new_levels, new_growths = np.empty(room), np.empty(room, np.int64), np.empty(room), np.empty(room)
    for i in range(r.size):
        at, level, growth = 0.0, levels[i], growths[i]
        while needed[i] > level + growth:
            at, level, growth = _next_edge(
                shared.rates, shared.amounts, i, shared.sizes[i], shared.linear[i], r[i], at, level, growth
            )
            if at == np.inf:
                break
            ats[count], positions[count], new_levels[count], new_growths[count] = at, i, level, growth
            count += 1
    return ats[:count], positions[:count], new_levels[:count], new_growths[:count]


def _events(stops: Array, left: Array, edges: Array) -> tuple[Array, Rows]:
    """What happens by the end of the way, in order: the shares of the way, and the numbers of what is there.

    Numbers go on from the stops `(N,)` to those that stood alone `(M,)` and to the edges.
    """
    room = stops.size + left.size + edges.size
    ats, events, numbered, count = np.empty(room), np.empty(room, np.int64), 0, 0
    for shares in (stops, left, edges):
        for i in range(shares.size):
            if shares[i] <= 1:
                ats[count], events[count] = shares[i], numbered + i
                count += 1
        numbered += shares.size
    order = np.empty(count, np.int64)
    order_of(ats[:count], order)
    return ats[order], events[order]
