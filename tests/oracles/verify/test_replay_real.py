"""Four great falls on a book of BTC, ETH and SOL at three times its equity, hour by hour on real prices and funding.

The replay is held against an account kept in plain Python from the raw file: a wallet that realises gains, pays funding
at each settlement, and is liquidated loser by loser. Positions are opened in equal parts at the first price.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from tests.verify_by_parts import replay

EQUITY, LEVERAGE, RATE = 100_000.0, 3.0, 0.01

FALLS = {
    "2020-03-12": (("BTC", "ETH"), 48),  # SOL was listed in September 2020
    "2021-05-19": (("BTC", "ETH", "SOL"), 48),
    "2022-05-09": (("BTC", "ETH", "SOL"), 96),
    "2022-11-08": (("BTC", "ETH", "SOL"), 72),
}
LIQUIDATED = {
    "2020-03-12": (["ETH", "BTC"], "2020-03-13 00:00"),
    "2021-05-19": ([], None),
    "2022-05-09": ([], None),
    "2022-11-08": (["SOL", "ETH", "BTC"], "2022-11-09 18:00"),
}


@dataclass
class Account:
    """A wallet and open positions: coins and the price they were bought at."""

    wallet: float
    coins: dict[str, float]
    entry: dict[str, float]
    closed: dict[str, pd.Timestamp] = field(default_factory=dict)

    def unrealised(self, name, price):
        return self.coins[name] * (price - self.entry[name])

    def equity(self, prices):
        return self.wallet + sum(self.unrealised(name, prices[name]) for name in self.coins)

    def hour(self, time, prices, rates):
        for name, coins in self.coins.items():
            if not np.isnan(rates[name]):
                self.wallet -= coins * prices[name] * rates[name]
        while self.coins and self.equity(prices) < RATE * sum(abs(c) * prices[n] for n, c in self.coins.items()):
            loser = min(self.coins, key=lambda name: self.unrealised(name, prices[name]))
            self.wallet += self.unrealised(loser, prices[loser])
            del self.coins[loser]
            self.closed[loser] = time
        return self.equity(prices)


@pytest.fixture(scope="module")
def hours(shared_data):
    """Prices at the top of each hour, and the rates settled then."""
    folder = shared_data / "perp_1h"
    tables = {name: pd.read_parquet(folder / f"{name}USDT_binance_1h.parquet") for name in ("BTC", "ETH", "SOL")}
    return tuple(pd.DataFrame({n: t[column] for n, t in tables.items()}) for column in ("open", "funding_settle"))


@pytest.fixture(scope="module", params=FALLS)
def fall(hours, request):
    names, length = FALLS[request.param]
    times = pd.date_range(request.param, periods=length + 1, freq="h", tz="UTC")
    prices, rates = (table.loc[times, list(names)] for table in hours)
    coins = LEVERAGE * EQUITY / len(names) / prices.iloc[0]
    result = replay(coins, prices.iloc[0], EQUITY, prices, RATE, funding=rates)
    return request.param, prices, rates, coins, result


def test_the_account_is_that_of_plain_bookkeeping(fall):
    _, prices, rates, coins, result = fall
    account = Account(EQUITY, coins.to_dict(), prices.iloc[0].to_dict())
    hours = ((time, prices.loc[time].to_dict(), rates.loc[time].to_dict()) for time in prices.index[1:])
    equities = [EQUITY, *(account.hour(*each) for each in hours)]
    np.testing.assert_allclose(result.equity, equities, rtol=0, atol=1e-9 * EQUITY)
    assert result.pnl == pytest.approx(equities[-1] - EQUITY, abs=1e-9 * EQUITY)
    assert [prices.columns[column - 1] for column in result.order] == list(account.closed)
    for name, row in zip(prices.columns, result.liquidated_row, strict=True):
        assert np.isnan(row) if name not in account.closed else prices.index[int(row)] == account.closed[name]


def test_profit_is_the_marked_book_and_the_funding_settled(fall):
    _, prices, rates, coins, result = fall
    values = coins.to_numpy() * prices.to_numpy()
    profit = (values - values[0]).sum(axis=1)
    paid = np.nancumsum(np.nansum(values[1:] * rates.to_numpy()[1:], axis=1))
    marked = EQUITY + profit - np.append(0.0, paid)
    np.testing.assert_allclose(result.marked_equity, marked, rtol=0, atol=1e-9 * EQUITY)
    alive = len(marked) if not result.order else int(np.nanmin(result.liquidated_row)) + 1
    np.testing.assert_allclose(result.equity[:alive], marked[:alive], rtol=0, atol=1e-9 * EQUITY)
    settlements = np.isfinite(rates.to_numpy()[1:]).sum()
    assert settlements >= (len(prices) - 1) // 8 * len(prices.columns)
    assert np.count_nonzero(np.diff(result.contract_funding, axis=0)) == settlements


def test_who_was_liquidated_and_when(fall):
    start, prices, _, _, result = fall
    names, time = LIQUIDATED[start]
    assert [prices.columns[column - 1] for column in result.order] == names
    if names:
        assert prices.index[int(np.nanmin(result.liquidated_row))] == pd.Timestamp(time, tz="UTC")
