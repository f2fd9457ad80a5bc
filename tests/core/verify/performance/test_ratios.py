"""Sharpe, Sortino and growth: other formulas, and what holds for every series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.verify.performance.ratios import annual_growth, annual_volatility, sharpe_ratio, sortino_ratio

RETURNS = np.random.default_rng(0).normal(0.001, 0.02, (300, 3))


def test_sharpe_is_what_pandas_makes_of_it():
    excess = pd.DataFrame(RETURNS) - 0.05 / 365
    np.testing.assert_allclose(sharpe_ratio(RETURNS, 0.05), excess.mean() / excess.std() * np.sqrt(365), rtol=1e-12)


def test_sharpe_by_hand():
    # Mean 0.01, deviation sqrt((0.01^2 + 0.01^2) / 1) over two returns, times 2.
    assert sharpe_ratio([0.02, 0.0], 0.0, 4.0) == pytest.approx([2 * 0.01 / np.sqrt(2e-4)], rel=1e-12)


def test_sortino_counts_bars_without_a_loss():
    # Mean 0.01; losses 0, 0, -0.03, 0: downside sqrt(9e-4 / 4) = 0.015.
    assert sortino_ratio([0.02, 0.03, -0.03, 0.02], 0.0, 1.0) == pytest.approx([0.01 / 0.015], rel=1e-12)
    assert np.isnan(sortino_ratio([0.02, 0.03])).all()


def test_a_gap_is_left_out_of_its_own_column_and_said():
    gappy = RETURNS.copy()
    gappy[5, 1] = np.nan
    with pytest.warns(DataWarning, match="up to 1 of 300 left out"):
        ratios = sharpe_ratio(gappy)
    np.testing.assert_allclose(ratios[[0, 2]], sharpe_ratio(RETURNS)[[0, 2]], rtol=1e-12)
    assert ratios[1] == pytest.approx(sharpe_ratio(np.delete(RETURNS[:, 1], 5))[0], rel=1e-12)


def test_a_column_that_does_not_vary_has_no_ratio():
    ratios = sharpe_ratio(np.column_stack([RETURNS[:, 0], np.full(300, 0.1)]))
    assert np.isfinite(ratios).tolist() == [True, False]


@given(st.floats(0.01, 100), st.floats(1, 9000))
def test_the_ratio_has_no_unit(size, periods):
    np.testing.assert_allclose(
        sharpe_ratio(RETURNS * size, 0.0, periods), sharpe_ratio(RETURNS, 0.0, periods), rtol=1e-9
    )
    np.testing.assert_allclose(sortino_ratio(-RETURNS * size), sortino_ratio(-RETURNS), rtol=1e-9)


def test_growth_and_volatility_a_year():
    assert annual_growth([0.1, 0.1], 4.0) == pytest.approx(1.1**4 - 1, rel=1e-12)
    assert annual_growth([0.1, -1.0]) == -1.0
    assert annual_volatility(RETURNS[:, 0], 365) == pytest.approx(
        pd.Series(RETURNS[:, 0]).std() * np.sqrt(365), rel=1e-12
    )
    assert np.isnan(annual_volatility([0.1]))


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (([0.1],), MissingDataError, "returns has too few complete rows, 1 where 2"),
        (([0.1, np.nan],), MissingDataError, "returns has too few"),
        (([0.1, 0.1, 0.1],), UndefinedError, "do not vary"),
        (([0.1, 0.2], 0.0, 0.0), ArgumentError, "periods_per_year is 0"),
        (([0.1, 0.2], [0.1, 0.2, 0.3]), ArgumentError, "risk_free has 3 values where 2"),
        (([0.1, np.inf],), ArgumentError, "returns is infinite"),
    ],
)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_bad_input(arguments, error, reason):
    with pytest.raises(error, match=reason):
        sharpe_ratio(*arguments)
