"""Programs of a fixed sum: weights between bounds, what they add to, and a cost on how far each is from its kink.

    least      x'Px / 2 - m'x + sum cost_i |x_i - kink_i|                       (1)
    with       lower <= x <= upper,   sum x = total

and the portfolio of (1), with p m and p cost in place of m and cost, in which p e(x) = x'Px, e(x) = m'x - sum cost_i
|x_i - kink_i|: the one of the greatest e(x) / sqrt(x'Px). Both without the folds that a general program needs.

A primal active set: from a point that keeps the limits, Newton's step among the variables between their ends (bounds
and kinks), as far as the first end; where it is taken in full, the two that gain most by a trade with each other are
let go. On a piece x is linear in p, so p has a closed root there, and it is sought with the pieces, not around them.

These are the loops that numba compiles; the ordinary routes give the same weights where they are not there, or where a
program does not settle.

Sources: Nocedal and Wright, Numerical Optimization (2006), chapter 16 (active sets); Platt (1998), "Sequential Minimal
Optimization", for the pair that is let go; Markowitz (1956) for the line in p.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["greatest_ratio", "least"]

Places = NDArray[np.int64]
WrittenOut = tuple[Array, Array, Array, Array, Array, Array, Places]
"""A program of n variables and K folds: its q, rows, row_lower, row_upper, lower, upper and folded."""

Found = tuple[bool, float, Array, Array, Array, WrittenOut]
"""Whether it settled, what is left of p e(x) = x'Px relative to it, x with its folds, multipliers of rows and bounds,
and the program that they are of."""

MOST_STEPS = 20
"""Steps a variable and one more after which a program counts as not settled."""

MOST_RATIOS, LARGEST_RATIO = 40, 10.0
"""Values of p after which the ratio counts as not settled (five are usual), and how many times the last one is next."""

LEAST_GAIN = 1e-13
"""What a trade must gain, relative to the largest slope, to be worth it."""

SAME = 1e-13
"""How near p e(x) must come to x'Px, relative to it."""

FLAT = 1e-12
"""A pivot below this, relative to its diagonal, has lost its digits."""


def least(P: Array, m: Array, cost: Array, kink: Array, lower: Array, upper: Array, total: float) -> Found:
    """The optimum of (1); not settled where P is not positive definite.

    It is written out with its folds, as all data of a program in `QuadraticProgram`, for the certificate to judge.

    Args:
        P: `(n, n)` the quadratic part.
        m: `(n,)` what a unit of each brings.
        cost: `(n,)` of a unit of distance from its kink.
        kink: `(n,)` where that distance is counted from.
        lower: `(n,)` lower bounds.
        upper: `(n,)` upper bounds.
        total: what x adds to.
    """
    x, there = _start(kink, lower, upper, total)
    settled, slope = False, np.zeros(len(m))
    if there and _is_definite(P):
        settled, slope, _ = _descent(P, m, cost, kink, lower, upper, x)
    point, y, z, program = _written_out(m, cost, kink, lower, upper, total, x, slope)
    return settled, 0.0, point, y, z, program


def greatest_ratio(P: Array, m: Array, cost: Array, kink: Array, lower: Array, upper: Array, total: float) -> Found:
    """The portfolio of (1) at the p where p e(x) = x'Px, as `least`; not settled where e(x) is nowhere above zero.

    Args:
        P: `(n, n)` the quadratic part.
        m: `(n,)` what a unit of each brings.
        cost: `(n,)` of a unit of distance from its kink.
        kink: `(n,)` where that distance is counted from.
        lower: `(n,)` lower bounds.
        upper: `(n,)` upper bounds.
        total: what x adds to.
    """
    x, there = _start(kink, lower, upper, total)
    settled, slope, left = False, np.zeros(len(m)), np.inf
    largest = np.abs(m).max()
    p = np.diag(P).max() / largest if largest > 0 else 1.0
    solved = there and _is_definite(P)
    for _ in range(MOST_RATIOS if solved else 0):
        solved, slope, along = _descent(P, p * m, p * cost, kink, lower, upper, x)
        if not solved:
            break
        earned, gained = 0.0, 0.0
        for i in range(len(m)):
            earned += m[i] * x[i] - cost[i] * abs(x[i] - kink[i])
            gained += (m[i] - cost[i] * np.sign(x[i] - kink[i])) * along[i]
        held = P @ x
        variance = x @ held
        left = abs(p * earned - variance) / variance
        if left <= SAME:
            settled = True
            break
        # On this piece x moves by `along` / p for a unit of p, and p e(x) - x'Px as fast as this:
        rise = earned + gained - 2.0 * (held @ along) / p
        wanted = p + (variance - p * earned) / rise if rise > 0 else np.nan
        if not wanted > 0:
            wanted = LARGEST_RATIO * p if p * earned < variance else p / LARGEST_RATIO
        p = min(max(wanted, p / LARGEST_RATIO), LARGEST_RATIO * p)
    point, y, z, program = _written_out(p * m, p * cost, kink, lower, upper, total, x, slope)
    return settled, left, point, y, z, program


