"""How likely a Sharpe ratio is more than luck, after so many trials.

The best of K strategies without skill shows a Sharpe ratio of about

    SR*   = sqrt(V) ((1 - g) Z(1 - 1/K) + g Z(1 - 1/(K e)))            g Euler's constant, Z the normal quantile

V is the variance of the trials' ratios. Trials that are near copies vary little and would make it seem small, so
without a stated V it is that of a ratio without skill, 1 / (n - 1) for n returns. Then

    DSR   = N((SR - SR*) sqrt(n - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR^2))

is the probability that the true ratio is above SR*; for one trial SR* = 0 and DSR is the probabilistic Sharpe ratio.
All ratios are per bar, not annualised; kurtosis is 3 for a normal. Over a benchmark, r is what was earned beyond it: a
market that rose gives any book in it a ratio, but not one over itself.

Sources: Bailey and Lopez de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15 (2012); "The Deflated
Sharpe Ratio", Journal of Portfolio Management 40 (2014).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...checks import aligned, as_vector, enough, number, whole
from ...errors import UndefinedError
from ...tolerances import ROUNDING_OF_SQUARES

__all__ = ["RatioMoments", "best_by_luck", "deflated", "deflated_sharpe", "ratio_moments"]

EULER = 0.5772156649015329


def deflated_sharpe(returns: ArrayLike, trials: int = 1, benchmark: ArrayLike | None = None) -> float:
    """Probability that a series `(T,)` without gaps has a Sharpe ratio above the best by luck of so many trials.

    With `benchmark` `(T,)`, also returns, the ratio is that of the difference. Raises ArgumentError (trials, lengths),
    MissingDataError (fewer than 3 returns) and UndefinedError (they do not vary).
    """
    series = as_vector(returns, "returns")
    if benchmark is not None:
        beside = as_vector(benchmark, "benchmark")
        aligned(series, "returns", beside, "benchmark")
        series = series - beside
    return deflated(*ratio_moments(series), trials)


class RatioMoments(NamedTuple):
    """What the deflated ratio asks of a series: its Sharpe ratio per bar, its returns, skewness and kurtosis."""

    sharpe: float
    observations: int
    skewness: float
    kurtosis: float


def ratio_moments(returns: ArrayLike) -> RatioMoments:
    """Those of a series `(T,)` without gaps, for whoever knows the number of trials only later.

    Raises MissingDataError (fewer than 3 returns) and UndefinedError (they do not vary).
    """
    series = as_vector(returns, "returns")
    enough(series.size, 3, "returns")
    away = series - series.mean()
    squares = float(np.mean(away**2))
    if squares <= ROUNDING_OF_SQUARES * float(np.mean(series**2)):
        raise UndefinedError("returns do not vary, so no Sharpe ratio exists; select returns that move")
    sharpe = float(series.mean() / series.std(ddof=1))
    scaled = away / math.sqrt(squares)
    squared = scaled * scaled  # a power of an array is ten times as slow
    return RatioMoments(sharpe, series.size, float(np.mean(squared * scaled)), float(np.mean(squared * squared)))


def deflated(
    sharpe: float, observations: int, skewness: float, kurtosis: float, trials: int = 1, variance: float | None = None
) -> float:
    """The same from moments.

    Args:
        sharpe: ratio per bar.
        observations: returns that it is made of, n.
        skewness: of the returns.
        kurtosis: of the returns, 3 for a normal.
        trials: strategies that were tried, K.
        variance: of the trials' ratios per bar; None: 1 / (n - 1).

    Raises ArgumentError (trials, observations, a variance below 0).
    """
    count = whole(observations, "observations", at_least=2)
    spread = 1 / (count - 1) if variance is None else number(variance, "variance", at_least=0)
    error = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    # Kurtosis is at least 1 + skewness^2, so this is at least (1 - skewness sharpe / 2)^2; rounding can bring it to 0.
    score = (sharpe - best_by_luck(trials, spread)) * math.sqrt(count - 1) / math.sqrt(max(error, ROUNDING_OF_SQUARES))
    return 0.5 * math.erfc(-score / math.sqrt(2))


def best_by_luck(trials: int, variance: float) -> float:
    """Expected best ratio of so many trials without skill, whose ratios have that variance; 0 for one trial.

    Raises ArgumentError (trials).
    """
    from statistics import NormalDist

    tried = whole(trials, "trials", at_least=1)
    if tried == 1:
        return 0.0
    quantile = NormalDist().inv_cdf
    best = (1 - EULER) * quantile(1 - 1 / tried) + EULER * quantile(1 - 1 / (tried * math.e))
    return math.sqrt(variance) * best
