"""The order list: by hand, by what netting must conserve, and what is refused."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.size.order_list import limit_prices, net_orders
from core.errors import ArgumentError, MissingDataError


def test_two_reasons_are_netted_and_dust_is_left_out():
    orders = net_orders(
        [[1.0, -2.0, 0.3, 0.0, 0.05], [0.5, 2.0, -0.299, -4.0, 0.0]],
        held=[0.0, 5.0, 0.0, 4.0, 0.0],
        values=[100.0, 100.0, 1_000.0, 50.0, 100.0],
        lots=[0.1, 1.0, 0.001, 1.0, 0.01],
        smallest=10.0,
    )
    assert orders.contracts.tolist() == [1.5, 0.0, 0.0, -4.0, 0.0]
    assert orders.dust == pytest.approx([0.0, 0.0, 0.001, 0.0, 0.05])
    assert orders.after.tolist() == [1.5, 5.0, 0.0, 0.0, 0.0]
    assert orders.reduces.tolist() == [False, False, False, True, False]
    assert not orders.broken.any()


@pytest.mark.parametrize(
    ("held", "trade", "only_closes"),
    [(2.0, -2.0, True), (2.0, -1.0, True), (2.0, -3.0, False), (2.0, 1.0, False), (-2.0, 0.5, True), (0.0, 1.0, False)],
)
def test_an_order_only_closes_where_it_does_not_turn_the_position(held, trade, only_closes):
    assert net_orders([[trade]], [held], [10.0], [0.5], 0.0).reduces.tolist() == [only_closes]


def test_what_is_no_whole_lot_is_not_ordered_and_told():
    orders = net_orders(
        [[-1.2345, 0.1 + 0.2, 0.0004]], [1.2345, 0.0, 0.0], [10.0, 10.0, 10.0], [0.001, 0.1, 0.001], 0.0
    )
    assert orders.contracts.tolist() == [-1.234, 0.3, 0.0]
    assert orders.broken == pytest.approx([-0.0005, 0.0, 0.0004])


amounts = st.lists(st.integers(-5_000, 5_000), min_size=4, max_size=4)


@given(amounts, amounts, amounts, st.sampled_from([0.0, 25.0, 1_000.0]))
def test_orders_and_dust_are_the_sum_of_the_trades(first, second, held, smallest):
    lots = np.array([0.001, 0.1, 1.0, 5.0])
    values = np.array([60_000.0, 3_000.0, 0.4, 1.0])
    trades = np.array([first, second]) * lots
    orders = net_orders(trades, np.array(held) * lots, values, lots, smallest)
    assert orders.contracts + orders.dust == pytest.approx(trades.sum(axis=0), abs=1e-9)
    sizes = np.abs(orders.contracts * values)
    assert (sizes[sizes > 0] >= smallest * (1 - 1e-9)).all()
    assert (np.abs(orders.dust * values) < max(smallest, 1e-12)).all()
    assert (np.abs(orders.after)[orders.reduces] < np.abs(orders.before)[orders.reduces]).all()


@given(
    st.sampled_from([1, -1]),
    st.decimals("0.001", "99999", places=4),
    st.integers(0, 1_000),
    st.sampled_from(["0.1", "0.01", "0.5", "0.0001", "0.25"]),
)
def test_a_limit_is_on_the_tick_and_never_worse_than_stated(side, price, bps, tick):
    step = Decimal(tick)
    stated = price * (1 + side * Decimal(bps) / 10_000)
    way = ROUND_FLOOR if side > 0 else ROUND_CEILING
    exact = (stated / step).to_integral_value(rounding=way) * step
    limits, on_grid = limit_prices([side], [float(price)], [bps / 10_000], [float(tick)])
    assert on_grid.tolist() == [exact > 0]
    assert limits[0] == pytest.approx(float(exact if exact > 0 else stated), rel=1e-12)


def test_without_a_tick_the_limit_stands_as_it_is():
    limits, on_grid = limit_prices([1, -1, 0, 1], [100.0, 100.0, 100.0, 0.3], [0.0005] * 4, [0.0, 0.1, 0.1, 1.0])
    assert limits == pytest.approx([100.05, 100.0, np.nan, 0.30015], nan_ok=True)
    assert on_grid.tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"held": [1.0, 2.0]}, ArgumentError, "held"),
        ({"values": [0.0]}, ArgumentError, "values"),
        ({"lots": [-1.0]}, ArgumentError, "lots"),
        ({"smallest": -1.0}, ArgumentError, "smallest"),
        ({"trades": [[np.nan]]}, MissingDataError, "trades"),
    ],
)
def test_what_is_out_of_range_is_named(changed, error, said):
    arguments = {"trades": [[1.0]], "held": [0.0], "values": [1.0], "lots": [0.0], "smallest": 0.0}
    with pytest.raises(error, match=said):
        net_orders(**{**arguments, **changed})


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"prices": [0.0]}, ArgumentError, "prices"),
        ({"slippage": [1.0]}, ArgumentError, "slippage"),
        ({"ticks": [-0.1]}, ArgumentError, "ticks"),
        ({"sides": [np.nan]}, MissingDataError, "sides"),
    ],
)
def test_a_limit_of_nonsense_is_refused(changed, error, said):
    arguments = {"sides": [1.0], "prices": [1.0], "slippage": [0.0], "ticks": [0.1]}
    with pytest.raises(error, match=said):
        limit_prices(**{**arguments, **changed})
