from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.decide.hedge.beta import band_target, hedge_beta, hedge_due
from core.errors import ArgumentError, DataWarning, MissingDataError


def test_the_fund_case() -> None:
    hedge = hedge_beta([100e6], [1.4], 1.1, [0.9])
    assert hedge.trade_notional == pytest.approx([-100e6 / 3])
    assert (hedge.beta_before, hedge.beta_after) == pytest.approx((1.4, 1.1))
    assert np.isnan(hedge.trade_contracts).all()


def test_a_short_book_buys_its_hedge() -> None:
    hedge = hedge_beta([-50.0, 10.0], [1.2, 0.5], 0.0, [1.0], capital=100)
    assert hedge.trade_notional == pytest.approx([55.0])
    assert hedge.beta_before == pytest.approx(-0.55)
    assert hedge.beta_after == pytest.approx(0.0)


def test_capital_is_the_gross_of_the_positions_unless_stated() -> None:
    assert hedge_beta([60.0, -40.0], [1.0, 1.0], 0.0, [1.0]).beta_before == pytest.approx(0.2)
    assert hedge_beta([60.0, -40.0], [1.0, 1.0], 0.0, [1.0], capital=50).beta_before == pytest.approx(0.4)


def test_hedges_that_are_held_are_not_exchanged_for_others() -> None:
    hedge = hedge_beta([100.0], [1.0], 0.0, [0.8, 1.25], hedge_notionals=[-125.0, 0.0])
    assert hedge.trade_notional.tolist() == [0.0, 0.0]


def test_hedges_held_already_count() -> None:
    done = hedge_beta([100e6], [1.4], 1.1, [0.9], hedge_notionals=[-100e6 / 3])
    assert done.beta_before == pytest.approx(1.1)
    assert done.trade_notional == pytest.approx([0.0], abs=1e-6)


def test_contracts_and_cost_follow_the_notional() -> None:
    hedge = hedge_beta([100e6], [1.4], 1.1, [0.9], prices=[50_000], cost_bps=5)
    assert hedge.trade_contracts == pytest.approx([-100e6 / 3 / 50_000])
    assert hedge.cost == pytest.approx([100e6 / 3 * 5e-4])


def test_the_cheapest_beta_is_traded() -> None:
    assert hedge_beta([100.0], [1.0], 0.0, [1.0, 0.5], cost_bps=[2, 0.5]).trade_notional == pytest.approx([0, -200])
    assert hedge_beta([100.0], [1.0], 0.0, [1.0, 0.5], cost_bps=[2, 2]).trade_notional == pytest.approx([-100, 0])


def test_at_equal_cost_the_least_gross_is_held() -> None:
    assert hedge_beta([100.0], [1.0], 0.0, [0.8, 1.25]).trade_notional == pytest.approx([0, -80])
    # Selling 40 of the long hedge first lowers gross; the rest goes to the stronger beta.
    both = hedge_beta([100.0], [1.0], 0.0, [0.8, 1.25], hedge_notionals=[40, 0])
    assert both.trade_notional == pytest.approx([-40, -80])


@given(st.integers(0, 10**6))
def test_several_hedges_cost_what_the_linear_program_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    slopes, rates = rng.uniform(0.2, 2, 3) * rng.choice([-1, 1], 3), rng.uniform(0.5, 5, 3)
    hedge = hedge_beta([100.0, -30.0], [1.3, 0.7], 0.2, slopes, cost_bps=rates)
    needed = (0.2 - hedge.beta_before) * 130
    peer = linprog(np.tile(rates, 2), A_eq=[np.concatenate([slopes, -slopes])], b_eq=[needed])
    assert hedge.cost.sum() == pytest.approx(peer.fun * 1e-4, rel=1e-9)
    assert hedge.beta_after == pytest.approx(0.2, abs=1e-12)


