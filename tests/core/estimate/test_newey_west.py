"""Newey-West errors: the lag rule, White's errors as a limit, gaps in their place. statsmodels: tests/oracles."""

import numpy as np
import pytest

from core.errors import ArgumentError
from core.estimate.capm import capm
from core.estimate.newey_west import lag_rule, long_run_error


def sample(rows=300, columns=3):
    rng = np.random.default_rng(4)
    market = rng.normal(0, 0.01, rows)
    noise = rng.normal(0, 0.01, (rows + 2, columns))
    return np.outer(market, [0.5, 1.0, 1.5][:columns]) + noise[2:] + 0.7 * noise[1:-1] + 0.4 * noise[:-2], market


@pytest.mark.parametrize(("observations", "lags"), [(3, 1), (60, 3), (99, 3), (100, 4), (720, 6), (8760, 10)])
def test_the_rule_grows_slowly(observations, lags):
    assert lag_rule(observations) == lags


def test_by_hand():
    # 1 + 4 + 9 and twice half of (1 x 2 + 2 x 3)
    assert long_run_error(np.array([[1.0], [2.0], [3.0]]), np.array([1]))[0] == pytest.approx(np.sqrt(14 + 8))


def test_each_column_has_lags_of_its_own():
    influence = np.random.default_rng(0).normal(size=(50, 3))
    together = long_run_error(influence, np.array([0, 2, 7]))
    alone = [long_run_error(influence[:, [i]], np.array([lags]))[0] for i, lags in enumerate((0, 2, 7))]
    np.testing.assert_allclose(together, alone, rtol=1e-14)


def test_it_is_never_below_zero():
    swinging = np.tile([[1.0], [-1.0]], (50, 1))
    assert long_run_error(swinging, np.array([99]))[0] >= 0
    assert long_run_error(swinging, np.array([1]))[0] == pytest.approx(1, abs=0.01)


def test_only_errors_and_t_differ_from_the_classical_fit():
    classical, robust = capm(*sample()), capm(*sample(), standard_errors="newey_west")
    for name in ("beta", "alpha", "r_squared", "residual_volatility", "appraisal", "observations"):
        np.testing.assert_array_equal(getattr(robust, name), getattr(classical, name))
    np.testing.assert_allclose(robust.beta_t, robust.beta / robust.beta_se, rtol=1e-14)
    np.testing.assert_allclose(robust.alpha_t, robust.alpha / robust.alpha_se, rtol=1e-14)
    assert (robust.alpha_se > 1.2 * classical.alpha_se).all(), "residuals that hang together say less of the mean"


def test_a_gap_keeps_its_place_in_time():
    assets, market = sample(200, 1)
    assets[90:95] = np.nan
    with pytest.warns(match="5 of 200 rows dropped"):
        fit = capm(assets, market, standard_errors="newey_west", lags=4)
    keep = np.isfinite(assets[:, 0])
    x = np.column_stack([np.ones(200), market])
    scores = np.where(keep[:, None], x * (assets - fit.alpha / 365 - fit.beta * market[:, None]), 0.0)
    middle = scores.T @ scores
    for lag in range(1, 5):
        moved = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / 5) * (moved + moved.T)
    bread = np.linalg.inv(x[keep].T @ x[keep])
    errors = np.sqrt(np.diag(bread @ middle @ bread))
    np.testing.assert_allclose([fit.alpha_se[0] / 365, fit.beta_se[0]], errors, rtol=1e-10)


def test_a_perfect_fit_has_no_error_and_no_t():
    _, market = sample()
    fit = capm(2 * market, market, standard_errors="newey_west")
    assert fit.beta_se[0] == fit.alpha_se[0] == 0
    assert np.isnan(fit.beta_t[0])


@pytest.mark.parametrize("intercept", [True, False])
def test_the_order_of_contracts_does_not_matter(intercept):
    assets, market = sample()
    fit = capm(assets, market, intercept=intercept, standard_errors="newey_west")
    for column in range(3):
        alone = capm(assets[:, column], market, intercept=intercept, standard_errors="newey_west")
        np.testing.assert_allclose(fit.beta_se[column], alone.beta_se[0], rtol=1e-12)
        np.testing.assert_allclose(fit.alpha_se[column], alone.alpha_se[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"standard_errors": "white"}, "standard_errors 'white' is not known"),
        ({"lags": -1}, "lags is -1; it must be at least 0"),
        ({"lags": 1.5}, "lags is 1.5; it must be a whole number"),
        ({"lags": "x"}, "lags must be a number"),
    ],
)
def test_bad_input_is_refused_by_name(changes, words):
    with pytest.raises(ArgumentError, match=words):
        capm(*sample(), **({"standard_errors": "newey_west"} | changes))
