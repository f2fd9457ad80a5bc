"""Rebalance the sooner, the more the market moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.policy.schedule import rebalance_interval
from core.errors import ArgumentError

volatility = st.floats(0.01, 5.0)


@pytest.mark.parametrize(
    ("now", "usual", "hours"),
    [(0.5, 0.5, 24.0), (1.0, 0.5, 6.0), (0.25, 0.5, 96.0), (5.0, 0.5, 4.0), (0.01, 0.5, 168.0), (0.0, 0.5, 168.0)],
)
def test_drift_is_held_at_that_of_a_usual_day(now, usual, hours):
    assert rebalance_interval(now, usual) == pytest.approx(hours)


@given(volatility, volatility, st.floats(0.1, 10))
def test_the_unit_of_volatility_does_not_matter(now, usual, scale):
    assert rebalance_interval(scale * now, scale * usual) == pytest.approx(rebalance_interval(now, usual))


@given(volatility, volatility, volatility)
def test_more_volatility_never_waits_longer(calm, wild, usual):
    low, high = sorted((calm, wild))
    assert rebalance_interval(high, usual) <= rebalance_interval(low, usual)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"volatility_now": -0.1}, "volatility_now is -0.1"),
        ({"volatility_now": float("nan")}, "volatility_now must be a finite number"),
        ({"usual_volatility": 0.0}, "usual_volatility is 0"),
        ({"base_hours": 0.0}, "base_hours is 0"),
        ({"shortest": 0.0}, "shortest is 0"),
        ({"longest": 1.0}, "longest is 1; it must be at least 4"),
    ],
)
def test_bad_input_is_named(changes, message):
    with pytest.raises(ArgumentError, match=message):
        rebalance_interval(**{"volatility_now": 0.5, "usual_volatility": 0.5, **changes})