def test_lots_reach_the_nearest_beta_attainable() -> None:
    hedge = hedge_beta([1000.0], [1.0], 0.0, [1.0], prices=[300.0], lot_sizes=[1.0])
    assert hedge.trade_contracts == pytest.approx([-3])
    assert hedge.beta_after == pytest.approx(0.1)
    nearer = hedge_beta([1000.0], [1.0], 0.0, [1.0], prices=[270.0], lot_sizes=[1.0])
    assert nearer.trade_contracts == pytest.approx([-4])
    assert nearer.beta_after == pytest.approx(-0.08)


def test_one_hedge_makes_up_for_the_lots_of_the_other() -> None:
    hedge = hedge_beta([1000.0], [1.0], 0.0, [0.8, 1.25], prices=[150, 7.0], lot_sizes=[1, 1], hedge_notionals=[400, 0])
    assert abs(hedge.beta_after) <= 0.5 * 7 * 1.25 / 1000
    assert hedge.trade_contracts.tolist() == np.round(hedge.trade_contracts).tolist()


def test_the_miss_says_how_near_the_target_is() -> None:
    hedge = hedge_beta([1000.0], [1.0], 0.2, [1.0], prices=[300.0], lot_sizes=[1.0])
    assert hedge.trade_contracts == pytest.approx([-3])
    assert hedge.miss == pytest.approx(-0.1)
    assert hedge_beta([1000.0], [1.0], 0.2, [1.0]).miss == pytest.approx(0.0, abs=1e-15)


def test_a_target_halfway_between_two_lots_takes_the_smaller_trade() -> None:
    assert hedge_beta([250.0], [1.0], 0.0, [1.0], prices=[100.0], lot_sizes=[1.0]).trade_contracts.tolist() == [-2]


def test_a_lot_larger_than_the_hedge_trades_nothing_and_says_so() -> None:
    with pytest.warns(DataWarning, match=r"one lot moves beta by 0\.9 where 0\.3 is needed; nothing is traded"):
        hedge = hedge_beta([100.0], [1.4], 1.1, [0.9], prices=[100.0], lot_sizes=[1.0])
    assert hedge.trade_notional.tolist() == [0.0]
    assert hedge.beta_after == hedge.beta_before == pytest.approx(1.4)


def test_a_book_on_target_trades_nothing_in_silence() -> None:
    hedge = hedge_beta([100.0], [1.1], 1.1, [0.9], prices=[1e6], lot_sizes=[1.0])
    assert hedge.trade_notional.tolist() == [0.0]


@pytest.mark.parametrize("lots", [None, [0.5, 0.5]])
def test_a_hedge_without_beta_is_passed_over_and_said(lots: list[float] | None) -> None:
    with pytest.warns(DataWarning, match=r"hedge_betas is 0\.001 at position 1, below 0\.01 in size; .* passed over"):
        hedge = hedge_beta([100.0], [1.0], 0.0, [0.001, 1.0], prices=[1.0, 1.0], lot_sizes=lots)
    assert hedge.trade_notional == pytest.approx([0, -100])


def test_a_price_is_needed_for_lots_and_contracts_only() -> None:
    hedge = hedge_beta([100.0], [1.0], 0.0, [1.0, 0.9], prices=[np.nan, 5.0], lot_sizes=[0.0, 1.0])
    assert hedge.trade_notional == pytest.approx([-100, 0])
    assert np.isnan(hedge.trade_contracts[0])
    assert hedge.trade_contracts[1] == 0


sides = st.floats(0.1, 3.0)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), sides), min_size=1, max_size=5), sides, st.floats(1e-3, 1e3))
def test_money_may_be_counted_in_any_unit_and_sides_may_be_swapped(book: list, slope: float, unit: float) -> None:
    notionals, betas = np.array([row[0] for row in book]), [row[1] for row in book]
    base = hedge_beta(notionals, betas, 0.3, [slope], capital=1e6)
    scaled = hedge_beta(notionals * unit, betas, 0.3, [slope], capital=1e6 * unit)
    mirrored = hedge_beta(-notionals, betas, -0.3, [slope], capital=1e6)
    assert scaled.trade_notional == pytest.approx(base.trade_notional * unit, rel=1e-9, abs=1e-6 * unit)
    assert mirrored.trade_notional == pytest.approx(-base.trade_notional, rel=1e-9, abs=1e-6)
    assert scaled.beta_before == pytest.approx(base.beta_before, rel=1e-9, abs=1e-12)


