"""The distribution function of the beta law, I_x(a, b), by its continued fraction.

    I_x(a, b) = x^a (1 - x)^b / (a B(a, b)) / (1 + d_1 / (1 + d_2 / (1 + ...)))        where x < (a + 1) / (a + b + 2)
    d_2m+1 = -(a + m)(a + b + m) x / (a + 2m)(a + 2m + 1),   d_2m = m (b - m) x / (a + 2m - 1)(a + 2m)

and I_x(a, b) = 1 - I_1-x(b, a) elsewhere. Evaluated by Lentz's method; it takes about the root of the larger parameter
in steps. scipy has the same, and takes longer to load than a whole history takes here.

Source: Press, Teukolsky, Vetterling and Flannery, Numerical Recipes (2007), 6.4; Abramowitz and Stegun (1964), 6.1.41
and 26.5.8.
"""

from __future__ import annotations

import math

import numpy as np

from ..arrays import Array
from ..errors import NotConvergedError

__all__ = ["incomplete_beta"]

SETTLED = 1e-15
"""Change of the fraction, relative to it, at which it has settled."""

TINY = 1e-300
"""What stands for a denominator of nothing."""

MOST_STEPS = 100_000

LARGE = 10.0
STIRLING = ((1 / 12, 1), (-1 / 360, 3), (1 / 1260, 5), (-1 / 1680, 7), (1 / 1188, 9), (-691 / 360360, 11))
"""Beyond which argument a gamma function is read from Stirling's series, and its terms."""


def incomplete_beta(a: float, b: float, x: Array) -> Array:
    """I_x(a, b) for each x in [0, 1], `(K,)`; a and b above zero. Raises NotConvergedError."""
    low = x < (a + 1) / (a + b + 2)
    found = np.empty(x.size)
    found[low] = _lower(a, b, x[low], 1 - x[low])
    found[~low] = 1 - _lower(b, a, 1 - x[~low], x[~low])
    return found


def _lower(a: float, b: float, x: Array, rest: Array) -> Array:
    """I_x(a, b) where its fraction converges quickly; `rest` is 1 - x."""
    found = np.zeros(x.size)
    mean = a / (a + b)
    # About the mean, so that the logarithms that cancel are small whatever the parameters.
    scale = 0.5 * math.log(b / (a + b) / (2 * math.pi * a)) + _beyond_stirling(a + b)
    scale -= _beyond_stirling(a) + _beyond_stirling(b)
    with np.errstate(divide="ignore"):
        front = np.exp(scale + a * np.log1p((x - mean) / mean) + b * np.log1p((mean - x) / (1 - mean)))
    seen = (front > 0) & (x > 0)
    found[seen] = front[seen] * _fraction(a, b, x[seen])
    return found


def _beyond_stirling(z: float) -> float:
    """log gamma(z) less (z - 1/2) log z - z + log(2 pi) / 2."""
    if z < LARGE:
        return math.lgamma(z) - ((z - 0.5) * math.log(z) - z + 0.5 * math.log(2 * math.pi))
    return sum(term / z**power for term, power in STIRLING)


def _fraction(a: float, b: float, x: Array) -> Array:
    """1 / (1 + d_1 / (1 + d_2 / ...)), by Lentz's method.

    Each x until its own fraction has settled: after that its changes are rounding, which of many some always exceeds.
    """
    found, left = np.empty(x.size), np.arange(x.size)
    above = np.ones(x.size)
    below = 1 / _not_nothing(1 - (a + b) * x / (a + 1))
    value = below.copy()
    for m in range(1, MOST_STEPS):
        if not left.size:
            return found
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            below = 1 / _not_nothing(1 + term * below)
            above = _not_nothing(1 + term / above)
            change = above * below
            value = value * change
        going = ~(np.abs(change - 1) <= SETTLED)
        if not going.all():
            found[left[~going]] = value[~going]
            left, x, above, below, value = left[going], x[going], above[going], below[going], value[going]
    raise NotConvergedError("the beta law did not settle; take fewer rows or a level further from 1")


def _not_nothing(values: Array) -> Array:
    return np.where(np.abs(values) < TINY, TINY, values)
