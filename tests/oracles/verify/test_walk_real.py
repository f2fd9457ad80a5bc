"""The desk's policies through the hours of BTC, ETH and SOL in 2022, with the days that SOL has no price."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from core.errors import DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.rules import Rules
from core.verify.walk.given import Given
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk
from tests.oracles.verify.slow_ledger import Contract, slow_walk

WINDOW, EVERY, COST = 720, 24, 7.0


@pytest.fixture(scope="module")
def hours(shared_data):
    """Closes and the funding settled in each hour."""
    closes, funding = {}, {}
    for name in ("BTC", "ETH", "SOL"):
        raw = pd.read_parquet(shared_data / "perp_1h" / f"{name}USDT_binance_1h.parquet")
        closes[name] = raw["close"].set_axis(raw.index + pd.Timedelta(hours=1))
        funding[name] = raw["funding_settle"]  # the rate of a stamp belongs to the bar that ends there
    prices = pd.DataFrame(closes).loc["2021-12-01":"2022-12-31"].asfreq("h")
    rates = pd.DataFrame(funding).reindex(prices.index).fillna(0.0)
    return prices.to_numpy(), rates.to_numpy()


def run(hours, policy, *rows):
    prices, rates = hours
    rules = Rules.from_rows(rows, 3, COST)
    decisions = rules.decisions(as_history(prices, rates), policy, WINDOW)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        return backtest(decisions, rules.terms, EVERY, rules.trials)


@pytest.mark.parametrize("policy", ["equal_weight", "min_variance", "hybrid"])
def test_the_sums_hold_on_real_hours(hours, policy):
    found = run(hours, policy)
    figures = found.figures
    assert np.isnan(hours[0]).sum() == 120
    assert found.ledger.largest_difference < 1e-12
    parts = figures.price_pnl - figures.funding_paid - figures.costs - figures.liquidation_loss
    assert parts == pytest.approx(figures.total_return, abs=1e-12)
    assert figures.max_drawdown > 0.3  # the year of Luna and FTX


def test_a_levered_book_is_the_slow_ledger_through_its_liquidations(hours):
    prices, rates = hours
    found = run(hours, "equal_weight", ["net", 6.0], ["max_weight", 6.0], ["liquidation_fee", 0.01])
    slow = slow_walk(
        prices,
        rates,
        set(found.ledger.decisions.tolist()),
        lambda now: found.ledger.quantities[now.row] * found.ledger.marks[now.row] / now.equity,
        [Contract(fee=COST * 1e-4, liquidation_fee=0.01)] * 3,
    )
    np.testing.assert_allclose(found.ledger.equity, slow.equity, rtol=1e-9)
    assert list(found.ledger.liquidated) == slow.liquidated != []


@pytest.mark.parametrize(("leverage", "by_closes", "by_ranges"), [(3, 0, 1), (5, 3, 8), (8, 10, 17), (10, 18, 24)])
def test_closes_miss_a_third_to_two_thirds_of_the_months_with_a_liquidation(
    shared_data, leverage, by_closes, by_ranges
):
    """Long BTC, ETH and SOL, rebalanced daily in each of 43 months: counted by a program that shares nothing here."""
    bars = {}
    for name in ("close", "low", "high", "funding_settle"):
        columns = [
            pd.read_parquet(shared_data / "perp_1h" / f"{coin}USDT_binance_1h.parquet")[name]
            for coin in ("BTC", "ETH", "SOL")
        ]
        bars[name] = pd.concat(columns, axis=1).shift(freq="h").loc["2020-12-01":"2024-06-30"].asfreq("h")
    counts = dict.fromkeys(("close", "range"), 0)
    months = bars["close"].index.tz_localize(None).to_period("M")
    for month in months.unique():
        close, low, high, funding = (table[months == month].to_numpy() for table in bars.values())
        history = as_history(close, np.nan_to_num(funding), lows=low, highs=high)
        given = Given(np.full(close.shape, leverage / 3))
        for margin in counts:
            ledger = walk(history, range(0, len(close), 24), given, Terms(fee=7e-4, margin=margin))
            assert ledger.largest_difference < 1e-12
            counts[margin] += bool(ledger.liquidated)
    assert counts == {"close": by_closes, "range": by_ranges}
