from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from core.decide.policy.learned.judgement import FEWEST_DAYS, judge
from core.errors import ArgumentError, MissingDataError

RNG = np.random.default_rng(3)
CHANCE = RNG.normal(0.0, 0.01, 400)
TRENDING = 0.001 + np.convolve(RNG.normal(0.0, 0.01, 405), np.ones(6) / 6, mode="valid")


def test_t_is_that_of_independent_days_where_that_is_the_stricter() -> None:
    days = np.where(np.arange(200) % 2, 0.012, -0.01)
    assert judge(days).t == pytest.approx(stats.ttest_1samp(days, 0.0).statistic, rel=1e-12)


def test_t_is_that_of_newey_and_west_where_days_go_together() -> None:
    fit = OLS(TRENDING, np.ones(400)).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
    assert judge(TRENDING).t == pytest.approx(float(fit.tvalues[0]), rel=1e-9)
    assert judge(TRENDING).t < stats.ttest_1samp(TRENDING, 0.0).statistic


def test_what_is_worth_its_days_is_kept_and_chance_is_not() -> None:
    assert judge(CHANCE + 0.002).kept
    assert not judge(CHANCE).kept
    assert not judge(CHANCE - 0.002).kept
    assert judge(CHANCE + 0.002).excess == pytest.approx((CHANCE.mean() + 0.002) * 365)


def test_a_model_that_knows_nothing_passes_once_in_44_times() -> None:
    """One side of a normal beyond 2: 2.3 %."""
    trials = np.random.default_rng(0).normal(0.0, 0.01, (400, 200))
    passed = sum(judge(days).kept for days in trials)
    assert 2 <= passed <= 20


def test_the_interval_covers_the_mean_it_is_of() -> None:
    held = 0
    for days in np.random.default_rng(1).normal(0.0005, 0.01, (100, 250)):
        found = judge(days)
        held += found.lower <= 0.0005 * 365 <= found.upper
    assert held >= 88


def test_without_its_interval_a_judgement_is_the_same() -> None:
    for days in (TRENDING, CHANCE + 0.002):
        whole, short = judge(days), judge(days, interval=False)
        assert (short.kept, short.t, short.excess, short.days) == (whole.kept, whole.t, whole.excess, whole.days)
        assert math.isnan(short.lower)
        assert math.isnan(short.upper)


def test_too_few_days_keep_nothing_however_good() -> None:
    found = judge(0.01 + 1e-4 * RNG.standard_normal(FEWEST_DAYS - 1))
    assert not found.kept
    assert found.why == "it was judged on 59 days and 60 are needed"
    assert judge([]).why == "it was judged on 0 days and 60 are needed"


def test_a_model_that_does_what_its_base_does_is_not_kept() -> None:
    found = judge(np.zeros(100))
    assert (found.kept, math.isnan(found.t)) == (False, True)
    assert found.why == "on 100 days that it had not learned from it did what its base did"


def test_the_reason_has_the_figures() -> None:
    assert judge(CHANCE, least_t=3.0).why.endswith("where more than 3 is needed")
    assert "on 400 days that it had not learned from its excess over the base was" in judge(CHANCE).why


def test_the_same_days_give_the_same_judgement_and_their_scale_changes_none() -> None:
    assert judge(CHANCE) == judge(CHANCE)
    assert judge(10 * CHANCE).t == pytest.approx(judge(CHANCE).t)


@pytest.mark.parametrize(
    ("days", "least_t", "error", "words"),
    [
        ([[1.0, 2.0], [3.0, 4.0]], 2.0, ArgumentError, "excess must be one row or one column"),
        ([0.1, np.nan], 2.0, MissingDataError, "excess has no value at position 2"),
        ([0.1, 0.2], -1.0, ArgumentError, "least_t is -1"),
    ],
)
def test_bad_input_is_refused(days: list[float], least_t: float, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        judge(days, least_t)
