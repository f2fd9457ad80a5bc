from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.decide.portfolio.scores import overlay_scores, standardised
from core.errors import ArgumentError, DataWarning

VALUES = hnp.arrays(np.float64, st.integers(2, 12), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 6)))


def test_mean_zero_and_standard_deviation_one() -> None:
    assert standardised([1, 1, -2]) == pytest.approx([0.5**0.5, 0.5**0.5, -(2**0.5)])


def test_equal_values_have_no_spread() -> None:
    assert standardised([0.1 + 0.2, 0.3, 0.3]).tolist() == [0, 0, 0]
    assert standardised([0.0]).tolist() == [0]


def test_a_gap_counts_for_nothing() -> None:
    assert standardised([1, np.nan, 3]) == pytest.approx([-1, np.nan, 1], nan_ok=True)
    assert np.isnan(standardised([np.nan, np.nan])).all()


def test_very_large_and_very_small_values_stay_in_range() -> None:
    assert standardised([1e300, -1e300]) == pytest.approx([1, -1])
    assert standardised([1e-300, -1e-300]) == pytest.approx([1, -1])


@given(VALUES, st.floats(0.01, 100), st.floats(-10, 10))
def test_neither_unit_nor_origin_counts(values: np.ndarray, unit: float, origin: float) -> None:
    assume(np.ptp(values) > 1e-3 * (1 + np.abs(values).max()))
    assert standardised(unit * values + origin) == pytest.approx(standardised(values), abs=1e-9)


def test_deep_falls_and_cheap_options_score_low() -> None:
    downside, volatility, premium = [0.36, 0.42, 0.72], [0.6, 0.7, 0.9], [0.05, 0.05, -0.1]
    # Ratios 0.6, 0.6, 0.8 and premia 0.05, 0.05, -0.1: both legs standardise to (1, 1, -2) / sqrt 2.
    assert overlay_scores(downside, premium, volatility) == pytest.approx(np.array([1, 1, -2]) / 2**0.5)


def test_without_volatility_the_downside_is_compared_as_it_stands() -> None:
    assert overlay_scores([0.1, 0.3]) == pytest.approx([1, -1])


def test_both_legs_count_the_same_whatever_their_units() -> None:
    assert overlay_scores([0.1, 0.3], [-0.004, 0.001]) == pytest.approx([0, 0], abs=1e-15)


def test_a_contract_is_scored_on_the_leg_that_is_known() -> None:
    assert overlay_scores([0.1, 0.3, 0.2], [0.2, np.nan, 0.1])[1] == pytest.approx(-(1.5**0.5))


def test_a_contract_without_any_leg_has_no_score() -> None:
    with pytest.warns(DataWarning, match="no score at position 2"):
        assert np.isnan(overlay_scores([0.1, np.nan, 0.2], [0.2, np.nan, 0.1])).tolist() == [False, True, False]


def test_known_legs_are_no_reason_to_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        overlay_scores([0.1, 0.2], [0.1, 0.2], [0.5, 0.5])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"downside_risk": [-0.1, 0.2]}, "downside_risk is -0.1 at position 1"),
        ({"downside_risk": ["x", 0.2]}, "downside_risk must hold numbers"),
        ({"downside_risk": [np.inf, 0.2]}, "downside_risk is infinite at position 1"),
        ({"variance_premium": [0.1, 0.2, 0.3]}, "variance_premium has 3 values where 2"),
        ({"variance_premium": [0.1, -np.inf]}, "variance_premium is infinite"),
        ({"volatility": [0.1, 0]}, "volatility is 0 at position 2"),
        ({"volatility": [0.1, 0.2, 0.3]}, "volatility has 3 values where 2"),
    ],
)
def test_bad_input_is_named(changes: dict, message: str) -> None:
    arguments = {"downside_risk": [0.1, 0.2], "variance_premium": [0.1, 0.0], "volatility": [0.5, 0.6], **changes}
    with pytest.raises(ArgumentError, match=message):
        overlay_scores(**arguments)
