"""The sample desk is synthetic, says so, is the same on every machine, and behaves as perpetuals do."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from core.estimate.beta.methods import estimate_beta
from xladdin.desk.layout.sample_universe import CONTRACTS
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.template.sample import CRASH_BAR, SampleDesk, sample_desk
from xladdin.desk.template.scenarios import SCENARIOS

HOURS_PER_YEAR = 8760
SAME_EVERYWHERE = "cc333ba6ef87"
"""Of seed 7: a change here changes the workbook that ships."""


@pytest.fixture(scope="module")
def desk() -> SampleDesk:
    return sample_desk()


@pytest.fixture(scope="module")
def returns(desk: SampleDesk) -> NDArray[np.float64]:
    prices = desk.panel.prices
    return np.asarray(prices[1:] / prices[:-1] - 1)


def column(desk: SampleDesk, name: str) -> list[object]:
    return [row[TABLES["Universe"].header.index(name)] for row in desk.universe]


def test_it_has_ninety_days_of_hourly_closes_of_eight_contracts(desk: SampleDesk) -> None:
    assert desk.panel.prices.shape == desk.panel.funding.shape == (2161, 8)
    assert desk.panel.times[0] == np.datetime64("2025-01-01T00:00:00")
    assert desk.panel.times[-1] == np.datetime64("2025-04-01T00:00:00")
    assert set(np.diff(desk.panel.times).astype(int)) == {3600}


def test_it_calls_itself_synthetic(desk: SampleDesk) -> None:
    assert "SYNTHETIC" in desk.source
    assert all("Synthetic" in name for name in desk.factor_names)


def test_the_same_seed_gives_the_same_desk_to_the_last_digit(desk: SampleDesk) -> None:
    again = sample_desk(7)
    np.testing.assert_array_equal(desk.panel.prices, again.panel.prices)
    np.testing.assert_array_equal(desk.panel.funding, again.panel.funding)
    digest = hashlib.sha256(np.nan_to_num(desk.panel.prices).tobytes() + np.nan_to_num(desk.panel.funding).tobytes())
    assert digest.hexdigest()[:12] == SAME_EVERYWHERE


def test_another_seed_gives_another_desk(desk: SampleDesk) -> None:
    assert not np.array_equal(desk.panel.prices, sample_desk(8).panel.prices, equal_nan=True)


def test_prices_are_whole_ticks_and_end_where_the_universe_says(desk: SampleDesk) -> None:
    ticks = np.array([contract.tick for contract in CONTRACTS])
    steps = desk.panel.prices / ticks
    assert np.nanmax(np.abs(steps - np.rint(steps))) < 1e-6
    assert column(desk, "Price") == desk.panel.prices[-1].tolist()


def test_the_market_is_as_volatile_and_heavy_tailed_as_measured(returns: NDArray[np.float64]) -> None:
    market = returns[:, 0]
    assert market.std() * np.sqrt(HOURS_PER_YEAR) == pytest.approx(0.45, abs=0.05)
    centred = market - market.mean()
    assert 10 < (centred**4).mean() / (centred**2).mean() ** 2 - 3 < 30


def test_volatility_clusters(returns: NDArray[np.float64]) -> None:
    size = np.abs(returns[:, 0])
    autocorrelation = [np.corrcoef(size[lag:], size[:-lag])[0, 1] for lag in (1, 24)]
    assert autocorrelation[0] == pytest.approx(0.29, abs=0.08)
    assert autocorrelation[1] > 0.03


def test_betas_come_out_as_they_went_in(returns: NDArray[np.float64]) -> None:
    complete = returns[np.isfinite(returns).all(axis=1)]
    betas = estimate_beta(complete, complete[:, 0])
    np.testing.assert_allclose(betas, [contract.beta for contract in CONTRACTS], atol=0.1)


def test_funding_settles_every_eight_hours_about_one_basis_point(desk: SampleDesk) -> None:
    settled = np.isfinite(desk.panel.funding).all(axis=1)
    assert np.flatnonzero(settled).tolist() == list(range(0, 2161, 8))
    rates = desk.panel.funding[settled]
    assert rates.mean() == pytest.approx(1.1e-4, abs=4e-5)
    assert np.median(rates) == pytest.approx(1e-4)
    assert rates.min() < 0 < rates.max() < 0.003


def test_funding_follows_momentum(desk: SampleDesk) -> None:
    settled = np.arange(72, 2161, 8)
    momentum = desk.panel.prices[settled, 0] / desk.panel.prices[settled - 72, 0] - 1
    assert np.corrcoef(momentum, desk.panel.funding[settled, 0])[0, 1] > 0.15


def test_the_crash_takes_14_percent_off_the_market_and_more_off_the_alts(desk: SampleDesk) -> None:
    before, after = desk.panel.prices[CRASH_BAR], desk.panel.prices[CRASH_BAR + 4]
    fall = after / before - 1
    assert fall[0] == pytest.approx(-0.14, abs=0.005)
    falls = dict(zip(desk.panel.symbols, fall, strict=True))
    assert falls["DOGEUSDT"] < falls["SOLUSDT"] < falls["ADAUSDT"] < fall[0]


def test_the_crash_lies_in_the_window_that_the_desk_looks_at() -> None:
    assert CRASH_BAR > 2161 - 721


def test_gaps_are_missing_prices_and_never_the_last_one(desk: SampleDesk) -> None:
    missing = np.isnan(desk.panel.prices).sum(axis=0)
    assert dict(zip(desk.panel.symbols, missing.tolist(), strict=True)) == {
        **dict.fromkeys(desk.panel.symbols, 0),
        "SOLUSDT": 18,
        "ADAUSDT": 3,
    }
    assert np.isfinite(desk.panel.prices[[0, -1]]).all()
    assert desk.panel.last(720).missing()["SOLUSDT"] > 0


def test_the_desk_holds_three_contracts_and_may_hedge_with_two(desk: SampleDesk) -> None:
    symbols = np.array(column(desk, "Symbol"))
    assert symbols[np.array(column(desk, "Position")) != 0].tolist() == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert symbols[np.array(column(desk, "Hedge")) == "Y"].tolist() == ["BTCUSDT", "ETHUSDT"]
    assert all(
        (price is None) == (held == 0)
        for price, held in zip(column(desk, "EntryPrice"), column(desk, "Position"), strict=True)
    )


def test_every_universe_cell_is_what_its_column_permits(desk: SampleDesk) -> None:
    for row in desk.universe:
        for declared, value in zip(TABLES["Universe"].columns, row, strict=True):
            if value is None:
                assert declared.blank is not None
            elif declared.kind == "text":
                assert not declared.choices or value in declared.choices
            elif declared.kind == "time":
                assert desk.panel.times[0].item() < value < desk.panel.times[-1].item()
            else:
                assert isinstance(value, float)
                assert declared.minimum is None or value >= declared.minimum
                assert declared.maximum is None or value <= declared.maximum


def test_factors_share_the_clock_and_have_no_return_at_the_first_close(desk: SampleDesk) -> None:
    assert desk.factors.shape == (2161, 2)
    assert np.isnan(desk.factors[0]).all()
    assert np.isfinite(desk.factors[1:]).all()


def test_scenarios_have_one_cell_for_each_heading(desk: SampleDesk) -> None:
    assert desk.scenario_header == (*TABLES["Scenarios"].header, *desk.panel.symbols)
    assert {len(row) for row in desk.scenarios} == {len(desk.scenario_header)}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_scenario_moves_the_benchmark_as_it_says(scenario) -> None:  # type: ignore[no-untyped-def]
    assert scenario.moves.get("BTCUSDT", scenario.market_shock) == scenario.market_shock
    assert all(move > -1 for move in scenario.moves.values())
