"""Orders: by hand, by what must be conserved, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.size.orders import orders_for
from core.errors import ArgumentError, MissingDataError


def test_a_buy_a_sale_and_a_turn_by_hand():
    orders = orders_for(
        weights=[0.5, 0.0, -0.25],
        held=[1.0, 3.0, 20.0],
        contract_values=[30_000.0, 2_000.0, 100.0],
        equity=100_000.0,
        lot_sizes=[0.1, 1.0, 7.0],
        cost_rates=[0.001, 0.002, 0.003],
        initial_margin_rates=[0.05, 0.1, 0.2],
    )
    assert orders.positions == pytest.approx([1.6, 0.0, -245.0])  # 1.666... and -250, toward zero in lots
    assert orders.contracts == pytest.approx([0.6, -3.0, -265.0])
    assert orders.notionals == pytest.approx([48_000.0, 0.0, -24_500.0])
    assert orders.weights == pytest.approx([0.48, 0.0, -0.245])
    assert orders.current_weights == pytest.approx([0.3, 0.06, 0.02])
    assert orders.trades == pytest.approx([0.18, -0.06, -0.265])
    assert orders.costs == pytest.approx([18.0, 12.0, 79.5])
    assert orders.initial_margins == pytest.approx([2_400.0, 0.0, 4_900.0])


weights = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


@given(weights, st.floats(1e3, 1e7), st.sampled_from([0.0, 0.001, 0.5, 10.0]))
def test_rounding_never_enlarges_a_position_and_gives_up_less_than_a_lot(target, equity, lot):
    values = np.array([60_000.0, 3_000.0, 0.4])
    orders = orders_for(target, np.zeros(3), values, equity, lot)
    exact = np.array(target) * equity / values
    assert (np.abs(orders.positions) <= np.abs(exact) * (1 + 1e-9)).all()
    assert (np.abs(exact - orders.positions) <= lot + 1e-9 * np.abs(exact)).all()


@given(weights, weights)
def test_what_is_held_and_what_is_ordered_make_the_position(target, held):
    orders = orders_for(target, held, [100.0, 10.0, 1.0], 1_000.0)
    assert held + orders.contracts == pytest.approx(orders.positions, abs=1e-9)
    again = orders_for(target, orders.positions, [100.0, 10.0, 1.0], 1_000.0, cost_rates=0.01)
    assert again.contracts == pytest.approx(np.zeros(3), abs=1e-9)


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e5), st.sampled_from([0.0, 0.001, 1.0, 7.0]))
def test_what_is_not_traded_stays_to_the_last_contract(held, price, lot):
    orders = orders_for([0.5, 0.1], [held, 0.0], [price, 10.0], 1e6, lot, traded=[False, True])
    assert (orders.positions[0], orders.contracts[0], orders.costs[0]) == (held, 0.0, 0.0)
    assert orders.contracts[1] > 0


def test_what_is_worth_less_than_the_smallest_order_is_left_out_and_told():
    orders = orders_for(
        [0.2031, 0.5, 0.0, 0.1], [6.0, 4.9, 1.0, 0.999], [340.0, 1_000.0, 150.0, 1_000.0], 1e4, 0.001, smallest=100
    )
    assert orders.contracts == pytest.approx([0.0, 0.1, -1.0, 0.0])  # 0.1 x 1,000 is the smallest itself
    assert orders.positions == pytest.approx([6.0, 5.0, 0.0, 0.999])
    assert orders.dust == pytest.approx([-0.027, 0.0, 0.0, 0.001])
    assert orders.trades == pytest.approx([0.0, 0.01, -0.015, 0.0])


@pytest.mark.parametrize("name", ["weights", "held", "contract_values"])
def test_what_is_missing_is_named(name):
    arguments = {"weights": [0.1, 0.2], "held": [0.0, 0.0], "contract_values": [1.0, 1.0], "equity": 1.0}
    with pytest.raises(MissingDataError, match=name):
        orders_for(**{**arguments, name: [0.1, np.nan]})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"contract_values": [1.0, 0.0]}, "contract_values must be above zero; check the prices"),
        ({"equity": 0.0}, "equity"),
        ({"held": [0.0, 0.0, 0.0]}, "held"),
        ({"lot_sizes": [0.1, 0.1, 0.1]}, "lot_sizes"),
        ({"cost_rates": [0.1, 0.1, 0.1]}, "cost_rates"),
        ({"initial_margin_rates": [0.1, 0.1, 0.1]}, "initial_margin_rates"),
        ({"smallest": -1.0}, "smallest"),
    ],
)
def test_what_is_out_of_range_is_named(changed, said):
    arguments = {"weights": [0.1, 0.2], "held": [0.0, 0.0], "contract_values": [1.0, 1.0], "equity": 1.0}
    with pytest.raises(ArgumentError, match=said):
        orders_for(**{**arguments, **changed})