def _start(kink: Array, lower: Array, upper: Array, total: float) -> tuple[Array, bool]:
    """A point that keeps the limits, on as many kinks as it can be, and whether there is one."""
    x = np.minimum(np.maximum(kink, lower), upper)
    left = total - x.sum()
    for i in range(len(x)):
        room = upper[i] - x[i] if left > 0 else lower[i] - x[i]
        if abs(room) >= abs(left):
            x[i] += left
            return x, True
        x[i] = upper[i] if left > 0 else lower[i]
        left -= room
    return x, left == 0.0


def _descent(
    P: Array, m: Array, cost: Array, kink: Array, lower: Array, upper: Array, x: Array
) -> tuple[bool, Array, Array]:
    """Whether (1) settled, with `x` moved to its optimum; the slope P x - m there; how x moves as m and cost grow."""
    n = len(x)
    free, between = np.zeros(n, np.bool_), np.empty(n, np.int64)
    factor, along = np.empty((n, n)), np.zeros(n)
    by_slope, by_one, by_gain = np.empty(n), np.empty(n), np.empty(n)
    slope = P @ x - m
    for i in range(n):
        free[i] = lower[i] < x[i] < upper[i] and (cost[i] == 0.0 or x[i] != kink[i])
    for _ in range(MOST_STEPS * (n + 1)):
        # Newton's step of the free variables on their pieces, the sum kept.
        count = 0
        for i in range(n):
            if free[i]:
                between[count] = i
                side = cost[i] * np.sign(x[i] - kink[i])
                by_slope[count], by_one[count], by_gain[count] = slope[i] + side, 1.0, m[i] - side
                count += 1
        if not _factored(P, between, count, factor):
            return False, slope, along
        _solved(factor, count, by_slope)
        _solved(factor, count, by_one)
        _solved(factor, count, by_gain)
        of_slope, of_one, of_gain = by_slope[:count].sum(), by_one[:count].sum(), by_gain[:count].sum()
        share, blocking, end = 1.0, -1, 0.0
        for a in range(count):
            i = between[a]
            by_slope[a] = of_slope / of_one * by_one[a] - by_slope[a]
            by_gain[a] -= of_gain / of_one * by_one[a]
            stop = upper[i] if by_slope[a] > 0 else lower[i]
            if cost[i] > 0 and (x[i] < kink[i] < stop or stop < kink[i] < x[i]):
                stop = kink[i]
            if abs(by_slope[a]) * share > abs(stop - x[i]):
                share, blocking, end = (stop - x[i]) / by_slope[a], i, stop
        for a in range(count):
            x[between[a]] += share * by_slope[a]
        if blocking >= 0:
            x[blocking], free[blocking] = end, False
        slope = P @ x - m
        if blocking >= 0:
            continue

        # The pair that gains most: one to hold more of, one to hold less of.
        most, least_slope, buy, sell, size = -np.inf, np.inf, -1, -1, 0.0
        for i in range(n):
            size = max(size, abs(slope[i] + m[i]), abs(m[i]), cost[i])
            more = slope[i] + (cost[i] if x[i] >= kink[i] else -cost[i])
            less = slope[i] + (cost[i] if x[i] > kink[i] else -cost[i])
            if x[i] < upper[i] and more < least_slope:
                least_slope, buy = more, i
            if x[i] > lower[i] and less > most:
                most, sell = less, i
        if buy < 0 or sell < 0 or most - least_slope <= LEAST_GAIN * size:
            along[:] = 0.0
            for a in range(count):
                along[between[a]] = by_gain[a]
            return True, slope, along
        bend = P[buy, buy] + P[sell, sell] - 2.0 * P[buy, sell]
        if bend <= 0:
            return False, slope, along
        top = kink[buy] if cost[buy] > 0 and x[buy] < kink[buy] < upper[buy] else upper[buy]
        bottom = kink[sell] if cost[sell] > 0 and lower[sell] < kink[sell] < x[sell] else lower[sell]
        step = min((most - least_slope) / bend, top - x[buy], x[sell] - bottom)
        x[buy] = x[buy] + step if step < top - x[buy] else top
        x[sell] = x[sell] - step if step < x[sell] - bottom else bottom
        free[buy], free[sell] = x[buy] != top, x[sell] != bottom
        slope = P @ x - m
    return False, slope, along


