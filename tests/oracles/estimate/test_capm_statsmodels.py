"""CAPM regressions against statsmodels' OLS: coefficients, errors, t and R2, with and without an intercept."""

import numpy as np
import pytest
import statsmodels.api as sm

from core.estimate.beta.methods import ewma_beta, exponential_weights, ols_beta
from core.estimate.capm import capm

RTOL = 1e-10


def sample(rows, scale, outlier=False, seed=21):
    rng = np.random.default_rng(seed)
    market = rng.normal(scale / 20, scale, rows)
    assets = np.outer(market, [0.3, 1.0, 1.8]) + rng.standard_t(4, (rows, 3)) * scale
    if outlier:
        market[rows // 2], assets[rows // 2] = 1e6 * scale, [1e6 * scale, -1e6 * scale, 0]
    return assets, market


CASES = [(60, 0.02, False), (720, 2e-5, False), (8760, 0.005, False), (3, 0.01, False), (720, 0.01, True)]


@pytest.mark.parametrize(("rows", "scale", "outlier"), CASES)
@pytest.mark.parametrize("risk_free", [0.0, 0.05])
def test_with_an_intercept(rows, scale, outlier, risk_free):
    assets, market = sample(rows, scale, outlier)
    fit = capm(assets, market, risk_free, 365)
    for column in range(3):
        peer = sm.OLS(assets[:, column] - risk_free / 365, sm.add_constant(market - risk_free / 365)).fit()
        np.testing.assert_allclose(fit.beta[column], peer.params[1], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_se[column], peer.bse[1], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_t[column], peer.tvalues[1], rtol=RTOL)
        np.testing.assert_allclose(fit.alpha_se[column], peer.bse[0] * 365, rtol=RTOL)
        # Alpha is the small difference of two means, so it is compared on the scale of its standard error.
        np.testing.assert_allclose(fit.alpha[column], peer.params[0] * 365, rtol=RTOL, atol=RTOL * fit.alpha_se[column])
        np.testing.assert_allclose(fit.alpha_t[column], peer.tvalues[0], rtol=RTOL, atol=RTOL)
        np.testing.assert_allclose(fit.r_squared[column], peer.rsquared, rtol=RTOL, atol=1e-12)
        np.testing.assert_allclose(fit.residual_volatility[column], np.sqrt(peer.mse_resid * 365), rtol=RTOL)
        assert fit.observations[column] == peer.nobs


@pytest.mark.parametrize(("rows", "scale", "outlier"), CASES)
def test_through_the_origin(rows, scale, outlier):
    assets, market = sample(rows, scale, outlier)
    fit = capm(assets, market, intercept=False)
    for column in range(3):
        peer = sm.OLS(assets[:, column], market).fit()
        np.testing.assert_allclose(fit.beta[column], peer.params[0], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_se[column], peer.bse[0], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_t[column], peer.tvalues[0], rtol=RTOL)
        np.testing.assert_allclose(fit.r_squared[column], peer.rsquared, rtol=RTOL, atol=1e-12)
        np.testing.assert_allclose(fit.residual_volatility[column], np.sqrt(peer.mse_resid * 365), rtol=RTOL)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_gaps_are_what_statsmodels_drops():
    assets, market = sample(200, 0.01)
    assets[[3, 77], 0] = assets[10:20, 2] = market[150] = np.nan
    fit = capm(assets, market)
    for column in range(3):
        peer = sm.OLS(assets[:, column], sm.add_constant(market), missing="drop").fit()
        np.testing.assert_allclose(fit.beta[column], peer.params[1], rtol=RTOL)
        np.testing.assert_allclose(fit.alpha_t[column], peer.tvalues[0], rtol=RTOL)
        assert fit.observations[column] == peer.nobs


def test_beta_alone_is_the_same_slope():
    assets, market = sample(720, 2e-5)
    peers = [sm.OLS(column, sm.add_constant(market)).fit().params[1] for column in assets.T]
    np.testing.assert_allclose(ols_beta(assets, market), peers, rtol=RTOL)


def test_ewma_beta_is_weighted_least_squares():
    assets, market = sample(300, 0.01)
    weights = exponential_weights(300, 40)
    peers = [sm.WLS(column, sm.add_constant(market), weights).fit().params[1] for column in assets.T]
    np.testing.assert_allclose(ewma_beta(assets, market, 40), peers, rtol=RTOL)
