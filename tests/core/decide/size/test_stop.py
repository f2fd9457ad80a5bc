from __future__ import annotations

import numpy as np
import pytest

from core.decide.size.stop import early_stop, stop_price
from core.errors import ArgumentError, MissingDataError


def test_half_of_the_way_to_liquidation() -> None:
    assert early_stop([1, -1], 100, [80, 130]) == pytest.approx([90, 115])


def test_two_true_ranges_where_they_are_nearer() -> None:
    assert early_stop([1, -1, 1], 100, [80, 130, 80], atr=[2, 20, np.nan]) == pytest.approx([96, 115, 90])
    assert early_stop([1], 100, [80], share=0.9, atr=3, atr_multiple=4) == pytest.approx([88])


def test_what_nothing_liquidates_has_the_range_alone() -> None:
    assert early_stop([1, 1], 100, np.nan, atr=[5, np.nan]) == pytest.approx([90, np.nan], nan_ok=True)
    assert np.isnan(early_stop([1], 100, np.nan))


def test_no_position_has_no_stop() -> None:
    assert early_stop([0, 2], 100, [120, 80]) == pytest.approx([np.nan, 90], nan_ok=True)


def test_a_stop_below_zero_is_none() -> None:
    assert np.isnan(early_stop([1], 100, np.nan, atr=60))


def test_a_published_example() -> None:
    # Covel, The Complete TurtleTrader (2009), table 5.10: live cattle bought at 74.00, N 0.80, stop at 2 N = 72.40.
    assert early_stop([1], 74.00, np.nan, atr=0.80) == pytest.approx([72.40])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"quantity": [np.nan]}, MissingDataError, "quantity has no value"),
        ({"price": 0}, ArgumentError, "price is 0; it must be above 0"),
        ({"price": np.nan}, MissingDataError, "price has no value"),
        ({"liquidation_price": [80, 90]}, ArgumentError, "liquidation_price has 2 values where 1"),
        ({"liquidation_price": 100}, ArgumentError, "liquidation_price is 100 at position 1, where a long at 100"),
        ({"quantity": [-1]}, ArgumentError, "liquidation_price is 80 at position 1, where a short at 100"),
        ({"share": 0}, ArgumentError, "share is 0; it must be above 0"),
        ({"share": 1}, ArgumentError, "share is 1; it must be below 1"),
        ({"atr": 0}, ArgumentError, "atr is 0 at position 1; it must be above 0"),
        ({"atr": [1, 2]}, ArgumentError, "atr has 2 values where 1"),
        ({"atr_multiple": 0}, ArgumentError, "atr_multiple is 0"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        early_stop(**{"quantity": [1], "price": 100, "liquidation_price": 80, **changes})


def test_the_price_at_which_a_share_of_the_entry_is_lost() -> None:
    assert stop_price([2, -2], 200, [0.05, 0.1]) == pytest.approx([190, 220])


def test_a_stop_stands_on_the_tick_on_which_it_comes_sooner() -> None:
    assert stop_price([1, -1], 99.99, 0.1, 0.1) == pytest.approx([90.0, 109.9])


def test_no_position_no_entry_and_no_loss_have_no_stop() -> None:
    assert np.isnan(stop_price([0, 1, 1], [100, np.nan, 100], [0.1, 0.1, np.nan])).all()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([np.nan], 100, 0.1), MissingDataError, "quantity has no value"),
        (([1], 0, 0.1), ArgumentError, "entry is 0"),
        (([1], 100, 0), ArgumentError, "loss is 0"),
        (([1], 100, 1), ArgumentError, "loss is 1"),
        (([1], 100, 0.1, -1), ArgumentError, "tick_size is -1"),
        (([1], 100, 0.1, np.nan), MissingDataError, "tick_size is missing"),
    ],
)
def test_bad_input_of_a_stop_is_named(arguments, error, message) -> None:
    with pytest.raises(error, match=message):
        stop_price(*arguments)
