"""Running moments: what numpy finds on all rows at once, however the rows are added, joined and aged."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.moments import complete, no_moments, slope_of

rng = np.random.default_rng(3)
X, Y = rng.normal(0.3, 1, 60), rng.normal(-0.2, 2, (60, 3))
ROWS = np.stack([np.broadcast_to(X[:, np.newaxis], Y.shape), Y], axis=1)


def moments_of(rows, columns=3):
    moments = no_moments((columns,))
    for row in rows:
        moments = moments.with_row(row, complete(row))
    return moments


def test_moments_are_those_of_all_rows_at_once():
    moments = moments_of(ROWS)
    np.testing.assert_array_equal(moments.weight, 60)
    np.testing.assert_allclose(moments.mean, ROWS.mean(axis=0), rtol=1e-13)
    deviations = ROWS - ROWS.mean(axis=0)
    np.testing.assert_allclose(moments.product, (deviations[:, :1] * deviations).sum(axis=0), rtol=1e-13)


@given(st.integers(0, 60))
def test_two_stretches_joined_are_the_whole(cut):
    whole = slope_of(moments_of(ROWS), no_moments((3,)), 2)
    np.testing.assert_allclose(slope_of(moments_of(ROWS[:cut]), moments_of(ROWS[cut:]), 2), whole, rtol=1e-13)


def test_an_offset_of_a_million_costs_no_more_than_the_input_has():
    offset = 2.0**20
    far = ROWS + offset
    near = slope_of(moments_of(far - offset), no_moments((3,)), 2)
    # A mean of a million has an error of 1e-10, which is what its deviations cannot know either.
    np.testing.assert_allclose(slope_of(moments_of(far[:30]), moments_of(far[30:]), 2), near, rtol=0, atol=1e-10)


def test_an_incomplete_pair_adds_nothing():
    gaps = ROWS.copy()
    gaps[[5, 50], 1, 1] = np.nan
    ours, rest = moments_of(gaps), moments_of(np.delete(ROWS, [5, 50], axis=0))
    np.testing.assert_allclose(ours.product[:, 1], rest.product[:, 1], rtol=1e-13)
    np.testing.assert_array_equal(ours.weight, [60, 58, 60])


def test_ageing_shrinks_the_weight_of_what_was_seen():
    moments = no_moments((3,))
    for row in ROWS:
        moments = moments.aged(0.9).with_row(row, complete(row))
    weights = 0.9 ** np.arange(59, -1, -1)
    centred = ROWS - np.average(ROWS, axis=0, weights=weights)
    np.testing.assert_allclose(moments.weight, weights.sum(), rtol=1e-13)
    np.testing.assert_allclose(
        moments.product, (weights[:, np.newaxis, np.newaxis] * centred[:, :1] * centred).sum(axis=0), rtol=1e-12
    )


@pytest.mark.parametrize("constant", [0.0, 0.1, -7e5])
def test_a_flat_x_has_no_slope(constant):
    flat = ROWS.copy()
    flat[:, 0] = constant
    assert np.isnan(slope_of(moments_of(flat[:7]), moments_of(flat[7:]), 2)).all()


def test_fewer_rows_than_needed_have_no_slope():
    assert np.isnan(slope_of(moments_of(ROWS[:4]), moments_of(ROWS[4:9]), 10)).all()
    assert np.isfinite(slope_of(moments_of(ROWS[:4]), moments_of(ROWS[4:10]), 10)).all()


def test_the_moments_before_stay_as_they_were():
    first = moments_of(ROWS[:5])
    copies = [np.copy(field) for field in first]
    first.with_row(ROWS[5], complete(ROWS[5]))
    first.aged(0.5)
    for field, copy in zip(first, copies, strict=True):
        np.testing.assert_array_equal(field, copy)
