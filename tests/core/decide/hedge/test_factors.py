from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.hedge.beta import hedge_beta
from core.decide.hedge.factors import hedge_factors
from core.errors import ArgumentError, DataWarning, InfeasibleError, MissingDataError, UndefinedError


def test_two_factors_by_hand() -> None:
    # x + 2 y = -100 and y = -20: the second hedge alone carries the second factor.
    hedge = hedge_factors([100.0], [[1.0], [0.2]], [[1.0, 2.0], [0.0, 1.0]])
    assert hedge.trade_notional == pytest.approx([-60, -20])
    assert hedge.exposure_before == pytest.approx([1.0, 0.2])
    assert hedge.exposure_after == pytest.approx([0, 0], abs=1e-12)
    assert hedge.miss == pytest.approx([0, 0], abs=1e-12)
    assert hedge.certificate.passes()


def test_one_factor_is_the_beta_hedge() -> None:
    factor = hedge_factors([100e6], [1.4], [0.9], 1.1)
    beta = hedge_beta([100e6], [1.4], 1.1, [0.9])
    assert factor.trade_notional == pytest.approx(beta.trade_notional)
    assert factor.exposure_after == pytest.approx([1.1])


@given(st.integers(0, 10**6))
def test_one_factor_costs_and_holds_what_the_beta_hedge_does(seed: int) -> None:
    rng = np.random.default_rng(seed)
    notionals, betas, slopes = rng.normal(size=4) * 1e3, rng.uniform(0.5, 2, 4), rng.uniform(0.3, 2, 3)
    held, costs = rng.normal(size=3) * 500, rng.choice([1.0, 2.0, 5.0], 3)
    factor = hedge_factors(notionals, betas, slopes, 0.2, cost_bps=costs, hedge_notionals=held)
    beta = hedge_beta(notionals, betas, 0.2, slopes, cost_bps=costs, hedge_notionals=held)
    assert factor.exposure_after == pytest.approx([beta.beta_after], abs=1e-12)
    assert factor.cost.sum() == pytest.approx(beta.cost.sum(), rel=1e-8, abs=1e-9)
    gross = [np.abs(held + hedge.trade_notional).sum() for hedge in (factor, beta)]
    assert gross[0] == pytest.approx(gross[1], rel=1e-8)


def test_one_factor_may_stand_in_a_column() -> None:
    row = hedge_factors([60.0, 40.0], [[1.0, 1.5]], [[1.0, 0.5]], cost_bps=[1, 9])
    column = hedge_factors([60.0, 40.0], [[1.0], [1.5]], [[1.0], [0.5]], cost_bps=[1, 9])
    assert row.trade_notional.tolist() == column.trade_notional.tolist()
    assert row.trade_notional == pytest.approx([-120, 0])


def test_exposures_are_measured_on_capital() -> None:
    hedge = hedge_factors([100.0], [2.0], [1.0], 0.5, capital=50, hedge_notionals=-10)
    assert hedge.exposure_before == pytest.approx([3.8])
    assert hedge.trade_notional == pytest.approx([-165])
    assert hedge.exposure_after == pytest.approx([0.5])


def test_the_cheaper_hedge_is_traded_and_at_equal_cost_the_stronger() -> None:
    assert hedge_factors([100.0], [1.0], [[1.0, 0.5]], cost_bps=[2, 0.5]).trade_notional == pytest.approx([0, -200])
    assert hedge_factors([100.0], [1.0], [[1.0, 0.5]], cost_bps=2).trade_notional == pytest.approx([-100, 0])
    assert hedge_factors([100.0], [1.0], [[1.0, 0.5]]).trade_notional == pytest.approx([-100, 0])


def test_at_equal_cost_what_is_held_is_closed_first() -> None:
    hedge = hedge_factors([100.0], [1.0], [[0.8, 1.25]], hedge_notionals=[40, 0])
    assert hedge.trade_notional == pytest.approx([-40, -80])


def test_a_short_hedge_earns_the_funding_that_longs_pay() -> None:
    # 36.5 % a year is 0.1 % a day: ten days of it are worth more than the dearer trade.
    arguments = {"cost_bps": [5, 10], "funding_rates": [0.0, 0.365]}
    assert hedge_factors([100.0], [1.0], [[1.0, 1.0]], **arguments).trade_notional == pytest.approx([-100, 0])
    arguments |= {"horizon_days": 10, "min_notional": -100, "max_notional": 0}
    earning = hedge_factors([100.0], [1.0], [[1.0, 1.0]], **arguments)
    assert earning.trade_notional == pytest.approx([0, -100])
    assert earning.funding == pytest.approx([0, -1.0])
    assert earning.cost == pytest.approx([0, 0.1])


