"""Variance change points against ruptures, given the same cost: its exact search, and its PELT.

Its PELT drops a start the moment it looks dear, which is exact only without a least length; with one it may end at a
dearer cut, never at a cheaper one.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import ruptures
from ruptures.base import BaseCost

from core.estimate.volatility.regime import variance_regimes


class NormalAboutZero(BaseCost):
    """Minus twice the log-likelihood of normal returns about zero, less what all cuts share."""

    model = "normal about zero"
    min_size = 1

    def fit(self, signal):
        self.signal = np.asarray(signal).reshape(-1, 1)
        return self

    def error(self, start, end):
        return (end - start) * math.log(np.mean(self.signal[start:end] ** 2))


def price(returns, ends, penalty):
    cost = NormalAboutZero().fit(returns)
    return sum(cost.error(a, b) + penalty for a, b in zip([0, *ends[:-1]], ends, strict=True))


def series(seed, rows=240):
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.choice([0.005, 0.01, 0.03], rows // 40), 40)
    return levels * rng.standard_t(5, rows)


@pytest.mark.parametrize("seed", range(6))
def test_where_the_least_length_hardly_matters_pelt_finds_the_same_cut(seed):
    returns = series(seed)
    ours = variance_regimes(returns, 2, 15.0)
    theirs = ruptures.Pelt(custom_cost=NormalAboutZero(), min_size=2, jump=1).fit(returns).predict(15.0)
    assert price(returns, ours.end_row.tolist(), 15.0) == pytest.approx(price(returns, theirs, 15.0), rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_for_as_many_regimes_the_exact_search_finds_the_same_cut(seed):
    returns = series(seed)
    ours = variance_regimes(returns, 20, 15.0).end_row.tolist()
    search = ruptures.Dynp(custom_cost=NormalAboutZero(), min_size=20, jump=1).fit(returns)
    theirs = search.predict(n_bkps=len(ours) - 1) if len(ours) > 1 else [len(returns)]
    assert ours == theirs


def test_on_real_hours_no_cut_of_ruptures_is_cheaper(shared_data):
    closes = pd.read_parquet(shared_data / "perp_1h" / "BTCUSDT_binance_1h.parquet")["close"]
    returns = closes.pct_change(fill_method=None).to_numpy()[-2000:]
    for penalty, grid in ((3 * math.log(2000), 24), (100.0, 24), (100.0, 6)):
        ours = variance_regimes(returns, 48, penalty).end_row.tolist()
        search = ruptures.Pelt(custom_cost=NormalAboutZero(), min_size=48, jump=grid)
        theirs = search.fit(returns).predict(penalty)
        assert price(returns, ours, penalty) <= price(returns, theirs, penalty) + 1e-9
