"""The judgement of a learned model against its base, over days that it has not learned from.

    excess_d = log growth of the learned book on day d, less that of its base, both after costs
    t        = mean of excess / its standard error
    kept     where t > 2, on 60 days or more

The error is the larger of two: that of days which have nothing to do with each other, and Newey and West's, which lets
neighbours move together. Once in 44 times a model that knows nothing passes by chance. Of K trainings that were tried
the best passes as seldom where t is above what a normal exceeds once in 44 K times: 2.5 for 4, 3.1 for 25. The interval
is that of the mean a year, from days resampled in blocks.

Sources: Newey and West (1987) and Politis and Romano (1994), as in `estimate.newey_west` and `numeric.block_bootstrap`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ....arrays import Array
from ....checks import as_vector, finite, number, whole
from ....estimate.newey_west import lag_rule, long_run_error
from ....numeric.block_bootstrap import best_block_length, stationary_rows
from ....records import dataclass
from ....units import DAYS_PER_YEAR

__all__ = ["FEWEST_DAYS", "LEAST_T", "Judgement", "judge", "least_t_of"]

LEAST_T = 2.0
"""What t must be above. Measured on days shuffled against what was known, 1 kept one in five that knew nothing."""

FEWEST_DAYS = 60
"""Fewer days say more of those days than of the model."""

LEVEL, PATHS, SEED = 0.95, 1000, 1
"""Of the interval: what is inside it, and the resamples."""


@dataclass(frozen=True)
class Judgement:
    """What a learned model was worth over its base on `days` days.

    kept           whether it may be followed
    t              of the mean excess; NaN where it has none
    excess         mean log growth a year over the base
    lower, upper   95 % interval of `excess`; NaN where there is none
    days           how many were judged; of decisions further apart, their number
    least_t        what t had to be above
    """

    kept: bool
    t: float
    excess: float
    lower: float
    upper: float
    days: int
    least_t: float = LEAST_T

    @property
    def why(self) -> str:
        """What it rests on, in half a sentence."""
        if self.days < FEWEST_DAYS:
            return f"it was judged on {self.days} days and {FEWEST_DAYS} are needed"
        if math.isnan(self.t):
            return f"on {self.days} days that it had not learned from it did what its base did"
        return (
            f"on {self.days} days that it had not learned from its excess over the base was {self.excess:+.1%} a year "
            f"({LEVEL:.0%} interval {self.lower:+.1%} to {self.upper:+.1%}), t {self.t:.3f} where more than "
            f"{self.least_t:g} is needed"
        )


def least_t_of(trials: int) -> float:
    """What t must be above for the best of so many trainings, each of which knew nothing, to pass once in 44 times.

    Raises ArgumentError (trials below 1).
    """
    from statistics import NormalDist

    normal, count = NormalDist(), whole(trials, "trials", at_least=1)
    return LEAST_T if count == 1 else -normal.inv_cdf(normal.cdf(-LEAST_T) / count)


def judge(
    excess: ArrayLike, least_t: float = LEAST_T, per_year: float = DAYS_PER_YEAR, *, interval: bool = True
) -> Judgement:
    """Judge a model by its log growth over its base, `(D,)`, a value a day, of days that it has not learned from.

    `per_year` is how many values a year has, where they are not of days; without `interval` it has none, which is what
    takes longest. Raises ArgumentError (not one column, least_t below 0, per_year), MissingDataError (a gap).
    """
    least, often = number(least_t, "least_t", at_least=0), number(per_year, "per_year", above=0)
    if np.size(excess) == 0:
        return Judgement(False, math.nan, 0.0, math.nan, math.nan, 0, least)
    days = finite(as_vector(excess, "excess"), "excess")
    mean = float(days.mean())
    error = _standard_error(days)
    t = mean / error if error > 0 else math.nan
    lower, upper = _interval(days, often) if interval and error > 0 else (math.nan, math.nan)
    kept = days.size >= FEWEST_DAYS and t > least
    return Judgement(kept, t, mean * often, lower, upper, days.size, least)


def _standard_error(days: Array) -> float:
    """Of the mean; 0 where nothing varies, or of one day."""
    if days.size < 2 or not np.ptp(days) > 0:
        return 0.0
    apart = float(days.std(ddof=1)) / math.sqrt(days.size)
    influence = (days - days.mean())[:, np.newaxis] / days.size
    together = float(long_run_error(influence, lag_rule([days.size]))[0])
    return max(apart, together)


def _interval(days: Array, per_year: float) -> tuple[float, float]:
    """Of the mean a year."""
    rows = stationary_rows(np.random.default_rng(SEED), days.size, PATHS, days.size, best_block_length(days))
    lower, upper = np.quantile(days[rows].mean(axis=1), [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * per_year
    return float(lower), float(upper)
