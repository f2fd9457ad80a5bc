"""Every policy on real history: eight contracts, daily, a rebalance a month through the crashes of 2020 to 2024.

The limits are looked at without the core's own reading of them, and the shares of risk, betas and the tilt are worked
out again from the raw files.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from core.choices import POLICIES
from core.decide.limits.declared import Limits
from core.decide.policy.models import Hybrid, MeanVariance
from core.decide.policy.named import policy_named
from core.decide.policy.outlook import Methods, Outlook
from core.decide.policy.past import Past
from core.decide.policy.protocol import Holding
from core.errors import DataWarning, SolveError

WINDOW, EVERY = 180, 30


@pytest.fixture(scope="module")
def history(shared_data):
    """Daily long returns net of funding, of BTC first, and the funding settled a day."""
    days = pd.read_csv(shared_data / "perp_1d_binance_8coins.csv")
    wide = {name: days.pivot_table(index="date", columns="symbol", values=name) for name in ("close", "funding_sum")}
    order = ["BTCUSDT", *(symbol for symbol in wide["close"].columns if symbol != "BTCUSDT")]
    close, funding = wide["close"][order].dropna(), wide["funding_sum"][order]
    funding = funding.reindex(close.index).fillna(0.0)
    returns = close.pct_change() - funding
    return returns.iloc[1:].to_numpy(), funding.iloc[1:].to_numpy()


@pytest.fixture(scope="module")
def rebalances(history):
    """The past at each rebalance; implied volatility stands in as that of the last month."""
    returns, funding = history
    return [
        Past(
            returns[now - WINDOW : now],
            returns[now - WINDOW : now, 0],
            funding=365 * funding[now - 30 : now].mean(axis=0),
            implied_vols=np.sqrt(365) * returns[now - 30 : now].std(axis=0),
            market_return=0.3,
            risk_free=0.04,
        )
        for now in range(WINDOW, len(returns), EVERY)
    ]


@pytest.mark.parametrize("name", POLICIES)
def test_limits_hold_at_each_rebalance(name, rebalances):
    limits = Limits(max_weight=0.4, gross_max=1.5, initial_margin_rates=0.1, margin_buffer=0.5)
    weights, answered = np.zeros(8), 0
    for past in rebalances:
        target = policy_named(name)(Outlook(past), Holding(weights, 1e6, limits))
        weights = target.weights
        hedged = name == "beta_neutral"
        if target.model == "current weights":
            assert target.reasons
            continue
        answered += 1
        assert np.abs(weights).sum() <= 1.5 + 1e-8
        assert weights[1:].max() <= 0.4 + 1e-8
        assert weights[1:].min() >= -1e-8
        if not hedged:
            assert -1e-8 <= weights[0] <= 0.4 + 1e-8
        if name not in ("beta_neutral", "volatility_target"):
            assert weights.sum() == pytest.approx(1, abs=1e-8)
        if hedged:
            raw = np.asarray(past.returns)
            betas = [np.polyfit(raw[:, 0], raw[:, i], 1)[0] for i in range(8)]
            assert weights @ betas == pytest.approx(0, abs=1e-8)
    assert answered >= 0.9 * len(rebalances)


def test_the_tilt_goes_from_deep_falls_to_shallow_ones_within_its_cap(rebalances):
    limits = Limits(max_weight=0.4)
    moved = 0
    for past in rebalances:
        outlook, holding = Outlook(past, Methods(covariance="sample")), Holding(np.zeros(8), limits=limits)
        try:
            baseline, tilted = MeanVariance()(outlook, holding), Hybrid()(outlook, holding)
        except SolveError:
            continue
        shift = tilted.weights - baseline.weights
        assert np.maximum(shift, 0).sum() <= 0.2 + 1e-8
        raw = np.asarray(past.returns)
        realised = 365 * np.mean(raw**2, axis=0)
        ratio = np.sqrt(np.mean(np.minimum(raw, 0) ** 2, axis=0) / raw.var(axis=0, ddof=1))
        premium = np.asarray(past.implied_vols) ** 2 - realised
        score = (premium - premium.mean()) / premium.std() - (ratio - ratio.mean()) / ratio.std()
        assert shift @ score >= -1e-9
        moved += np.abs(shift).sum() > 0.02
    assert moved > 30


def test_a_missing_day_is_dropped_and_said(rebalances):
    gap = np.asarray(rebalances[5].returns).copy()
    gap[17, 3] = np.nan
    past = Past(gap, gap[:, 0], market_return=0.3)
    for name in POLICIES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)
            target = policy_named(name)(Outlook(past), Holding(np.full(8, 0.125)))
        reasons = [reason for _, reason in target.reasons]
        assert [each for each in reasons if not each.startswith("nothing is learned yet")] == []
