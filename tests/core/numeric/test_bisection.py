from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.bisection import bisected


def test_a_root_is_found_to_the_last_digit() -> None:
    assert bisected(lambda share: share**2 > 0.5) == pytest.approx(math.sqrt(0.5), rel=1e-15)


@given(st.floats(0.0, 1.0, exclude_min=True))
def test_the_share_is_the_last_before_the_change(change: float) -> None:
    found = bisected(lambda share: share >= change)
    assert found <= change
    assert change - found <= 2.0**-53


def test_the_ends_are_told_where_nothing_changes_between() -> None:
    assert bisected(lambda share: True) == 0.0
    assert bisected(lambda share: False) == 1.0
