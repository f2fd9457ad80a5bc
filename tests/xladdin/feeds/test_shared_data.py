"""The real histories beside the project: an independent reading with pandas gives the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.load_panel import load_panel

HOUR = np.timedelta64(3600, "s")
COINS = ("ADAUSDT", "ATOMUSDT", "BTCUSDT", "DOTUSDT", "ETHUSDT", "LINKUSDT", "LTCUSDT", "SOLUSDT")


def test_thirty_days_of_three_contracts(shared_data: Path) -> None:
    symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    panel, notes = load_panel(shared_data / "perp_1h", symbols, end="2024-06-30", bars=720)
    assert notes == ()
    assert panel.prices.shape == (721, 3)
    assert (panel.times[0], panel.times[-1]) == (np.datetime64("2024-06-01T00"), np.datetime64("2024-07-01T00"))
    for column, symbol in enumerate(symbols):
        frame = pd.read_parquet(shared_data / "perp_1h" / f"{symbol}_binance_1h.parquet")
        np.testing.assert_array_equal(panel.prices[:, column], frame["close"].to_numpy()[-721:])
        settled = frame["funding_settle"].dropna()
        inside = settled[(settled.index > "2024-05-31 23:00Z") & (settled.index <= "2024-07-01 00:00Z")]
        funding = panel.funding[:, column]
        assert np.count_nonzero(np.isfinite(funding)) == len(inside) == 90
        np.testing.assert_allclose(np.nansum(funding), inside.sum(), rtol=1e-12)
        assert funding[0] == inside.iloc[0], "what settled at midnight was paid in the bar that ended then"


def test_sol_lacks_120_hours_and_none_is_invented(shared_data: Path) -> None:
    panel, notes = load_panel(shared_data / "perp_1h", ["SOLUSDT"])
    assert notes == ("SOLUSDT: 120 of 33257 bars have no price",)
    assert np.isnan(panel.prices).sum() == 120
    assert panel.missing() == {"SOLUSDT": 122}, "each of the two gaps also costs the return after it"


def test_sol_paid_every_two_hours_in_november_2022(shared_data: Path) -> None:
    panel, _ = load_panel(shared_data / "perp_1h", ["SOLUSDT"], end="2022-11-17", bars=7 * 24)
    settled = np.flatnonzero(np.isfinite(panel.funding[1:, 0]))
    assert len(settled) == 84
    assert set(np.diff(settled)) == {2}


@pytest.mark.parametrize("name", ["perp_8h_binance_8coins.csv.gz", "perp_1d_binance_8coins.csv"])
def test_the_eight_coins_with_funding_from_the_file_beside(shared_data: Path, name: str) -> None:
    panel, notes = load_panel(shared_data / name)
    assert panel.symbols == COINS
    assert f"{', '.join(COINS)}: funding from funding_binance_8coins.csv" in notes
    settlements = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    first, last = panel.times[0] - np.timedelta64(round(panel.bar_hours * 3600), "s"), panel.times[-1]
    for column, symbol in enumerate(COINS):
        own = settlements[settlements["symbol"] == symbol]
        stamps = own["timestamp"].dt.tz_localize(None).to_numpy()
        inside = own["funding_rate"].to_numpy()[(stamps > first) & (stamps <= last)]
        np.testing.assert_allclose(np.nansum(panel.funding[:, column]), inside.sum(), rtol=1e-9)


def test_the_months_of_luna(shared_data: Path) -> None:
    source = shared_data / "perp_8h_binance_8coins.csv.gz"
    panel, _ = load_panel(source, end="2022-06-30", bars=366)
    assert (panel.times[0], panel.times[-1]) == (np.datetime64("2022-03-01T00"), np.datetime64("2022-07-01T00"))
    frame = pd.read_csv(source, parse_dates=["timestamp"])
    wide = frame.pivot_table(index="timestamp", columns="symbol", values="close", dropna=False)
    window = wide.loc["2022-02-28 16:00Z":"2022-06-30 16:00Z"]  # type: ignore[misc]
    np.testing.assert_array_equal(panel.prices, window.to_numpy())
    assert panel.prices[-1, COINS.index("BTCUSDT")] < panel.prices[0, COINS.index("BTCUSDT")] / 2


def test_eight_hour_closes_agree_with_the_hourly_ones(shared_data: Path) -> None:
    hourly, _ = load_panel(shared_data / "perp_1h", ["BTCUSDT"], end="2024-06-30", bars=720)
    coarse, _ = load_panel(shared_data / "perp_8h_binance_8coins.csv.gz", ["BTCUSDT"], end="2024-06-30", bars=90)
    common = np.isin(hourly.times, coarse.times)
    np.testing.assert_array_equal(hourly.times[common], coarse.times)
    np.testing.assert_allclose(hourly.prices[common], coarse.prices, rtol=1e-4)
    assert hourly.times[1] - hourly.times[0] == HOUR
