from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decide.limits.declared import Limits
from core.decide.limits.feasible_set import feasible_set, lifted, violation
from core.decide.portfolio.homogeneous import cone, largest_multiple
from core.errors import NotConvergedError

LIMITS = Limits(net_min=0.2, net_max=1.1, min_weight=[-0.3, 0, 0.1], max_weight=0.8, gross_max=1.4)


@given(st.lists(st.floats(-0.5, 1), min_size=3, max_size=3), st.floats(0.1, 5))
def test_a_multiple_is_in_the_cone_exactly_where_the_portfolio_is_in_the_set(weights: list[float], k: float) -> None:
    w = np.array(weights)
    allowed, within = feasible_set(LIMITS, 3), cone(feasible_set(LIMITS, 3))
    y = np.append(lifted(allowed, w), 1.0) * k
    rows = within.rows @ y
    missed = max(
        np.max(np.maximum(within.row_lower - rows, rows - within.row_upper)),
        np.max(np.maximum(within.lower - y, y - within.upper)),
    )
    assert (missed <= 1e-9) == (violation(allowed, w) <= 1e-9 / k)


@pytest.mark.parametrize(
    ("direction", "largest"),
    [([1.0, 1, 1], 1.1 / 3), ([0.0, 1, 0.5], 1.1 / 1.5), ([-1.0, 2, 2], 0.28)],
)
def test_the_largest_multiple_stands_on_a_limit(direction: list[float], largest: float) -> None:
    found = largest_multiple(feasible_set(LIMITS, 3), np.array(direction))
    assert found == pytest.approx(largest * np.array(direction), abs=1e-9)


def test_nothing_has_no_multiple() -> None:
    with pytest.raises(NotConvergedError, match="no position at all"):
        largest_multiple(feasible_set(LIMITS, 3), np.zeros(3))


@given(
    st.lists(st.floats(-1, 1), min_size=4, max_size=4),
    st.lists(st.floats(-0.2, 0.2), min_size=4, max_size=4),
    st.floats(0.05, 1.5),
    st.floats(0.5, 2),
)
def test_the_largest_multiple_is_allowed_and_a_larger_one_is_not(
    direction: list[float], held: list[float], turnover: float, gross: float
) -> None:
    limits = Limits(
        net=None, min_weight=-0.6, max_weight=0.7, gross_max=gross, max_turnover=turnover, current_weights=held
    )
    allowed, unit = feasible_set(limits, 4), np.array(direction)
    if np.abs(unit).max() < 0.01 or violation(allowed, 1e-3 * unit) > 0:
        return
    found = largest_multiple(allowed, unit)
    assert violation(allowed, found) <= 1e-9
    assert violation(allowed, found * (1 + 1e-6)) > 0


def test_a_multiple_that_nothing_ends_is_refused() -> None:
    allowed = replace(feasible_set(Limits(net=None, min_weight=-1), 2), upper=np.full(2, np.inf))
    with pytest.raises(NotConvergedError, match="no limit ends them"):
        largest_multiple(allowed, np.ones(2))
