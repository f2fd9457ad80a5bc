from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from core.decide.limits.declared import Limits
from core.decide.portfolio.objectives import plain_book
from core.decide.portfolio.optimize import optimize
from core.errors import InfeasibleError
from core.numeric.quadratic.certificate import Certificate, certify
from core.numeric.quadratic.certified_sum import bounded_sum, on_its_bounds
from core.numeric.quadratic.polish import snapped
from core.numeric.quadratic.routes import Guess, is_there
from core.numeric.quadratic.solve import QuadraticProgram, solve


def program(seed: int) -> tuple[QuadraticProgram, np.random.Generator]:
    """Covariances of any size, some without full rank, weights long or short, some of them fixed."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    factor = rng.normal(size=(n, int(rng.integers(1, 2 * n + 1)))) * 10.0 ** rng.integers(-5, 3)
    lower = -rng.uniform(0, 1, n) * (rng.random() < 0.5)
    upper = np.where(rng.random(n) < 0.1, lower, lower + rng.uniform(0.1, 3.0, n))
    total = float(lower.sum() + rng.uniform() * (upper - lower).sum())
    P = factor @ factor.T
    return (
        QuadraticProgram(
            P=P, q=rng.normal(size=n) * P.max() * rng.integers(0, 2), rows=np.ones((1, n)), row_lower=np.array([total]),
            row_upper=np.array([total]), lower=lower, upper=upper,
        ),
        rng,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(200))
def test_the_certificate_is_that_of_any_program_on_the_same_bounds(seed: int) -> None:
    problem, rng = program(seed)
    n = problem.q.size
    guess = Guess(rng.normal(size=n), rng.normal(size=1) * problem.P.max(), rng.normal(size=n) * rng.integers(-1, 2, n))
    x, z, y, certificate = settled(problem, guess)
    whole = snapped(problem, guess)
    assert whole is not None
    assert x.tolist() == whole.x.tolist()
    assert z == pytest.approx(whole.bound_multipliers, rel=1e-12, abs=1e-12 * problem.P.max())
    assert astuple(certificate) == pytest.approx(astuple(certify(problem, x, y, z)), rel=1e-12, abs=1e-15)


def settled(problem: QuadraticProgram, guess: Guess) -> tuple[np.ndarray, np.ndarray, np.ndarray, Certificate]:
    limits, multipliers = np.vstack(problem.limits), np.append(guess.bound_multipliers, guess.row_multipliers)
    return on_its_bounds(problem.P, problem.q, limits, guess.x, multipliers)


@pytest.mark.parametrize("seed", range(200))
def test_the_optimum_is_the_ordinary_one(seed: int) -> None:
    problem, _ = program(seed)
    found = bounded_sum(problem.P, -problem.q, problem.lower, problem.upper, float(problem.row_lower[0]), 1e-10)
    ordinary = solve(problem)
    if found is None:  # of a singular covariance daqp may bring no certificate; the ordinary way asks others
        assert np.linalg.matrix_rank(problem.P) < problem.q.size or not is_there("daqp")
        return

    def objective(x: np.ndarray) -> float:
        return float(x @ problem.P @ x / 2 + problem.q @ x)

    size = np.abs(ordinary.x) @ (np.abs(problem.P) @ np.abs(ordinary.x) + np.abs(problem.q))
    assert objective(found.x) == pytest.approx(objective(ordinary.x), abs=1e-10 * size)
    whole = certify(problem, found.x, found.row_multipliers, found.bound_multipliers)
    assert whole.passes(1e-10)
    if np.linalg.matrix_rank(problem.P) == problem.q.size:
        assert found.x == pytest.approx(ordinary.x, abs=1e-9)


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_a_multiplier_of_the_wrong_sign_carries_no_certificate(side: float) -> None:
    weights = np.array([0.0, 1.0]) if side > 0 else np.array([1.0, 0.0])  # the first should be let go from this bound
    problem = QuadraticProgram(
        P=np.eye(2), q=np.zeros(2), rows=np.ones((1, 2)), row_lower=np.ones(1), row_upper=np.ones(1),
        lower=np.zeros(2), upper=np.ones(2),
    )  # fmt: skip
    *_, certificate = settled(problem, Guess(weights, -weights[1:], np.array([-side, 0.0])))
    assert certificate.complementarity > 0.1
    assert max(certificate.primal, certificate.stationarity) == 0.0


def test_bounds_that_cross_carry_no_certificate() -> None:
    problem = QuadraticProgram(
        P=np.eye(2), q=np.zeros(2), rows=np.ones((1, 2)), row_lower=np.ones(1), row_upper=np.ones(1),
        lower=np.array([0.5, 0.7]), upper=np.array([0.5, 0.5]),
    )  # fmt: skip
    *_, certificate = settled(problem, Guess(np.full(2, 0.5), np.full(1, -0.5), np.zeros(2)))
    assert certificate.primal == pytest.approx(0.4)
    assert bounded_sum(problem.P, problem.q, problem.lower, problem.upper, 1.0, 1e-10) is None


def test_an_objective_below_double_precision_goes_the_ordinary_way() -> None:
    assert bounded_sum(np.zeros((2, 2)), np.array([0.0, 1e-320]), np.zeros(2), np.ones(2), 1.0, 1e-10) is None


@pytest.mark.parametrize("objective", ["min_variance", "utility"])
@pytest.mark.parametrize("seed", range(20))
def test_a_plain_book_has_the_same_weights_either_way(
    objective: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 40))
    returns = 0.02 * rng.normal(size=(3 * n, n)) + 0.03 * rng.normal(size=(3 * n, 1))
    limits = Limits(min_weight=-0.1 * (seed % 2), max_weight=max(0.2, 2 / n), risk_aversion=3.0)
    asked = rng.uniform(0, 0.5, n), np.cov(returns.T) * 365, objective, limits
    at_once = optimize(*asked)
    monkeypatch.setattr(plain_book, "bounded_sum", lambda *_: None)
    assert at_once.weights == pytest.approx(optimize(*asked).weights, abs=1e-13)


def test_limits_that_conflict_are_explained_as_before() -> None:
    with pytest.raises(InfeasibleError, match=r"max_weight 0.1 x 5 contracts = 0.5 cannot reach net 1"):
        optimize(np.zeros(5), np.eye(5), "min_variance", Limits(max_weight=0.1))