def _is_definite(P: Array) -> bool:
    """Whether all of P has a factor: only then is there one optimum and no other."""
    n = len(P)
    return _factored(P, np.arange(n), n, np.empty((n, n)))


def _factored(P: Array, chosen: Places, count: int, factor: Array) -> bool:
    """Cholesky's factor of the chosen rows and columns, in the lower half of `factor`; False where it has no digits."""
    for a in range(count):
        for b in range(a + 1):
            left = P[chosen[a], chosen[b]]
            for c in range(b):
                left -= factor[a, c] * factor[b, c]
            if a == b:
                if not left > FLAT * P[chosen[a], chosen[a]]:
                    return False
                factor[a, a] = np.sqrt(left)
            else:
                factor[a, b] = left / factor[b, b]
    return True


def _solved(factor: Array, count: int, target: Array) -> None:
    """The system of the factor solved in place."""
    for a in range(count):
        for c in range(a):
            target[a] -= factor[a, c] * target[c]
        target[a] /= factor[a, a]
    for a in range(count - 1, -1, -1):
        for c in range(a + 1, count):
            target[a] -= factor[c, a] * target[c]
        target[a] /= factor[a, a]


def _price(slope: Array, cost: Array, kink: Array, lower: Array, upper: Array, x: Array) -> float:
    """What one more of the sum costs: the slope that free variables share, or what lies between those of the others."""
    below, above, common, free = -np.inf, np.inf, 0.0, 0
    for i in range(len(x)):
        more = slope[i] + (cost[i] if x[i] >= kink[i] else -cost[i])
        less = slope[i] + (cost[i] if x[i] > kink[i] else -cost[i])
        if lower[i] < x[i] < upper[i] and more == less:
            common += more
            free += 1
        if x[i] < upper[i]:
            above = min(above, more)
        if x[i] > lower[i]:
            below = max(below, less)
    if free:
        return common / free
    if np.isinf(above):  # nothing can be bought: any price from that of the last sale on
        return max(below, 0.0)
    return min(above, 0.0) if np.isinf(below) else (below + above) / 2.0


def _written_out(
    m: Array, cost: Array, kink: Array, lower: Array, upper: Array, total: float, x: Array, slope: Array
) -> tuple[Array, Array, Array, WrittenOut]:
    """x with its folds, the multipliers of rows and bounds, and the program with its folds and their ties."""
    n, price = len(x), _price(slope, cost, kink, lower, upper, x)
    folded = np.flatnonzero((cost > 0) & (lower < kink) & (kink < upper))
    ties = len(folded)
    q, point, z, y = np.zeros(n + ties), np.zeros(n + ties), np.zeros(n + ties), np.zeros(ties + 1)
    rows, low, high = np.zeros((ties + 1, n + ties)), np.zeros(n + ties), np.empty(n + ties)
    row_low, row_high = np.full(ties + 1, -np.inf), np.full(ties + 1, total)
    low[:n], high[:n], point[:n] = lower, upper, x
    rows[ties, :n], row_low[ties], y[ties] = 1.0, total, -price
    for i in range(n):
        q[i] = -m[i] + (cost[i] if kink[i] <= lower[i] else -cost[i])
        if x[i] == lower[i] or x[i] == upper[i]:
            z[i] = price - slope[i] - (cost[i] if x[i] > kink[i] or kink[i] <= lower[i] else -cost[i])
    for k in range(ties):
        i = folded[k]
        rows[k, i], rows[k, n + k], row_high[k] = 1.0, -1.0, kink[i]
        high[n + k], q[n + k], point[n + k] = upper[i] - kink[i], 2.0 * cost[i], max(x[i] - kink[i], 0.0)
        # Above the kink its tie bears all of the cost, below it none, on it what is left of the slope.
        if x[i] > kink[i]:
            y[k] = 2.0 * cost[i]
        elif x[i] == kink[i]:
            y[k] = min(max(price - slope[i] + cost[i], 0.0), 2.0 * cost[i])
        z[n + k] = y[k] - 2.0 * cost[i]
    return point, y, z, (q, rows, row_low, row_high, low, high, folded)
