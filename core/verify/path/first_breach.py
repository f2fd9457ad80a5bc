"""The first point of a straight line of returns at which an account breaches its maintenance, exactly.

    r_i(t) = max(a_i + b_i t, -1)        t >= 0, from where the prices are led by a, in the direction b

Headroom, equity less maintenance, is made of straight pieces in t. Its kinks are known beforehand: where a price
reaches zero, and where a position passes from one tier to the next.

    cross account       headroom(t) = E + sum (v_i r_i - M_i(r_i)), one slope between two kinks: every kink in turn,
                        until one lies below zero; the root is on the line before it
    position alone      E_i + v r - max_k (level_k + slope_k r) is below zero where one of its K lines is: the nearest
                        of K roots

Source: the maintenance margin of tiers is convex and the largest of its lines; see `core.market.tiers`.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Mask
from ...tolerances import ROUNDING
from .account import Account, needs

__all__ = ["first_breach", "nearest_roots"]


def first_breach(account: Account, start: Array, direction: Array, furthest: float = np.inf) -> float:
    """Smallest t in [0, furthest] at which returns start + direction t liquidate; infinite when none does."""
    levels, slopes = account.lines
    direction = np.where(np.abs(direction) > ROUNDING, direction, 0.0)  # a price that hardly moves stands still
    alone, now = account.alone, np.maximum(start, -1.0)
    own_now = account.isolated + account.values * now - needs(account, 1 + now)
    below = own_now[alone] < -account.own_tolerance[alone]
    if below.any() or _headroom(account, start, direction, 0.0) < -account.tolerance:
        return 0.0
    backing = account.isolated + account.values * start
    fall = nearest_roots(
        backing,
        account.values * direction,
        levels + slopes * start,
        slopes * direction,
        alone,
        np.divide(-1 - start, direction, out=np.full(start.size, np.inf), where=direction < 0),
    )[1]
    own = np.nanmin(fall) if np.isfinite(fall).any() else np.inf
    return float(min(own if own <= furthest else np.inf, _cross_distance(account, start, direction, furthest)))


def nearest_roots(
    backing: Array, gain: Array, levels: Array, slopes: Array, counts: Mask, furthest: Array | float = np.inf
) -> tuple[Array, Array]:
    """Nearest roots below and above 0 of backing + gain t - max_k (level_k + slope_k t), NaN where there is none.

    Above no further than `furthest`, below no further than -1; only where `counts`.
    """
    value, slope = backing - levels, gain - slopes
    root = np.divide(-value, slope, out=np.full(value.shape, np.nan), where=slope != 0)
    # Headroom is left at 0: rounding may put a root that stands there on its wrong side.
    up = np.where(slope < 0, np.maximum(root, 0.0), np.inf).min(axis=0)
    down = np.where(slope > 0, np.minimum(root, 0.0), -np.inf).max(axis=0)
    known = counts & np.isfinite(up) & (up <= furthest)
    return np.where(counts & (down > -1), down, np.nan), np.where(known, up, np.nan)


def _cross_distance(account: Account, start: Array, direction: Array, furthest: float) -> float:
    """The same for the cross account alone."""
    kinks, jumps = _kinks(account, start, direction)
    inside = (kinks > 0) & (kinks < furthest)
    order = np.argsort(kinks[inside])
    kinks, jumps = kinks[inside][order], jumps[inside][order]
    slopes = _first_slope(account, start, direction) + np.append(0.0, np.cumsum(jumps))
    value = _headroom(account, start, direction, 0.0)
    # Adding up the slopes says which pieces end below zero, but for rounding; each is then looked at itself.
    values = value + np.cumsum(slopes[:-1] * np.diff(kinks, prepend=0.0))
    ends = np.append(kinks, furthest)
    for piece in [*np.flatnonzero(values < account.tolerance).tolist(), kinks.size]:
        first, last = ends[piece - 1] if piece else 0.0, ends[piece]
        at_first = max(_headroom(account, start, direction, first), 0.0)
        if np.isinf(last):
            flat = account.tolerance + ROUNDING * np.abs(account.values * direction).sum()
            return float(first - at_first / slopes[-1]) if slopes[-1] < -flat else np.inf
        at_last = _headroom(account, start, direction, last)
        if at_last < -account.tolerance:  # what rounding leaves of nothing is no breach
            return float(first + at_first / (at_first - at_last) * (last - first))
    return np.inf


def _headroom(account: Account, start: Array, direction: Array, t: float) -> float:
    """Equity of the cross account less its maintenance at t."""
    returns = np.maximum(start + direction * t, -1.0)
    alone = account.alone
    change = np.where(alone, 0.0, account.values * returns - needs(account, 1 + returns))
    return float(account.equity - account.isolated[alone].sum() + change.sum())


def _kinks(account: Account, start: Array, direction: Array) -> tuple[Array, Array]:
    """Where the slope of headroom changes, and by how much: at the edges of tiers, and at prices of zero."""
    levels, slopes = account.lines
    moving = ~account.alone & (account.values != 0) & (direction != 0)
    # The lines of two tiers meet at the edge between them.
    apart, real = np.diff(slopes, axis=0), np.isfinite(account.edges[1:])
    edges = np.divide(-np.diff(levels, axis=0), apart, out=np.full(apart.shape, -np.inf), where=real & (apart != 0))
    lowest = np.where(account.linear, slopes[0], slopes.min(axis=0))
    places = np.vstack([edges, np.full(start.size, -1.0)])
    jumps = np.vstack([-np.abs(apart), account.values - lowest]) * np.abs(direction)
    usable = moving & (places >= -1)
    t = np.divide(places - start, direction, out=np.full(places.shape, np.inf), where=usable)
    return t[usable], jumps[usable]


def _first_slope(account: Account, start: Array, direction: Array) -> float:
    """Slope of headroom just after t = 0."""
    levels, slopes = account.lines
    needed = levels + slopes * start
    highest = needed.max(axis=0)
    standing = needed >= highest - account.own_tolerance
    growth = np.where(standing, slopes * direction, -np.inf).max(axis=0)
    moving = ~account.alone & ((start > -1) | ((start == -1) & (direction > 0)))
    return float(np.where(moving, account.values * direction - growth, 0.0).sum())
