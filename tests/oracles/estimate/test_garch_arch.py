"""GARCH(1,1) against the package arch, given our start of the recursion as its backcast.

arch holds the backcast fixed where ours moves with the mean, which shifts its estimates by a few thousandths of a
standard error; at given parameters both must say the same to the last digit.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from arch import arch_model

from core.errors import DataWarning
from core.estimate.volatility.garch import garch

NAMES = ("mu", "omega", "alpha", "beta")


def simulated(rows, alpha, beta, tail, seed):
    rng = np.random.default_rng(seed)
    h = square = 1.0
    values = []
    for shock in rng.standard_t(tail, rows) * ((tail - 2) / tail) ** 0.5:
        h = 1 - alpha - beta + alpha * square + beta * h
        values.append(h**0.5 * shock)
        square = values[-1] ** 2
    return 0.05 + np.array(values)


SIMULATED = [
    simulated(1000, 0.05, 0.90, 50, 1),
    simulated(2000, 0.10, 0.85, 6, 2),
    simulated(2000, 0.30, 0.50, 8, 3),
    simulated(4000, 0.03, 0.96, 10, 4),
]


def compare(returns):
    fit = garch(returns, horizon=24)
    robust = garch(returns, horizon=24, standard_errors="robust")
    ours = np.array([getattr(fit, name)[0] for name in NAMES])
    errors = np.array([getattr(fit, f"se_{name}")[0] for name in NAMES])
    robust_errors = np.array([getattr(robust, f"se_{name}")[0] for name in NAMES])

    model = arch_model(returns, rescale=False)
    residuals = returns - ours[0]
    backcast = float(np.mean(residuals**2))
    path = np.empty_like(returns)
    bounds = np.tile([0.0, np.inf], (returns.size, 1))
    model.volatility.compute_variance(ours[1:], residuals, path, backcast, bounds)
    likelihood = -0.5 * np.sum(np.log(2 * np.pi * path) + residuals**2 / path)
    assert fit.log_likelihood[0] == pytest.approx(likelihood, rel=1e-12)

    theirs = model.fit(disp="off", show_warning=False, backcast=backcast, cov_type="classic")
    assert fit.log_likelihood[0] >= theirs.loglikelihood - 1e-4
    np.testing.assert_allclose((ours - theirs.params.to_numpy()) / errors, 0, atol=0.01)
    np.testing.assert_allclose(errors, theirs.std_err, rtol=0.01)
    sandwich = model.fit(disp="off", show_warning=False, backcast=backcast, cov_type="robust")
    np.testing.assert_allclose(robust_errors, sandwich.std_err, rtol=0.03)

    ahead = theirs.forecast(horizon=24, reindex=False).variance.to_numpy()[0]
    assert fit.volatility_now[0] == pytest.approx(ahead[0] ** 0.5, rel=1e-3)
    assert fit.volatility_horizon[0] == pytest.approx(ahead.mean() ** 0.5, rel=1e-3)


@pytest.mark.parametrize("returns", SIMULATED, ids=["normal", "fat tails", "quick", "slow"])
def test_on_simulated_returns(returns):
    compare(returns)


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_on_a_year_of_hours(shared_data, symbol):
    """arch is given percent: hourly decimals are below what it can handle."""
    closes = pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet")["close"]
    compare(100 * closes.pct_change(fill_method=None).to_numpy()[-8760:])


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "SOLUSDT"])
def test_no_month_of_hours_has_a_higher_maximum_in_arch(shared_data, symbol):
    """Months with crashes and quiet months, where the likelihood has edges and several maxima."""
    closes = pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet")["close"]
    returns = closes.pct_change(fill_method=None).to_numpy()[-12 * 720 :].reshape(12, 720).T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        fit = garch(returns)
    for column, month in enumerate(returns.T):
        backcast = float(np.mean((100 * (month - fit.mu[column])) ** 2))
        theirs = arch_model(100 * month, rescale=False).fit(disp="off", show_warning=False, backcast=backcast)
        in_percent = fit.log_likelihood[column] - 720 * np.log(100)
        assert in_percent >= theirs.loglikelihood - 1e-3