def test_funding_that_pays_without_end_asks_for_limits() -> None:
    with pytest.raises(UndefinedError, match="state min_notional and max_notional"):
        hedge_factors([100.0], [1.0], [[1.0, 1.0]], cost_bps=5, funding_rates=[0, 0.365], horizon_days=30)


def test_limits_of_a_hedge_send_the_rest_to_the_next() -> None:
    hedge = hedge_factors([100.0], [1.0], [[1.0, 1.0]], cost_bps=[1, 5], min_notional=[-30, np.nan])
    assert hedge.trade_notional == pytest.approx([-30, -70])


def test_a_hedge_beyond_its_limit_is_brought_back() -> None:
    hedge = hedge_factors([100.0], [1.0], [[1.0, 1.0]], hedge_notionals=[-150, 50], min_notional=-80)
    assert hedge.trade_notional == pytest.approx([70, -70])


def test_what_is_out_of_reach_is_met_in_least_squares_and_said() -> None:
    # One hedge (1, 0.5) against (-100, -100): x = -(100 + 50) / 1.25.
    with pytest.warns(DataWarning, match=r"targets: .* factor 2 stays \+0\.4 away, the nearest in least squares"):
        hedge = hedge_factors([100.0], [[1.0], [1.0]], [[1.0], [0.5]])
    assert hedge.trade_notional == pytest.approx([-120])
    assert hedge.exposure_after == pytest.approx([-0.2, 0.4])
    with pytest.warns(DataWarning, match="factor 1 stays"):
        weighted = hedge_factors([100.0], [[1.0], [1.0]], [[1.0], [0.5]], factor_weights=[1, 1000])
    assert weighted.trade_notional == pytest.approx([-200], rel=1e-5)


def test_limits_that_bind_leave_the_nearest_exposure() -> None:
    with pytest.warns(DataWarning, match=r"factor 1 stays \+0\.4 away"):
        hedge = hedge_factors([100.0], [1.0], [[1.0, 0.5]], cost_bps=[1, 9], min_notional=[-40, -40])
    assert hedge.trade_notional == pytest.approx([-40, -40])


def test_what_is_out_of_reach_is_said_with_lots_too() -> None:
    with pytest.warns(DataWarning, match=r"factor 1 stays \+0\.6 away"):
        hedge = hedge_factors([100.0], [1.0], [1.0], min_notional=-40, prices=15, lot_sizes=1)
    assert hedge.trade_contracts.tolist() == [-2]
    assert hedge.miss == pytest.approx([0.7])


def test_spot_takes_cash_and_no_more_than_there_is() -> None:
    hedge = hedge_factors([-100.0], [1.0], [[1.0, 1.0]], cost_bps=[1, 5], fully_paid=[1, 0], cash=30)
    assert hedge.trade_notional == pytest.approx([30, 70])
    assert hedge.cash == pytest.approx(30)
    assert hedge_factors([-100.0], [1.0], [[1.0, 1.0]], cost_bps=[1, 5], fully_paid=[1, 0]).cash == pytest.approx(100)


def test_spot_that_is_not_held_cannot_be_sold() -> None:
    hedge = hedge_factors([100.0], [1.0], [[1.0, 1.0]], cost_bps=[1, 5], fully_paid=[1, 0], min_notional=[0, np.nan])
    assert hedge.trade_notional == pytest.approx([0, -100])


def test_a_stablecoin_hedge_sells_what_is_held() -> None:
    # The position of 100 stands among the hedges, limited to 0 .. 100; 40 of it is sold into the stablecoin.
    hedge = hedge_factors(
        [0.0], [np.nan], [1.2], 0.72, 100, hedge_notionals=100, min_notional=0, max_notional=100, fully_paid=1
    )
    assert hedge.trade_notional == pytest.approx([-40])
    assert hedge.cash == pytest.approx(-40)
    assert hedge.exposure_after == pytest.approx([0.72])


def test_lots_come_nearest_and_the_others_make_up() -> None:
    whole = hedge_factors([1000.0], [1.0], [1.0], prices=300, lot_sizes=1)
    assert whole.trade_contracts.tolist() == [-3]
    assert whole.miss == pytest.approx([0.1])
    mixed = hedge_factors(
        [1000.0], [1.0], [[1.0, 0.5]], prices=[300, np.nan], lot_sizes=[1, 0], cost_bps=[1, 9], max_notional=0
    )
    assert mixed.trade_notional == pytest.approx([-900, -200])
    assert mixed.miss == pytest.approx([0], abs=1e-12)


