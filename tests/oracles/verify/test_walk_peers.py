"""The walk beside vectorbt and cvxportfolio where they know the same: no funding, no margin, costs on the notional."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.verify.walk.given import Given
from core.verify.walk.history import as_history
from core.verify.walk.terms import Terms
from core.verify.walk.walk import walk

BARS, CONTRACTS, EVERY, FEE = 1200, 6, 24, 7e-4


@pytest.fixture(scope="module")
def hours():
    rng = np.random.default_rng(3)
    prices = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, (BARS, CONTRACTS)), axis=0))
    return pd.DataFrame(prices, pd.date_range("2022-01-01", periods=BARS, freq="h"), list("ABCDEF"))


def weights_of(kind):
    rng = np.random.default_rng(4)
    long = rng.dirichlet(np.ones(CONTRACTS), BARS)
    if kind == "long":
        return 0.8 * long
    apart = long - long.mean(axis=1, keepdims=True)
    return apart / np.abs(apart).sum(axis=1, keepdims=True)


def ours(hours, weights, rows):
    return walk(as_history(hours.to_numpy()), rows, Given(weights), Terms(fee=FEE))


@pytest.mark.parametrize("kind", ["long", "long and short"])
def test_the_walk_is_vectorbt_with_its_orders_sorted(hours, kind):
    vectorbt = pytest.importorskip("vectorbt", reason="vectorbt is not installed", exc_type=ImportError)
    weights, rows = weights_of(kind), range(100, BARS, EVERY)
    target = pd.DataFrame(np.nan, hours.index, hours.columns)
    target.iloc[list(rows)] = weights[list(rows)]
    theirs = vectorbt.Portfolio.from_orders(
        hours, size=target, size_type="targetpercent", group_by=True, cash_sharing=True, call_seq="auto", fees=FEE,
        freq="h", init_cash=1.0,
    )  # fmt: skip
    np.testing.assert_allclose(ours(hours, weights, rows).equity, theirs.value().to_numpy(), rtol=1e-9)


@pytest.mark.parametrize("kind", ["long", "long and short"])
def test_the_walk_is_cvxportfolio_before_each_trade(hours, kind):
    cvxportfolio = pytest.importorskip("cvxportfolio", reason="cvxportfolio is not installed", exc_type=ImportError)
    weights, rows = weights_of(kind), np.arange(100, BARS, EVERY)
    closes = hours.iloc[rows]
    returns = (closes.shift(-1) / closes - 1).iloc[:-1].assign(cash=0.0)
    wanted = pd.DataFrame(weights[rows], closes.index, closes.columns)
    wanted["cash"] = 1 - wanted.sum(axis=1)
    simulator = cvxportfolio.MarketSimulator(
        market_data=cvxportfolio.UserProvidedMarketData(
            returns=returns, cash_key="cash", min_history=pd.Timedelta("0d")
        ),
        costs=[cvxportfolio.TransactionCost(a=FEE, b=None)],
        round_trades=False,
    )
    theirs = simulator.backtest(
        cvxportfolio.FixedWeights(wanted.iloc[:-1]),
        start_time=returns.index[0],
        end_time=returns.index[-1],
        initial_value=1e6,
    ).v.to_numpy()
    ledger = ours(hours, weights, rows.tolist())
    before = ledger.equity + ledger.fees.sum(axis=1)
    assert theirs.size > 40
    np.testing.assert_allclose(before[rows[: theirs.size]], theirs / 1e6, rtol=1e-9)
