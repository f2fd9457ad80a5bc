"""The cheapest way to cut a series into stretches of one variance each, exactly, in nearly linear time (PELT).

    cost of a stretch    n ln v + S / v      v = max(S / n, floor), S the sum of its n squares: minus twice the
                                             log-likelihood of normal values about zero, less a constant
    F(s) = min over t of F(t) + cost(t, s) + penalty        t <= s - min_size

A start t that is dearer at s than the best cut at s, F(t) + cost(t, s) > F(s), can never win again once s itself may be
a start. With a least length that is min_size values later, so only then is it dropped; dropping it at once, as is often
done, may miss the optimum. Each start carries the sum of its own squares: no difference of running totals, so a bad
tick does not eat the digits of what follows it.

The compiled loop takes most logarithms off the bill. S only grows, so over the next k values the cost of a stretch of n
rises by at least ln v - k / n each: a lower bound that costs one addition. Only a start whose bound is below the best
one found gets its true cost; every sixteenth value all do, and those that are too dear are dropped then.

Source: Killick, Fearnhead and Eckley (2012), "Optimal Detection of Changepoints With a Linear Computational Cost".
"""

from __future__ import annotations

import math

import numpy as np

from ...arrays import Array, Rows
from ...numeric.compiled import compiled, worth_compiling

__all__ = ["variance_starts"]

WORK = 20_000
"""What one value costs numpy here, in array elements: a dozen short operations, and their calls."""


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
    size = squares.size
    least = np.full(size + 1, np.inf)
    least[0] = -penalty
    before = np.full(size + 1, -1, dtype=np.int64)
    starts, ends, sums = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64), np.empty(size)
    count = 0
    for s in range(min_size, size + 1):
        sums[:count] += squares[s - 1]
        start = s - min_size
        if start == 0 or start >= min_size:
            starts[count], ends[count], sums[count] = start, size + 1, squares[start:s].sum()
            count += 1
        length = s - starts[:count]
        variance = np.maximum(sums[:count] / length, floor)
        reached = least[starts[:count]] + length * np.log(variance) + sums[:count] / variance
        best = int(np.argmin(reached))
        least[s], before[s] = reached[best] + penalty, starts[best]

        dear = (reached > least[s]) & (ends[:count] > size)
        ends[:count][dear] = s + min_size
        kept = np.flatnonzero(ends[:count] > s + 1)
        if kept.size < count:
            for array in (starts, ends, sums):
                array[: kept.size] = array[kept]
            count = kept.size
    return before


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
