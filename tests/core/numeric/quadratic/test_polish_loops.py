"""The compiled loop and numpy put a guess on the same bounds."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from core.numeric.quadratic.polish import _snapped
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import Guess


def random_guess(seed: int) -> tuple[QuadraticProgram, Guess]:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 12)), int(rng.integers(0, 4))
    factors = rng.normal(size=(n, n))
    problem = QuadraticProgram(
        P=factors @ factors.T,
        q=rng.normal(size=n),
        rows=rng.normal(size=(m, n)),
        row_lower=np.full(m, -np.inf),
        row_upper=np.ones(m),
        lower=-rng.uniform(0.1, 1.0, n),
        upper=rng.uniform(0.1, 1.0, n),
    )
    return problem, Guess(rng.normal(size=n), rng.normal(size=m), rng.normal(size=n) * rng.integers(0, 2, n))


@pytest.mark.parametrize("seed", range(50))
def test_the_loop_and_numpy_find_the_same_point_and_multipliers(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, guess = random_guess(seed)
    monkeypatch.setitem(sys.modules, "numba", __import__("numba"))
    by_loop = _snapped(problem, guess)
    monkeypatch.delitem(sys.modules, "numba")
    by_numpy = _snapped(problem, guess)
    assert by_loop is not None
    assert by_numpy is not None
    assert (by_loop.x == by_numpy.x).all()
    assert by_loop.bound_multipliers == pytest.approx(by_numpy.bound_multipliers, rel=1e-12, abs=1e-12)
    assert (by_loop.x[guess.bound_multipliers > 0] == problem.upper[guess.bound_multipliers > 0]).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_guess_without_a_number_is_none(value: float) -> None:
    problem, guess = random_guess(3)
    x = np.full_like(guess.x, value)
    assert _snapped(replace(problem, upper=x), Guess(x, guess.row_multipliers, guess.bound_multipliers)) is None
