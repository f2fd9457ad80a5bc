"""Realised betas: those of statsmodels with its HAC errors, period by period, and what has none."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.errors import ArgumentError, DataWarning
from core.verify.performance.realised_beta import realised_beta

RNG = np.random.default_rng(4)
FACTORS = RNG.normal(0, 0.02, (300, 2))
RETURNS = FACTORS @ [0.1, -0.05] + RNG.normal(0, 0.005, 300)
QUARTERS = np.repeat(np.array(["2022-01", "2022-04", "2022-07"], dtype="datetime64[M]"), 100)


def test_beta_error_and_band_are_those_of_statsmodels():
    found = realised_beta(RETURNS, FACTORS, QUARTERS)
    for period in range(3):
        rows = slice(100 * period, 100 * period + 100)
        fit = sm.OLS(RETURNS[rows], sm.add_constant(FACTORS[rows])).fit(cov_type="HAC", cov_kwds={"maxlags": 4})
        np.testing.assert_allclose(found.beta[period], fit.params[1:], rtol=1e-9)
        np.testing.assert_allclose(found.t[period], fit.tvalues[1:], rtol=1e-9)
        np.testing.assert_allclose(
            np.column_stack([found.lower[period], found.upper[period]]), fit.conf_int()[1:], rtol=1e-8
        )
    assert found.bars.tolist() == [100, 100, 100]


def test_the_band_covers_the_truth_about_as_often_as_it_says():
    factors = RNG.normal(0, 0.02, (60_000, 1))
    returns = 0.3 * factors[:, 0] + RNG.normal(0, 0.02, 60_000)
    found = realised_beta(returns, factors, np.arange(60_000) // 200)
    covered = np.mean((found.lower < 0.3) & (found.upper > 0.3))
    assert 0.89 < covered < 0.98  # 300 periods at 95 %, errors a little small at 200 bars


def test_a_short_period_and_a_factor_that_stands_still_have_none():
    still = FACTORS.copy()
    still[:100, 1] = 0.0
    periods = np.r_[np.zeros(100), np.ones(195), np.full(5, 2)]
    found = realised_beta(RETURNS, still, periods)
    assert np.isnan(found.beta[[0, 2]]).all()
    assert np.isnan(found.t[[0, 2]]).all()
    assert np.isfinite(found.beta[1]).all()


def test_a_gap_is_left_out_and_said():
    gappy = RETURNS.copy()
    gappy[5] = np.nan
    with pytest.warns(DataWarning, match="1 of 300 rows dropped"):
        found = realised_beta(gappy, FACTORS, QUARTERS)
    assert found.bars.tolist() == [99, 100, 100]


def test_the_unit_of_returns_scales_beta_alone():
    found, large = realised_beta(RETURNS, FACTORS, QUARTERS), realised_beta(100 * RETURNS, FACTORS, QUARTERS)
    np.testing.assert_allclose(large.beta, 100 * found.beta, rtol=1e-9)
    np.testing.assert_allclose(large.t, found.t, rtol=1e-9)


def test_bad_input():
    with pytest.raises(ArgumentError, match="periods has 5 values where 300"):
        realised_beta(RETURNS, FACTORS, QUARTERS[:5])
    with pytest.raises(ArgumentError, match="level is 1"):
        realised_beta(RETURNS, FACTORS, QUARTERS, 1.0)
