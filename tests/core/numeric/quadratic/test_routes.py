from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.polish import polished
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import (
    Guess,
    Route,
    _by_clarabel,
    _by_daqp,
    _by_own_active_set,
    _by_piqp,
    by_active_set,
    by_interior_point,
    by_proximal_steps,
    by_simplex,
    is_there,
)
from core.tolerances import CERTIFIED

SOLVERS = [
    pytest.param(_by_daqp, marks=pytest.mark.skipif(not is_there("daqp"), reason="daqp has no build here")),
    _by_own_active_set,
    pytest.param(_by_piqp, marks=pytest.mark.skipif(not is_there("piqp"), reason="piqp has no build here")),
    _by_clarabel,
]
Solver = Callable[[QuadraticProgram], Iterator[Guess]]


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


@pytest.mark.parametrize("route", [by_active_set, by_interior_point, by_proximal_steps])
def test_every_route_ends_in_the_closed_form(route: Route) -> None:
    problem = fully_invested(np.diag([1.0, 0.5, 0.25]), np.zeros(3))
    *_, last = route(problem, np.zeros(3))
    assert last.x == pytest.approx(np.array([1, 2, 4]) / 7, abs=1e-8)
    assert last.row_multipliers == pytest.approx([-1 / 7], abs=1e-8)


@pytest.mark.parametrize("route", [by_active_set, by_interior_point, by_proximal_steps, by_simplex])
def test_every_route_solves_a_linear_program(route: Route) -> None:
    problem = fully_invested(np.zeros((3, 3)), np.array([-0.3, -0.2, -0.1]), cap=0.6)
    *_, last = route(problem, np.zeros(3))
    best, certificate = polished(problem, last, 1e-9)
    assert best is not None
    assert certificate.passes(1e-12)
    assert best.x == pytest.approx([0.6, 0.4, 0], abs=1e-12)
    assert best.row_multipliers == pytest.approx([0.2])
    assert best.bound_multipliers == pytest.approx([0.1, 0, -0.1], abs=1e-12)


def test_the_simplex_multipliers_hold_on_rows_of_every_kind() -> None:
    rng = np.random.default_rng(5)
    A, at = rng.normal(size=(4, 8)), rng.normal(size=4) * 0.1
    problem = QuadraticProgram(
        P=np.zeros((8, 8)),
        q=rng.normal(size=8),
        rows=A,
        row_lower=np.array([at[0], -np.inf, at[2], at[3] - 0.2]),
        row_upper=np.array([at[0], at[1], np.inf, at[3] + 0.2]),
        lower=-np.ones(8),
        upper=np.ones(8),
    )
    [answer] = by_simplex(problem, np.zeros(8))
    assert certify(problem, answer.x, answer.row_multipliers, answer.bound_multipliers).passes(1e-10)


@pytest.mark.parametrize("route", [by_active_set, by_proximal_steps, by_simplex])
def test_a_route_without_a_point_makes_no_guess(route: Route) -> None:
    problem = fully_invested(np.zeros((3, 3)), np.ones(3), cap=0.2)
    assert list(route(problem, np.zeros(3))) == []


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_finds_the_one_optimum_among_limits_of_every_kind(solver: Solver) -> None:
    rng = np.random.default_rng(11)
    for _ in range(20):
        n, m = int(rng.integers(2, 15)), 4
        factors, rows, at = rng.normal(size=(n, n)), rng.normal(size=(m, n)), 0.2 * rng.normal(size=n)
        met = rows @ at
        problem = QuadraticProgram(
            P=factors @ factors.T / n + 0.05 * np.eye(n),
            q=rng.normal(size=n),
            rows=rows,
            row_lower=np.array([met[0], -np.inf, met[2] - 0.1, met[3] - 0.2]),
            row_upper=np.array([met[0], met[1], np.inf, met[3] + 0.2]),
            lower=np.where(np.arange(n) == 0, at, at - 0.5),
            upper=np.where(np.arange(n) == 0, at, at + 0.5),
        )
        *_, last = solver(problem)
        _, certificate = polished(problem, last, CERTIFIED)
        assert certificate.passes(CERTIFIED)


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_is_certified_at_a_kink_where_force_and_slack_both_vanish(solver: Solver) -> None:
    problem = fully_invested(np.diag([1.0, 1.0, 1.0]), np.array([0.0, 0.0, 0.5]))
    _, certificate = min(
        (polished(problem, guess, 1e-9) for guess in solver(problem)), key=lambda found: found[1].worst
    )
    assert certificate.passes(1e-9)


def test_where_neither_interior_point_is_there_no_guess_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.numeric.quadratic.routes.is_there", lambda solver: False)
    assert list(by_interior_point(fully_invested(np.eye(2), np.zeros(2)), np.zeros(2))) == []
