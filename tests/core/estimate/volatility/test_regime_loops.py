"""Exact change points: both kernels against every cut there is, and against each other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.estimate.volatility import regime_loops as kernels_regime
from core.numeric.compiled import compiled

FLOOR = 1e-12


def by_numpy(squares, min_size, penalty):
    return kernels_regime._before_by_numpy(squares, min_size, penalty, FLOOR)


def by_loop(squares, min_size, penalty):
    return compiled(kernels_regime._before_by_loop)(squares, min_size, penalty, FLOOR)


def starts_of(before):
    starts, end = [], len(before) - 1
    while end > 0:
        end = int(before[end])
        starts.append(end)
    return starts[::-1]


def cost(squares, starts, penalty):
    total = 0.0
    for first, last in zip(starts, [*starts[1:], len(squares)], strict=True):
        stretch = squares[first:last]
        variance = max(stretch.mean(), FLOOR)
        total += len(stretch) * math.log(variance) + stretch.sum() / variance + penalty
    return total


def least_cost(squares, min_size, penalty):
    """By dynamic programming over every start, none left out."""
    least = [-penalty] + [math.inf] * len(squares)
    for end in range(min_size, len(squares) + 1):
        for start in range(end - min_size + 1):
            if least[start] < math.inf:
                here = least[start] + penalty + cost(squares[start:end], [0], 0.0)
                least[end] = min(least[end], here)
    return least[-1] + penalty


def series(seed, size):
    """Returns whose volatility jumps now and then, with stale prices in between."""
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.choice([0.0, 0.5, 1.0, 3.0], size // 8 + 1, p=[0.1, 0.3, 0.3, 0.3]), 8)[:size]
    return (levels * rng.standard_t(4, size)) ** 2


@pytest.mark.parametrize("kernel", [by_numpy, by_loop])
@given(
    seed=st.integers(0, 10_000),
    size=st.integers(2, 90),
    min_size=st.integers(1, 12),
    penalty=st.sampled_from([0.0, 1.0, 5.0, 20.0]),
)
def test_no_cut_is_cheaper(kernel, seed, size, min_size, penalty):
    squares = series(seed, max(size, min_size))
    starts = starts_of(kernel(squares, min_size, penalty))
    assert starts[0] == 0
    assert min(np.diff([*starts, len(squares)])) >= min_size
    best = least_cost(squares, min_size, penalty)
    assert cost(squares, starts, penalty) == pytest.approx(best, rel=1e-10, abs=1e-8)


@given(
    seed=st.integers(0, 10_000),
    min_size=st.integers(1, 60),
    penalty=st.floats(0, 100),
    tick=st.sampled_from([1.0, 1e3, 1e12]),
)
def test_numpy_and_the_compiled_loop_agree(seed, min_size, penalty, tick):
    squares = np.random.default_rng(seed).standard_t(3, 400) ** 2
    squares[150:250] *= 9
    squares[seed % 400] *= tick
    assert starts_of(by_numpy(squares, min_size, penalty)) == starts_of(by_loop(squares, min_size, penalty))


def test_a_start_is_kept_until_its_rival_may_be_a_start():
    """Dropped at once, the starts of this series lead to a dearer cut (what `ruptures` 1.1 does)."""
    squares = series(3, 60)
    best = least_cost(squares, 10, 2.0)
    assert cost(squares, starts_of(by_numpy(squares, 10, 2.0)), 2.0) == pytest.approx(best, rel=1e-12)


def test_both_answers_reach_the_caller(monkeypatch):
    squares = series(1, 200)
    monkeypatch.setattr(kernels_regime, "worth_compiling", lambda work: False)
    plain = kernels_regime.variance_starts(squares, 20, 10.0, FLOOR)
    monkeypatch.setattr(kernels_regime, "worth_compiling", lambda work: True)
    np.testing.assert_array_equal(kernels_regime.variance_starts(squares, 20, 10.0, FLOOR), plain)
