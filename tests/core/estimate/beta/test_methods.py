"""Beta: closed forms, invariants, gaps, bad ticks and bad input."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.choices import BETA_METHODS
from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.beta.methods import (
    downside_beta,
    estimate_beta,
    ewma_beta,
    exponential_weights,
    ols_beta,
    portfolio_beta,
    shrunk_beta,
    upside_beta,
)
from core.estimate.capm import capm

NAN = np.nan
ALONE = [method for method in BETA_METHODS if method != "shrunk"]
"""Methods that look at one asset at a time."""


def sample(rows=200, columns=4, scale=0.01, seed=7):
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0005, scale, rows)
    return np.outer(market, np.linspace(0.5, 1.5, columns)) + rng.normal(0, scale, (rows, columns)), market


@pytest.mark.parametrize("method", BETA_METHODS)
def test_the_market_has_a_beta_of_one(method):
    _, market = sample()
    np.testing.assert_allclose(estimate_beta(market, market, method), 1, rtol=1e-14)


def test_ols_beta_is_covariance_over_variance():
    assets, market = sample()
    expected = [np.cov(column, market)[0, 1] / market.var(ddof=1) for column in assets.T]
    np.testing.assert_allclose(ols_beta(assets, market), expected, rtol=1e-12)


def test_downside_beta_sees_falls_and_upside_beta_rises():
    market = np.array([-0.03, -0.02, -0.01, 0.0, 0.01, 0.02])
    asset = np.where(market < 0, 1.5, 0.5) * market
    assert downside_beta(asset, market)[0] == pytest.approx(1.5)
    assert upside_beta(asset, market)[0] == pytest.approx(0.5)


def test_a_flat_market_bar_is_neither_rise_nor_fall():
    market = np.array([-0.02, -0.01, 0.0, 0.01, 0.03])
    asset = np.array([0.1, 0.3, 99.0, 0.5, 0.2])
    assert downside_beta(asset, market)[0] == pytest.approx(20)
    assert upside_beta(asset, market)[0] == pytest.approx(-15)


def test_weights_halve_with_each_halflife():
    np.testing.assert_allclose(exponential_weights(7, 3)[::3], [0.25, 0.5, 1])


def test_ewma_beta_of_an_endless_halflife_is_the_ols_beta():
    assets, market = sample()
    np.testing.assert_allclose(ewma_beta(assets, market, 1e12), ols_beta(assets, market), rtol=1e-9)


def test_ewma_beta_follows_the_latest_regime():
    _, market = sample(400)
    asset = np.where(np.arange(400) < 300, 0.5, 2.0) * market
    assert ewma_beta(asset, market, 10)[0] == pytest.approx(2, abs=0.01)


def test_a_missing_row_still_ages_those_before_it():
    assets, market = sample(60, 1)
    gap = market.copy()
    gap[40:50] = NAN
    keep = np.isfinite(gap)
    weights = exponential_weights(60, 15)[keep]
    x, y = market[keep], assets[keep, 0]
    x, y = x - np.average(x, weights=weights), y - np.average(y, weights=weights)
    with pytest.warns(DataWarning, match="10 of 60 rows"):
        beta = ewma_beta(assets, gap, 15)
    assert beta[0] == pytest.approx((weights * x * y).sum() / (weights * x * x).sum(), rel=1e-12)


@pytest.mark.parametrize("method", ALONE)
@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_gaps_are_dropped_pair_by_pair(method):
    assets, market = sample()
    assets[3, 0] = assets[90:95, 2] = market[150] = NAN
    together = estimate_beta(assets, market, method)
    alone = [estimate_beta(column, market, method)[0] for column in assets.T]
    np.testing.assert_allclose(together, alone, rtol=1e-12)


@pytest.mark.parametrize("method", ["ols", "downside", "upside", "shrunk", "huber"])
def test_a_gap_is_the_same_as_a_row_that_is_not_there(method):
    assets, market = sample()
    gaps = assets.copy()
    gaps[[5, 50]] = NAN
    rest = np.delete(np.arange(200), [5, 50])
    with pytest.warns(DataWarning, match="rows dropped because a value is missing"):
        dropped = estimate_beta(gaps, market, method)
    np.testing.assert_allclose(dropped, estimate_beta(assets[rest], market[rest], method), rtol=1e-12)


# The Kalman filter's likelihood is flat at its top: see test_kalman.
@pytest.mark.parametrize("method", [method for method in BETA_METHODS if method != "kalman"])
@pytest.mark.parametrize("scale", [1e-8, 2e-5, 1.0, 1e6])
def test_the_scale_of_returns_does_not_matter(method, scale):
    assets, market = sample()
    expected = estimate_beta(assets, market, method)
    np.testing.assert_allclose(estimate_beta(assets * scale, market * scale, method), expected, rtol=1e-11)


@given(st.floats(-3, 3), st.floats(-0.1, 0.1))
def test_adding_market_adds_beta_and_adding_a_constant_adds_none(slope, shift):
    assets, market = sample(50, 2)
    moved = ols_beta(assets + slope * market[:, None] + shift, market)
    np.testing.assert_allclose(moved, ols_beta(assets, market) + slope, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("method", BETA_METHODS)
@given(order=st.permutations(range(4)))
@settings(max_examples=10)
def test_the_order_of_contracts_does_not_matter(method, order):
    assets, market = sample(50)
    expected = estimate_beta(assets, market, method)[list(order)]
    np.testing.assert_allclose(estimate_beta(assets[:, order], market, method), expected, rtol=1e-12)


@pytest.mark.parametrize("method", BETA_METHODS)
def test_a_short_has_the_opposite_beta(method):
    assets, market = sample()
    np.testing.assert_allclose(
        estimate_beta(-assets, market, method), -estimate_beta(assets, market, method), rtol=1e-12
    )


def test_a_bad_tick_of_a_million_costs_no_digits():
    assets, market = sample(300, 2)
    market[10], assets[10] = 1e6, [5e5, 2e6]
    exact = [_exact_beta(column, market) for column in assets.T]
    np.testing.assert_allclose(ols_beta(assets, market), exact, rtol=1e-14)


def test_a_constant_offset_of_a_million_costs_no_more_than_the_input_has():
    assets, market = sample(300, 2)
    shifted = ols_beta(assets + 2.0**20, market)
    np.testing.assert_allclose(shifted, ols_beta((assets + 2.0**20) - 2.0**20, market), rtol=1e-10)


def _exact_beta(asset, market):
    """The same formula in exact rational arithmetic."""
    x, y = [Fraction(v) for v in market.tolist()], [Fraction(v) for v in asset.tolist()]
    x_mean, y_mean = sum(x) / len(x), sum(y) / len(y)
    return float(
        sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True)) / sum((a - x_mean) ** 2 for a in x)
    )


def test_a_contract_that_never_moves_has_a_beta_of_zero():
    _, market = sample()
    for constant in (0.0, 0.1):
        assert ols_beta(np.full(200, constant), market)[0] == 0


def test_a_contract_with_too_few_rows_is_missing_while_others_answer():
    assets, market = sample()
    assets[1:, 2] = NAN
    with pytest.warns(DataWarning, match="column 3 has 1 complete rows where 2 are needed"):
        betas = ols_beta(assets, market)
    assert np.isnan(betas).tolist() == [False, False, True, False]


def test_an_empty_column_is_missing_while_others_answer():
    assets, market = sample()
    assets[:, 0] = NAN
    with pytest.warns(DataWarning, match="column 1 has 0 complete rows"):
        betas = ewma_beta(assets, market)
    assert np.isnan(betas).tolist() == [True, False, False, False]


def test_the_input_is_left_as_it_was():
    assets, market = sample()
    copies = assets.copy(), market.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for method in BETA_METHODS:
            estimate_beta(assets, market, method)
    np.testing.assert_array_equal(assets, copies[0])
    np.testing.assert_array_equal(market, copies[1])


class TestShrunk:
    def test_it_weighs_each_beta_by_its_precision(self):
        assets, market = sample()
        fit = capm(assets, market)
        prior, own = 1 / fit.beta.var(ddof=1), 1 / fit.beta_se**2
        expected = (fit.beta.mean() * prior + fit.beta * own) / (prior + own)
        np.testing.assert_allclose(shrunk_beta(assets, market), expected, rtol=1e-12)

    def test_a_noisy_beta_moves_further_toward_the_mean(self):
        assets, market = sample(columns=5)
        assets[:, 0] += np.random.default_rng(1).normal(0, 0.1, 200)
        ols, shrunk = ols_beta(assets, market), shrunk_beta(assets, market)
        moved = (shrunk - ols) / (ols.mean() - ols)
        assert ((moved > 0) & (moved < 1)).all()
        assert moved.argmax() == 0

    @pytest.mark.parametrize("columns", [1, 2])
    def test_without_a_cross_section_it_moves_toward_one(self, columns):
        assets, market = sample(60, columns)
        fit = capm(assets, market)
        trust = 0.25 / (0.25 + fit.beta_se**2)
        np.testing.assert_allclose(shrunk_beta(assets, market), 1 + trust * (fit.beta - 1), rtol=1e-12)

    def test_a_certain_beta_stays_and_equal_betas_are_their_mean(self):
        assets, market = sample(60, 3)
        assets[:, 0] = 1.7 * market
        assert shrunk_beta(assets, market)[0] == pytest.approx(1.7, rel=1e-12)
        same = np.column_stack([assets[:, 1]] * 3)
        np.testing.assert_allclose(shrunk_beta(same, market), ols_beta(assets[:, 1], market)[0], rtol=1e-12)

    def test_an_asset_with_too_few_rows_is_no_peer(self):
        assets, market = sample(60, 4)
        assets[2:, 3] = NAN
        with pytest.warns(DataWarning, match="column 4 has 2 complete rows where 3 are needed"):
            shrunk = shrunk_beta(assets, market)
        np.testing.assert_allclose(shrunk[:3], shrunk_beta(assets[:, :3], market), rtol=1e-12)
        assert np.isnan(shrunk[3])


class TestPortfolio:
    def test_beta_is_the_weighted_sum(self):
        assert portfolio_beta([0.5, -0.25], [1.0, 2.0]) == 0

    def test_a_contract_not_held_needs_no_beta(self):
        assert portfolio_beta([0.5, 0.0], [1.2, NAN]) == pytest.approx(0.6)

    @pytest.mark.parametrize(
        ("weights", "betas", "error", "words"),
        [
            ([0.5, 0.5], [1.0, NAN], MissingDataError, "betas has no value at position 2"),
            ([0.5, NAN], [1.0, 1.0], MissingDataError, "weights has no value at position 2"),
            ([0.5, 0.5], [1.0], ArgumentError, "weights has 2 rows and betas has 1"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, weights, betas, error, words):
        with pytest.raises(error, match=words):
            portfolio_beta(weights, betas)


@pytest.mark.parametrize("method", BETA_METHODS)
def test_a_market_that_never_moves_has_no_beta(method):
    constant = np.full(20, {"downside": -0.01}.get(method, 0.01))
    with pytest.raises(UndefinedError, match="market_returns are constant"):
        estimate_beta(np.arange(20.0), constant, method)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([0.1, 0.2], [0.1, 0.2], "old"), ArgumentError, "method 'old' is not known"),
        (([0.1, 0.2], [0.1, 0.2], "ewma", 0), ArgumentError, "halflife is 0; it must be above 0"),
        (([0.1, 0.2], [0.1, 0.2], "ewma", NAN), ArgumentError, "halflife must be a finite number"),
        (([0.1, 0.2, 0.3], [0.1, 0.2]), ArgumentError, "asset_returns has 3 rows and market_returns has 2"),
        (([0.1, 0.2, 0.3], [0.1, 0.2], "downside"), ArgumentError, "asset_returns has 3 rows and market_returns has 2"),
        (([0.1, 0.2], [[0.1, 0.2], [0.3, 0.4]]), ArgumentError, "market_returns must be one row or one column"),
        ((["x", 0.2], [0.1, 0.2]), ArgumentError, "asset_returns must hold numbers"),
        (([NAN, NAN], [0.1, 0.2]), MissingDataError, "asset_returns has too few complete rows, 0 where 2"),
        (([0.1], [0.1]), MissingDataError, "asset_returns has too few complete rows, 1 where 2"),
        (([0.1, 0.2], [0.1, 0.2], "downside"), MissingDataError, "market_returns are never below zero"),
        (([0.1, 0.2], [-0.1, -0.2], "upside"), MissingDataError, "market_returns are never above zero"),
        (([0.1, 0.2], [-0.1, 0.2], "upside"), MissingDataError, "asset_returns has too few complete rows"),
    ],
)
def test_bad_input_is_refused_by_name(arguments, error, words):
    with pytest.raises(error, match=words):
        estimate_beta(*arguments)
