"""The critical line as a parametric program: each point is an optimum, both ends are reached, both walks agree."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from core.errors import InfeasibleError, NotConvergedError
from core.numeric.critical_line import line as module
from core.numeric.critical_line import walk as kernels
from core.numeric.critical_line.line import CriticalLine, KinkedProgram, critical_line
from core.numeric.critical_line.program import residuals_of, segments_of
from core.numeric.critical_line.start import at_the_top
from core.numeric.quadratic import certificate
from core.numeric.quadratic.certificate import certify
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.solve import solve

NONE = np.zeros(0, dtype=np.intp)
P3 = np.array([[0.25, 0.18, 0.16], [0.18, 0.36, 0.24], [0.16, 0.24, 0.64]])
MU3 = np.array([0.12, 0.25, 0.40])


def long_only(P, mu, upper=1.0) -> KinkedProgram:
    """Weights between zero and a cap that sum to one."""
    n = len(mu)
    return KinkedProgram(
        P=np.asarray(P, float),
        reward=np.asarray(mu, float),
        rows=np.ones((1, n)),
        row_lower=np.ones(1),
        row_upper=np.ones(1),
        lower=np.zeros(n),
        upper=np.broadcast_to(np.asarray(upper, float), n).copy(),
        kink_variable=NONE,
        kink_at=np.zeros(0),
    )


def perp_book(seed: int, n: int, *, tied: bool = False, singular: bool = False) -> KinkedProgram:
    """Long and short with gross and margin limits, turnover cost about a present book, a beta range and a group."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=(n // 2 if singular else 3 * n, n)) * 0.3
    P = returns.T @ returns / len(returns)
    mu, beta, current = rng.normal(0.1, 0.3, n), rng.normal(1, 0.3, n), rng.normal(0, 0.1, n)
    if tied:
        P[1], mu = P[0], np.round(2 * mu) / 2
        P[:, 1] = P[:, 0]
    cost, margin = rng.uniform(0, 0.02, n), rng.choice([0.05, 0.02, 0.1], n)
    lower, upper = np.full(n, -0.4), np.full(n, 0.5)
    kinks = sorted((i, float(at)) for i in range(n) for at in {0.0, current[i]} if -0.4 < at < 0.5)
    owner, at = np.array([i for i, _ in kinks]), np.array([at for _, at in kinks])
    at_zero = at == 0
    group = (rng.random(n) < 0.4).astype(float)
    no_fold = np.zeros(len(kinks))
    return KinkedProgram(
        P=P,
        reward=np.concatenate([mu + cost, np.where(at_zero, 0.0, -2 * cost[owner])]),
        rows=np.vstack(
            [
                np.concatenate([-np.ones(n), np.where(at_zero, 2.0, 0.0)]),
                np.concatenate([-margin, np.where(at_zero, 2 * margin[owner], 0.0)]),
                np.concatenate([beta, no_fold]),
                np.concatenate([group, no_fold]),
            ]
        ),
        row_lower=np.array([-np.inf, -np.inf, 0.1, -np.inf]),
        row_upper=np.array([1.5, 0.06, 0.3, 0.2]),
        lower=lower,
        upper=upper,
        kink_variable=owner,
        kink_at=at,
    )


def objective(problem: KinkedProgram, w: np.ndarray, lam: float) -> float:
    return float(w @ problem.P @ w / 2 - lam * problem.lifted(w[None])[0] @ problem.reward)


def assert_each_lam_is_optimal(line: CriticalLine, lams: np.ndarray) -> None:
    """Against the quadratic program for each lam, solved afresh."""
    problem = line.problem
    for lam in lams:
        k = int(np.clip(np.searchsorted(line.lams, lam) - 1, 0, len(line.lams) - 2))
        rise = line.lams[k + 1] - line.lams[k]
        share = (lam - line.lams[k]) / rise if rise > 0 else 0.0
        point = line.on_pieces(np.array([k]), np.array([share]))
        assert point.residuals.max() < 1e-9
        fresh = solve(problem.at(float(lam))).x[: problem.lower.size]
        ours, theirs = objective(problem, point.weights[0], lam), objective(problem, fresh, lam)
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-11 * max(1.0, lam))


@pytest.fixture(params=["numpy", "loop"])
def walk_by(request, monkeypatch):
    """Both ways to walk, and to look at what was found: numpy, and the loop (compiled)."""
    for each in (kernels, certificate):
        monkeypatch.setattr(each, "worth_compiling", lambda elements: request.param == "loop")
    return request.param


