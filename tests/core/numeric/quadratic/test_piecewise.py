from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numeric.compiled import compiled
from core.numeric.quadratic import piecewise
from core.numeric.quadratic import solve as qp
from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.loops import settled_states
from core.numeric.quadratic.piecewise import by_pieces
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.ratio import greatest_ratio, ratio_from_near


@pytest.fixture(autouse=True)
def _peers_take_another_route(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where daqp is not there, `solve` goes by pieces earlier; here it is the peer of the pieces."""
    monkeypatch.setattr(qp, "FEW_IN_NUMPY", qp.FEW)


def folded_program(
    P: np.ndarray, q: np.ndarray, at: np.ndarray, cost: np.ndarray, most: float, box: float = 1.0
) -> QuadraticProgram:
    """Least x'Px/2 + q'x + cost'|x - at| with sum |x - at| <= most and |x| <= box, each |x - at| as 2 e - (x - at)."""
    n = q.size
    ties, folds = np.hstack([np.eye(n), -np.eye(n)]), np.concatenate([-np.ones(n), np.full(n, 2.0)])
    return QuadraticProgram(
        P=P,
        q=np.concatenate([q - cost, 2 * cost]),
        rows=np.vstack([ties, folds]),
        row_lower=np.full(n + 1, -np.inf),
        row_upper=np.append(at, most - at.sum()),
        lower=np.concatenate([np.full(n, -box), np.zeros(n)]),
        upper=np.concatenate([np.full(n, box), box - at]),
        folded=np.arange(n),
    )


def random_program(seed: int) -> QuadraticProgram:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 20))
    factors = rng.normal(size=(2 * n + 2, n)) + rng.normal(size=(2 * n + 2, 1))
    at = rng.uniform(-0.5, 0.5, n) * rng.choice([0.0, 1.0])
    return folded_program(
        P=factors.T @ factors / n * 10.0 ** rng.uniform(-1, 2),
        q=rng.normal(size=n),
        at=at,
        cost=rng.uniform(0, 0.2, n) * rng.choice([0.0, 1.0]),
        most=float(rng.uniform(0.1, 2.0)),
    )


def without_folds(problem: QuadraticProgram) -> QuadraticProgram:
    """The same program with the folds as variables like any other."""
    P = np.zeros((problem.q.size, problem.q.size))
    P[: problem.plain, : problem.plain] = problem.P
    return replace(problem, P=P, folded=np.zeros(0, dtype=np.intp))


def value(problem: QuadraticProgram, x: np.ndarray) -> float:
    return float(x @ problem.P @ x / 2 + problem.q @ x)


def test_a_small_gain_is_not_worth_its_cost_and_a_large_one_is_lessened_by_it() -> None:
    # Least x^2/2 - g x + |x|/10: x = 0 where |g| <= 0.1, else g less a tenth.
    problem = folded_program(np.eye(3), np.array([-0.05, -0.5, 0.4]), np.zeros(3), np.full(3, 0.1), 10.0)
    found = by_pieces(problem)
    assert found is not None
    assert found.x == pytest.approx([0.0, 0.4, -0.3, 0.0, 0.4, 0.0], abs=1e-15)


def test_a_limit_on_the_absolute_sum_shrinks_all_by_the_same_amount() -> None:
    # The nearest point of sum |x| <= 0.5 to (0.6, -0.4): the l1 ball takes 0.25 from each.
    problem = folded_program(np.eye(2), np.array([-0.6, 0.4]), np.zeros(2), np.zeros(2), 0.5)
    found = by_pieces(problem)
    assert found is not None
    assert found.x[:2] == pytest.approx([0.35, -0.15], abs=1e-15)
    assert found.row_multipliers[-1] == pytest.approx(0.25)


@given(st.integers(0, 10**6))
def test_what_settles_is_certified_and_meets_the_program_without_folds(seed: int) -> None:
    problem = random_program(seed)
    found = by_pieces(problem)
    if found is None:
        return
    plain = without_folds(problem)
    certificate = certify(problem, found.x, found.row_multipliers, found.bound_multipliers)
    same = certify(plain, found.x, found.row_multipliers, found.bound_multipliers)
    assert certificate.worst == pytest.approx(same.worst, abs=1e-15)
    if certificate.passes(1e-12):
        peer = qp.solve(plain)
        assert peer.solver != "pieces"
        assert value(plain, found.x) == pytest.approx(value(plain, peer.x), abs=1e-9 * float(np.abs(plain.q).sum()))


