"""Running sums over the rows of pairs (x, y), measured from a pivot, exact once a bad tick is in none of the rows.

    count        sum (x - c)        sum (y - d)        sum (x - c)^2        sum (x - c)(y - d)

Two stretches about one pivot (c, d) are joined by adding their sums, and with m = sum (x - c) / count the slope of y on
x is

    beta = (sum (x - c)(y - d) - m sum (y - d)) / (sum (x - c)^2 - m sum (x - c))

A pivot that is itself one of the n rows is at most sqrt(n) standard deviations from their mean, so what these two
differences cancel costs at most a factor of n, however far from zero the data are; mostly it is a factor of one.

Source: Chan, Golub and LeVeque (1983), "Algorithms for Computing the Sample Variance" (shifted data).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array, Mask
from ..tolerances import ROUNDING, ROUNDING_OF_SQUARES

__all__ = ["Pivot", "Sums", "each_row", "no_rows", "pivot_at", "present_pairs", "running"]

Shared = Any
"""An array, or a float where one number stands for all pairs."""


class Pivot(NamedTuple):
    """What x and y are measured from; zero where that row is missing, as returns are about zero anyhow."""

    x: Shared
    y: Array


class Sums(NamedTuple):
    """The five sums of N pairs; `...` stands for (N,) or more dimensions.

    Those without y are one number for all pairs, `(..., 1)` or a float, as long as all have missed the same rows.
    """

    count: Shared
    x: Shared
    y: Array
    xx: Shared
    xy: Array

    def joined(self, other: Sums) -> Sums:
        """The sums of both stretches together."""
        return Sums(
            self.count + other.count, self.x + other.x, self.y + other.y, self.xx + other.xx, self.xy + other.xy
        )

    def slope(self, pivot: Pivot, needed: float) -> Array:
        """Slope of y on x, `(...)`; NaN where fewer than `needed` rows are complete or x is flat."""
        mean, variation = self.spread(pivot, needed)
        return np.asarray((self.xy - mean * self.y) / variation)

    def spread(self, pivot: Pivot, needed: float) -> tuple[Shared, Array]:
        """Mean of x from the pivot, and the sum of its squares about the mean; NaN where `slope` is."""
        mean = self.x / np.maximum(self.count, 1.0)
        variation = self.xx - mean * self.x
        # A pivot among n rows leaves 1 / n of its squares about the mean; the last term is for one of zero, of no row.
        flat = ROUNDING_OF_SQUARES * self.count * (pivot.x + mean) ** 2 + ROUNDING * self.xx
        known = (self.count >= needed) & (variation > flat)
        return mean, np.where(known, variation, np.nan)


def no_rows(size: int) -> Sums:
    """The sums of no rows, for `size` pairs."""
    return Sums(0.0, 0.0, np.zeros(size), 0.0, np.zeros(size))


def pivot_at(x: Shared, y: Array) -> Pivot:
    """The pivot at a row, or at rows `(...)`."""
    return Pivot(np.where(np.isfinite(x), x, 0.0), np.where(np.isfinite(y), y, 0.0))


def present_pairs(x: Array, y: Array) -> Mask:
    """Which pairs have both x `(..., 1)` and y `(..., N)`: `(..., N)`, or `(..., 1)` when all miss the same rows."""
    present = np.isfinite(x + y)
    every, some = present.all(axis=-1, keepdims=True), present.any(axis=-1, keepdims=True)
    return np.asarray(every if (every == some).all() else present)


def each_row(x: Shared, y: Array, pivot: Pivot, present: Mask | bool) -> Sums:
    """The sums of each row by itself; x `(..., 1)` or a float, y `(..., N)`. What is not `present` adds nothing."""
    from_x, from_y = x - pivot.x, y - pivot.y
    if present is not True:
        from_x, from_y = np.where(present, from_x, 0.0), np.where(present, from_y, 0.0)
    return Sums(present * 1.0, from_x, from_y, from_x * from_x, from_x * from_y)


def running(rows: Sums, axis: int) -> Sums:
    """The sums of the first row, of the first two, and so on along `axis`."""
    return Sums(*(np.cumsum(values, axis=axis) for values in rows))
