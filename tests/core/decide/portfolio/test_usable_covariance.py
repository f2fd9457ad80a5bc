from __future__ import annotations

import numpy as np
import pytest

from core.decide.portfolio.optimize import optimize
from core.decide.portfolio.usable_covariance import usable_covariance
from core.errors import ArgumentError, DataWarning, MissingDataError

TYPED = np.array([[1.0, 0.9, 0.69], [0.9, 1.0, 0.94], [0.69, 0.94, 1.0]])
"""Correlations of two digits, a little inconsistent."""


def test_a_good_matrix_comes_back_as_it_was() -> None:
    good = np.array([[0.04, 0.01], [0.01, 0.09]])
    assert usable_covariance(good).tolist() == good.tolist()


def test_a_matrix_that_is_nearly_right_is_repaired_and_says_so() -> None:
    assert np.linalg.eigvalsh(TYPED)[0] < -1e-4
    with pytest.warns(DataWarning, match="its correlations moved by"):
        repaired = usable_covariance(0.09 * TYPED)
    assert np.linalg.eigvalsh(repaired)[0] >= -1e-12
    assert np.diag(repaired) == pytest.approx(np.full(3, 0.09))
    assert repaired == pytest.approx(0.09 * TYPED, abs=0.09 * 0.02)


def test_an_optimum_is_found_with_the_repaired_matrix() -> None:
    with pytest.warns(DataWarning, match="covariance is not positive semidefinite"):
        optimum = optimize([0.1, 0.2, 0.3], TYPED, "min_variance")
    assert optimum.certificate.passes()


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        ([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]], ArgumentError, "not positive semidefinite"),
        ([[1.0, 0.0], [0.0, -1.0]], ArgumentError, "not positive semidefinite"),
        ([[1.0, 0.5]], ArgumentError, "must be square"),
        ([[1.0, 0.5], [0.4, 1.0]], ArgumentError, "not symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], MissingDataError, "covariance has no value at row 1, column 2"),
        ([["a", 1.0], [1.0, 2.0]], ArgumentError, "must hold numbers"),
    ],
)
def test_a_matrix_that_is_wrong_is_refused(matrix: list, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        usable_covariance(matrix)


def test_a_matrix_of_another_size_is_refused() -> None:
    with pytest.raises(ArgumentError, match="3 x 3 where 2 x 2"):
        usable_covariance(TYPED, 2)
