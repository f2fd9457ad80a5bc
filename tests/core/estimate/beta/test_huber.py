"""Huber's beta: wild bars, exact lines, invariants and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataWarning, MissingDataError, NotConvergedError, UndefinedError
from core.estimate.beta import huber as robust
from core.estimate.beta.huber import huber_beta
from core.estimate.beta.methods import ols_beta


def sample(rows=200, columns=3, seed=17):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, 0.01, rows)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + rng.standard_t(3, (rows, columns)) * 0.005, market


def test_wild_bars_cannot_bend_it():
    assets, market = sample()
    wild = assets.copy()
    wild[[20, 120, 180]] = [[9.0], [-5.0], [1e8]]
    np.testing.assert_allclose(huber_beta(wild, market), huber_beta(assets, market), atol=0.1)
    assert (np.abs(ols_beta(wild, market) - ols_beta(assets, market)) > 10).all()


def test_residuals_all_within_the_bound_give_least_squares():
    market = np.tile([-0.02, -0.01, 0.01, 0.02], 10)
    assets = 1.2 * market + 0.001 * np.tile([1, -1], 20)
    np.testing.assert_allclose(huber_beta(assets, market), ols_beta(assets, market), rtol=1e-12)


def test_a_line_that_most_rows_keep_exactly_is_the_answer():
    _, market = sample()
    assets = 1.3 * market
    np.testing.assert_allclose(huber_beta(assets, market), 1.3, rtol=1e-13)
    assert huber_beta(np.zeros(200), market)[0] == 0
    assert huber_beta(np.full(200, 0.1), market)[0] == pytest.approx(0, abs=1e-12)


@given(st.floats(-3, 3), st.floats(-0.1, 0.1), st.sampled_from([1e-6, 1.0, 1e5]))
@settings(max_examples=25)
def test_it_moves_with_the_line_and_the_scale(slope, shift, scale):
    assets, market = sample(80)
    moved = huber_beta(scale * (assets + slope * market[:, np.newaxis] + shift), scale * market)
    np.testing.assert_allclose(moved, huber_beta(assets, market) + slope, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("noise", [1e-3, 1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("rows", [60, 720, 4000])
def test_an_asset_that_all_but_follows_the_market_has_a_beta(rows, noise):
    # The same coin at another venue. The line through m + noise z is that through z, times the noise, and the market.
    rng = np.random.default_rng(rows)
    market, z = rng.standard_t(4, rows) * 0.01, rng.standard_t(3, (rows, 5)) * 0.01
    expected = 1 + noise * huber_beta(z, market)
    np.testing.assert_allclose(huber_beta(market[:, np.newaxis] + noise * z, market), expected, rtol=3e-15)


@pytest.mark.parametrize("shift", [1.0, 1e3, 1e5])
def test_a_market_far_from_zero_has_the_same_beta(shift):
    assets, market = sample()
    moved = market + shift
    np.testing.assert_allclose(huber_beta(assets, moved), huber_beta(assets, moved - shift), rtol=1e-12)


def test_one_asset_is_a_column_of_many():
    assets, market = sample()
    assets[:50, 1] = np.nan
    with pytest.warns(DataWarning, match="up to 50 of 200 rows dropped"):
        together = huber_beta(assets, market)
    with pytest.warns(DataWarning, match="50 of 200 rows"):
        np.testing.assert_allclose(huber_beta(assets[:, 1], market), together[1], rtol=1e-11)
    np.testing.assert_allclose(huber_beta(assets[:, 2], market), together[2], rtol=1e-11)


def test_an_asset_without_rows_is_missing():
    assets, market = sample()
    assets[:, 0] = np.nan
    with pytest.warns(DataWarning, match="column 1 has 0 complete rows"):
        assert np.isnan(huber_beta(assets, market)).tolist() == [True, False, False]


def test_a_constant_market_and_too_few_rows_are_refused():
    with pytest.raises(UndefinedError, match="market_returns are constant"):
        huber_beta(np.arange(5.0), np.ones(5))
    with pytest.raises(MissingDataError, match="asset_returns has too few complete rows, 1 where 2"):
        huber_beta([0.1], [0.1])


def test_weights_that_do_not_settle_are_said(monkeypatch):
    monkeypatch.setattr(robust, "ROUNDS", 1)
    with pytest.raises(NotConvergedError, match="asset_returns do not settle in 1 rounds"):
        huber_beta(*sample())
