"""The variance risk premium of bitcoin, 2021 to 2024: the DVOL index against what hourly and daily bars then did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import DataWarning
from core.estimate.premium.variance import variance_risk_premium

DAYS = 30


@pytest.fixture
def months(shared_data):
    """DVOL at the close of a day, in percent points as published, and the returns and funding of the 30 days after."""
    index = pd.read_csv(shared_data / "implied_vol" / "dvol_btc_1d_to_2024-06-30.csv", parse_dates=["date"])
    dvol = index.set_index("date")["dvol_close_clean"].dropna()
    hours = pd.read_parquet(shared_data / "perp_1h" / "BTCUSDT_binance_1h.parquet")
    closes = hours["close"].resample("1D").last()
    returns = closes.pct_change(fill_method=None)
    funding = hours["funding_settle"].resample("1D").sum()
    days = [day for day in dvol.index[::DAYS] if (returns.index > day).sum() >= DAYS]
    after = [returns.index[returns.index > day][:DAYS] for day in days]
    blocks = (np.column_stack([series[each] for each in after]) for series in (returns, funding))
    return dvol[days].to_numpy(), *blocks


def test_it_is_implied_less_realised_of_the_raw_files(months):
    dvol, returns, funding = months
    assert dvol.size >= 36
    expected = (dvol / 100) ** 2 - 365 * np.mean(returns**2, axis=0)
    np.testing.assert_allclose(variance_risk_premium(dvol / 100, returns, 365), expected, rtol=1e-12)
    net = (dvol / 100) ** 2 - 365 * np.mean((returns - funding) ** 2, axis=0)
    np.testing.assert_allclose(variance_risk_premium(dvol / 100, returns, 365, funding), net, rtol=1e-12)


def test_sellers_of_variance_were_paid_in_most_months_and_on_average(months):
    dvol, returns, _ = months
    premium = variance_risk_premium(dvol / 100, returns, 365)
    assert np.mean(premium > 0) > 0.6
    assert 0.02 < premium.mean() < 0.4


def test_the_index_as_it_is_published_is_taken_for_percent(months):
    dvol, returns, _ = months
    with pytest.warns(DataWarning, match="implied_vol is .* at position 1, which looks like percent"):
        variance_risk_premium(dvol, returns, 365)
