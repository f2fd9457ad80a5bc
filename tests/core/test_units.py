"""The year of a market that never closes."""

from __future__ import annotations

import math

import pytest

from core.errors import ArgumentError
from core.units import daily_volatility, periods_per_year


@pytest.mark.parametrize(("bar_hours", "bars"), [(1, 8760), (8, 1095), (24, 365), (0.25, 35_040)])
def test_bars_of_a_year(bar_hours, bars):
    assert periods_per_year(bar_hours) == bars


@pytest.mark.parametrize("bar_hours", [0, -1, math.nan])
def test_a_bar_has_a_length(bar_hours):
    with pytest.raises(ArgumentError, match=r"bar_hours is .* positive number of hours"):
        periods_per_year(bar_hours)


def test_the_variances_of_365_days_add_up_to_that_of_a_year():
    assert 365 * daily_volatility(0.8) ** 2 == pytest.approx(0.8**2, rel=1e-15)
