from __future__ import annotations

import numpy as np
import pytest

from core.numeric.certificate import Certificate, certify
from core.numeric.program import QuadraticProgram


def least_square(scale: float = 1.0) -> QuadraticProgram:
    """Minimise scale (x1^2 + x2^2)/2 with x1 + x2 = 1 and x1 <= 0.25: optimum (0.25, 0.75), y = -0.75, z = (0.5, 0)."""
    return QuadraticProgram(
        P=scale * np.eye(2),
        q=np.zeros(2),
        A=np.ones((1, 2)),
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


def test_a_programme_without_rows_is_judged_by_its_bounds() -> None:
    free = QuadraticProgram(np.eye(1), -np.ones(1), np.zeros((0, 1)), np.zeros(0), np.zeros(0), np.zeros(1), np.ones(1))
    assert certify(free, np.ones(1), np.zeros(0), np.zeros(1)).worst == 0.0
    assert certify(free, np.array([0.5]), np.zeros(0), np.zeros(1)).stationarity > 0.1
