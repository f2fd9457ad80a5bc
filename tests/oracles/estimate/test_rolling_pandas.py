"""Rolling beta against pandas' rolling covariance over variance, with gaps and min_periods, and on real returns."""

import numpy as np
import pandas as pd
import pytest

from core.estimate.beta import rolling_loops as kernels_rolling
from core.estimate.beta.rolling import RollingBeta, rolling_beta

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")


@pytest.fixture(params=["numpy", "loops"], autouse=True)
def door(request, monkeypatch):
    monkeypatch.setattr(kernels_rolling, "worth_compiling", lambda elements: request.param == "loops")


def sample(rows=500, gaps=0.0):
    rng = np.random.default_rng(23)
    frame = pd.DataFrame(rng.normal(0.0003, 0.01, (rows, 4)), columns=["market", "a", "b", "c"])
    frame["a"] += 0.5 * frame["market"]
    frame["b"] += 1.5 * frame["market"]
    return frame.mask(rng.random(frame.shape) < gaps)


def by_pandas(frame, window, min_periods=None):
    betas = {}
    for name in frame.columns.drop("market"):
        pair = frame[["market", name]].where(frame[["market", name]].notna().all(axis=1))
        rolling = pair.rolling(window, min_periods=min_periods)
        betas[name] = rolling.cov().xs("market", level=1)[name] / rolling.var()["market"]
    return pd.DataFrame(betas)


@pytest.mark.parametrize("window", [2, 5, 100, 500])
def test_without_gaps(window):
    frame = sample()
    ours = rolling_beta(frame[["a", "b", "c"]], frame["market"], window)
    np.testing.assert_allclose(ours, by_pandas(frame, window), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("window", "min_periods"), [(20, 5), (20, 20), (100, 60), (500, 2)])
def test_with_gaps(window, min_periods):
    frame = sample(gaps=0.05)
    ours = rolling_beta(frame[["a", "b", "c"]], frame["market"], window, min_periods)
    np.testing.assert_allclose(ours, by_pandas(frame, window, min_periods), rtol=1e-9, atol=1e-9)


def test_on_real_returns_with_the_missing_hours_of_sol(shared_data):
    closes = {
        name: pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet", columns=["close"])["close"]
        for name, symbol in (("market", "BTCUSDT"), ("a", "ETHUSDT"), ("b", "SOLUSDT"))
    }
    frame = pd.DataFrame(closes).loc["2022-02-01":"2022-04-30"].pct_change(fill_method=None)
    assert frame["b"].isna().sum() > 100
    ours = rolling_beta(frame[["a", "b"]], frame["market"], 240, 120)
    np.testing.assert_allclose(ours, by_pandas(frame, 240, 120), rtol=1e-9)
    state = RollingBeta.start(frame[["a", "b"]], frame["market"], 240, 120)
    np.testing.assert_allclose(state.beta, ours[-1], rtol=1e-12)
