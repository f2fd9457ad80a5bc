"""Huber's beta against statsmodels' RLM with HuberT and the MAD scale, iterated to the end."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from core.estimate.beta.huber import huber_beta


def by_statsmodels(asset, market):
    model = sm.RLM(asset, sm.add_constant(market), M=sm.robust.norms.HuberT(1.345), missing="drop")
    return model.fit(maxiter=5000, tol=1e-14, conv="coefs").params[1]


@pytest.mark.parametrize(("rows", "tails", "scale"), [(60, 2, 0.01), (720, 3, 2e-5), (2000, 1.2, 1.0)])
def test_heavy_tails(rows, tails, scale):
    rng = np.random.default_rng(29)
    market = rng.normal(scale / 10, scale, rows)
    assets = np.outer(market, [0.3, 1.0, 1.8]) + rng.standard_t(tails, (rows, 3)) * scale
    peers = [by_statsmodels(column, market) for column in assets.T]
    np.testing.assert_allclose(huber_beta(assets, market), peers, rtol=1e-9)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_gaps_are_what_statsmodels_drops():
    rng = np.random.default_rng(30)
    market = rng.normal(0, 0.01, 301)
    assets = np.outer(market, [0.3, 1.8]) + rng.standard_t(3, (301, 2)) * 0.01
    assets[3:50, 0] = assets[[77, 78], 1] = market[150] = np.nan
    peers = [by_statsmodels(column[np.isfinite(market)], market[np.isfinite(market)]) for column in assets.T]
    np.testing.assert_allclose(huber_beta(assets, market), peers, rtol=1e-9)


def test_real_returns(shared_data):
    closes = {
        symbol: pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet", columns=["close"])["close"]
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    }
    returns = pd.DataFrame(closes).pct_change(fill_method=None).iloc[-720:].to_numpy()
    peers = [by_statsmodels(column, returns[:, 0]) for column in returns[:, 1:].T]
    np.testing.assert_allclose(huber_beta(returns[:, 1:], returns[:, 0]), peers, rtol=1e-9)
