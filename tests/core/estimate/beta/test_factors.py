"""Factor betas: closed forms, weights, gaps, invariants and bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError, UndefinedError
from core.estimate.beta.ewma import ewma_beta, exponential_weights
from core.estimate.beta.factors import factor_betas
from core.estimate.capm import capm

NAN = np.nan
LOADINGS = np.array([[1.2, 0.5, 0.0], [-0.3, 0.8, 0.4]])


def sample(rows=120, noise=0.01, seed=9):
    rng = np.random.default_rng(seed)
    factors = rng.normal(0.001, [0.02, 0.01], (rows, 2))
    return 0.0005 + factors @ LOADINGS + rng.normal(0, noise, (rows, 3)), factors


def test_an_exact_mixture_is_taken_apart():
    assets, factors = sample(noise=0)
    fit = factor_betas(assets, factors)
    np.testing.assert_allclose(fit.beta, LOADINGS, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(fit.alpha, 0.0005, rtol=1e-10)
    np.testing.assert_allclose(fit.r_squared, 1)
    np.testing.assert_allclose(fit.residual_volatility, 0, atol=1e-14)


def test_one_factor_is_the_capm_regression():
    assets, factors = sample()
    fit, peer = factor_betas(assets, factors[:, 0]), capm(assets, factors[:, 0], periods_per_year=1)
    for ours, theirs in (
        (fit.alpha, peer.alpha),
        (fit.beta[0], peer.beta),
        (fit.t_alpha, peer.alpha_t),
        (fit.t[0], peer.beta_t),
        (fit.r_squared, peer.r_squared),
        (fit.residual_volatility, peer.residual_volatility),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_weights_are_those_of_the_ewma_beta():
    assets, factors = sample()
    np.testing.assert_allclose(
        factor_betas(assets, factors[:, 0], 20).beta[0], ewma_beta(assets, factors[:, 0], 20), rtol=1e-12
    )


def test_weighted_errors_are_those_of_the_formula_written_out():
    assets, factors = sample(60)
    fit = factor_betas(assets, factors, 15)
    x, w = np.column_stack([np.ones(60), factors]), np.diag(exponential_weights(60, 15))
    g = np.linalg.inv(x.T @ w @ x) @ x.T @ w
    coefficients = g @ assets
    residuals = assets - x @ coefficients
    variance = np.diag(residuals.T @ w @ residuals) / (np.trace(w) - np.trace(x @ g @ w))
    errors = np.sqrt(np.outer(np.diag(g @ g.T), variance))
    np.testing.assert_allclose(np.vstack([fit.alpha, fit.beta]), coefficients, rtol=1e-10)
    np.testing.assert_allclose(np.vstack([fit.t_alpha, fit.t]), coefficients / errors, rtol=1e-10)
    np.testing.assert_allclose(fit.residual_volatility, np.sqrt(variance), rtol=1e-10)


def test_the_residual_volatility_is_right_on_average_whatever_the_halflife():
    rng = np.random.default_rng(3)
    factors = rng.normal(size=(200, 2))
    fit = factor_betas(rng.normal(0, 0.5, (200, 4000)), factors, 10)
    assert np.mean(fit.residual_volatility**2) == pytest.approx(0.25, rel=0.02)
    # So are the errors: under no relation one t in twenty is beyond the bound of a normal, a little more of a t.
    assert np.mean(np.abs(fit.t) > 2.09) == pytest.approx(0.05, abs=0.015)


def test_gaps_are_dropped_asset_by_asset():
    assets, factors = sample()
    assets[10:20, 0] = assets[50, 1] = factors[100, 1] = NAN
    with pytest.warns(DataWarning, match=r"up to 11 of 120 rows dropped .*most in column 1"):
        together = factor_betas(assets, factors, 30)
    for column in range(3):
        keep = np.isfinite(assets[:, column]) & np.isfinite(factors).all(axis=1)
        weights = exponential_weights(120, 30)[keep]
        root = np.sqrt(weights)[:, np.newaxis]
        x = np.column_stack([np.ones(keep.sum()), factors[keep]])
        expected = np.linalg.lstsq(root * x, root[:, 0] * assets[keep, column])[0]
        np.testing.assert_allclose([together.alpha[column], *together.beta[:, column]], expected, rtol=1e-10)


def test_a_contract_with_too_few_rows_is_missing_while_others_answer():
    assets, factors = sample()
    assets[3:, 1] = NAN
    with pytest.warns(DataWarning, match="column 2 has 3 complete rows where 4 are needed"):
        fit = factor_betas(assets, factors)
    assert np.isnan(fit.alpha).tolist() == [False, True, False]
    assert np.isnan(fit.beta[:, 1]).all()
    assert np.isnan(fit.residual_volatility[1])


def test_a_contract_that_never_moves_has_betas_of_zero_and_no_fit():
    _, factors = sample()
    fit = factor_betas(np.full((120, 1), 0.01), factors)
    np.testing.assert_allclose(fit.beta, 0, atol=1e-14)
    assert fit.alpha[0] == pytest.approx(0.01)
    assert np.isnan([fit.r_squared[0], fit.t_alpha[0], *fit.t[:, 0]]).all()


@given(scales=st.tuples(st.sampled_from([1e-9, 1e5]), st.sampled_from([1e-7, 1e3])), order=st.permutations(range(3)))
@settings(max_examples=15)
def test_scale_of_a_factor_and_order_of_contracts(scales, order):
    assets, factors = sample()
    moved, fit = factor_betas(assets[:, order], factors * scales, 40), factor_betas(assets, factors, 40)
    expected = fit.beta[:, order] / np.array(scales)[:, np.newaxis]
    np.testing.assert_allclose(moved.beta, expected, rtol=1e-9)
    np.testing.assert_allclose(moved.t, fit.t[:, order], rtol=1e-9)
    np.testing.assert_allclose(moved.r_squared, fit.r_squared[order], rtol=1e-10)


@given(st.floats(-2, 2), st.floats(-0.5, 0.5))
def test_mixing_factors_mixes_their_betas(mix, shift):
    assets, factors = sample()
    mixed = np.column_stack([factors[:, 0], factors[:, 1] + mix * factors[:, 0] + shift])
    fit, moved = factor_betas(assets, factors), factor_betas(assets, mixed)
    np.testing.assert_allclose(moved.beta[1], fit.beta[1], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(moved.beta[0], fit.beta[0] - mix * fit.beta[1], rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(moved.residual_volatility, fit.residual_volatility, rtol=1e-9)


GOOD_ASSETS, GOOD_FACTORS = sample(20)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"halflife": -5}, ArgumentError, "halflife is -5; it must be above 0"),
        ({"factors": GOOD_FACTORS[:9]}, ArgumentError, "asset_returns has 20 rows and factor_returns has 9"),
        ({"factors": np.full((20, 2), np.inf)}, ArgumentError, "factor_returns is infinite in row 1, column 1"),
        ({"factors": np.full((20, 1), 0.3)}, UndefinedError, "factor_returns: column 1 is constant"),
        ({"factors": np.zeros((20, 1))}, UndefinedError, "factor_returns: column 1 is constant"),
        ({"factors": GOOD_FACTORS[:, [0, 1, 0]]}, UndefinedError, "column 3 is constant, or a combination"),
        ({"factors": np.full((20, 2), NAN)}, MissingDataError, "asset_returns has too few complete rows, 0 where 4"),
        ({"assets": np.full((20, 2), NAN)}, MissingDataError, "asset_returns has too few complete rows, 0 where 4"),
        ({"assets": [[0.1]], "factors": [[0.1]]}, MissingDataError, "1 where 3 are needed"),
    ],
)
def test_bad_input_is_refused_by_name(change, error, words):
    arguments = {"assets": GOOD_ASSETS, "factors": GOOD_FACTORS, "halflife": None, **change}
    with pytest.raises(error, match=words):
        factor_betas(*arguments.values())
