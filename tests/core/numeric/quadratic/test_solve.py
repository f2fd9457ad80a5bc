from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InfeasibleError, NotConvergedError
from core.numeric.quadratic import solve as qp
from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.conflict import MOST_CUTS
from core.numeric.quadratic.routes import Guess, by_active_set, is_there
from core.numeric.quadratic.solve import QuadraticProgram, solve

INTERIOR_POINT = "piqp" if is_there("piqp") else "clarabel"


def fully_invested(P: np.ndarray, q: np.ndarray | None = None, cap: float = 1.0) -> QuadraticProgram:
    n = len(P)
    return QuadraticProgram(
        P=P,
        q=np.zeros(n) if q is None else q,
        rows=np.ones((1, n)),
        row_lower=np.ones(1),
        row_upper=np.ones(1),
        lower=np.zeros(n),
        upper=np.full(n, cap),
    )


def random_program(seed: int) -> QuadraticProgram:
    """Feasible by construction; singular, zero, tied, minute and badly scaled objectives among them."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 25)), int(rng.integers(1, 5))
    factors = rng.normal(size=(int(rng.integers(1, 50)), n)) * 10.0 ** rng.uniform(-2.5, 0, n)
    P = [factors.T @ factors, 4e-10 * factors.T @ factors, np.zeros((n, n)), np.ones((n, n))][int(rng.integers(4))]
    q = np.round(rng.normal(size=n), int(rng.integers(0, 3))) * rng.choice([0.0, 1.0, 1e-3]) * (np.abs(P).max() or 1.0)
    A = np.round(rng.normal(size=(m, n)), int(rng.integers(0, 3)))
    lower = -rng.random(n) * rng.choice([0, 1], n)
    upper = lower + rng.random(n)
    at = A @ np.where(rng.random(n) < 0.3, lower, lower + (upper - lower) * rng.random(n))
    return QuadraticProgram(
        P=P,
        q=q,
        rows=A,
        row_lower=np.where(rng.random(m) < 0.5, at, -np.inf),
        row_upper=np.where(rng.random(m) < 0.5, at, at + 0.3),
        lower=lower,
        upper=upper,
    )


@given(st.integers(0, 10**6))
def test_every_feasible_program_is_solved_and_certified(seed: int) -> None:
    problem = random_program(seed)
    solution = solve(problem)
    again = certify(problem, solution.x, solution.row_multipliers, solution.bound_multipliers)
    assert again.passes(1e-8)
    assert solution.certificate.passes(1e-9)


def test_multipliers_are_the_price_of_a_limit() -> None:
    problem = fully_invested(np.diag([1.0, 2.0, 4.0]), cap=0.4)
    moved = replace(problem, upper=np.array([0.4 + 1e-6, 0.4, 0.4]))

    def value(program: QuadraticProgram) -> float:
        x = solve(program).x
        return float(x @ program.P @ x / 2)

    price = solve(problem).bound_multipliers[0]
    assert price > 0
    assert value(problem) - value(moved) == pytest.approx(price * 1e-6, rel=1e-3)


def test_small_variances_give_the_same_answer_as_large_ones() -> None:
    rng = np.random.default_rng(3)
    factors = rng.normal(size=(40, 8))
    P = factors.T @ factors
    assert solve(fully_invested(P * 1e-12)).x == pytest.approx(solve(fully_invested(P)).x, abs=1e-12)


def test_large_programs_go_by_their_pieces_or_by_the_interior_point_and_meet_the_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(4)
    factors = rng.normal(size=(500, qp.SMALL + 20))
    problem = fully_invested(factors.T @ factors / 500)
    [answer] = list(by_active_set(problem, np.zeros(qp.SMALL + 20)))
    for route in ("pieces", INTERIOR_POINT):
        solution = solve(problem)
        assert solution.solver == route
        assert solution.x.sum() == pytest.approx(1.0, abs=1e-12)
        assert solution.x == pytest.approx(answer.x, abs=1e-9)
        monkeypatch.setattr(qp, "by_pieces", lambda *_: None)


def test_a_route_without_a_certificate_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def guesses_badly(problem: QuadraticProgram, near: np.ndarray) -> Iterator[Guess]:
        yield Guess(np.full(3, 5.0), np.zeros(1), np.array([1.0, 1.0, 1.0]))

    monkeypatch.setattr(qp, "by_active_set", guesses_badly)
    solution = solve(fully_invested(np.diag([1.0, 2.0, 4.0])))
    assert solution.solver == INTERIOR_POINT
    assert solution.x == pytest.approx(np.array([4, 2, 1]) / 7, abs=1e-12)


def test_nothing_uncertified_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qp, "CERTIFIED", -1.0)
    with pytest.raises(NotConvergedError, match="certified"):
        solve(fully_invested(np.eye(2)))


def test_rows_that_contradict_the_bounds_are_infeasible() -> None:
    with pytest.raises(InfeasibleError):
        solve(fully_invested(np.eye(4), cap=0.2))


@pytest.mark.parametrize("change", [{"upper": np.full(2, -1.0)}, {"row_upper": np.array([0.5])}])
def test_limits_that_cross_are_infeasible(change: dict[str, np.ndarray]) -> None:
    with pytest.raises(InfeasibleError, match="lower limit"):
        solve(replace(fully_invested(np.eye(2)), **change))


def test_caps_that_bind_exactly_leave_one_answer() -> None:
    for n in (3, 6, 7, 11):
        x = solve(fully_invested(np.diag(np.arange(1.0, n + 1)), cap=1 / n)).x
        assert x == pytest.approx(np.full(n, 1 / n), abs=1e-12)


def test_an_unbounded_program_is_not_answered() -> None:
    endless = QuadraticProgram(
        P=np.zeros((1, 1)),
        q=-np.ones(1),
        rows=np.zeros((0, 1)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.zeros(1),
        upper=np.full(1, np.inf),
    )
    with pytest.raises(NotConvergedError):
        solve(endless)


def test_a_cone_without_a_point_is_infeasible() -> None:
    # y - k <= 0, y + k <= 0, y >= 1, k >= 0: no bounds above, so the mix that proves it may fall along no ray.
    cone = QuadraticProgram(
        P=np.eye(2),
        q=np.zeros(2),
        rows=np.array([[1.0, -1.0], [1.0, 1.0], [1.0, 0.0]]),
        row_lower=np.array([-np.inf, -np.inf, 1.0]),
        row_upper=np.array([0.0, 0.0, np.inf]),
        lower=np.zeros(2),
        upper=np.full(2, np.inf),
    )
    with pytest.raises(InfeasibleError):
        solve(cone)


def test_no_route_alone_decides_that_a_program_is_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    def finds_nothing(problem: QuadraticProgram, near: np.ndarray) -> Iterator[Guess]:
        return iter(())

    monkeypatch.setattr(qp, "by_active_set", finds_nothing)
    assert solve(fully_invested(np.eye(2))).x == pytest.approx([0.5, 0.5])


def test_a_proof_is_sought_in_earnest_only_where_no_route_has_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[int] = []
    monkeypatch.setattr(qp, "is_impossible", lambda _, most_cuts: bool(sought.append(most_cuts)))

    def finds_nothing(problem: QuadraticProgram, near: np.ndarray) -> Iterator[Guess]:
        return iter(())

    monkeypatch.setattr(qp, "by_active_set", finds_nothing)
    solve(fully_invested(np.eye(2)))
    assert sought == [qp.FEW_CUTS]
    for other in ("by_interior_point", "by_proximal_steps"):
        monkeypatch.setattr(qp, other, finds_nothing)
    with pytest.raises(NotConvergedError):
        solve(fully_invested(np.eye(2)))
    assert sought[1:] == [qp.FEW_CUTS, MOST_CUTS]


@pytest.mark.parametrize(("rows", "times"), [(1, 1), (qp.MOST_ROWS + 1, 0)])
def test_of_many_rows_a_proof_is_sought_once_a_route_has_failed_as_well(
    rows: int, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[int] = []
    monkeypatch.setattr(qp, "is_impossible", lambda _, most_cuts: bool(sought.append(most_cuts)))
    monkeypatch.setattr(qp, "by_pieces", lambda *_: None)
    problem = fully_invested(np.diag(np.arange(1.0, qp.FEW + 2)))
    weaker = np.full(rows - 1, 2.0)
    solve(problem.with_rows(np.ones((rows - 1, qp.FEW + 1)), -weaker, weaker))
    assert len(sought) == times


def test_an_objective_below_double_precision_is_refused_without_a_raw_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NotConvergedError, match="extreme"):
            solve(fully_invested(np.zeros((2, 2)), np.array([0.0, 1e-320])))
