"""Prices that go straight to where a scenario ends, for numba: `straight_move` tells what happens, in numpy.

Here one scenario goes after the other. Positions that stand alone move nobody else, so each is followed by itself
first; the cross account then meets what they leave to it, the stops of its own positions and its own breaches in the
order of their shares of the way. Little of that needs a look at every position:

    headroom left now and at the end    is left all the way, for it is concave
    a stop that ends a loss             only puts the next breach off: up to the breach once found, none is looked for
    a tangent of the maintenance        lies below it, so the breach is no later than where headroom by it ends, and
                                        Newton's steps begin there; with one rate it is the maintenance itself

Source: as in `straight_move`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from ...numeric.compiled import compiled
from ...tolerances import ACTIVE, ROUNDING
from .account import Account

__all__ = ["move_straight_by_loop"]

PNL, FUNDING, FEES, LOST, LIQUIDATED, STOPPED, FIRST, FIRST_AT = range(8)
"""What is told of a scenario; the last is the share of the way at which the first of the liquidated is."""


class Tiers(NamedTuple):
    """The tiers, `(K, N)` each, as `Account` has them."""

    rates: Array
    amounts: Array
    edges: Array


class Terms(NamedTuple):
    """The account as `Account` has it, with what is the same in each scenario.

    Of each position `(N,)`: `moves` of its price to its stop, NaN without one, whether its own account is `short` now,
    and `shared`, 1.0 for one in cross margin, else 0.0. Of the cross account: what backs it, and its headroom now.
    """

    values: Array
    linear: Mask
    alone: Mask
    isolated: Array
    fees: Array
    moves: Array
    tolerances: Array
    short: Mask
    shared: Array
    tolerance: float
    backing: float
    headroom: float


class Lines(NamedTuple):
    """The maintenance of each position at some share of the way, `(N,)`: of its open size, the line that it lies on."""

    sizes: Array
    level: Array
    growth: Array


class Events(NamedTuple):
    """What the cross account meets: at which share of the way, which position, and what that hands to it, `(N,)`."""

    at: Array
    column: Rows
    handed: Array


def move_straight_by_loop(account: Account, returns: Array, funding: Array) -> Array:
    """What the move leaves, `(7, S)`: profit, funding, fees, collateral lost, liquidated, stopped, first."""
    alone, (headroom, own) = account.alone, account.headroom
    terms = Terms(
        values=account.values,
        linear=account.linear,
        alone=alone,
        isolated=account.isolated,
        fees=account.fees,
        moves=account.stops - 1,
        tolerances=account.own_tolerance,
        short=own < -account.own_tolerance,
        shared=np.where(alone | (account.values == 0), 0.0, 1.0),
        tolerance=account.tolerance,
        backing=float(account.equity - account.isolated[alone].sum()),
        headroom=headroom,
    )
    told = np.zeros((len(returns), FIRST_AT + 1))
    tiers = Tiers(account.rates, account.amounts, account.edges)
    compiled(_move_loop)(terms, tiers, returns, funding, told)
    return told[:, :FIRST_AT].T


def _move_loop(terms: Terms, tiers: Tiers, returns: Array, funding: Array, told: Array) -> None:
    """Every scenario to its end."""
    size = terms.values.size
    lines = Lines(np.empty(size), np.empty(size), np.empty(size))
    events = Events(np.empty(size), np.empty(size, np.int64), np.empty(size))
    values, linear, alone, isolated, fees, moves, tolerances, short, _, _, _, _ = terms
    rates, amounts, edges = tiers
    sizes, needed, shares, acts = np.abs(values), np.empty(size), np.empty(size), np.empty(size, np.bool_)
    for row in range(returns.shape[0]):
        r, f, figures = returns[row], funding[row], told[row]
        figures[FIRST], figures[FIRST_AT] = -1, np.inf
        lines.sizes[:] = sizes
        shares[:] = 1.0
        _set_lines(rates, amounts, lines.sizes, linear, r, 1.0, lines.level, lines.growth)
        needed[:] = lines.level + lines.growth
        _set_acts(values, isolated, moves, tolerances, short, needed, r, f, acts)
        count = 0
        for i in np.flatnonzero(acts):
            at, handed = _stop_share(values[i], moves[i], r[i]), 0.0
            if alone[i]:
                at, handed, shares[i] = _follow_alone(
                    *(rates, amounts, edges, i, values[i], linear[i], isolated[i], fees[i], tolerances[i], at),
                    *(r[i], f, figures),
                )
            if at <= 1:
                events.at[count], events.column[count], events.handed[count] = at, i, handed
                count += 1
        _follow_shared(terms, tiers, lines, needed, shares, r, f, events, count, figures)
        figures[PNL] += np.dot(shares * values, r)
        figures[FUNDING] -= np.dot(shares, values) * f


def _set_acts(values, isolated, moves, tolerances, short, needed, r, f, acts):
    """Whether each position is stopped, or short by itself, by the end of the way; in a loop as in `_set_lines`."""
    for i in range(r.size):
        side = np.sign(values[i])
        stops = (side * moves[i] >= 0) | (side * r[i] <= side * moves[i])
        falls = isolated[i] + values[i] * r[i] - values[i] * f - needed[i] < -tolerances[i]
        acts[i] = stops | falls | short[i]


def _stop_share(value: float, move: float, r: float) -> float:
    """Share of the way at which a position reaches its stop, infinite where it does not; see `stop_shares`."""
    if value == 0 or np.isnan(move):
        return np.inf
    side = 1.0 if value > 0 else -1.0
    if side * move >= 0:
        return 0.0
    return move / r if side * r <= side * move else np.inf


def _set_lines(rates, amounts, sizes, linear, r, at, level, growth):
    """The lines of all at this share of the way, see `_line`; in loops that go several at a time."""
    for i in range(r.size):
        charged, freed = rates[0, i] * sizes[i], amounts[0, i]
        level[i], growth[i] = charged - freed, (charged if linear[i] else -freed) * r[i]
    for k in range(1, rates.shape[0]):
        rate, amount = rates[k], amounts[k]
        for i in range(r.size):
            charged, freed = rate[i] * sizes[i], amount[i]
            rise = (charged if linear[i] else -freed) * r[i]
            higher = charged - freed + rise * at > level[i] + growth[i] * at
            level[i] = charged - freed if higher else level[i]
            growth[i] = rise if higher else growth[i]


def _line(rates: Array, amounts: Array, i: int, size: float, linear: bool, r: float, at: float) -> tuple[float, float]:
    """Level and growth of the line that the maintenance of one position lies on at a share of the way."""
    level, growth = 0.0, 0.0
    for k in range(rates.shape[0]):
        charged, freed = rates[k, i] * size, amounts[k, i]
        rise = (charged if linear else -freed) * r
        if k == 0 or charged - freed + rise * at > level + growth * at:
            level, growth = charged - freed, rise
    return level, growth


def _kept(edges: Array, i: int, size: float, linear: bool, ratio: float, last: int) -> tuple[float, int]:
    """What the exchange leaves open of a size, and its tier; see `Statement.reduce`."""
    unit = 1.0 if linear else ratio
    tier = 0
    for k in range(1, edges.shape[0]):
        tier += edges[k, i] < np.inf and size > edges[k, i] * unit * (1 + ACTIVE)
    tier = min(tier, last - 1)
    return (min(edges[tier, i] * unit / size, 1.0) if tier > 0 and size > 0 else 0.0), tier


def _follow_alone(rates, amounts, edges, i, value, linear, isolated, fee, tolerance, stop, r, f, figures):
    """One position that stands alone, to its end: where it is closed in whole, what that leaves, and the share left.

    Where it is not closed in whole, that is at infinity.
    """
    gain, cost, last = value * r, value * f, rates.shape[0]
    backing, share, reached, stopped = isolated, 1.0, 0.0, False
    while share > 0 and not stopped:
        size, slope, until = abs(value) * share, share * (gain - cost), max(min(stop, 1.0), reached)
        at = _breach_alone(rates, amounts, i, size, linear, r, backing, slope, tolerance, reached, until)
        stopped = stop <= 1 and until <= at
        at = until if stopped else at
        if at == np.inf:
            break
        ratio, due, lost, left = 1 + at * r, 0.0, 0.0, 0.0
        if stopped:
            figures[STOPPED] += 1
        else:
            _note_liquidated(figures, i, at, last, rates.shape[0])
            size *= ratio if linear else 1.0
            kept, last = _kept(edges, i, size, linear, ratio, last)
            left, own = share * kept, backing + at * slope
            due = min(fee * size * (1 - kept), max(own, 0.0))
            lost = own - due if left == 0 else 0.0
        done, share, reached = share - left, left, at
        backing += done * at * (gain - cost) - due - lost
        figures[PNL] += done * at * gain
        figures[FUNDING] -= done * at * cost
        figures[FEES] += due
        figures[LOST] += lost
    return (np.inf if share > 0 else reached), backing, share


def _breach_alone(rates, amounts, i, size, linear, r, backing, slope, tolerance, reached, until):
    """Share of the way, up to `until`, at which backing + slope l falls below maintenance; infinite for none."""
    level, growth = _line(rates, amounts, i, size, linear, r, reached)
    if backing - level + (slope - growth) * reached < -tolerance:
        return reached
    level, growth = _line(rates, amounts, i, size, linear, r, until)
    if backing - level + (slope - growth) * until >= -tolerance:
        return np.inf
    root = until
    while True:
        step = _root(backing - level, growth - slope, reached, root)
        if rates.shape[0] == 1 or step >= root - ROUNDING:
            return step
        root = step
        level, growth = _line(rates, amounts, i, size, linear, r, root)


def _root(height: float, fall: float, least: float, most: float) -> float:
    """Where height - fall l is zero, within its bounds; the far one where it does not fall."""
    return min(max(height / fall, least), most) if fall > 0 else most


def _note_liquidated(figures: Array, i: int, at: float, last: int, tiers: int) -> None:
    """A position is liquidated, at least in part; `last` is `tiers` where it had not been before."""
    figures[LIQUIDATED] += last == tiers
    if at < figures[FIRST_AT]:
        figures[FIRST], figures[FIRST_AT] = i, at


def _follow_shared(
    terms: Terms, tiers: Tiers, lines: Lines, needed, shares, r, f, events: Events, count, figures
) -> None:  # fmt: skip
    """The cross account to its end, through `count` events and its own breaches.

    `lines` and what is `needed` are those at the end of the way; both follow what is closed, and so do the `shares`.
    `now` is the headroom where the way has been `reached`, or less where some is left. No breach is before `breach`,
    and it is one if it was `sought` since the account last changed.
    """
    values, linear, alone, _, fees, _, tolerances, _, shared, tolerance, backing, now = terms
    rates, amounts, edges = tiers
    sizes, levels, growths = lines
    open_ones, last = int(shared.sum()), np.full(r.size, rates.shape[0])
    earned = np.where(shared > 0, values * r, np.inf)
    slope = np.dot(shared * values, r) - np.dot(shared, values) * f
    level, growth, end = np.dot(shared, levels), np.dot(shared, growths), np.dot(shared, needed)
    order = np.argsort(events.at[:count], kind="mergesort")
    met, reached, breach, sought = 0, 0.0, 0.0, False
    while open_ones > 0:
        at = max(events.at[order[met]], reached) if met < count else np.inf
        if breach < at and not sought:
            sought = True
            if now < -tolerance:
                breach = reached
            elif backing + slope - end >= -tolerance:
                breach = np.inf
            else:
                root = _root(backing - level, growth - slope, reached, 1.0)
                breach, level, growth = _breach_shared(
                    rates,
                    amounts,
                    sizes,
                    linear,
                    shared,
                    r,
                    backing,
                    slope,
                    reached,
                    root,
                    levels,
                    growths,
                    level,
                    growth,
                )
        ahead = min(at, breach)
        if ahead == np.inf:
            break
        now, reached, sought = now if ahead == reached else 0.0, ahead, False

        kept, due = 0.0, 0.0
        if breach < at:
            i = int(np.argmin(earned))
            ratio = 1 + reached * r[i]
            size = sizes[i] * (ratio if linear[i] else 1.0)
            _note_liquidated(figures, i, reached, last[i], rates.shape[0])
            kept, last[i] = _kept(edges, i, size, linear[i], ratio, last[i])
            due = fees[i] * size * (1 - kept)
        else:
            i, handed = events.column[order[met]], events.handed[order[met]]
            met += 1
            if alone[i]:
                backing += handed
                if handed < -tolerances[i]:
                    _set_lines(rates, amounts, sizes, linear, r, reached, levels, growths)
                    level, growth = np.dot(shared, levels), np.dot(shared, growths)
                    breach, now = reached, backing - level + (slope - growth) * reached
                continue
            if shares[i] == 0:
                continue
            figures[STOPPED] += 1
            if values[i] * (r[i] - f) > 0:  # without what it would earn, the next breach may be nearer
                breach = reached

        done, gain, cost = shares[i] * (1 - kept), values[i] * r[i], values[i] * f
        figures[PNL] += done * reached * gain
        figures[FUNDING] -= done * reached * cost
        figures[FEES] += due
        backing += done * reached * (gain - cost) - due
        slope -= done * (gain - cost)
        old_level, old_growth = _line(rates, amounts, i, sizes[i], linear[i], r[i], reached)
        shares[i] *= kept
        sizes[i] *= kept
        new_level = new_growth = end_level = end_growth = 0.0
        if kept == 0:
            open_ones -= 1
            earned[i] = np.inf
        else:
            new_level, new_growth = _line(rates, amounts, i, sizes[i], linear[i], r[i], reached)
            end_level, end_growth = _line(rates, amounts, i, sizes[i], linear[i], r[i], 1.0)
        now += old_level - new_level + (old_growth - new_growth) * reached - due
        level += new_level - levels[i]
        growth += new_growth - growths[i]
        end += end_level + end_growth - needed[i]
        levels[i], growths[i], needed[i] = new_level, new_growth, end_level + end_growth


def _breach_shared(
    rates, amounts, sizes, linear, shared, r, backing, slope, reached, root, levels, growths, level, growth
):  # fmt: skip
    """Share of the way, at most `root`, at which the cross account is short, and the sums of the lines there."""
    while rates.shape[0] > 1:
        _set_lines(rates, amounts, sizes, linear, r, root, levels, growths)
        level, growth = np.dot(shared, levels), np.dot(shared, growths)
        step = _root(backing - level, growth - slope, reached, root)
        if step >= root - ROUNDING:
            return step, level, growth
        root = step
    return root, level, growth
