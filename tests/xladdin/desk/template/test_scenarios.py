"""The historical falls are what the market did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xladdin.desk.template.scenarios import SCENARIOS, Scenario

HISTORY = [scenario for scenario in SCENARIOS if scenario.moves]
HOURLY = {"BTCUSDT", "ETHUSDT", "SOLUSDT"}


@pytest.fixture(scope="module")
def closes(shared_data: Path):  # type: ignore[no-untyped-def]
    folder = shared_data / "perp_1h"
    series = {
        symbol: pd.read_parquet(folder / f"{symbol}_binance_1h.parquet", columns=["close"])["close"]
        for symbol in sorted(HOURLY)
    }
    table = pd.DataFrame(series)
    table.index = table.index + pd.Timedelta(hours=1)  # the files are stamped with the open of the bar
    return table


@pytest.mark.parametrize("scenario", HISTORY, ids=lambda scenario: scenario.name)
def test_a_historical_fall_is_the_one_of_its_date(scenario: Scenario, closes) -> None:  # type: ignore[no-untyped-def]
    start = pd.Timestamp(scenario.name[:10], tz="UTC")
    end = start + pd.Timedelta(hours=scenario.horizon_hours)
    moves = closes.loc[end] / closes.loc[start] - 1
    for symbol in HOURLY & scenario.moves.keys():
        assert moves[symbol] == pytest.approx(scenario.moves[symbol], abs=5e-4)
    assert scenario.market_shock == scenario.moves["BTCUSDT"]


@pytest.mark.parametrize("scenario", HISTORY, ids=lambda scenario: scenario.name)
def test_it_ends_at_the_lowest_close_of_the_benchmark(scenario: Scenario, closes) -> None:  # type: ignore[no-untyped-def]
    start = pd.Timestamp(scenario.name[:10], tz="UTC")
    fall = closes.loc[start : start + pd.Timedelta(hours=scenario.horizon_hours), "BTCUSDT"]
    assert fall.idxmin() == fall.index[-1]


@pytest.mark.parametrize("scenario", HISTORY, ids=lambda scenario: scenario.name)
def test_its_volatility_multiple_is_against_the_thirty_days_before(scenario: Scenario, closes) -> None:  # type: ignore[no-untyped-def]
    start = pd.Timestamp(scenario.name[:10], tz="UTC")
    hour = pd.Timedelta(hours=1)
    steps = np.log(closes["BTCUSDT"]).diff()
    during = steps.loc[start + hour : start + scenario.horizon_hours * hour].std()
    before = steps.loc[start - 30 * 24 * hour + hour : start].std()
    assert during / before == pytest.approx(scenario.volatility_multiplier, abs=0.05)
