"""Our own dual active set, held to every set of limits that could bind, to closed forms and to daqp."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from core.numeric.quadratic.active_set import dual_active_set
from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import is_there


def random_program(seed: int, n: int, rank: int) -> QuadraticProgram:
    rng = np.random.default_rng(seed)
    factors, rows, at = rng.normal(size=(n, rank)), rng.normal(size=(3, n)), rng.uniform(-0.3, 0.3, n)
    met = rows @ at
    return QuadraticProgram(
        P=factors @ factors.T / n,
        q=0.3 * rng.normal(size=n),
        rows=rows,
        row_lower=np.array([met[0], -np.inf, met[2] - 0.1]),
        row_upper=np.array([met[0], met[1] + 0.1, met[2] + 0.1]),
        lower=np.full(n, -0.5),
        upper=np.full(n, 0.5),
    )


def worst_residual(problem: QuadraticProgram) -> float:
    *_, (x, multipliers) = dual_active_set(problem)
    return certify(problem, x, multipliers[x.size :], multipliers[: x.size]).worst


def by_brute_force(problem: QuadraticProgram) -> np.ndarray:
    """The best of all points in which some limits bind and Newton's equations hold."""
    n, (lower, upper) = problem.q.size, problem.limits
    every, best, least = np.vstack([np.eye(n), problem.rows]), np.zeros(n), np.inf
    for sides in itertools.product((0, 1, 2), repeat=len(every)):
        binding = [place for place, side in enumerate(sides) if side]
        limits = np.array([(lower if sides[place] == 1 else upper)[place] for place in binding])
        if len(binding) > n or not np.isfinite(limits).all():
            continue
        rows = every[binding]
        system = np.block([[problem.P, rows.T], [rows, np.zeros((len(binding), len(binding)))]])
        if abs(np.linalg.det(system)) < 1e-9:
            continue
        x = np.linalg.solve(system, np.concatenate([-problem.q, limits]))[:n]
        value = x @ problem.P @ x / 2 + problem.q @ x
        if (every @ x >= lower - 1e-9).all() and (every @ x <= upper + 1e-9).all() and value < least:
            best, least = x, value
    return best


@pytest.mark.parametrize("seed", range(6))
def test_of_all_sets_of_limits_that_could_bind_it_ends_in_the_best(seed: int) -> None:
    problem = random_program(seed, n=3, rank=3)
    *_, (x, _) = dual_active_set(problem)
    assert x == pytest.approx(by_brute_force(problem), abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_its_answer_carries_its_certificate_without_polish(seed: int) -> None:
    assert worst_residual(random_program(seed, n=2 + seed % 30, rank=60)) < 1e-11


@pytest.mark.parametrize("rank", [0, 1, 4])
@pytest.mark.parametrize("seed", range(8))
def test_a_singular_program_is_pulled_into_one_of_its_optima(seed: int, rank: int) -> None:
    assert worst_residual(random_program(seed, n=9, rank=rank)) < 1e-9


@pytest.mark.skipif(not is_there("daqp"), reason="daqp has no build here")
@pytest.mark.parametrize("seed", range(10))
def test_it_meets_daqp(seed: int) -> None:
    import daqp

    problem = random_program(seed, n=20, rank=40)
    lower, upper = problem.limits
    sense = np.where(lower == upper, 5, 0).astype(np.int32)
    answer = daqp.solve(problem.P, problem.q, problem.rows, upper, np.maximum(lower, -1e30), sense)
    *_, (x, _) = dual_active_set(problem)
    assert x == pytest.approx(answer[0], abs=1e-8)


def test_limits_that_repeat_each_other_do_not_stop_it() -> None:
    n = 4
    problem = QuadraticProgram(
        P=np.eye(n), q=np.array([-2.0, -1.0, 0.0, 1.0]), rows=np.repeat(np.ones((1, n)), 5, axis=0),
        row_lower=np.array([0.5, 0.5, 0.5, -np.inf, 0.5]), row_upper=np.array([0.5, 0.5, np.inf, 0.5, 0.5]),
        lower=np.zeros(n), upper=np.ones(n),
    )  # fmt: skip
    assert worst_residual(problem) < 1e-12


@pytest.mark.parametrize("P", [np.eye(3), np.zeros((3, 3))])
def test_where_no_point_meets_all_limits_it_has_no_answer(P: np.ndarray) -> None:
    problem = QuadraticProgram(
        P=P, q=np.ones(3), rows=np.ones((1, 3)), row_lower=np.ones(1), row_upper=np.ones(1),
        lower=np.zeros(3), upper=np.full(3, 0.2),
    )  # fmt: skip
    assert list(dual_active_set(problem)) == []


def test_what_rounding_keeps_off_a_bound_is_on_it() -> None:
    """Without variance the first takes all: of the others nothing is left, not even the last bit."""
    problem = QuadraticProgram(
        P=np.diag([0.0, 0.6, 1.0]), q=np.zeros(3), rows=np.ones((1, 3)), row_lower=np.ones(1), row_upper=np.ones(1),
        lower=np.zeros(3), upper=np.ones(3),
    )  # fmt: skip
    *_, (x, _) = dual_active_set(problem)
    assert x.tolist() == [1.0, 0.0, 0.0]


def test_a_row_of_zeros_that_asks_for_something_has_no_answer() -> None:
    problem = QuadraticProgram(
        P=np.eye(2), q=np.ones(2), rows=np.zeros((1, 2)), row_lower=np.ones(1), row_upper=np.full(1, np.inf),
        lower=np.zeros(2), upper=np.ones(2),
    )  # fmt: skip
    assert list(dual_active_set(problem)) == []
