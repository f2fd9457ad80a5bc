"""The average entry: what profit was made is the same before and after a trade, of either kind of contract."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.market.contract import pnl
from core.market.entry import entry_after

SIZES = st.floats(-1e3, 1e3).filter(lambda size: abs(size) > 1e-3)
PRICES = st.floats(1e-3, 1e5)


def test_what_is_added_counts_at_its_price() -> None:
    assert entry_after([1, -2], [100, 100], [3, -2], [200, 50]) == pytest.approx([175, 75])


def test_an_inverse_position_is_averaged_in_coin() -> None:
    # Bybit, "Average entry price (inverse)": 2000 at 4000 and 3000 at 5000 make 5000 at 5000 / (0.5 + 0.6).
    assert entry_after([2000], [4000], [3000], [5000], True) == pytest.approx([5000 / 1.1])


def test_what_is_taken_off_leaves_it() -> None:
    assert entry_after([4, -4], [100, 100], [-1, 3], [300, 300]) == pytest.approx([100, 100])


def test_what_is_opened_or_turned_has_the_price() -> None:
    assert entry_after([0, 1, -1], [np.nan, 100, 100], [2, -3, 5], [70, 80, 90]) == pytest.approx([70, 80, 90])


def test_no_position_and_no_known_entry_have_none() -> None:
    found = entry_after([2, 0, 2, 2], [100, 100, np.nan, np.nan], [-2, 0, 1, -1], 50)
    assert np.isnan(found).all()


def test_without_a_trade_no_price_is_needed() -> None:
    assert entry_after([2], [100], [0], [np.nan]) == [100]


@given(SIZES, PRICES, SIZES, PRICES, PRICES, st.booleans())
def test_profit_at_any_later_price_is_that_of_both_parts(held, entry, traded, price, later, inverse) -> None:
    kind = "inverse" if inverse else "linear"
    after = held + traded
    if held * traded < 0 or abs(after) < 1e-3:
        return
    found = entry_after([held], [entry], [traded], [price], inverse)
    parts = pnl([held, traded], [entry, price], later, kind).sum()
    scale = abs(pnl([held, traded], [entry, price], later, kind)).sum() + abs(after) * (1 if inverse else later)
    assert pnl([after], found, later, kind).sum() == pytest.approx(parts, abs=1e-9 * scale)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([np.nan], 1, 1, 1), MissingDataError, "held has no value"),
        (([1], 1, np.nan, 1), MissingDataError, "traded has no value"),
        (([1], 1, 1, np.nan), MissingDataError, "prices has no value"),
        (([1], 0, 1, 1), ArgumentError, "entries is 0"),
        (([1], 1, 1, -1), ArgumentError, "prices is -1"),
        (([1], [1, 1], 1, 1), ArgumentError, "entries"),
    ],
)
def test_bad_input_is_named(arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        entry_after(*arguments)
