from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.numeric.quadratic.polish import polished, snapped
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import Guess


def fully_invested(P: np.ndarray, q: np.ndarray, cap: float = 1.0) -> QuadraticProgram:
    n = len(P)
    return QuadraticProgram(
        P=P,
        q=q,
        rows=np.ones((1, n)),
        row_lower=np.ones(1),
        row_upper=np.ones(1),
        lower=np.zeros(n),
        upper=np.full(n, cap),
    )


def test_polishing_lands_on_the_limits_that_a_rough_guess_names() -> None:
    problem = fully_invested(np.diag([1.0, 0.5, 0.25]), np.zeros(3), cap=0.5)
    rough = Guess(np.array([0.17, 0.33, 0.499]), np.array([-0.1]), np.array([0.0, 0.0, 1.0]))
    best, certificate = polished(problem, rough, 1e-9)
    assert best is not None
    assert certificate.passes(1e-14)
    assert best.x == pytest.approx([1 / 6, 1 / 3, 1 / 2], abs=1e-15)


def test_polishing_picks_the_nearest_of_many_optima() -> None:
    problem = fully_invested(np.ones((2, 2)), np.zeros(2))
    best, certificate = polished(problem, Guess(np.array([0.7, 0.31]), np.zeros(1), np.zeros(2)), 1e-9)
    assert best is not None
    assert certificate.passes(1e-12)
    assert best.x == pytest.approx([0.695, 0.305], abs=1e-12)


def test_a_guess_that_is_no_number_is_not_polished() -> None:
    best, certificate = polished(
        fully_invested(np.eye(2), np.zeros(2)), Guess(np.full(2, np.nan), np.zeros(1), np.zeros(2)), 1e-9
    )
    assert best is None
    assert not certificate.passes(1.0)


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
def test_a_guess_is_put_on_the_bounds_that_its_multipliers_name(seed: int) -> None:
    problem, guess = random_guess(seed)
    on = snapped(problem, guess)
    assert on is not None
    upper, lower = guess.bound_multipliers > 0, guess.bound_multipliers < 0
    assert (on.x[upper] == problem.upper[upper]).all()
    assert (on.x[lower] == problem.lower[lower]).all()
    gradient = problem.P @ on.x + problem.q + problem.rows.T @ on.row_multipliers
    assert on.bound_multipliers == pytest.approx(np.where(upper | lower, -gradient, 0.0), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_guess_without_a_number_is_none(value: float) -> None:
    problem, guess = random_guess(3)
    x = np.full_like(guess.x, value)
    assert snapped(replace(problem, upper=x), Guess(x, guess.row_multipliers, guess.bound_multipliers)) is None
