"""Sides of one contract as one position: the same open profit at any price, but for what is locked in."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import FeedError
from xladdin.feeds.account.positions import Side, amount_of, net

quantities = st.floats(0.01, 1e6)
prices = st.floats(1e-3, 1e5)


def profit(quantity: float, entry: float, price: float, inverse: bool) -> float:
    """In the currency of settlement."""
    return quantity * (1 / entry - 1 / price) if inverse else quantity * (price - entry)


@given(quantities, quantities, prices, st.floats(0.5, 2.0), st.booleans(), prices, prices)
def test_the_net_position_gains_what_both_sides_gain(long, short, entry, apart, inverse, one, two) -> None:
    """Between any two prices, whatever the entry; and from the entry on, where there is one above zero."""
    assume(abs(long - short) > 0.05 * max(long, short))
    sides = [Side(long, entry), Side(-short, entry * apart)]
    found = net("BTCUSDT", sides, inverse)
    both = [sum(profit(side.quantity, side.entry, price, inverse) for side in sides) for price in (one, two)]
    moved = profit(found.quantity, one, two, inverse)
    scale = max(abs(profit(side.quantity, one, two, inverse)) for side in sides)
    assert both[1] - both[0] == pytest.approx(moved, rel=1e-6, abs=1e-6 * scale + 1e-9 * max(map(abs, both)))
    if not math.isnan(found.entry):
        own = profit(found.quantity, found.entry, one, inverse)
        size = sum(abs(profit(side.quantity, side.entry, one, inverse)) for side in sides)
        value = (long + short) * (1 / min(one, entry) if inverse else max(one, entry))
        assert own == pytest.approx(both[0], rel=1e-6, abs=1e-9 * (size + value))


def test_a_quantity_has_no_noise_of_its_product() -> None:
    assert [amount_of(3, 0.1), amount_of(-2500, 0.0001), amount_of(7, 100.0)] == [0.3, -0.25, 700.0]


def test_sides_that_cancel_hold_nothing_and_have_no_entry() -> None:
    found = net("BTCUSDT", [Side(0.1 + 0.2, 100.0), Side(-0.3, 110.0)], inverse=False)
    assert found.quantity == 0.0
    assert math.isnan(found.entry)


def test_an_entry_that_would_not_be_above_zero_is_left_out() -> None:
    """Long 2 at 10, short 1 at 50: what is left has gained more than its price."""
    found = net("BTCUSDT", [Side(2.0, 10.0), Side(-1.0, 50.0)], inverse=False)
    assert found.quantity == 1.0
    assert math.isnan(found.entry)


def test_the_larger_side_says_what_backs_it() -> None:
    sides = [Side(5.0, 10.0, isolated=True, posted=7.0), Side(-2.0, 11.0, isolated=True, posted=3.0)]
    assert (net("X", sides, False).isolated, net("X", sides, False).posted) == (True, 10.0)
    mixed = [Side(5.0, 10.0), Side(-2.0, 11.0, isolated=True, posted=3.0)]
    assert not net("X", mixed, False).isolated


@pytest.mark.parametrize("odd", [math.nan, math.inf])
def test_a_quantity_that_is_no_number_is_refused(odd: float) -> None:
    with pytest.raises(FeedError, match="the quantity of X is no number"):
        net("X", [Side(odd)], inverse=False)
