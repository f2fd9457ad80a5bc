"""Sums about a pivot: what numpy finds on all rows at once, wherever the pivot is and however the rows are joined."""

import numpy as np
import pytest

from core.numeric.sums import Pivot, each_row, no_rows, pivot_at, present_pairs, running

RNG = np.random.default_rng(6)
X = RNG.normal(0.3, 1.0, 60)
Y = np.outer(X, [0.5, -1.0, 2.0]) + RNG.normal(0, 1.0, (60, 3))


def sums_of(x, y, pivot):
    rows = each_row(x[:, np.newaxis], y, pivot, present_pairs(x[:, np.newaxis], y))
    return type(rows)(*(values.sum(axis=0) for values in rows))


def slopes_of(x, y):
    return np.array([np.polyfit(x, column, 1)[0] for column in y.T])


@pytest.mark.parametrize(
    "pivot", [Pivot(0.0, np.zeros(3)), Pivot(-1.5, np.array([1.0, 2.0, 3.0])), pivot_at(X[7], Y[7])]
)
def test_the_slope_does_not_depend_on_the_pivot(pivot):
    np.testing.assert_allclose(sums_of(X, Y, pivot).slope(pivot, 2), slopes_of(X, Y), rtol=1e-12)


@pytest.mark.parametrize("cut", [0, 1, 30, 60])
def test_two_stretches_join_into_one(cut):
    pivot = pivot_at(X[0], Y[0])
    joined = sums_of(X[:cut], Y[:cut], pivot).joined(sums_of(X[cut:], Y[cut:], pivot))
    for one, other in zip(joined, sums_of(X, Y, pivot), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13)


def test_running_sums_are_the_sums_so_far():
    pivot = pivot_at(X[0], Y[0])
    so_far = running(each_row(X[:, np.newaxis], Y, pivot, True)._replace(count=np.ones((60, 1))), axis=0)
    for k in (0, 10, 59):
        for one, other in zip(so_far, sums_of(X[: k + 1], Y[: k + 1], pivot), strict=True):
            np.testing.assert_allclose(one[k], other, rtol=1e-12, atol=1e-13)


def test_rows_one_by_one_are_all_rows_at_once():
    pivot, sums = Pivot(X[0], Y[0]), no_rows(3)
    for x, y in zip(X.tolist(), Y, strict=True):
        sums = sums.joined(each_row(x, y, pivot, True))
    np.testing.assert_allclose(sums.slope(pivot, 60), slopes_of(X, Y), rtol=1e-12)
    assert np.isnan(sums.slope(pivot, 61)).all()


def test_a_pair_that_is_not_complete_adds_nothing():
    x, y = X.copy(), Y.copy()
    x[5], y[9, 1], y[20:30, 2] = np.nan, np.inf, np.nan
    present = np.isfinite(x[:, np.newaxis] + y)
    expected = [slopes_of(x[rows], y[rows][:, [j]])[0] for j, rows in enumerate(present.T)]
    pivot = pivot_at(x[0], y[0])
    sums = sums_of(x, y, pivot)
    np.testing.assert_array_equal(sums.count, present.sum(axis=0))
    np.testing.assert_allclose(sums.slope(pivot, 2), expected, rtol=1e-12)


def test_one_count_serves_all_pairs_that_miss_the_same_rows():
    x, y = X[:, np.newaxis].copy(), Y.copy()
    assert present_pairs(x, y).shape == (60, 1)
    x[5], y[9] = np.nan, np.inf
    present = present_pairs(x, y)
    np.testing.assert_array_equal(np.flatnonzero(~present), [5, 9])
    pivot = pivot_at(X[0], Y[0])
    rows = np.delete(np.arange(60), [5, 9])
    np.testing.assert_allclose(sums_of(x[:, 0], y, pivot).slope(pivot, 58), slopes_of(X[rows], Y[rows]), rtol=1e-12)
    y[20, 1] = np.nan
    assert present_pairs(x, y).shape == (60, 3)


def test_a_pivot_that_is_missing_is_zero():
    pivot = pivot_at(np.nan, np.array([1.0, np.nan, np.inf]))
    assert pivot.x == 0
    np.testing.assert_array_equal(pivot.y, [1.0, 0.0, 0.0])


def test_no_rows_and_a_flat_x_have_no_slope():
    assert np.isnan(no_rows(3).slope(Pivot(0.0, np.zeros(3)), 0)).all()
    flat = np.full(60, 0.1)
    for pivot in (pivot_at(flat[0], Y[0]), Pivot(0.0, np.zeros(3))):
        assert np.isnan(sums_of(flat, Y, pivot).slope(pivot, 2)).all()