@given(st.integers(0, 10**6))
def test_the_order_of_contracts_and_hedges_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    notionals, betas = rng.normal(size=5) * 1e3, rng.uniform(0.5, 2, 5)
    slopes, prices, costs = rng.uniform(0.5, 2, 3), rng.uniform(5, 50, 3), rng.uniform(1, 9, 3)
    first, second = rng.permutation(5), rng.permutation(3)
    hedge = hedge_beta(notionals, betas, 0.1, slopes, None, prices, 1.0, costs)
    shuffled = hedge_beta(notionals[first], betas[first], 0.1, slopes[second], None, prices[second], 1.0, costs[second])
    assert abs(shuffled.miss) == pytest.approx(abs(hedge.miss), rel=1e-6, abs=1e-12)
    assert shuffled.trade_contracts == pytest.approx(hedge.trade_contracts[second], abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"hedge_betas": [0.0]}, ArgumentError, "hedge_betas is 0"),
        ({"hedge_betas": [1e-9, -0.005]}, ArgumentError, "hedge_betas is 1e-09"),
        ({"hedge_betas": [np.nan]}, MissingDataError, "hedge_betas"),
        ({"notionals": [np.nan]}, MissingDataError, "notionals"),
        ({"notionals": [0.0]}, ArgumentError, "capital is 0"),
        ({"betas": [1.0, 2.0]}, ArgumentError, "betas has 2 values where 1"),
        ({"betas": [np.nan]}, MissingDataError, "betas"),
        ({"target_beta": np.nan}, ArgumentError, "target_beta"),
        ({"capital": 0}, ArgumentError, "capital is 0"),
        ({"capital": -5}, ArgumentError, "capital is -5"),
        ({"prices": [0.0]}, ArgumentError, "prices is 0"),
        ({"prices": [1.0, 2.0]}, ArgumentError, "prices has 2 values where 1"),
        ({"lot_sizes": [1.0]}, ArgumentError, "lot_sizes needs prices"),
        ({"lot_sizes": [1.0], "prices": [np.nan]}, MissingDataError, "prices has no value at position 1"),
        ({"lot_sizes": [-1.0], "prices": [5]}, ArgumentError, "lot_sizes is -1"),
        ({"cost_bps": -1}, ArgumentError, "cost_bps is -1"),
        ({"hedge_notionals": [np.nan]}, MissingDataError, "hedge_notionals"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    arguments = {"notionals": [100.0], "betas": [1.4], "target_beta": 1.1, "hedge_betas": [0.9], **changes}
    with pytest.raises(error, match=message):
        hedge_beta(**arguments)


def test_a_hedge_is_due_outside_the_band_only() -> None:
    assert hedge_due(1.21, 1.1, 0.1)
    assert hedge_due(0.99, 1.1, 0.1)
    assert not hedge_due(1.2, 1.1, 0.1)
    assert not hedge_due(1.1, 1.1, 0.0)
    with pytest.raises(ArgumentError, match="band is -1"):
        hedge_due(1.0, 1.0, -1)
    with pytest.raises(ArgumentError, match="beta_now"):
        hedge_due(np.nan, 1.0, 0.1)


def test_a_hedge_that_is_due_goes_to_the_edge_or_to_the_target() -> None:
    assert band_target(1.3, 1.1, 0.1) == pytest.approx(1.2)
    assert band_target(0.7, 1.1, 0.1) == pytest.approx(1.0)
    assert band_target(1.3, 1.1, 0.1, "target") == 1.1
    assert band_target(1.15, 1.1, 0.1, "target") == 1.15
    assert band_target(1.3, 1.1, 0.0) == 1.1
    assert not hedge_due(band_target(1.3, 1.1, 0.1), 1.1, 0.1)
    with pytest.raises(ArgumentError, match="aim 'middle' is not known"):
        band_target(1.3, 1.1, 0.1, "middle")
