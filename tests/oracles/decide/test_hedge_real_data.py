"""A book of altcoins hedged with BTC by its latest rolling betas, day after day from 2021 to June 2024.

The hedge of a day is chosen at its close and earns the move of the next day, so nothing here has seen the future.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.decide.hedge.dynamic import DynamicHedge, dynamic_hedge
from core.decide.hedge.overlay_book import OverlayBook
from core.estimate.beta.rolling import rolling_beta

pytestmark = pytest.mark.filterwarnings("ignore::core.errors.DataWarning")

ALTS, HEDGE = ["ETHUSDT", "SOLUSDT", "ADAUSDT", "LINKUSDT"], "BTCUSDT"
WINDOW, TARGET, BAND, NOTIONAL = 90, 0.3, 0.05, 25_000.0


@pytest.fixture(scope="module")
def market(shared_data):
    table = pd.read_csv(shared_data / "perp_1d_binance_8coins.csv", parse_dates=["date"])
    wide = table.pivot_table(index="date", columns="symbol", values=["close", "funding_sum"])
    return wide.loc["2020-10-01":]


@pytest.fixture(scope="module")
def hedge(market) -> DynamicHedge:
    returns = market["close"].pct_change()
    betas = rolling_beta(returns[ALTS].to_numpy(), returns[HEDGE].to_numpy(), WINDOW)
    prices = market["close"][[HEDGE]].to_numpy()
    return dynamic_hedge(
        np.full(4, NOTIONAL),
        betas,
        TARGET,
        np.ones_like(prices),
        band=BAND,
        prices=prices,
        lot_sizes=0.001,
        cost_bps=5,
    )


def slope(gains: np.ndarray, moves: np.ndarray) -> float:
    return float(np.cov(gains, moves)[0, 1] / moves.var(ddof=1))


def test_the_realised_beta_comes_down_to_the_target(market, hedge):
    returns = market["close"].pct_change().to_numpy()
    columns = [market["close"].columns.get_loc(name) for name in ALTS]
    btc = returns[:, market["close"].columns.get_loc(HEDGE)]
    held = hedge.positions[:-1, 0] != 0
    core = NOTIONAL * returns[1:, columns].sum(axis=1)
    overlay = hedge.positions[:-1, 0] * btc[1:]
    bare = slope(core[held], btc[1:][held]) / (4 * NOTIONAL)
    hedged = slope((core + overlay)[held], btc[1:][held]) / (4 * NOTIONAL)
    assert bare > 0.9
    assert abs(hedged - TARGET) < 0.1
    assert (core + overlay)[held].std() < 0.75 * core[held].std()


def test_beta_stays_within_the_band_with_few_trades(hedge):
    known = np.isfinite(hedge.beta_before)
    assert (np.abs(hedge.beta_after[known] - TARGET) <= BAND).all()
    assert hedge.due.sum() < 0.2 * known.sum()


def test_the_overlay_book_accounts_for_every_coin_and_settlement(market, hedge):
    prices, funding = market["close"][HEDGE].to_numpy(), market["funding_sum"][HEDGE].to_numpy()
    contracts = hedge.trades[:, 0] / prices
    book, cash, coins = OverlayBook.empty(1), 0.0, 0.0
    for price, rate, traded, cost in zip(prices, funding, contracts, hedge.cost, strict=True):
        cash -= coins * price * rate
        book = book.settle(rate, price).trade(traded, price, cost)
        cash -= traded * price + cost
        coins += traded
    assert book.mark(prices[-1]).total == pytest.approx([cash + coins * prices[-1]], rel=1e-9)
    assert book.quantities == pytest.approx([coins])
    assert book.costs == pytest.approx([hedge.cost.sum()])
