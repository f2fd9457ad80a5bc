from __future__ import annotations

import numpy as np
import pytest

from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.polish import polished
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import Route, by_active_set, by_interior_point, by_proximal_steps, by_simplex


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
