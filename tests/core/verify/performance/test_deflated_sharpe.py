"""The deflated Sharpe ratio: the published examples, simulation, and its limits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.errors import ArgumentError, MissingDataError, UndefinedError
from core.verify.performance.deflated_sharpe import best_by_luck, deflated, deflated_sharpe, ratio_moments


def test_the_published_example():
    # Bailey and Lopez de Prado (2014): 2.5 a year over 1,250 days of 250, skewness -3, kurtosis 10; variance 1/2 a year
    variance, sharpe = 0.5 / 250, 2.5 / math.sqrt(250)
    assert best_by_luck(100, variance) == pytest.approx(0.1132, abs=5e-5)
    assert deflated(sharpe, 1250, -3, 10, 100, variance) == pytest.approx(0.9004, abs=5e-5)
    assert deflated(sharpe, 1250, -3, 10, 46, variance) == pytest.approx(0.9505, abs=5e-5)


def test_the_published_probabilistic_ratio():
    # Bailey and Lopez de Prado (2012): 0.458 a month over 24 months; normal, then skewness -2.448 and kurtosis 10.164.
    assert deflated(0.458, 24, 0, 3) == pytest.approx(0.982, abs=1e-3)
    assert deflated(0.458, 24, -2.448, 10.164) == pytest.approx(0.913, abs=1e-3)


def test_the_best_of_many_without_skill_is_as_good_as_luck_says():
    rng = np.random.default_rng(1)
    best = rng.normal(size=(20_000, 50)).max(axis=1).mean()
    assert best_by_luck(50, 1.0) == pytest.approx(best, rel=0.02)  # the formula is that of the limit, 1.4 % high here


def test_moments_are_those_of_the_returns():
    from scipy import stats

    returns = stats.t(5).rvs(500, random_state=3) * 0.01 + 0.0005
    sharpe = returns.mean() / returns.std(ddof=1)
    shape = stats.skew(returns), stats.kurtosis(returns, fisher=False)
    assert deflated_sharpe(returns) == pytest.approx(deflated(sharpe, 500, *shape), rel=1e-12)
    score = sharpe * math.sqrt(499) / math.sqrt(1 - shape[0] * sharpe + (shape[1] - 1) / 4 * sharpe**2)
    assert deflated_sharpe(returns) == pytest.approx(stats.norm.cdf(score), rel=1e-12)


def test_more_trials_need_more():
    returns = np.random.default_rng(4).normal(0.001, 0.01, 400)
    chances = [deflated_sharpe(returns, trials) for trials in (1, 2, 10, 1000)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > chances[-1] + 0.1


@pytest.mark.parametrize(
    ("returns", "trials", "error", "reason"),
    [
        ([0.1, 0.2], 1, MissingDataError, "returns has too few"),
        ([0.1, 0.1, 0.1], 1, UndefinedError, "do not vary"),
        ([0.1, 0.2, 0.0], 0, ArgumentError, "trials is 0; it must be at least 1"),
        ([0.1, 0.2, 0.0], 1.5, ArgumentError, "trials is 1.5; it must be a whole number"),
    ],
)
def test_bad_input(returns, trials, error, reason):
    with pytest.raises(error, match=reason):
        deflated_sharpe(returns, trials)


def test_over_a_benchmark_only_what_was_earned_beyond_it_counts():
    rng = np.random.default_rng(6)
    market = rng.normal(0.002, 0.01, 500)
    own = market + rng.normal(0, 0.004, 500)
    assert deflated_sharpe(own) > 0.99
    assert deflated_sharpe(own, 1, market) == deflated_sharpe(own - market)
    assert deflated_sharpe(own, 7, market) < deflated_sharpe(own, 1, market) < 0.9
    with pytest.raises(UndefinedError, match="do not vary"):
        deflated_sharpe(own, 1, own)
    with pytest.raises(ArgumentError, match="returns has 500 rows and benchmark has 3"):
        deflated_sharpe(own, 1, market[:3])


def test_moments_that_are_kept_give_the_ratio_later():
    returns = np.random.default_rng(3).standard_t(4, 400) * 0.01 + 0.001
    moments = ratio_moments(returns)
    assert moments.skewness == pytest.approx(stats.skew(returns), rel=1e-12)
    assert moments.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)
    assert deflated(*moments, 30) == deflated_sharpe(returns, 30)
    with pytest.raises(UndefinedError):
        ratio_moments(np.full(20, 0.01))
    with pytest.raises(MissingDataError):
        ratio_moments([0.1, 0.2])