def test_most_programs_settle() -> None:
    settled = [by_pieces(random_program(seed)) is not None for seed in range(200)]
    assert sum(settled) >= 160


@pytest.mark.parametrize("seed", range(40))
def test_the_compiled_loop_and_numpy_take_the_same_steps(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = random_program(seed)
    monkeypatch.setattr(piecewise, "worth_compiling", lambda _: False)
    by_numpy = by_pieces(problem)
    monkeypatch.setattr(piecewise, "worth_compiling", lambda _: True)
    monkeypatch.setattr(piecewise, "compiled", lambda loop: loop)
    assert piecewise.settled_states is settled_states
    by_loop = by_pieces(problem)
    assert (by_loop is None) == (by_numpy is None)
    if by_loop is not None and by_numpy is not None:
        assert by_loop.x == pytest.approx(by_numpy.x, rel=1e-9, abs=1e-12)
        assert by_loop.row_multipliers == pytest.approx(by_numpy.row_multipliers, rel=1e-6, abs=1e-9)


def test_the_loop_compiles_and_answers_alike() -> None:
    pieces = piecewise._pieces(random_program(4), 1.0, 1.0)
    for constant in (np.nan, 0.1):
        found = []
        for run in (compiled(settled_states), piecewise._settled_states):
            at = piecewise._Standing.first(pieces)
            arguments = (
                *(pieces.P, pieces.ends, pieces.top, pieces.slopes, pieces.offsets, pieces.row_lower, pieces.row_upper),
                *(at.states, at.binding, at.p, np.array([1.0, 0.0]), 0.01, 0.001, 25, 1e-11, 3.0, constant),
            )
            found.append((*run(*arguments), at))
        by_loop, by_numpy = found
        assert by_loop[0] == by_numpy[0]
        assert by_loop[1] == pytest.approx(by_numpy[1], rel=1e-9, abs=1e-12)
        assert by_loop[-2] == pytest.approx(by_numpy[-2], rel=1e-9)
        assert (by_loop[-1].states == by_numpy[-1].states).all()
        assert (by_loop[-1].binding == by_numpy[-1].binding).all()


def keen_program(seed: int) -> QuadraticProgram:
    """One in which the reward outweighs the risk: most variables end at a bound or a kink."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 60))
    factors = rng.normal(size=(2 * n, n)) + rng.normal(size=(2 * n, 1))
    return folded_program(
        P=factors.T @ factors / n * 0.05,
        q=rng.normal(size=n),
        at=rng.uniform(-0.1, 0.1, n),
        cost=np.full(n, 0.05),
        most=2.0,
        box=0.2,
    )


@pytest.mark.parametrize("seed", range(12))
def test_what_circles_settles_under_ever_weaker_pulls(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = keen_program(seed)
    found = by_pieces(problem)
    assert found is not None
    assert certify(problem, found.x, found.row_multipliers, found.bound_multipliers).passes(1e-13)
    plain = without_folds(problem)
    assert value(plain, found.x) == pytest.approx(value(plain, qp.solve(plain).x), rel=1e-9)
    monkeypatch.setattr(piecewise, "worth_compiling", lambda _: True)
    monkeypatch.setattr(piecewise, "compiled", lambda loop: loop)
    by_loop = by_pieces(problem)
    assert by_loop is not None
    assert by_loop.x == pytest.approx(found.x, abs=1e-11)


def test_few_of_them_settle_without_such_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piecewise, "STAGES", 0)
    assert sum(by_pieces(keen_program(seed)) is None for seed in range(12)) >= 6


def test_the_greatest_ratio_without_limits_that_bind_is_the_inverse_times_the_gain() -> None:
    risk, gain = np.array([[0.04, 0.01], [0.01, 0.09]]), np.array([0.1, 0.2])
    problem = folded_program(risk, -gain, np.zeros(2), np.zeros(2), most=1.0)
    found = piecewise.ratio_by_pieces(problem, 0.0)
    assert found is not None
    direction = np.linalg.solve(risk, gain)
    assert found[0].x[:2] / found[0].x[0] == pytest.approx(direction / direction[0], rel=1e-12)


def ratio(problem: QuadraticProgram, constant: float, x: np.ndarray) -> float:
    w = x[: problem.plain]
    return float((constant - problem.q @ x) / np.sqrt(w @ problem.P @ w))


@pytest.mark.parametrize("seed", range(60))
def test_no_point_beats_the_greatest_ratio_and_numpy_and_the_loop_find_the_same(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, constant = random_program(seed), 0.05 * (seed % 3)
    monkeypatch.setattr(piecewise, "worth_compiling", lambda _: False)
    found = greatest_ratio(problem, constant)
    monkeypatch.setattr(piecewise, "worth_compiling", lambda _: True)
    monkeypatch.setattr(piecewise, "compiled", lambda loop: loop)
    by_loop = greatest_ratio(problem, constant)
    assert (found is None) == (by_loop is None)
    if found is None or by_loop is None:
        return
    best = ratio(problem, constant, found.x)
    assert ratio(problem, constant, by_loop.x) == pytest.approx(best, rel=1e-9)
    assert found.certificate.passes(1e-9)
    for p in np.geomspace(1e-3, 1e3, 13):
        other = qp.solve(replace(problem, q=p * problem.q))
        assert ratio(problem, constant, other.x) <= best * (1 + 1e-9)


def test_most_ratios_are_found() -> None:
    found = [greatest_ratio(random_program(seed), 0.0) is not None for seed in range(100)]
    assert sum(found) >= 70


@pytest.mark.parametrize("seed", range(20))
def test_a_ratio_is_found_from_near_it_too(seed: int) -> None:
    problem = random_program(seed)
    found = greatest_ratio(problem, 0.0)
    if found is None:
        return
    nudged = found.x + 1e-6 * np.random.default_rng(seed).normal(size=found.x.size)
    again = ratio_from_near(problem, 0.0, nudged)
    assert again is not None
    assert ratio(problem, 0.0, again.x) == pytest.approx(ratio(problem, 0.0, found.x), rel=1e-11)


def test_where_nothing_earns_there_is_no_ratio() -> None:
    problem = folded_program(np.eye(2), np.array([0.1, -0.1]), np.zeros(2), np.full(2, 0.5), most=1.0)
    assert greatest_ratio(problem, 0.0) is None
    assert ratio_from_near(problem, -1.0, np.zeros(4)) is None


def test_a_singular_matrix_is_solved_by_a_pull_that_comes_to_nothing() -> None:
    # Two contracts alike: only their sum matters to the risk, and any split of it is an optimum.
    problem = QuadraticProgram(
        P=np.ones((2, 2)),
        q=-np.ones(2),
        rows=np.ones((1, 2)),
        row_lower=np.array([-np.inf]),
        row_upper=np.array([5.0]),
        lower=np.full(2, -2.0),
        upper=np.full(2, 2.0),
    )
    found = by_pieces(problem)
    assert found is not None
    assert found.x.sum() == pytest.approx(1.0, abs=1e-12)
    assert certify(problem, found.x, found.row_multipliers, found.bound_multipliers).passes(1e-10)


def test_nothing_to_minimise_and_no_point_to_find_are_left_to_others() -> None:
    problem = random_program(1)
    assert by_pieces(replace(problem, P=problem.P * 0, q=problem.q * 0)) is None
    contradiction = replace(problem, row_upper=np.append(problem.row_upper[:-1], -100.0))
    found = by_pieces(contradiction)
    assert found is None or not certify(contradiction, found.x, found.row_multipliers, found.bound_multipliers).passes(
        1e-9
    )


@given(st.integers(0, 10**6))
def test_a_point_near_the_optimum_leads_to_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 12
    factors = rng.normal(size=(n // 2, n))  # singular: without the point near it there may be no unique step
    problem = folded_program(
        P=factors.T @ factors, q=rng.normal(size=n), at=np.zeros(n), cost=np.full(n, 0.05), most=1.5
    )
    optimum = qp.solve(problem)
    found = by_pieces(problem, optimum.x + 1e-9 * rng.normal(size=2 * n))
    assert found is not None
    assert certify(problem, found.x, found.row_multipliers, found.bound_multipliers).passes(1e-9)
    plain = without_folds(problem)
    assert value(plain, found.x) == pytest.approx(value(plain, optimum.x), abs=1e-9)
