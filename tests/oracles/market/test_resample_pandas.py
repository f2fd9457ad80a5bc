"""Resampling against pandas, on gaps, on holes in the clock and on real bars and settlements."""

import numpy as np
import pandas as pd
import pytest

from core.market.resample import AGGREGATIONS, resample, resample_candles

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
INTERVALS = ["1h", "4h", "8h", "1d", "2d"]


def by_pandas(frame, interval, how):
    grouped = frame.resample(interval.upper().replace("H", "h"), closed="right", label="right", origin="epoch")
    bars = grouped.sum(min_count=1) if how == "sum" else getattr(grouped, how)()
    return bars[grouped.size() > 0]


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    index = pd.date_range("2024-05-30 03:00", periods=700, freq="1h")
    values = rng.normal(100, 5, (700, 2))
    values[rng.random((700, 2)) < 0.3] = np.nan
    return pd.DataFrame(values, index)[rng.random(700) > 0.2]


@pytest.mark.parametrize("how", AGGREGATIONS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_bars_are_those_of_pandas(frame, how, interval):
    closes, bars = resample(frame.index.to_numpy(), frame.to_numpy(), interval, how)
    peer = by_pandas(frame, interval, how)
    np.testing.assert_array_equal(closes, peer.index.to_numpy())
    np.testing.assert_allclose(bars, peer.to_numpy(), rtol=1e-12)


def test_eight_hour_candles_of_the_exchange_come_from_its_hourly_ones(shared_data):
    columns = ["open", "high", "low", "close"]
    hourly = pd.read_parquet(shared_data / "perp_1h" / "BTCUSDT_binance_1h.parquet")[columns].iloc[-24 * 60 :]
    coarse = pd.read_csv(shared_data / "perp_8h_binance_8coins.csv.gz", parse_dates=["timestamp"])
    coarse = coarse[coarse["symbol"] == "BTCUSDT"].set_index("timestamp")[columns].iloc[-3 * 60 :]
    times = hourly.index.tz_localize(None).to_numpy() + np.timedelta64(1, "h")
    closes, candles = resample_candles(times, hourly.to_numpy(), "8h")
    np.testing.assert_array_equal(closes, coarse.index.tz_localize(None).to_numpy() + np.timedelta64(8, "h"))
    # Both files were collected apart; they agree to a few ticks of 0.1 on 60,000.
    np.testing.assert_allclose(candles, coarse.to_numpy(), rtol=1e-4)


def test_daily_funding_of_a_coin_that_changed_its_interval(shared_data):
    table = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    sol = table[table["symbol"] == "SOLUSDT"].set_index("timestamp")["funding_rate"].tz_localize(None)
    closes, daily = resample(sol.index.to_numpy(), sol.to_numpy(), "1d", "sum")
    peer = by_pandas(sol.to_frame(), "1d", "sum")
    np.testing.assert_array_equal(closes, peer.index.to_numpy())
    np.testing.assert_allclose(daily, peer.to_numpy(), rtol=1e-12)
    assert daily.sum() == pytest.approx(sol.sum(), rel=1e-12)
