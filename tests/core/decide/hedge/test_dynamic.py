from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.hedge.beta import hedge_beta, hedge_due
from core.decide.hedge.dynamic import dynamic_hedge
from core.errors import ArgumentError, DataWarning, MissingDataError
from core.estimate.beta.rolling import rolling_beta


def wandering(rows: int = 60, contracts: int = 3, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 1 + 0.05 * rng.normal(size=(rows, contracts)).cumsum(axis=0), 0.9 + 0.1 * rng.uniform(size=(rows, 2))


def test_without_a_band_the_target_is_held_in_every_row() -> None:
    betas, hedges = wandering()
    hedge = dynamic_hedge([50.0, -20.0, 30.0], betas, 0.3, hedges)
    assert hedge.beta_after == pytest.approx(np.full(60, 0.3))
    assert hedge.positions == pytest.approx(hedge.trades.cumsum(axis=0))


def test_each_trade_is_that_of_the_beta_hedge() -> None:
    betas, hedges = wandering()
    prices = np.column_stack([np.linspace(50, 60, 60), np.linspace(9, 8, 60)])
    path = dynamic_hedge(
        [5e4, -2e4, 3e4], betas, 0.3, hedges, prices=prices, lot_sizes=[1, 2], cost_bps=[5, 4], hedge_notionals=[50, 9]
    )
    contracts = np.array([1.0, 1.0])
    for row in range(60):
        single = hedge_beta(
            [5e4, -2e4, 3e4],
            betas[row],
            0.3,
            hedges[row],
            prices=prices[row],
            lot_sizes=[1, 2],
            cost_bps=[5, 4],
            hedge_notionals=contracts * prices[row],
        )
        contracts = contracts + single.trade_contracts
        assert path.trades[row] == pytest.approx(single.trade_notional, rel=1e-9, abs=1e-9)
        assert path.beta_before[row] == pytest.approx(single.beta_before)
        assert path.cost[row] == pytest.approx(single.cost.sum())
    assert path.positions[-1] == pytest.approx(contracts * prices[-1])


def test_within_the_band_nothing_is_traded() -> None:
    betas, hedges = wandering()
    hedge = dynamic_hedge([100.0, 0.0, 0.0], betas, 1.0, hedges, band=0.2)
    assert hedge.due.tolist() == [hedge_due(beta, 1.0, 0.2) for beta in hedge.beta_before]
    assert hedge.due.any()
    assert not hedge.due.all()
    assert (hedge.trades.any(axis=1) == hedge.due).all()
    assert (np.abs(hedge.beta_after - 1.0) <= 0.2 + 1e-12).all()


def test_at_the_edge_less_is_traded_than_at_the_target() -> None:
    betas, hedges = wandering(400)
    arguments = {"band": 0.1, "cost_bps": 5}
    to_edge = dynamic_hedge([100.0, 0.0, 0.0], betas, 1.0, hedges, aim="edge", **arguments)
    to_target = dynamic_hedge([100.0, 0.0, 0.0], betas, 1.0, hedges, aim="target", **arguments)
    assert to_edge.cost.sum() < to_target.cost.sum()
    assert np.abs(to_edge.beta_after[to_edge.due] - 1.0) == pytest.approx(0.1)
    assert to_target.beta_after[to_target.due] == pytest.approx(1.0)


@given(st.integers(0, 10**6), st.integers(1, 59))
def test_later_rows_change_no_earlier_trade(seed: int, row: int) -> None:
    betas, hedges = wandering(seed=seed)
    later = [values.copy() for values in (betas, hedges)]
    for values in later:
        values[row:] = 1 + np.random.default_rng(seed + 1).uniform(size=values[row:].shape)
    first = dynamic_hedge([50.0, -20.0, 30.0], betas, 0.3, hedges, band=0.05)
    second = dynamic_hedge([50.0, -20.0, 30.0], *(later[0], 0.3, later[1]), band=0.05)
    assert first.trades[:row].tolist() == second.trades[:row].tolist()


def test_hedges_move_with_their_prices() -> None:
    hedge = dynamic_hedge([100.0], [[1.0], [1.0]], 0.0, [[1.0], [1.0]], band=0.5, prices=[[10.0], [12.0]])
    assert hedge.trades.tolist() == [[-100.0], [0.0]]
    assert hedge.positions.tolist() == [[-100.0], [-120.0]]
    assert hedge.beta_after == pytest.approx([0.0, -0.2])


def test_the_book_may_change_from_row_to_row() -> None:
    hedge = dynamic_hedge([[100.0], [50.0]], [[1.0], [2.0]], [0.0, 0.5], [[1.0], [1.0]], capital=[100, 200])
    assert hedge.positions == pytest.approx(np.array([[-100.0], [0.0]]))
    assert hedge.beta_after == pytest.approx([0.0, 0.5])


def test_nothing_is_traded_while_a_rolling_beta_warms_up() -> None:
    rng = np.random.default_rng(4)
    market = 0.01 * rng.normal(size=50)
    betas = rolling_beta(np.column_stack([1.5 * market, 0.8 * market]), market, 20)
    with pytest.warns(DataWarning, match="in 19 of 50 rows a beta or price is missing"):
        hedge = dynamic_hedge([100.0, 50.0], betas, 0.0, np.ones((50, 1)), capital=100)
    assert not hedge.trades[:19].any()
    assert np.isnan(hedge.beta_before[:19]).all()
    assert not hedge.due[:19].any()
    assert hedge.trades[19] == pytest.approx([-190.0])
    assert hedge.beta_after[19:] == pytest.approx(np.zeros(31), abs=1e-12)


def test_a_hedge_without_a_beta_or_price_waits() -> None:
    nan = np.nan
    betas, slopes = np.ones((3, 1)), np.array([[1.0, 0.001], [nan, 0.001], [1.0, 0.9]])
    with pytest.warns(DataWarning, match="in 1 of 3 rows"):
        hedge = dynamic_hedge([100.0], betas, [0.0, 0.0, 0.5], slopes, prices=[[5.0, nan], [5.0, 7.0], [5.0, 7.0]])
    assert hedge.trades == pytest.approx(np.array([[-100.0, 0], [0, 0], [50, 0]]))
    assert np.isnan(hedge.beta_before[1])
    with pytest.warns(DataWarning, match="no hedge has a usable beta"):
        idle = dynamic_hedge([100.0], [[1.0]], 0.0, [[0.001]])
    assert (idle.due.tolist(), idle.trades.tolist()) == ([True], [[0.0]])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"notionals": [[1.0, 2.0]]}, ArgumentError, "notionals is 1 x 2 where betas is 2 x 1"),
        ({"notionals": [1.0, 2.0]}, ArgumentError, "notionals has 2 values where 1"),
        ({"notionals": [np.nan]}, MissingDataError, "notionals"),
        ({"notionals": [0.0]}, ArgumentError, "capital is 0 in row 1 because notionals"),
        ({"hedge_betas": [[1.0]]}, ArgumentError, "betas has 2 rows and hedge_betas has 1"),
        ({"target_beta": [0.1, np.nan]}, MissingDataError, "target_beta"),
        ({"band": -0.1}, ArgumentError, "band is -0.1"),
        ({"capital": [1.0, 0.0]}, ArgumentError, "capital is 0 at position 2"),
        ({"prices": [[1.0]]}, ArgumentError, "prices is 1 x 1 where hedge_betas is 2 x 1"),
        ({"prices": [[0.0], [1.0]]}, ArgumentError, "prices is 0 at row 1"),
        ({"prices": [[np.nan], [1.0]], "hedge_notionals": 5}, MissingDataError, "prices"),
        ({"lot_sizes": 1}, ArgumentError, "lot_sizes needs prices"),
        ({"lot_sizes": -1}, ArgumentError, "lot_sizes is -1"),
        ({"cost_bps": -1}, ArgumentError, "cost_bps is -1"),
        ({"hedge_notionals": np.nan}, MissingDataError, "hedge_notionals"),
        ({"aim": "middle"}, ArgumentError, "aim 'middle' is not known"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    arguments = {
        "notionals": [100.0],
        "betas": [[1.0], [1.1]],
        "target_beta": 0.0,
        "hedge_betas": [[1.0], [0.9]],
        **changes,
    }
    with pytest.raises(error, match=message):
        dynamic_hedge(**arguments)
