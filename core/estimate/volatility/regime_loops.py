"""The cheapest way to cut a series into stretches of one variance each, exactly, in nearly linear time (PELT).

    cost of a stretch    n ln v + S / v      v = max(S / n, floor), S the sum of its n squares: minus twice the
                                             log-likelihood of normal values about zero, less a constant
    F(s) = min over t of F(t) + cost(t, s) + penalty        t <= s - min_size

A start t that is dearer at s than the best cut at s, F(t) + cost(t, s) > F(s), can never win again once s itself may be
a start. With a least length that is min_size values later, so only then is it dropped; dropping it at once, as is often
done, may miss the optimum. Each start carries the sum of its own squares: no difference of running totals, so a bad
tick does not eat the digits of what follows it.

Most starts can be passed over for many values at a time. The cost of a stretch is the least of n ln v + S / v over all
v from the floor on, so two stretches joined cost no less than both by themselves, and no more than both with the v of
the first. For the next k values, with the sum c, and for the start b that is the best one so far,

    F(t) + cost(t, s + k) >= F(t) + cost(t, s) + cost(k, c)
    F(b) + cost(b, s + k) <= F(b) + cost(b, s) + k ln v_b + c / v_b

so only the starts that are dearer than b by no more than k ln v_b + c / v_b - cost(k, c) can be the best at s + k, and
that is little unless the values are unlike those of b. Numpy takes as many values at a time as the least length allows,
since what may be a start for them is known before. The compiled loop takes them one by one: over the next k values the
cost of a stretch of n rises by at least ln v - k / n each, a lower bound that costs one addition. Only a start whose
bound is below the best one found gets its true cost; every sixteenth value all do, and those that are too dear are
dropped then.

Source: Killick, Fearnhead and Eckley (2012), "Optimal Detection of Changepoints With a Linear Computational Cost".
"""

from __future__ import annotations

import math

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled, worth_compiling

__all__ = ["variance_starts"]

WORK = 4_000
"""What one value costs numpy here, in array elements: its share of some dozens of operations, and of their calls."""

LONGEST = 48
"""Values that numpy takes at a time: more make fewer calls, and more starts that may be the best for one of them."""

ROUNDED = 1e-9
"""Share of a cost within which two are looked at as if they were the same."""


def variance_starts(squares: Array, min_size: int, penalty: float, floor: float) -> Rows:
    """Where each stretch of the cheapest cut begins, the first at 0.

    `squares` `(T,)` with T >= min_size >= 1; `penalty` >= 0 a stretch; `floor` > 0, the least variance told apart.
    """
    by_loop = worth_compiling(WORK * squares.size)
    before = (compiled(_before_by_loop) if by_loop else _before_by_numpy)(squares, min_size, penalty, floor)
    starts = []
    end = squares.size
    while end > 0:
        end = int(before[end])
        starts.append(end)
    return np.array(starts[::-1], dtype=np.int64)


def _before_by_numpy(squares: Array, min_size: int, penalty: float, floor: float) -> Rows:
    """The start of the last stretch of the cheapest cut of the first s values, `(T + 1,)`; -1 where there is none."""
    size, step = squares.size, min(min_size, LONGEST)
    least, before = np.full(size + 1, np.inf), np.full(size + 1, -1, dtype=np.int64)
    least[0] = -penalty
    starts = until = np.empty(0, dtype=np.int64)
    sums = reached = np.empty(0)
    for first in range(min_size, size + 1, step):
        ends = np.arange(first, min(first + step, size + 1))
        last, seen = ends[-1], np.cumsum(squares[first - 1 : ends[-1]])
        new, behind = _new_starts(squares, ends, min_size)

        near = _near(reached, sums, first - 1 - starts, seen, floor)
        some, lengths = np.append(starts[near], new), ends - np.append(starts[near], new)[:, np.newaxis]
        costs = _cost(lengths, np.append(sums[near], behind)[:, np.newaxis] + seen, floor)
        costs += least[some, np.newaxis]
        costs[lengths < min_size] = np.inf
        best = costs.argmin(axis=0)
        least[ends], before[ends] = costs[best, np.arange(ends.size)] + penalty, some[best]

        starts, until = np.append(starts, new), np.append(until, np.full(new.size, size + 1))
        sums = np.append(sums, behind) + seen[-1]
        reached = least[starts] + _cost(last - starts, sums, floor)
        until[(reached > least[last]) & (until > size)] = last + min_size
        kept = until > last + 1
        starts, until, sums, reached = starts[kept], until[kept], sums[kept], reached[kept]
    return before


def _new_starts(squares: Array, ends: Rows, min_size: int) -> tuple[Rows, Array]:
    """The starts that come to be allowed with each of the `ends`, and the sums of their squares before the first."""
    new = ends - min_size
    behind = np.zeros(min_size)
    np.cumsum(squares[new[0] : ends[0] - 1][::-1], out=behind[-2::-1])
    allowed = (new == 0) | (new >= min_size)
    return new[allowed], behind[: new.size][allowed]


def _near(reached: Array, sums: Array, lengths: Rows, seen: Array, floor: float) -> Rows:
    """Which starts may be the best once the values with the running sums `seen` are there as well."""
    if not reached.size:
        return np.empty(0, dtype=np.int64)
    best, more = int(reached.argmin()), np.arange(1, seen.size + 1)
    variance = max(sums[best] / lengths[best], floor)
    dearer = (more * math.log(variance) + seen / variance - _cost(more, seen, floor)).max()
    return np.flatnonzero(reached - reached[best] <= dearer + ROUNDED * (1 + abs(reached[best])))


def _cost(lengths: Rows, sums: Array, floor: float) -> Array:
    variance = np.maximum(sums / lengths, floor)
    return np.asarray(lengths * np.log(variance) + sums / variance)


def _before_by_loop(squares, min_size, penalty, floor):  # type: ignore[no-untyped-def]
    size = squares.size
    least = np.full(size + 1, np.inf)
    least[0] = -penalty
    before = np.full(size + 1, -1, dtype=np.int64)
    starts, ends, sums = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64), np.empty(size)
    reached, rise = np.empty(size), np.empty(size)
    count = 0
    for s in range(min_size, size + 1):
        start = s - min_size
        if start == 0 or start >= min_size:
            starts[count], ends[count], sums[count] = start, size + 1, 0.0
            for t in range(start, s - 1):
                sums[count] += squares[t]
            reached[count], rise[count] = -np.inf, 0.0
            count += 1
        square = squares[s - 1]
        for i in range(count):
            sums[i] += square
            reached[i] += rise[i]

        full = s % 16 == 0
        least_here, best = np.inf, 0
        for i in range(count):
            if full or reached[i] < least_here:
                length = s - starts[i]
                variance = max(sums[i] / length, floor)
                log = math.log(variance)
                reached[i] = least[starts[i]] + length * log + sums[i] / variance
                rise[i] = log - (16 - s % 16) / length if variance > floor else -np.inf
                if reached[i] < least_here:
                    least_here, best = reached[i], i
        least[s], before[s] = least_here + penalty, starts[best]

        if full:
            kept = 0
            for i in range(count):
                if reached[i] > least[s] and ends[i] > size:
                    ends[i] = s + min_size
                if ends[i] > s + 1:
                    if kept < i:
                        starts[kept], ends[kept], sums[kept] = starts[i], ends[i], sums[i]
                        reached[kept], rise[kept] = reached[i], rise[i]
                    kept += 1
            count = kept
    return before