@pytest.mark.parametrize("n", [2, 3, 5, 12, 40])
@pytest.mark.parametrize("cap", [1.0, 2.0])
def test_long_only_from_the_top(walk_by, n: int, cap: float) -> None:
    rng = np.random.default_rng(n)
    returns = rng.normal(size=(3 * n, n))
    problem = long_only(returns.T @ returns / (3 * n), rng.normal(size=n), cap if cap == 1 else cap / n)
    assert at_the_top(problem, segments_of(problem)) is not None
    line = critical_line(problem)
    assert (np.diff(line.lams) >= 0).all()
    assert line.lams[0] == pytest.approx(0, abs=1e-12)
    assert_each_lam_is_optimal(line, np.array([0.0, 0.01, 0.3, 1.0, 5.0, 100.0]).clip(max=line.lams[-1]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["plain", "tied", "singular"])
def test_a_book_with_every_kind_of_row(walk_by, seed: int, kind: str) -> None:
    problem = perp_book(seed, 12, tied=kind == "tied", singular=kind == "singular")
    line = critical_line(problem)
    assert_each_lam_is_optimal(line, np.geomspace(1e-4, 30, 8).clip(max=line.lams[-1]))
    values = problem.lifted(line.weights) @ problem.rows.T
    assert (values <= problem.row_upper + 1e-9).all()
    assert (values >= problem.row_lower - 1e-9).all()


@given(st.integers(0, 10**6), st.integers(2, 9), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_both_walks_find_the_same_line(seed: int, n: int, tied: bool, singular: bool) -> None:
    problem = perp_book(seed, n, tied=tied, singular=singular)
    lines = []
    for by_loop in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            for each in (kernels, certificate):
                patch.setattr(each, "worth_compiling", lambda elements, by_loop=by_loop: by_loop)
            lines.append(critical_line(problem))
    first, second = lines
    ends = [[line.rewards[0], line.rewards[-1], line.lams[-1]] for line in lines]
    assert ends[0][:2] == pytest.approx(ends[1][:2], abs=1e-10)
    rewards = np.linspace(first.rewards[0], first.rewards[-1], 9)
    found, again = first.at_rewards(rewards), second.at_rewards(rewards)
    assert found.variances == pytest.approx(again.variances, rel=1e-8, abs=1e-10)
    if not (tied or singular):
        assert found.weights == pytest.approx(again.weights, abs=1e-8)


def test_the_residuals_are_those_of_the_certificate_of_the_lifted_program() -> None:
    """A point pushed off the line: what is wrong with it is what `certify` finds wrong."""
    line = critical_line(long_only(P3, MU3))
    right = line.at_rewards(np.array([0.3]))
    wrong = replace(line, multipliers=line.multipliers * 1.01).at_rewards(np.array([0.3]))
    assert right.residuals.max() < 1e-15
    program = line.problem.at(float(wrong.lams[0]))
    y = np.array([solve(program).row_multipliers[0] * 1.01])
    gradient = program.P @ wrong.weights[0] + program.q + program.rows.T @ y
    free = (wrong.weights[0] > 0) & (wrong.weights[0] < 1)
    told = certify(program, wrong.weights[0], y, np.where(free, 0.0, -np.maximum(gradient, 0.0)))
    assert wrong.residuals[0, 2] == pytest.approx(told.stationarity, rel=1e-5)


@pytest.mark.parametrize("harm", ["weights", "sum", "multipliers", "place"])
def test_a_point_that_is_not_optimal_has_no_certificate(walk_by, harm: str) -> None:
    line = critical_line(long_only(P3, MU3))
    if harm == "weights":
        line = replace(line, weights=line.weights + np.array([0.01, -0.01, 0.0]))
    elif harm == "sum":
        line = replace(line, weights=line.weights * 1.001)
    elif harm == "multipliers":
        line = replace(line, multipliers=line.multipliers + 0.01)
    else:
        line = replace(line, places=np.ones_like(line.places))
    assert line.at_rewards(np.linspace(0.2, 0.39, 4)).residuals.max() > 1e-4


@given(st.integers(0, 10**6), st.integers(2, 9), st.sampled_from([0.0, 1e-9, 0.1]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_both_ways_to_look_at_a_point_find_the_same(seed: int, n: int, harm: float, long: bool) -> None:
    """On the line and off it, outside the limits and with multipliers of limits that do not exist."""
    rng = np.random.default_rng(seed)
    problem = long_only(np.cov(rng.normal(size=(n, 3 * n))), rng.normal(size=n)) if long else perp_book(seed, n)
    line = critical_line(problem)
    piece = rng.integers(0, len(line.places), 6)
    points, lams, multipliers = (
        each[piece] + harm * rng.normal(size=each[piece].shape) for each in (line.weights, line.lams, line.multipliers)
    )
    found = []
    for by_loop in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(certificate, "worth_compiling", lambda elements, by_loop=by_loop: by_loop)
            found.append(residuals_of(problem, line.segments, points, lams, multipliers, line.places[piece]))
    assert found[0][0] == pytest.approx(found[1][0], rel=1e-9, abs=1e-14)
    assert found[0][1] == pytest.approx(found[1][1], rel=1e-12)
    assert found[0][1] == pytest.approx(np.einsum("ki,ij,kj->k", points, problem.P, points), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("gap", ["weights", "lams", "multipliers"])
def test_a_point_that_is_no_number_has_no_certificate(walk_by, gap: str) -> None:
    line = critical_line(long_only(P3, MU3))
    harmed = getattr(line, gap).copy()
    harmed[0] = np.nan
    residuals = replace(line, **{gap: harmed}).on_pieces(np.array([0, 1]), np.array([0.5, 0.5])).residuals
    assert not residuals[0].max() <= 1e-8
    assert residuals[1].max() <= 1e-8 or gap == "weights"  # the largest weight of all is the size of each


def test_two_funds_span_the_line_of_the_unlimited() -> None:
    """Two-fund theorem: w = S^-1 (lam mu + g 1), closed form (Merton, 1972)."""
    problem = replace(long_only(P3, MU3), lower=np.full(3, -1e3), upper=np.full(3, 1e3))
    line = critical_line(problem)
    ones, inverse = np.ones(3), np.linalg.inv(P3)
    a, b, c = ones @ inverse @ ones, ones @ inverse @ MU3, MU3 @ inverse @ MU3
    rewards = np.array([0.25, 0.5, 2.0, 30.0])
    lam, g = (a * rewards - b) / (a * c - b * b), (c - b * rewards) / (a * c - b * b)
    found = line.at_rewards(rewards)
    assert found.weights == pytest.approx(np.outer(lam, inverse @ MU3) + np.outer(g, inverse @ ones), rel=1e-9)
    assert found.variances == pytest.approx((a * rewards**2 - 2 * b * rewards + c) / (a * c - b * b), rel=1e-9)
    assert found.lams == pytest.approx(lam, rel=1e-9)


def test_the_variance_grows_by_twice_lam_for_a_unit_of_reward() -> None:
    line = critical_line(perp_book(3, 15))
    variances = np.einsum("ki,ij,kj->k", line.weights, line.problem.P, line.weights)
    grown = (line.lams[1:] + line.lams[:-1]) * np.diff(line.rewards)
    assert np.diff(variances) == pytest.approx(grown, abs=1e-12)


@pytest.mark.parametrize("factor", [1e-8, 1e8])
def test_the_units_of_risk_and_reward_do_not_matter(factor: float) -> None:
    problem = perp_book(5, 14)
    line = critical_line(problem)
    scaled = critical_line(replace(problem, P=problem.P * factor, reward=problem.reward * factor**0.5))
    assert scaled.weights == pytest.approx(line.weights, abs=1e-9)
    assert scaled.lams == pytest.approx(line.lams * factor**0.5, rel=1e-9)


def test_caps_that_leave_one_portfolio_give_a_line_of_one_portfolio(walk_by) -> None:
    line = critical_line(long_only(P3, MU3, 1 / 3))
    assert line.weights == pytest.approx(np.full((2, 3), 1 / 3), abs=1e-12)


def test_equal_rewards_end_at_the_least_risk_among_them(walk_by) -> None:
    """Two of three share the greatest mean: the top of the line mixes them so that risk is least."""
    P = np.diag([1.0, 2.0, 4.0])
    line = critical_line(long_only(P, [0.1, 0.3, 0.3]))
    assert line.weights[-1] == pytest.approx([0, 2 / 3, 1 / 3], abs=1e-12)
    flat = critical_line(long_only(P, [0.2, 0.2, 0.2]))
    assert flat.weights == pytest.approx(np.tile(np.array([4, 2, 1]) / 7, (len(flat.weights), 1)), abs=1e-12)


def test_without_risk_only_the_reward_counts(walk_by) -> None:
    line = critical_line(long_only(np.zeros((3, 3)), MU3))
    assert line.weights[0] == pytest.approx([0, 0, 1], abs=1e-12)
    assert line.rewards == pytest.approx(np.full(len(line.rewards), 0.4), abs=1e-12)


def test_where_two_hedge_each_other_the_line_starts_without_risk(walk_by) -> None:
    """Perfect negative correlation: half of each has no variance, and what earns more among such comes first."""
    line = critical_line(long_only([[1, -1, 0.0], [-1, 1, 0], [0, 0, 1]], [0.1, 0.2, 0.5]))
    assert line.weights[0] == pytest.approx([0.5, 0.5, 0], abs=1e-12)
    assert line.at_rewards(line.rewards[[0, -1]]).variances == pytest.approx([0, 1], abs=1e-15)


def most_reward_without_risk(problem: KinkedProgram) -> float:
    """By a linear program over the portfolios that P sees nothing of."""
    program = problem.at(1.0)
    values, vectors = np.linalg.eigh(problem.P)
    seen = vectors[:, values > 1e-12 * values.max()].T
    without_risk = np.hstack([seen, np.zeros((len(seen), program.q.size - seen.shape[1]))])
    rows, limits = np.vstack([program.rows, -program.rows]), np.append(program.row_upper, -program.row_lower)
    exact = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(
        program.q,
        rows[np.isfinite(limits)],
        limits[np.isfinite(limits)],
        without_risk,
        np.zeros(len(seen)),
        np.column_stack([program.lower, program.upper]),
        method="highs-ds",
        options=exact,
    )
    return -float(found.fun)


@pytest.mark.parametrize(
    ("seed", "n", "tied"), [(3143, 4, True), (2572, 3, True), (844, 6, False), (558, 4, True), (246, 7, False)]
)
def test_of_all_that_have_no_risk_the_line_starts_at_the_one_with_the_most_reward(
    walk_by, seed: int, n: int, tied: bool
) -> None:
    """Close to it lam is what rounding has left: 1e-10 in one walk, less than nothing in the other."""
    problem = perp_book(seed, n, tied=tied, singular=True)
    line = critical_line(problem)
    assert line.rewards[0] == pytest.approx(most_reward_without_risk(problem), abs=1e-13)
    assert line.lams[0] == 0
    start = line.at_rewards(line.rewards[:1])
    assert start.variances == pytest.approx(0, abs=1e-16)
    assert start.residuals.max() < 1e-12


def test_a_singular_covariance_lets_the_optimum_jump(walk_by) -> None:
    """Duplicates with different caps: as lam grows the one replaces the other at no change of risk."""
    P = np.array([[1.0, 1.0, 0.2], [1.0, 1.0, 0.2], [0.2, 0.2, 0.5]])
    problem = long_only(P, [0.3, 0.2, 0.1], [0.3, 1.0, 1.0])
    line = critical_line(problem)
    assert_each_lam_is_optimal(line, np.linspace(0, line.lams[-1], 9))
    assert line.weights[-1] == pytest.approx([0.3, 0.7, 0], abs=1e-12)


def test_rows_that_follow_from_others_do_no_harm(walk_by) -> None:
    problem = long_only(P3, MU3, 0.6)
    doubled = replace(
        problem,
        rows=np.vstack([problem.rows, 2 * problem.rows, problem.rows]),
        row_lower=np.array([1.0, 2.0, -np.inf]),
        row_upper=np.array([1.0, 2.0, 1.0]),
    )
    rewards = np.linspace(0.2, 0.3, 5)
    plain, again = critical_line(problem).at_rewards(rewards), critical_line(doubled).at_rewards(rewards)
    assert again.weights == pytest.approx(plain.weights, abs=1e-10)
    assert again.residuals.max() < 1e-9


def test_limits_that_no_point_meets_are_infeasible() -> None:
    with pytest.raises(InfeasibleError):
        critical_line(long_only(P3, MU3, 0.3))


def test_a_line_that_cannot_be_followed_says_so(monkeypatch) -> None:
    monkeypatch.setattr(module, "walk", lambda *_: (kernels.FULL, -1))
    with pytest.raises(NotConvergedError, match="turning points"):
        critical_line(long_only(P3, MU3))


def test_numba_is_not_on_the_way_to_a_line_of_a_hundred() -> None:
    import subprocess

    program = (
        "import sys, numpy as np; from core.decide.portfolio.frontier import efficient_frontier; "
        "rng = np.random.default_rng(1); "
        "r = rng.normal(size=(300, 100)); f = efficient_frontier(rng.normal(size=100), r.T @ r); "
        "assert f.solver == 'critical line'; print([m for m in ('numba', 'scipy', 'cvxpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_for_one_lam_is_a_plain_quadratic_program() -> None:
    assert isinstance(perp_book(1, 5).at(1.0), QuadraticProgram)
