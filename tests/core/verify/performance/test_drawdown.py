"""The deepest fall: by hand, against a loop over pandas, and what holds for every series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ArgumentError, DataWarning, MissingDataError
from core.verify.performance.drawdown import deepest_falls, drawdown


def one(returns):
    found = drawdown(returns)
    return tuple(
        float(figure[0]) for figure in (found.max_drawdown, found.start_row, found.trough_row, found.recovery_row)
    )


def test_by_hand():
    # 1, 1.1, 0.88, 0.704, 0.8448, 1.2: the peak after row 1, 36 % lost by row 3, back in row 5.
    depth, start, trough, recovery = one([0.1, -0.2, -0.2, 0.2, 1.2 / 0.8448 - 1])
    assert (depth, start, trough, recovery) == (pytest.approx(0.36, rel=1e-12), 2, 3, 5)


def test_a_fall_from_the_start_that_lasts():
    depth, start, trough, recovery = one([-0.1, -0.1])
    assert (depth, start, trough) == (pytest.approx(0.19, rel=1e-12), 1, 2)
    assert np.isnan(recovery)


def test_nothing_fell():
    depth, *rows = one([0.1, 0.0, 0.2])
    assert depth == 0
    assert np.isnan(rows).all()


def test_all_is_lost_once():
    assert one([0.5, -1.0, 0.5])[:3] == (1.0, 2, 2)


def by_loop(returns):
    """Depth and rows by looking at every pair of rows."""
    equity = [1.0, *(1 + pd.Series(returns)).cumprod()]
    best = (0.0, np.nan, np.nan)
    for low in range(1, len(equity)):
        for high in range(low):
            depth = 1 - equity[low] / equity[high]
            if depth > best[0] + 1e-12:
                best = (depth, high + 1, low)
    return best


@given(st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=25))
def test_every_pair_of_rows_says_the_same(returns):
    depth, start, trough, recovery = one(returns)
    slow = by_loop(returns)
    assert depth == pytest.approx(slow[0], abs=1e-9)
    equity = np.cumprod([1.0, *(1 + np.array(returns))])
    if depth > 1e-9:
        assert 1 - equity[int(trough)] / equity[int(start) - 1] == pytest.approx(depth, abs=1e-12)
        assert np.isnan(recovery) or equity[int(recovery)] >= equity[int(start) - 1] * (1 - 1e-11)
        after = equity[int(trough) : len(equity) if np.isnan(recovery) else int(recovery)]
        assert (after < equity[int(start) - 1]).all()


def test_columns_stand_alone_and_a_gap_moves_nothing():
    returns = np.array([[0.1, -0.1], [np.nan, 0.0], [-0.2, 0.3]])
    with pytest.warns(DataWarning, match="nothing moved in those rows"):
        found = drawdown(returns)
    np.testing.assert_allclose(found.max_drawdown, [0.2, 0.1], rtol=1e-12)
    np.testing.assert_array_equal(found.start_row, [3, 1])


@pytest.mark.parametrize(
    ("returns", "error", "reason"),
    [
        ([0.1, -1.01], ArgumentError, "returns is -1.01 at row 2"),
        ([np.nan, np.nan], MissingDataError, "column 1 holds no number"),
        ([[0.1, 0.2], [0.3]], ArgumentError, "rows of equal length"),
    ],
)
def test_bad_input(returns, error, reason):
    with pytest.raises(error, match=reason):
        drawdown(returns)


def test_a_table_of_falls_by_hand():
    # 1, 1.1, 0.99, 1.188 | 0.594, 1.188 | 1.0692: three falls, the last goes on.
    falls = deepest_falls([0.1, -0.1, 0.2, -0.5, 1.0, -0.1])
    assert falls == [
        (pytest.approx(0.5), 4, 4, 5),
        (pytest.approx(0.1), 2, 2, 3),
        (pytest.approx(0.1), 6, 6, None),
    ]
    assert deepest_falls([0.1, -0.1, 0.2, -0.5, 1.0, -0.1], 1) == falls[:1]
    assert deepest_falls([0.1, 0.0]) == []


@given(st.lists(st.integers(-500, 500).map(lambda mils: mils / 1000), min_size=1, max_size=40))
def test_falls_are_apart_and_the_first_is_the_deepest(returns):
    falls = deepest_falls(returns, 50)
    depth, start, trough, recovery = one(returns)
    if depth > 0:
        assert falls[0][:3] == (pytest.approx(depth, abs=1e-12), start, trough)
        assert falls[0].recovery_row == (None if np.isnan(recovery) else recovery)
    equity = np.cumprod([1.0, *(1 + np.array(returns))])
    peaks = np.maximum.accumulate(equity)
    inside = np.zeros(equity.size, dtype=bool)
    for fall in falls:
        rows = slice(fall.start_row, fall.recovery_row or equity.size)
        assert not inside[rows].any()
        inside[rows] = True
        assert (1 - equity[rows] / peaks[rows]).max() == pytest.approx(fall.depth, abs=1e-12)
    np.testing.assert_array_equal(inside, 1 - equity / peaks > 1e-12)
    assert [fall.depth for fall in falls] == sorted((fall.depth for fall in falls), reverse=True)


def test_falls_of_bad_input():
    with pytest.raises(ArgumentError, match="count is 0"):
        deepest_falls([0.1], 0)
    with pytest.raises(MissingDataError, match="returns has no value at position 1"):
        deepest_falls([np.nan])
