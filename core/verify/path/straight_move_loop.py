"""Prices that go straight to where a scenario ends, for numba: `straight_move` tells what happens, in numpy.

Here one scenario goes after the other. Positions that stand alone move nobody else, so each is followed by itself
first; `cross_loop` then meets what they leave. Alone, a position breaches at the nearest of K roots, one for each of
its tiers, for its maintenance is the largest of their lines. Most do not breach: headroom is concave, and where some is
left now and at the end it is left all the way.

A part that is called for each position takes numbers and few arrays and returns numbers: what it is handed in whole
tuples, or writes to a shared row, costs more than what it computes.

Source: as in `straight_move`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

import numpy as np

from ...arrays import Array, Mask
from ...numeric.compiled import compiled
from .account import Account
from .cross_loop import Left, follow_cross
from .positions import (
    FEES,
    FIGURES,
    FIRST,
    FIRST_AT,
    FUNDING,
    LIQUIDATED,
    LOST,
    PNL,
    STOPPED,
    Positions,
    lower_tier,
    set_needed,
    set_stops,
)

__all__ = ["move_straight_by_loop"]


def move_straight_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    """What the move leaves, `(7, S)`: profit, funding, fees, collateral lost, liquidated, stopped, first."""
    alone = account.alone
    told = np.zeros((len(returns), len(FIGURES)))
    compiled(_move_loop)(
        Positions.of(account, np.flatnonzero(alone)),
        Positions.of(account, np.flatnonzero((account.values != 0) & ~alone)),
        float(account.equity - account.isolated[alone].sum()),
        account.headroom[0],
        account.tolerance,
        returns,
        funding,
        told,
    )
    return told[:, :FIRST_AT].T


def _move_loop(alone: Positions, shared: Positions, backing, headroom, tolerance, returns, funding, told) -> None:
    """Every scenario to its end; `backing`, `headroom` and `tolerance` are those of the cross account."""
    own, common = alone.values.size, shared.values.size
    own_r, own_stops, own_went = np.empty(own), np.empty(own), np.empty(own)
    r, stops, went = np.empty(common), np.empty(common), np.empty(common)
    left = Left(np.empty(own), np.empty(own))
    for row in range(returns.shape[0]):
        f, figures = funding[row], told[row]
        figures[FIRST], figures[FIRST_AT] = -1, np.inf
        for i in range(own):
            own_r[i] = returns[row, alone.columns[i]]
        for i in range(common):
            r[i] = returns[row, shared.columns[i]]
        set_stops(alone.values, alone.stops, own_r, own_stops)
        set_stops(shared.values, shared.stops, r, stops)
        deficit = _follow_alone(alone, own_stops, own_r, f, left, own_went, figures)
        follow_cross(shared, backing, headroom, tolerance, left, deficit, stops, r, f, went, figures)
        figures[PNL] = np.dot(own_went * alone.values, own_r) + np.dot(went * shared.values, r)
        figures[FUNDING] = -(np.dot(own_went, alone.values) + np.dot(went, shared.values)) * f


def _follow_alone(alone: Positions, stops, r, f, left: Left, went, figures) -> bool:
    """Every position that stands alone to its end, and how far it `went`; whether any leaves less than nothing."""
    columns, values, sizes, linear, fees, isolated, tolerances, _, rates, amounts, edges = alone[:11]
    needed, acts, deficit = np.empty(r.size), np.empty(r.size, np.bool_), False
    set_needed(alone.levels, alone.slopes, r, needed)
    _set_acts(alone, stops, needed, r, f, acts)
    closed, handed = left.at, left.backing
    paid, lost, stopped, liquidated, first, first_at = 0.0, 0.0, 0.0, 0, -1, np.inf
    for i in range(r.size):
        went[i], closed[i] = 1.0, np.inf
        if acts[i]:
            gain = values[i] * (r[i] - f)
            went[i], closed[i], handed[i], breached, is_stopped, fee, loss = _follow_one(
                rates, amounts, edges, i, sizes[i], linear[i], isolated[i], fees[i], tolerances[i], stops[i], r[i], gain
            )
            deficit |= (closed[i] <= 1) & (handed[i] < -tolerances[i])
            stopped += is_stopped
            paid += fee
            lost += loss
            liquidated += breached <= 1
            if breached < first_at:
                first, first_at = columns[i], breached
    figures[STOPPED], figures[FEES], figures[LOST], figures[LIQUIDATED] = stopped, paid, lost, liquidated
    figures[FIRST], figures[FIRST_AT] = first, first_at
    return deficit


def _set_acts(alone: Positions, stops, needed, r, f, acts: Mask) -> None:
    """Whether each position is stopped, or short by itself, by the end of the way; several at a time."""
    values, isolated, tolerances, level = alone.values, alone.isolated, alone.tolerances, alone.level
    for i in range(r.size):
        end = isolated[i] + values[i] * (r[i] - f) - needed[i]
        acts[i] = (stops[i] <= 1) | (end < -tolerances[i]) | (isolated[i] - level[i] < -tolerances[i])


def _follow_one(
    rates, amounts, edges, i, whole, linear, backing, charge, tolerance, stop, r, gain
) -> tuple[float, ...]:
    """One position that stands alone, to its end.

    How far it went; where it is closed in whole, at infinity where it is not, and what that leaves; where it was first
    liquidated, whether it is stopped, what it paid in fees, and the collateral that it lost.
    """
    last, shares, reached, went, first, fees = rates.shape[0], 1.0, 0.0, 0.0, np.inf, 0.0
    while True:
        size, slope, until = whole * shares, shares * gain, max(min(stop, 1.0), reached)
        now, then, at = np.inf, np.inf, until
        for k in range(rates.shape[0]):
            charged, freed = rates[k, i] * size, amounts[k, i]
            height, fall = backing - (charged - freed), (charged if linear else -freed) * r - slope
            root = height / fall
            at_once, at_end = height - fall * reached, height - fall * until
            now, then = at_once if at_once < now else now, at_end if at_end < then else then
            at = root if (fall > 0) & (root < at) else at
        if now < -tolerance:
            at = reached
        elif then < -tolerance:
            at = max(at, reached)
        else:
            at = np.inf
        if stop <= 1 and until <= at:
            return went + shares * until, until, backing + until * slope, first, True, fees, 0.0
        if at == np.inf:
            return went + shares, np.inf, 0.0, first, False, fees, 0.0
        first, ratio = min(first, at), 1 + at * r
        size *= ratio if linear else 1.0
        unit = 1.0 if linear else ratio
        last = lower_tier(edges, i, size, unit, last)
        part = min(edges[last, i] * unit / size, 1.0) if last > 0 else 0.0
        own = backing + at * slope
        due = min(charge * size * (1 - part), max(own, 0.0))
        fees += due
        done = shares * (1 - part)
        went += done * at
        if part == 0:
            return went, at, 0.0, first, False, fees, own - due
        backing += done * at * gain - due
        shares, reached = shares - done, at
