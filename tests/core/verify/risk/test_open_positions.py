"""Open profit and funding since entry, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ArgumentError, MissingDataError
from core.verify.risk.open_positions import funding_since, open_profit

LINEAR, INVERSE = False, True


def test_profit_of_linear_and_inverse_longs_and_shorts_by_hand() -> None:
    # 2 BTC from 50,000 to 55,000; the same short. 100,000 dollars of an inverse one: 100,000 (1/50,000 - 1/55,000)
    # = 0.18182 BTC, worth 10,000 at 55,000; the short of it loses as much.
    found = open_profit(
        [2.0, -2.0, 100_000.0, -100_000.0], [50_000.0] * 4, [55_000.0] * 4, [LINEAR, LINEAR, INVERSE, INVERSE]
    )
    assert found == pytest.approx([10_000, -10_000, 10_000, -10_000])
    falling = open_profit([2.0, 100_000.0], [50_000.0] * 2, [40_000.0] * 2, [LINEAR, INVERSE])
    assert falling == pytest.approx([-20_000, 100_000 * (1 / 50_000 - 1 / 40_000) * 40_000])


def test_a_position_without_an_entry_has_no_profit() -> None:
    assert np.isnan(open_profit([1.0], [np.nan], [100.0], [LINEAR])).all()


def test_funding_since_entry_by_hand() -> None:
    prices = np.array([[100.0, 100.0], [110.0, 110.0], [np.nan, np.nan], [120.0, 120.0]])
    rates = np.array([[0.01, 0.01], [0.001, 0.001], [0.002, 0.002], [np.nan, np.nan]])
    opened = np.array([[False, False], [True, True], [True, True], [True, True]])
    # 5 coins: 5 x 110 x 0.001 and, at the price before the gap, 5 x 110 x 0.002. 1,000 dollars: 1 + 2.
    assert funding_since([5.0, 1_000.0], [LINEAR, INVERSE], prices, rates, opened) == pytest.approx([1.65, 3.0])
    assert funding_since([-5.0, -1_000.0], [LINEAR, INVERSE], prices, rates, opened) == pytest.approx([-1.65, -3.0])
    assert funding_since([5.0, 1.0], [LINEAR, INVERSE], prices, rates, ~opened & False) == pytest.approx([0, 0])


def test_a_settlement_before_any_price_is_not_known() -> None:
    prices, rates = np.array([[np.nan], [100.0]]), np.array([[0.01], [0.01]])
    assert np.isnan(funding_since([1.0], [LINEAR], prices, rates, np.ones((2, 1)))).all()


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match="entries is -1 at position 1"):
        open_profit([1.0], [-1.0], [1.0], [LINEAR])
    with pytest.raises(MissingDataError, match="quantities has no value"):
        open_profit([np.nan], [1.0], [1.0], [LINEAR])
    with pytest.raises(ArgumentError, match="prices has 2 rows and rates has 1"):
        funding_since([1.0], [LINEAR], [[1.0], [2.0]], [[0.1]], [[True]])
    with pytest.raises(ArgumentError, match="one column for each of 1 quantities"):
        funding_since([1.0], [LINEAR], [[1.0]], [[0.1]], [[True, True]])
