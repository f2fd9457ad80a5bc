"""Newey-West errors, a risk-free rate that changes, and a published characteristic line."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.estimate.capm import capm
from core.estimate.newey_west import lag_rule

RTOL = 1e-10


def sample(rows=500, scale=0.01):
    rng = np.random.default_rng(17)
    market = rng.normal(0, scale, rows)
    noise = rng.standard_t(4, (rows + 3, 3)) * scale
    moving = noise[3:] + 0.8 * noise[2:-1] + 0.5 * noise[1:-2]
    return np.outer(market, [0.3, 1.0, 1.8]) + moving * (1 + 30 * np.abs(market)[:, None]), market


@pytest.mark.parametrize("lags", [None, 0, 1, 12])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("rows", "scale"), [(60, 0.02), (720, 2e-5), (8760, 0.005)])
def test_errors_are_those_of_statsmodels(lags, intercept, rows, scale):
    assets, market = sample(rows, scale)
    fit = capm(assets, market, 0.05, 8760, intercept, "newey_west", lags)
    used = int(lag_rule(rows)) if lags is None else lags
    x = market - 0.05 / 8760
    for column in range(3):
        model = sm.OLS(assets[:, column] - 0.05 / 8760, sm.add_constant(x) if intercept else x)
        peer = model.fit(cov_type="HAC", cov_kwds={"maxlags": used})
        np.testing.assert_allclose(fit.beta_se[column], peer.bse[-1], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_t[column], peer.tvalues[-1], rtol=RTOL)
        if intercept:
            np.testing.assert_allclose(fit.alpha_se[column], peer.bse[0] * 8760, rtol=RTOL)
            np.testing.assert_allclose(fit.alpha_t[column], peer.tvalues[0], rtol=RTOL, atol=RTOL)


@pytest.mark.parametrize("intercept", [True, False])
def test_a_risk_free_rate_that_changes(intercept):
    assets, market = sample()
    rate = 0.05 * np.abs(np.sin(np.arange(500) / 50))
    fit = capm(assets, market, rate, 365, intercept)
    x = market - rate / 365
    for column in range(3):
        peer = sm.OLS(assets[:, column] - rate / 365, sm.add_constant(x) if intercept else x).fit()
        np.testing.assert_allclose(fit.beta[column], peer.params[-1], rtol=RTOL)
        np.testing.assert_allclose(fit.beta_se[column], peer.bse[-1], rtol=RTOL)
        np.testing.assert_allclose(fit.r_squared[column], peer.rsquared, rtol=RTOL)
        np.testing.assert_allclose(fit.residual_volatility[column], np.sqrt(peer.mse_resid * 365), rtol=RTOL)
        if intercept:
            np.testing.assert_allclose(fit.alpha[column], peer.params[0] * 365, rtol=RTOL, atol=1e-12)


def test_small_stocks_against_the_market_of_french(shared_data):
    """Ninety years of months: SMB on the market, both in excess of a bill rate that ran from 0 to 16 % a year."""
    table = pd.read_csv(shared_data / "macro" / "arch_frenchdata.csv.gz")
    market_excess, small, bill = (table[name].to_numpy() / 100 for name in ("Mkt-RF", "SMB", "RF"))
    fit = capm(small + bill, market_excess + bill, bill * 12, 12, standard_errors="newey_west")
    peer = sm.OLS(small, sm.add_constant(market_excess)).fit(
        cov_type="HAC", cov_kwds={"maxlags": int(lag_rule(len(table)))}
    )
    assert fit.observations[0] == len(table) == 1109
    np.testing.assert_allclose([fit.alpha[0] / 12, fit.beta[0]], peer.params, rtol=1e-10)
    np.testing.assert_allclose([fit.alpha_se[0] / 12, fit.beta_se[0]], peer.bse, rtol=1e-10)
    assert fit.market_premium[0] == pytest.approx(market_excess.mean() * 12, rel=1e-12)


def test_a_published_characteristic_line():
    """Eleven month-ends and the regression table of Excel's Analysis ToolPak, as printed (scribd.com, 270068739)."""
    stock = np.array([100, 110, 112, 115, 108, 105, 109, 114, 115, 118, 120.0])
    market = np.array([10000, 10020, 10025, 10030, 10040, 10015, 10005, 9995, 10013, 10022, 10035.0])
    fit = capm(stock[1:] / stock[:-1] - 1, market[1:] / market[:-1] - 1, periods_per_year=1)
    assert round(fit.beta[0], 5) == 7.74715
    assert round(fit.beta_se[0], 5) == 10.26695
    assert round(fit.beta_t[0], 6) == 0.754572
    assert round(fit.alpha[0], 6) == 0.016495
    assert round(fit.alpha_se[0], 6) == 0.014308
    assert round(fit.alpha_t[0], 6) == 1.152847
    assert round(fit.r_squared[0], 6) == 0.066443
    assert round(fit.residual_volatility[0], 6) == 0.043793
    assert fit.observations[0] == 10
