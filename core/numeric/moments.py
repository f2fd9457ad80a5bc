"""Running means, variations and co-movements of pairs, exact as rows are added and as two stretches are joined.

A row (x, y) added to n rows, and two stretches a and b joined into one:

    mean' = mean + (row - mean) / (n + 1)             product' = product + (x - mean_x') (row - mean)
    product = product_a + product_b + (mean_b - mean_a)_x (mean_b - mean_a) n_a n_b / (n_a + n_b)

`product` holds sum (x - mean x)^2 and sum (x - mean x)(y - mean y), so beta is the second over the first. Nothing is
ever taken away again, so a bad tick leaves no trace in a stretch that does not hold it. Weights may be fractions: to
age what was seen, shrink `weight` and `product` alike.

Sources: Welford (1962); West (1979), for weights; Chan, Golub and LeVeque (1983), for the union.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array
from ..tolerances import ROUNDING_OF_SQUARES

__all__ = ["Moments", "complete", "no_moments", "slope_of"]

Weight = NDArray[np.floating[Any]] | float


class Moments(NamedTuple):
    """Moments of N pairs (x, y), each over its own complete rows; `...` stands for (N,) or more dimensions."""

    weight: Weight
    """`(...)`, number or weight of the rows; one number as long as no pair has missed a row."""
    mean: Array
    """`(2, ...)`, of x and of y."""
    product: Array
    """`(2, ...)`, sum of (x - mean x) times the deviation of x, and of y."""

    def with_row(self, row: Array, present: NDArray[np.bool_] | bool) -> Moments:
        """One more row `(2, ...)`, x and y; only the pairs that are `present` `(...)` take it, all if it is True."""
        weight = self.weight + present
        deviation = row - self.mean
        if present is not True:
            deviation = np.where(present, deviation, 0.0)
        step = deviation / _above_zero(weight)
        return Moments(weight, self.mean + step, self.product + deviation * (deviation[0] - step[0]))

    def aged(self, factor: float) -> Moments:
        """The same with every row's weight times `factor`."""
        return Moments(self.weight * factor, self.mean, self.product * factor)


def complete(row: Array) -> NDArray[np.bool_] | bool:
    """Which pairs of a row `(2, ...)` have both x and y, `(...)`; True stands for all of them."""
    present = np.asarray(np.isfinite(row[0] + row[1]))
    return True if present.all() else present


def no_moments(shape: tuple[int, ...]) -> Moments:
    """The moments of no rows, for pairs laid out in `shape`."""
    return Moments(0.0, np.zeros((2, *shape)), np.zeros((2, *shape)))


def slope_of(first: Moments, second: Moments, needed: float) -> Array:
    """Slope of y on x over two stretches together, `(...)`; NaN where they weigh less than `needed` or x is flat."""
    weight = first.weight + second.weight
    apart = second.mean - first.mean
    shared = apart[0] * (first.weight * second.weight / _above_zero(weight))
    variation, together = first.product + second.product + apart * shared
    # A stretch without rows has mean zero, so the sum is the size of x where it is flat.
    flat = ROUNDING_OF_SQUARES * weight * (first.mean[0] + second.mean[0]) ** 2
    known = (weight >= needed) & (variation > flat)
    return np.asarray(together / np.where(known, variation, np.nan))


def _above_zero(weight: Weight) -> Weight:
    """The weight to divide by; one in place of zero, where nothing is to be divided."""
    return weight + (weight == 0)
