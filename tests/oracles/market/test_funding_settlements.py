"""Funding into bars on real settlements: SOL settled every two hours in November 2022, not every eight."""

import numpy as np
import pandas as pd
import pytest

from core.market.funding import annualised_funding, settle_into_bars
from core.market.panel import Panel
from tests.load_panel import load_panel

START, END = pd.Timestamp("2022-11-09 20:00"), pd.Timestamp("2022-11-18 00:00")


@pytest.fixture
def settlements(shared_data):
    table = pd.read_csv(shared_data / "funding_binance_8coins.csv", parse_dates=["timestamp"])
    sol = table[table["symbol"] == "SOLUSDT"].set_index("timestamp")["funding_rate"].tz_localize(None)
    return sol.loc[START - pd.Timedelta("3D") : END + pd.Timedelta("3D")]


def closes(frequency):
    return pd.date_range(START.floor("D") - pd.Timedelta("2D"), END + pd.Timedelta("2D"), freq=frequency).to_numpy()


def test_the_interval_does_change(settlements):
    steps = settlements.index.to_series().diff().dropna()
    assert {pd.Timedelta("2h"), pd.Timedelta("8h")} <= set(steps)


@pytest.mark.parametrize("frequency", ["1h", "2h", "4h", "8h", "1D"])
def test_bars_hold_what_pandas_sums_into_them(settlements, frequency):
    bars = closes(frequency)
    settled = settle_into_bars(settlements.index.to_numpy(), settlements.to_numpy(), bars)
    grouped = settlements.resample(frequency, closed="right", label="right")
    expected = grouped.sum(min_count=1).reindex(bars)
    np.testing.assert_allclose(settled, expected.to_numpy(), rtol=1e-12)


def test_nothing_is_lost_or_smeared_whatever_the_bar(settlements):
    totals = [
        np.nansum(settle_into_bars(settlements.index.to_numpy(), settlements.to_numpy(), closes(frequency))[1:])
        for frequency in ("1h", "2h", "8h", "1D")
    ]
    np.testing.assert_allclose(totals, totals[0], rtol=1e-12)
    bars = closes("1h")
    paid = settlements.loc[bars[0] + np.timedelta64(1, "s") : bars[-1]]
    assert totals[0] == pytest.approx(paid.sum(), rel=1e-12)


def test_three_a_day_is_wrong_then_and_the_panel_is_right(settlements):
    bars = pd.date_range(START + pd.Timedelta("8h"), END, freq="2h").to_numpy()
    settled = settle_into_bars(settlements.index.to_numpy(), settlements.to_numpy(), bars)
    assert np.isfinite(settled).all()
    book = Panel(bars, ("SOLUSDT",), np.full((len(bars), 1), 20.0), settled[:, None], 2)
    twelve_a_day = annualised_funding(settled[1:], settlements_per_day=12)
    np.testing.assert_allclose(book.funding_annual(), twelve_a_day, rtol=1e-12)
    assert abs(book.funding_annual()[0]) > 3.9 * abs(annualised_funding(settled[1:])[0])


def test_where_funding_is_known_throughout_a_year_is_the_plain_sum(shared_data):
    month, _ = load_panel(shared_data / "perp_1h", end="2024-06-30", bars=720)
    plain = np.nansum(month.funding[1:], axis=0) * 8760 / 720
    np.testing.assert_array_equal(month.funding_annual(), plain)
    np.testing.assert_array_equal(month.funding_coverage(), 1.0)
