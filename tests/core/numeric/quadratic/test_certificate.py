from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from core.numeric.quadratic import certificate
from core.numeric.quadratic.certificate import Certificate, certify
from core.numeric.quadratic.program import QuadraticProgram
from core.numeric.quadratic.routes import is_there


def least_square(scale: float = 1.0) -> QuadraticProgram:
    """Minimise scale (x1^2 + x2^2)/2 with x1 + x2 = 1 and x1 <= 0.25: optimum (0.25, 0.75), y = -0.75, z = (0.5, 0)."""
    return QuadraticProgram(
        P=scale * np.eye(2),
        q=np.zeros(2),
        rows=np.ones((1, 2)),
        row_lower=np.ones(1),
        row_upper=np.ones(1),
        lower=np.full(2, -np.inf),
        upper=np.array([0.25, np.inf]),
    )


X, Y, Z = np.array([0.25, 0.75]), np.array([-0.75]), np.array([0.5, 0.0])


@pytest.mark.parametrize("scale", [1.0, 4e-10, 1e6])
def test_the_exact_optimum_has_no_residual_in_any_units(scale: float) -> None:
    assert certify(least_square(scale), X, Y * scale, Z * scale).worst < 1e-15


@pytest.mark.parametrize("scale", [1.0, 4e-10, 1e6])
def test_residuals_do_not_depend_on_the_units_of_the_objective(scale: float) -> None:
    wrong = certify(least_square(scale), X, 0.9 * Y * scale, Z * scale)
    assert wrong.stationarity == pytest.approx(certify(least_square(), X, 0.9 * Y, Z).stationarity)
    assert not wrong.passes()


def test_a_point_outside_a_row_is_seen() -> None:
    assert certify(least_square(), np.array([0.25, 0.76]), Y, Z).primal == pytest.approx(0.01 / 0.76)


def test_a_point_outside_a_bound_is_seen() -> None:
    assert certify(least_square(), np.array([0.3, 0.7]), Y, Z).primal == pytest.approx(0.05 / 0.7)


def test_a_multiplier_on_no_limit_is_seen() -> None:
    assert certify(least_square(), X, Y, np.array([-0.5, 0.0])).dual > 0.1


def test_a_multiplier_on_a_limit_that_does_not_bind_is_seen() -> None:
    even = np.array([0.2, 0.8])
    assert certify(least_square(), even, Y, Z).complementarity > 0.01


def test_a_certificate_with_a_residual_that_is_no_number_never_passes() -> None:
    assert not Certificate(primal=float("nan"), dual=0.0, stationarity=0.0, complementarity=0.0).passes(1e300)


def test_an_objective_of_zero_is_met_by_every_feasible_point() -> None:
    certificate = certify(least_square(0.0), np.array([-3.0, 4.0]), np.zeros(1), np.zeros(2))
    assert certificate.worst == 0.0


def test_a_program_without_rows_is_judged_by_its_bounds() -> None:
    free = QuadraticProgram(
        P=np.eye(1),
        q=-np.ones(1),
        rows=np.zeros((0, 1)),
        row_lower=np.zeros(0),
        row_upper=np.zeros(0),
        lower=np.zeros(1),
        upper=np.ones(1),
    )
    assert certify(free, np.ones(1), np.zeros(0), np.zeros(1)).worst == 0.0
    assert certify(free, np.array([0.5]), np.zeros(0), np.zeros(1)).stationarity > 0.1


def folded_program(rng: np.random.Generator) -> tuple[QuadraticProgram, np.ndarray, np.ndarray, np.ndarray]:
    """A program with folds, rows of zeros and missing limits, a point near it and multipliers, some of them zero."""
    n, m = int(rng.integers(1, 9)), int(rng.integers(0, 4))
    folded = np.flatnonzero(rng.random(n) < 0.5)
    size, ties = n + folded.size, folded.size
    factors = rng.normal(size=(n + 2, n))
    A = np.zeros((ties + m, size))
    A[np.arange(ties), folded], A[np.arange(ties), n + np.arange(ties)] = 1.0, -1.0
    A[ties:] = rng.normal(size=(m, size)) * (rng.random((m, 1)) < 0.8)

    def limit(count: int, side: float) -> np.ndarray:
        return np.where(rng.random(count) < 0.3, side * np.inf, side * rng.uniform(0.0, 2.0, count))

    def multipliers(count: int) -> np.ndarray:
        return rng.normal(size=count) * (rng.random(count) < 0.5)

    problem = QuadraticProgram(
        P=factors.T @ factors * rng.choice([0.0, 4e-10, 1.0]),
        q=rng.normal(size=size) * rng.choice([0.0, 1.0]),
        rows=A,
        row_lower=np.concatenate([np.full(ties, -np.inf), limit(m, -1.0)]),
        row_upper=np.concatenate([rng.normal(size=ties), limit(m, 1.0)]),
        lower=limit(size, -1.0),
        upper=limit(size, 1.0),
        folded=folded,
    )
    return problem, rng.normal(size=size) * rng.choice([0.0, 1.0]), multipliers(ties + m), multipliers(size)


def told_by(
    monkeypatch: pytest.MonkeyPatch,
    problem: QuadraticProgram,
    *point: np.ndarray,
    by_loop: bool,
) -> Certificate:
    monkeypatch.setattr(certificate, "worth_compiling", lambda _: by_loop)
    return certify(problem, *point)


@pytest.mark.parametrize("seed", range(200))
def test_the_loop_and_numpy_find_the_same_residuals(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, x, y, z = folded_program(np.random.default_rng(seed))
    by_loop = told_by(monkeypatch, problem, x, y, z, by_loop=True)
    with np.errstate(over="ignore"):  # nothing at all in the sum, something left over
        by_numpy = told_by(monkeypatch, problem, x, y, z, by_loop=False)
    assert astuple(by_loop) == pytest.approx(astuple(by_numpy), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("which", ["x", "y", "z"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_point_or_multiplier_that_is_no_number_is_never_certified(
    which: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = {"x": X.copy(), "y": Y.copy(), "z": Z.copy()}
    point[which][0] = value
    for by_loop in (False, True):
        with np.errstate(invalid="ignore"):
            assert not told_by(monkeypatch, least_square(), *point.values(), by_loop=by_loop).passes(1e300)


def test_arrays_in_columns_and_read_only_ones_are_certified_as_well() -> None:
    problem = least_square()
    frozen = np.asfortranarray(problem.P)
    frozen.flags.writeable = False
    assert certify(replace(problem, P=frozen), X, Y, Z) == certify(problem, X, Y, Z)


@pytest.mark.parametrize(
    "by_loops", [False, pytest.param(True, marks=pytest.mark.skipif(not is_there("numba"), reason="numba is not here"))]
)
def test_a_residual_beyond_all_size_is_infinite_and_says_nothing(
    by_loops: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificate, "worth_compiling", lambda elements: by_loops)
    program = QuadraticProgram(
        P=np.zeros((1, 1)), q=np.zeros(1), rows=np.zeros((1, 1)), row_lower=np.full(1, -np.inf),
        row_upper=np.full(1, 1e20), lower=np.zeros(1), upper=np.ones(1),
    )  # fmt: skip
    found = certify(program, np.zeros(1), np.full(1, 1e20), np.zeros(1))
    assert found.worst == np.inf
