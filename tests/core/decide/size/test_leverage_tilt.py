from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.size.leverage_tilt import book_at_volatility, scaled_by_premium, tilted_by_volatility
from core.errors import ArgumentError, MissingDataError

COVARIANCE = [[0.04, 0.01], [0.01, 0.09]]


class TestByVolatility:
    def test_twice_the_usual_volatility_halves_a_weight(self) -> None:
        assert tilted_by_volatility([0.4, -0.6], [1.2, 0.5], [0.6, 0.5]) == pytest.approx([0.2, -0.6])

    def test_a_calm_contract_is_raised_up_to_the_limit_only(self) -> None:
        assert tilted_by_volatility([0.4, 0.4], [0.5, 0.1], 0.6, max_scale=1.5) == pytest.approx([0.48, 0.6])

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"weights": [0.5, np.nan]}, MissingDataError, "weights has no value"),
            ({"forecast_volatility": [0.5, 0]}, ArgumentError, "forecast_volatility is 0 at position 2"),
            ({"forecast_volatility": [0.5, np.nan]}, MissingDataError, "forecast_volatility has no value"),
            ({"usual_volatility": [1, 2, 3]}, ArgumentError, "usual_volatility has 3 values where 2"),
            ({"usual_volatility": -1}, ArgumentError, "usual_volatility is -1"),
            ({"max_scale": 0}, ArgumentError, "max_scale is 0"),
        ],
    )
    def test_bad_input_is_named(self, changes: dict, error: type[Exception], message: str) -> None:
        good = {"weights": [0.5, 0.5], "forecast_volatility": 0.5, "usual_volatility": 0.5}
        with pytest.raises(error, match=message):
            tilted_by_volatility(**{**good, **changes})


class TestTheBook:
    def test_by_hand(self) -> None:
        # Variance of half and half: 0.25 (0.04 + 0.02 + 0.09) = 0.0375.
        book = book_at_volatility([0.5, 0.5], COVARIANCE, 0.1)
        assert book.scale == pytest.approx(0.1 / 0.0375**0.5)
        assert book.volatility == pytest.approx(0.1)
        assert book.weights == pytest.approx([0.5 * book.scale] * 2)

    def test_leverage_is_bounded(self) -> None:
        book = book_at_volatility([0.5, -0.5], COVARIANCE, 5.0, max_leverage=2)
        assert np.abs(book.weights).sum() == pytest.approx(2)
        assert book.volatility < 5

    def test_degenerate_books(self) -> None:
        assert book_at_volatility([0, 0], COVARIANCE, 0.2).weights.tolist() == [0, 0]
        assert book_at_volatility([0.5, 0.5], np.zeros((2, 2)), 0.2).weights.tolist() == [1.5, 1.5]
        assert book_at_volatility([0.5, 0.5], COVARIANCE, 0).weights.tolist() == [0, 0]

    @given(st.floats(0.01, 100), st.floats(0.01, 0.5))
    def test_the_size_that_was_sent_does_not_count(self, size: float, target: float) -> None:
        sent, doubled = ([size * 0.3, size * 0.7] for size in (1.0, size))
        assert book_at_volatility(doubled, COVARIANCE, target).weights == pytest.approx(
            book_at_volatility(sent, COVARIANCE, target).weights
        )

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"weights": [0.5, np.nan]}, MissingDataError, "weights has no value"),
            ({"covariance": [[0.04]]}, ArgumentError, "covariance is 1 x 1 where 2 x 2"),
            ({"target_volatility": -0.1}, ArgumentError, "target_volatility is -0.1"),
            ({"max_leverage": 0}, ArgumentError, "max_leverage is 0"),
        ],
    )
    def test_bad_input_is_named(self, changes: dict, error: type[Exception], message: str) -> None:
        good = {"weights": [0.5, 0.5], "covariance": COVARIANCE, "target_volatility": 0.3}
        with pytest.raises(error, match=message):
            book_at_volatility(**{**good, **changes})


class TestByPremium:
    def test_in_proportion_between_its_bounds(self) -> None:
        scaled = scaled_by_premium([0.2, 0.2, 0.2, -0.2], [0.05, 0.10, 0.90, 0.05], 0.10)
        assert scaled == pytest.approx([0.1, 0.2, 0.3, -0.1])

    def test_what_promises_nothing_is_not_held(self) -> None:
        assert scaled_by_premium([0.2, 0.2], [-0.1, 0.0], 0.1).tolist() == [0, 0]
        assert scaled_by_premium([0.2, 0.2], [-0.1, 0.0], 0.1, least=0.5) == pytest.approx([0.1, 0.1])

    def test_for_each_unit_of_risk(self) -> None:
        # Sharpe ratios 0.25 and 0.5 against 0.5.
        assert scaled_by_premium([0.2, 0.2], [0.1, 0.4], 0.5, [0.4, 0.8]) == pytest.approx([0.1, 0.2])

    @pytest.mark.parametrize(
        ("changes", "error", "message"),
        [
            ({"weights": [np.nan, 0.5]}, MissingDataError, "weights has no value at position 1"),
            ({"premium": [0.1, np.nan]}, MissingDataError, "premium has no value at position 2"),
            ({"premium": [0.1, 0.1, 0.1]}, ArgumentError, "premium has 3 values where 2"),
            ({"reference": 0}, ArgumentError, "reference is 0; it must be above 0"),
            ({"volatility": [0.5, 0]}, ArgumentError, "volatility is 0 at position 2"),
            ({"least": -0.1}, ArgumentError, "least is -0.1"),
            ({"least": 0.8, "most": 0.5}, ArgumentError, "most is 0.5; it must be at least 0.8"),
        ],
    )
    def test_bad_input_is_named(self, changes: dict, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            scaled_by_premium(**{"weights": [0.5, 0.5], "premium": 0.1, "reference": 0.1, **changes})
