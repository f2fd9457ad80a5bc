"""The desk's policies through the hours of BTC, ETH and SOL in 2022, with the days that SOL has no price."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from core.errors import DataWarning
from core.verify.backtest.backtest import backtest
from core.verify.backtest.rules import Rules
from core.verify.walk.history import as_history
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
