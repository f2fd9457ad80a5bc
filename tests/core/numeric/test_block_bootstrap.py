"""Stationary bootstrap: every path with its probability, blocks as long as asked for, and the rule for their length."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal, stats

from core.numeric.block_bootstrap import best_block_length, stationary_rows


def rows(seed, *shape):
    return stationary_rows(np.random.default_rng(seed), *shape)


@pytest.mark.parametrize(("block_length", "bars"), [(1.0, 2), (2.0, 2), (4.0, 3)])
def test_every_path_has_its_probability(block_length, bars):
    """All 3^bars paths through three rows: a step is the next row with 1 - 1/b, and any row with 1/b."""
    jump = 1 / block_length
    paths = list(itertools.product(range(3), repeat=bars))
    expected = [
        np.prod([1 / 3, *(jump / 3 + (1 - jump) * (b == (a + 1) % 3) for a, b in itertools.pairwise(path))])
        for path in paths
    ]
    assert sum(expected) == pytest.approx(1)
    drawn = rows(7, 3, 60_000, bars, block_length)
    codes = drawn @ 3 ** np.arange(bars)[::-1]
    counts = np.bincount(codes, minlength=3**bars)
    possible = np.array(expected) > 0
    assert not counts[~possible].any()
    assert stats.chisquare(counts[possible], 60_000 * np.array(expected)[possible]).pvalue > 1e-3


def test_blocks_are_as_long_as_asked_for():
    drawn = rows(3, 1000, 500, 400, 10.0)
    goes_on = (np.diff(drawn, axis=1) % 1000) == 1
    # A jump lands on the next row by chance once in a thousand.
    assert 1 - goes_on.mean() == pytest.approx(0.1 * 0.999, abs=0.002)


def test_each_row_is_as_likely_as_any_other_at_each_bar():
    drawn = rows(5, 7, 70_000, 4, 3.0)
    for bar in range(4):
        assert stats.chisquare(np.bincount(drawn[:, bar], minlength=7)).pvalue > 1e-3


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 40), st.floats(1, 1e9))
def test_rows_are_those_of_the_history(length, paths, bars, block_length):
    drawn = rows(1, length, paths, bars, block_length)
    assert drawn.shape == (paths, bars)
    assert drawn.min() >= 0
    assert drawn.max() < length


def test_one_endless_block_is_the_history_from_a_random_row_on():
    drawn = rows(2, 5, 8, 12, 1e300)
    np.testing.assert_array_equal(drawn, (drawn[:, :1] + np.arange(12)) % 5)


@pytest.mark.parametrize("correlation", [0.3, 0.5, 0.7])
def test_the_rule_finds_the_best_length_of_an_autoregression(correlation):
    """For AR(1) G and D are known in closed form: b = (2 rho / (1 - rho^2))^(2/3) T^(1/3)."""
    noise = np.random.default_rng(4).standard_normal((10, 100_000))
    series = signal.lfilter([1.0], [1.0, -correlation], noise, axis=1)
    best = (2 * correlation / (1 - correlation**2)) ** (2 / 3) * 100_000 ** (1 / 3)
    assert np.mean([best_block_length(each) for each in series]) == pytest.approx(best, rel=0.05)


def test_without_memory_blocks_are_short():
    assert best_block_length(np.random.default_rng(5).standard_normal(2_000)) < 8


@pytest.mark.parametrize("series", [[0.0, 0.0, 0.0], [1.0, 2.0], [3.0, 1.0, 2.0, 5.0], [1.0, -1.0] * 40])
def test_short_and_constant_series_have_a_length(series):
    assert 1 <= best_block_length(np.array(series)) <= max(1, np.ceil(len(series) / 3))
