"""The worst stretch: by hand, and by a loop over every stretch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, MissingDataError
from core.verify.performance.worst_period import worst_period


def test_by_hand():
    assert worst_period([0.1, -0.2, -0.1, 0.3]) == (pytest.approx(-0.2), 2, 2)
    assert worst_period([0.1, -0.2, -0.1, 0.3], 2) == (pytest.approx(-0.28), 2, 3)
    assert worst_period([0.1, 0.2], 2) == (pytest.approx(0.32), 1, 2)


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=20), st.integers(1, 3))
def test_no_stretch_is_worse(returns, bars):
    found = worst_period(returns, bars)
    each = [np.prod(1 + np.array(returns[row : row + bars])) - 1 for row in range(len(returns) - bars + 1)]
    lost = next((row for row, value in enumerate(returns) if value == -1), len(returns))
    alive = [total if row <= lost else 0.0 for row, total in enumerate(each)]
    assert found.total == pytest.approx(min(alive), abs=1e-9)
    assert found.end_row - found.start_row == bars - 1
    assert alive[found.start_row - 1] == pytest.approx(found.total, abs=1e-9)


def test_bad_input():
    with pytest.raises(ArgumentError, match="bars is 0"):
        worst_period([0.1], 0)
    with pytest.raises(MissingDataError, match="returns has too few complete rows, 1 where 2"):
        worst_period([0.1], 2)
    with pytest.raises(MissingDataError, match="returns has no value at position 2"):
        worst_period([0.1, np.nan])
    with pytest.raises(ArgumentError, match="returns is -2"):
        worst_period([0.1, -2.0])
