"""The recursion without a loop is the one with a loop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.recursion import Decay, decayed, padded


def by_loop(inputs, ratio, start):
    values, last = [], start
    for each in inputs:
        last = each + ratio * last
        values.append(last)
    return np.array(values)


@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(1, 200),
    ratio=st.one_of(st.sampled_from([0.0, 1.0, -1.0, 1e-200]), st.floats(-1, 1)),
)
def test_doubling_is_the_loop(seed, rows, ratio):
    rng = np.random.default_rng(seed)
    inputs, start = rng.normal(size=(rows, 3)), rng.normal(size=3)
    np.testing.assert_allclose(decayed(inputs, ratio, start), by_loop(inputs, ratio, start), rtol=1e-12, atol=1e-12)


def test_one_column_and_a_start_of_one():
    assert decayed(np.zeros(4), 0.5, 1.0).tolist() == [0.5, 0.25, 0.125, 0.0625]


def test_the_input_is_left_as_it_was():
    inputs = np.ones(5)
    decayed(inputs, 0.9, 1.0)
    assert inputs.tolist() == [1.0] * 5


def test_a_gap_spreads_to_all_later_rows_only():
    values = decayed(np.array([1.0, 2.0, np.nan, 1.0]), 0.5, 0.0)
    assert values[:2].tolist() == [1.0, 2.5]
    assert np.isnan(values[2:]).all()


@pytest.mark.parametrize("ratio", [0.0, 0.5, 1.0])
def test_a_bad_tick_fades_as_fast_as_the_ratio_says(ratio):
    clean = np.ones(500)
    hit = clean.copy()
    hit[0] = 1e8
    np.testing.assert_allclose(
        (decayed(hit, ratio, 0.0) - decayed(clean, ratio, 0.0))[-1], (1e8 - 1) * ratio**499, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("rows", [1, 16, 37, 200])
def test_many_recursions_side_by_side_are_each_the_loop(rows):
    rng, ratios = np.random.default_rng(rows), np.array([0.0, 0.5, 1.0, -0.3])
    inputs, start = rng.normal(size=(4, 2, padded(rows))), rng.normal(size=(4, 2))
    found = Decay(ratios, rows)(inputs.copy(), start, np.empty_like(inputs))
    for each, ratio, rows_of, before in zip(found, ratios, inputs, start, strict=True):
        for ours, values, first in zip(each, rows_of, before, strict=True):
            np.testing.assert_allclose(ours, by_loop(values, ratio, first), rtol=1e-12, atol=1e-12)


def test_the_recursion_turned_round_gives_the_same_sums():
    rng, ratios = np.random.default_rng(4), np.array([0.0, 0.5, 1.0])
    inputs, weights = np.zeros((2, 3, 1, padded(37)))
    inputs[:, 0, :37], weights[:, 0, :37] = rng.normal(size=(2, 3, 37))
    turned = np.zeros_like(weights)
    turned[:, 0, :37] = weights[:, 0, 36::-1]
    down, nothing = Decay(ratios, 37), np.zeros((3, 1))
    forward = down(inputs.copy(), nothing, np.empty_like(inputs))[:, 0, :37]
    back = down(turned, nothing, np.empty_like(inputs))[:, 0, 36::-1]
    sums = (weights[:, 0, :37] * forward).sum(axis=1)
    np.testing.assert_allclose(sums, (back * inputs[:, 0, :37]).sum(axis=1), rtol=1e-13)
