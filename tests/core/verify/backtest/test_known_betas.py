"""Betas that were known: those of an independent regression, kept between estimates, and blind to what comes."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from core.errors import ArgumentError, DataWarning
from core.verify.backtest.known_betas import known_betas

RNG = np.random.default_rng(8)
FACTORS = RNG.normal(0, 0.02, (200, 2))
RETURNS = FACTORS @ RNG.normal(1, 0.4, (2, 3)) + RNG.normal(0, 0.01, (200, 3))


def test_they_are_those_of_statsmodels_over_the_window_before():
    known = known_betas(RETURNS, FACTORS, [60, 90], 40)
    for row, column in ((60, 0), (90, 2)):
        past = slice(row - 39, row + 1)
        fit = sm.OLS(RETURNS[past, column], sm.add_constant(FACTORS[past])).fit()
        np.testing.assert_allclose(known[row, column], fit.params[1:], rtol=1e-9)
    assert np.isnan(known[:60]).all()
    np.testing.assert_array_equal(known[89], known[60])
    np.testing.assert_array_equal(known[199], known[90])


def test_newer_returns_count_more_with_a_half_life():
    known = known_betas(RETURNS, FACTORS, [100], 80, 10.0)
    weights = 0.5 ** (np.arange(80)[::-1] / 10)
    fit = sm.WLS(RETURNS[21:101, 1], sm.add_constant(FACTORS[21:101]), weights).fit()
    np.testing.assert_allclose(known[100, 1], fit.params[1:], rtol=1e-9)


def test_what_comes_later_changes_nothing():
    later, moved = RETURNS.copy(), FACTORS.copy()
    later[91:] *= -3
    moved[91:] *= 2
    rows = range(50, 200, 10)
    kept, changed = known_betas(RETURNS, FACTORS, rows, 40), known_betas(later, moved, rows, 40)
    np.testing.assert_array_equal(changed[:100], kept[:100])
    assert not np.array_equal(changed[100], kept[100])


def test_a_window_that_allows_none_keeps_the_last_and_says_so():
    still = FACTORS.copy()
    still[100:] = 0.0
    with pytest.warns(DataWarning, match=r"no betas could be estimated at 1 of 3 rows, first at row 181 \("):
        known = known_betas(RETURNS, still, [60, 120, 180], 40)
    np.testing.assert_array_equal(known[180], known[120])


def test_a_late_listing_has_none_until_it_has_returns():
    late = RETURNS.copy()
    late[:100, 1] = np.nan
    known = known_betas(late, FACTORS, [80, 140], 40)
    assert np.isnan(known[80, 1]).all()
    assert np.isfinite(known[140]).all()


def test_bad_input():
    with pytest.raises(ArgumentError, match="window is 1"):
        known_betas(RETURNS, FACTORS, [60], 1)
    with pytest.raises(ArgumentError, match="returns has 200 rows and factor_returns has 10"):
        known_betas(RETURNS, FACTORS[:10], [60], 40)