@given(st.integers(0, 10**6))
def test_no_lots_nearby_come_nearer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loadings, hedges = rng.normal(size=(2, 3)), np.eye(2) + rng.uniform(-0.4, 0.4, size=(2, 2))
    notionals, prices = rng.normal(size=3) * 1000, rng.uniform(20, 60, 2)
    found = hedge_factors(notionals, loadings, hedges, 0.1, prices=prices, lot_sizes=1)
    exact = hedge_factors(notionals, loadings, hedges, 0.1)
    around = [np.floor(count) + np.arange(-1, 3) for count in exact.trade_notional / prices]
    every = np.array(list(itertools.product(*around))) * prices
    misses = exact.exposure_before + every @ hedges.T / np.abs(notionals).sum() - 0.1
    assert np.linalg.norm(found.miss) <= np.linalg.norm(misses, axis=1).min() + 1e-12


@given(st.integers(0, 10**6), st.floats(1e-4, 1e4))
def test_units_sides_and_order_do_not_matter(seed: int, unit: float) -> None:
    rng = np.random.default_rng(seed)
    notionals, loadings = rng.normal(size=4) * 1e6, rng.normal(size=(2, 4))
    hedges = np.array([[1, 0, 0.5], [0, 1, 0.5]]) + rng.uniform(-0.4, 0.4, size=(2, 3))
    costs, order = rng.uniform(1, 9, 3), rng.permutation(3)
    base = hedge_factors(notionals, loadings, hedges, 0.2, cost_bps=costs)
    scaled = hedge_factors(notionals * unit, loadings, hedges, 0.2, cost_bps=costs)
    mirrored = hedge_factors(-notionals, loadings, hedges, -0.2, cost_bps=costs)
    shuffled = hedge_factors(notionals, loadings, hedges[:, order], 0.2, cost_bps=costs[order])
    size = np.abs(base.trade_notional).max()
    assert scaled.trade_notional / unit == pytest.approx(base.trade_notional, abs=1e-7 * size)
    assert mirrored.trade_notional == pytest.approx(-base.trade_notional, abs=1e-7 * size)
    assert shuffled.trade_notional == pytest.approx(base.trade_notional[order], abs=1e-7 * size)


def test_hedges_that_are_nearly_alike_are_said() -> None:
    with pytest.warns(DataWarning, match="so nearly alike that the trades are 1999 times"):
        hedge_factors([100.0], [[1.0], [1.0]], [[1.0, 1.0], [0.0, 1e-3]])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"notionals": [np.nan]}, MissingDataError, "notionals"),
        ({"notionals": [0.0]}, ArgumentError, "capital is 0"),
        ({"loadings": [[np.nan], [1.0]]}, MissingDataError, "loadings has no value at row 1"),
        ({"loadings": [[1.0, 2.0], [1.0, 2.0]]}, ArgumentError, "loadings has 2 columns where 1 are needed"),
        ({"hedge_loadings": [[1.0, 2.0]]}, ArgumentError, "hedge_loadings has 1 rows where 2 are needed"),
        ({"hedge_loadings": [[np.nan], [1.0]]}, MissingDataError, "hedge_loadings"),
        ({"hedge_loadings": [[0.0], [0.0]]}, ArgumentError, "hedge_loadings are all 0"),
        ({"targets": [1, 2, 3]}, ArgumentError, "targets has 3 values where 2"),
        ({"capital": 0}, ArgumentError, "capital is 0"),
        ({"cost_bps": -1}, ArgumentError, "cost_bps is -1"),
        ({"funding_rates": np.nan}, MissingDataError, "funding_rates"),
        ({"horizon_days": -1}, ArgumentError, "horizon_days is -1"),
        (
            {"min_notional": 5, "max_notional": 4},
            InfeasibleError,
            "min_notional 5 exceeds max_notional 4 at position 1",
        ),
        ({"fully_paid": 2}, ArgumentError, "fully_paid is 2"),
        ({"cash": -1}, ArgumentError, "cash is -1"),
        ({"fully_paid": 1, "cash": 5, "min_notional": 10}, InfeasibleError, "cash does not pay for what min_notional"),
        ({"lot_sizes": 1}, ArgumentError, "lot_sizes needs prices"),
        ({"lot_sizes": 1, "prices": np.nan}, MissingDataError, "prices has no value at position 1"),
        (
            {"lot_sizes": 1, "prices": 100, "min_notional": -80, "max_notional": -20},
            InfeasibleError,
            "lot_sizes: no whole number of lots lies within the limits",
        ),
        ({"hedge_notionals": np.nan}, MissingDataError, "hedge_notionals"),
        ({"factor_weights": [1, 0]}, ArgumentError, "factor_weights is 0"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    arguments = {"notionals": [100.0], "loadings": [[1.4], [0.2]], "hedge_loadings": [[0.9], [0.1]], **changes}
    with pytest.raises(error, match=message):
        hedge_factors(**arguments)
