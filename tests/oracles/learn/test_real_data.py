"""Learned beta and premium on four years of hourly BTC, ETH and SOL, scored a second time from the raw files.

The figures are what they are: about a tenth of the squared error of the last beta is foreseen, nothing of the premium.
"""

import numpy as np
import pandas as pd
import pytest

from core.choices import LEARNERS
from core.errors import DataWarning
from core.learn.forecast import learned_beta, learned_premium

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")

SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
HORIZON, WINDOW = 24, 720


@pytest.fixture(scope="module")
def returns(request):
    folder = request.getfixturevalue("shared_data") / "perp_1h"
    frames = {symbol: pd.read_parquet(folder / f"{symbol}_binance_1h.parquet") for symbol in SYMBOLS}
    closes = pd.DataFrame({symbol: frame["close"] for symbol, frame in frames.items()})
    funding = pd.DataFrame({symbol: frame["funding_settle"] for symbol, frame in frames.items()}).fillna(0.0)
    return (closes.pct_change(fill_method=None) - funding)["2020-09-20":]


@pytest.fixture(scope="module")
def betas(returns):
    return learned_beta(returns, returns["BTCUSDT"], HORIZON)


def test_beta_is_foreseen_a_little(betas):
    assert betas.out_of_sample_r2[0] == 0, "the beta of BTC against itself is one, and nothing beats that"
    assert (betas.out_of_sample_r2[1:] > 0.05).all()
    assert (betas.out_of_sample_r2[1:] < 0.15).all()
    assert betas.verdict[1:] == ("better than the last beta in 5 of 5 folds",) * 2


@pytest.mark.parametrize("learner", LEARNERS)
def test_the_premium_is_not(returns, learner):
    """Half a per cent of the variance would be a find; by chance a contract is a fraction of that above zero."""
    learned = learned_premium(returns, returns["BTCUSDT"], HORIZON, learner=learner)
    assert (learned.out_of_sample_r2 < 0.002).all()
    assert learned.out_of_sample_r2.mean() < 0


def test_the_rule_is_the_beta_of_the_last_month(returns, betas):
    last = returns.iloc[-WINDOW:]
    slopes = [np.polyfit(last["BTCUSDT"], last[symbol], 1)[0] for symbol in SYMBOLS]
    np.testing.assert_allclose(betas.simple, slopes, rtol=1e-9)


def test_in_a_quiet_year_hardly_anything_is_foreseen(returns):
    year = returns["2022-07-01":"2023-06-30"]
    assert learned_beta(year, year["BTCUSDT"], HORIZON).out_of_sample_r2[1] < 0.05


def test_missing_hours_are_said(returns):
    with pytest.warns(DataWarning, match="most in column 3"):
        learned_beta(returns["2022-01-01":"2022-12-31"], returns["BTCUSDT"]["2022-01-01":"2022-12-31"], HORIZON)
