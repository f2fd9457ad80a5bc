"""Moments of windows: what numpy finds on the rows of each, whatever lies before and after it."""

import numpy as np
import pytest

from core.numeric.rolling_moments import LARGEST, RollingMoments

RNG = np.random.default_rng(11)
ROWS = np.outer(RNG.normal(2e-4, 0.006, 700), RNG.uniform(0.5, 1.5, 6)) + RNG.normal(0, 0.004, (700, 6))


def of_rows(rows):
    """Mean, products and fourth power as their definitions have them."""
    away = rows - rows.mean(axis=0)
    return rows.mean(axis=0), away.T @ away, float(((away[:, :-1] ** 2).sum(axis=1) ** 2).sum())


@pytest.mark.parametrize("window", [2, 5, 23, 24, 25, 47, 48, 60, 240, 500])
@pytest.mark.parametrize("step", [1, 7, 24])
def test_moments_are_those_of_the_rows_of_each_window(window, step):
    rolling = RollingMoments(ROWS, window)
    for row in range(window - 1, 700, step):
        found = rolling.ending_at(row)
        mean, products, fourth = of_rows(ROWS[row + 1 - window : row + 1])
        if found is None:  # of two rows a column may happen to move little beside its mean
            assert window < 24
            continue
        sizes = np.sqrt(np.outer(products.diagonal(), products.diagonal()))
        assert found.rows == window
        assert np.abs(found.mean - mean).max() <= 1e-15
        assert np.abs((found.products - products) / sizes).max() <= 1e-12
        assert found.fourth == pytest.approx(fourth, rel=1e-12)


def test_rows_may_be_asked_for_in_any_order():
    forward, wild = RollingMoments(ROWS, 100), RollingMoments(ROWS, 100)
    in_turn = {row: forward.ending_at(row) for row in range(99, 700)}
    for row in RNG.permutation(np.arange(99, 700)).tolist():
        found = wild.ending_at(row)
        np.testing.assert_allclose(found.products, in_turn[row].products, rtol=1e-12)
        np.testing.assert_allclose(found.fourth, in_turn[row].fourth, rtol=1e-12)


@pytest.mark.parametrize("tick", [1e8, np.nan, np.inf])
def test_what_is_not_in_a_window_leaves_no_bit_in_it(tick):
    marred = ROWS.copy()
    marred[333, 2] = tick
    clean, other = RollingMoments(ROWS, 100), RollingMoments(marred, 100)
    for row in range(99, 700, 3):
        before, after = clean.ending_at(row), other.ending_at(row)
        if 333 <= row < 433:
            assert after is None or after.products[2, 2] > 1e15
            continue
        assert np.array_equal(before.products, after.products)
        assert np.array_equal(before.mean, after.mean)
        assert before.fourth == after.fourth


def test_a_shorter_history_has_the_same_bits():
    whole = RollingMoments(ROWS, 60)
    for length in (60, 61, 83, 84, 200, 699):
        short = RollingMoments(ROWS[:length], 60)
        for row in range(59, length, 8):
            assert np.array_equal(short.ending_at(row).products, whole.ending_at(row).products)


def test_a_mean_that_eats_the_digits_is_left_to_the_rows():
    drifting = ROWS + np.array([0, 0, 0.2, 0, 0, 0])
    assert RollingMoments(drifting, 100).ending_at(300) is None
    assert RollingMoments(np.full((100, 3), 0.01), 50).ending_at(80) is None


def test_a_column_that_never_moves_has_exactly_no_products():
    still = ROWS.copy()
    still[:, 1] = 0.0
    found = RollingMoments(still, 100).ending_at(400)
    assert not found.products[1].any()


def test_the_first_rows_and_very_many_columns_are_left_to_the_rows():
    assert RollingMoments(ROWS, 100).ending_at(98) is None
    columns = int(np.sqrt(LARGEST))
    assert RollingMoments(np.ones((3, columns)), 2).ending_at(2) is None
