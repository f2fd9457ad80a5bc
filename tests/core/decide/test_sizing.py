from __future__ import annotations

import numpy as np
import pytest

from core.decide.sizing import volatility_leverage, volatility_size
from core.errors import ArgumentError, MissingDataError


def test_a_forecast_of_ten_sevenths_of_the_target_makes_the_position_30_percent_smaller() -> None:
    assert volatility_leverage(0.3 * 10 / 7, 0.3) == pytest.approx([0.7])
    assert volatility_size(1e6, 50.0, 0.3 * 10 / 7, 0.3) == pytest.approx([0.7 * 1e6 / 50])


def test_a_calm_contract_is_levered_up_to_the_limit_only() -> None:
    assert volatility_leverage([0.1, 0.2, 1.2], 0.6, max_leverage=4) == pytest.approx([4, 3, 0.5])
    assert volatility_leverage(0.01, 0.6) == pytest.approx([3])


def test_a_target_of_zero_is_no_position() -> None:
    assert volatility_size(1e6, [50, 60], [0.3, 0.4], 0.0).tolist() == [0, 0]


def test_lots_round_toward_zero() -> None:
    assert volatility_size(1000, 70.0, 0.5, 0.5, lot_size=1) == pytest.approx([14])
    assert volatility_size(1000, [70.0, 3.0], 0.5, 0.5, lot_size=[0.1, 0]) == pytest.approx([14.2, 1000 / 3])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"volatility": 0.0}, ArgumentError, "volatility is 0; it must be above 0"),
        ({"volatility": [0.2, -0.1]}, ArgumentError, "volatility is -0.1 at position 2"),
        ({"volatility": [0.2, np.nan]}, MissingDataError, "volatility has no value at position 2"),
        ({"target_volatility": -0.1}, ArgumentError, "target_volatility is -0.1"),
        ({"target_volatility": "x"}, ArgumentError, "target_volatility must hold numbers"),
        ({"max_leverage": 0}, ArgumentError, "max_leverage is 0"),
        ({"equity": -1}, ArgumentError, "equity is -1"),
        ({"equity": np.nan}, MissingDataError, "equity has no value"),
        ({"price": 0}, ArgumentError, "price is 0"),
        ({"price": [np.nan, 1]}, MissingDataError, "price has no value at position 1"),
        ({"price": [1, 2, 3], "volatility": [0.1, 0.2]}, ArgumentError, "values where 3"),
        ({"lot_size": -1}, ArgumentError, "lot_size is -1"),
    ],
)
def test_bad_input_is_named(changes: dict, error: type[Exception], message: str) -> None:
    arguments = {"equity": 1e6, "price": 50.0, "volatility": 0.4, "target_volatility": 0.3, **changes}
    with pytest.raises(error, match=message):
        volatility_size(**arguments)
