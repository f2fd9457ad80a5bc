from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.quadratic.matrix_game import solve_game


def test_matching_pennies_is_played_half_and_half() -> None:
    p, q = solve_game(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert p == pytest.approx([0.5, 0.5])
    assert q == pytest.approx([0.5, 0.5])


def test_two_by_two_without_a_saddle_is_the_closed_form() -> None:
    a, b, c, d = 3.0, -1.0, -2.0, 4.0
    p, q = solve_game(np.array([[a, b], [c, d]]))
    assert p[0] == pytest.approx((d - c) / (a - b - c + d))
    assert q[0] == pytest.approx((d - b) / (a - b - c + d))


def test_a_saddle_is_played_pure() -> None:
    p, q = solve_game(np.array([[2.0, 3.0], [1.0, 0.0]]))
    assert p == pytest.approx([1, 0])
    assert q == pytest.approx([1, 0])


@given(st.integers(0, 10**6))
def test_neither_player_can_do_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    payoffs = rng.normal(size=rng.integers(1, 9, 2)) * 10.0 ** rng.integers(-6, 6)
    p, q = solve_game(payoffs)
    assert (p @ payoffs).min() == pytest.approx((payoffs @ q).max(), abs=1e-8 * np.abs(payoffs).max())
