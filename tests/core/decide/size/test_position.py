from __future__ import annotations

import numpy as np
import pytest

from core.decide.size.position import atr_size, volatility_leverage, volatility_size
from core.errors import ArgumentError, DataWarning, MissingDataError


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


class TestAtrSize:
    def test_the_turtles_heating_oil(self) -> None:
        # Faith, Way of the Turtle (2007), p. 254: N 0.0141, account $1,000,000, 42,000 gallons: 16.88, so 16 contracts.
        gallons = atr_size(1_000_000, 0.7162, 0.0141, 0.01, atr_multiple=1)
        assert round(gallons.item() / 42_000, 2) == 16.89  # the book cuts 16.886 to 16.88
        assert atr_size(1_000_000, 0.7162, 0.0141, 0.01, 1, lot_size=42_000) / 42_000 == pytest.approx([16])

    def test_the_turtles_live_cattle(self) -> None:
        # Covel, The Complete TurtleTrader (2009), ch. 5: $50,000, 2 % at risk, 2 N of 0.80 at $400 a point: 1.56, so 1.
        points = atr_size(50_000, 74.0, 0.80, 0.02)
        assert points / 400 == pytest.approx([1.5625])
        assert atr_size(50_000, 74.0, 0.80, 0.02, lot_size=400) == pytest.approx([400])

    def test_the_move_loses_the_share_of_equity(self) -> None:
        size = atr_size(1e5, [60_000, 3_000], [900, 75], 0.01, [2, 3])
        assert size * np.array([2 * 900, 3 * 75]) == pytest.approx([1000, 1000])

    def test_leverage_is_bounded(self) -> None:
        assert atr_size(1000, 50, 0.1, 0.05, max_leverage=2) == pytest.approx([40])
        assert atr_size(1000, 50, 0, 0.05, max_leverage=2) == pytest.approx([40])

    def test_nothing_at_risk_is_no_position(self) -> None:
        assert atr_size(1000, 50, [1, 0], 0).tolist() == [0, 0]
        assert atr_size(0, 50, 1, 0.01).tolist() == [0]

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"equity": -1}, ArgumentError, "equity is -1"),
            ({"equity": np.nan}, MissingDataError, "equity has no value"),
            ({"price": 0}, ArgumentError, "price is 0"),
            ({"price": [1, 2], "atr": [1, 2, 3]}, ArgumentError, "price has 2 values where 3"),
            ({"atr": -1}, ArgumentError, "atr is -1"),
            ({"atr": [1, np.nan]}, MissingDataError, "atr has no value at position 2"),
            ({"risk_fraction": -0.1}, ArgumentError, "risk_fraction is -0.1"),
            ({"risk_fraction": 1.1}, ArgumentError, "risk_fraction is 1.1"),
            ({"atr_multiple": 0}, ArgumentError, "atr_multiple is 0"),
            ({"max_leverage": 0}, ArgumentError, "max_leverage is 0"),
            ({"lot_size": -1}, ArgumentError, "lot_size is -1"),
        ],
    )
    def test_bad_input_is_named(self, changes: dict, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            atr_size(**{"equity": 1e6, "price": 50.0, "atr": 1.0, "risk_fraction": 0.01, **changes})


def test_a_lot_larger_than_the_size_is_said():
    with pytest.warns(DataWarning, match="lot_size is 10 at position 2 where the size is 6"):
        assert volatility_size(1000.0, [10.0, 100.0], 0.5, 0.3, 3, 10).tolist() == [60.0, 0.0]
