"""Repair to positive semidefinite, nearest and in one step: what is kept, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.checks import as_covariance
from core.errors import ArgumentError, MissingDataError, NotConvergedError
from core.estimate.covariance import repair
from core.estimate.covariance.methods import covariance
from core.estimate.covariance.repair import repair_covariance, without_negative_eigenvalues

NAN = np.nan
CONTRADICTION = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
VOLATILITIES = np.array([0.5, 0.8, 1e-3])


def returns(rows=200, columns=4):
    rng = np.random.default_rng(8)
    return np.outer(rng.normal(0, 0.02, rows), np.linspace(0.5, 1.5, columns)) + rng.normal(0, 0.01, (rows, columns))


class TestRepair:
    def test_a_good_matrix_comes_back_as_it_was(self):
        good = covariance(returns(), "sample")
        repaired, distance = repair_covariance(good)
        np.testing.assert_array_equal(repaired, good)
        assert distance == 0

    def test_a_singular_matrix_needs_no_repair(self):
        assert repair_covariance(np.ones((4, 4)))[1] == 0
        assert repair_covariance(np.zeros((2, 2)))[1] == 0

    def test_variances_are_kept_and_the_result_is_a_covariance(self):
        broken = CONTRADICTION * np.outer(VOLATILITIES, VOLATILITIES)
        repaired, distance = repair_covariance(broken)
        np.testing.assert_array_equal(np.diag(repaired), np.diag(broken))
        np.testing.assert_array_equal(as_covariance(repaired), repaired)
        # By hand: the three correlations shrink alike until the eigenvalue 1 - 2 rho is zero.
        np.testing.assert_allclose(
            repaired / np.outer(VOLATILITIES, VOLATILITIES), CONTRADICTION * 5 / 9 + np.eye(3) * 4 / 9, rtol=1e-10
        )
        assert distance == pytest.approx(np.sqrt(6) * 0.4, rel=1e-10)

    def test_a_contract_that_never_moves_stays_as_it_is(self):
        broken = np.zeros((4, 4))
        broken[:3, :3] = CONTRADICTION
        repaired, distance = repair_covariance(broken)
        np.testing.assert_allclose(repaired[:3, :3], repair_covariance(CONTRADICTION)[0], atol=1e-12)
        assert (repaired[3] == 0).all()
        assert distance == pytest.approx(np.sqrt(6) * 0.4)

    @given(st.integers(0, 10_000), st.integers(3, 12))
    def test_any_symmetric_matrix_becomes_a_covariance(self, seed, size):
        rng = np.random.default_rng(seed)
        matrix = rng.uniform(-1, 1, (size, size))
        matrix = (matrix + matrix.T) / 2
        np.fill_diagonal(matrix, rng.uniform(1e-4, 10, size))
        repaired, distance = repair_covariance(matrix)
        np.testing.assert_array_equal(np.diag(repaired), np.diag(matrix))
        as_covariance(repaired)
        again, further = repair_covariance(repaired)
        np.testing.assert_array_equal(again, repaired)
        assert further == 0
        assert (distance == 0) == (repaired == matrix).all()

    @pytest.mark.parametrize("scale", [1e-9, 1e6])
    def test_units_and_order_of_contracts_do_not_matter(self, scale):
        order = [2, 0, 1]
        broken = CONTRADICTION * np.outer(VOLATILITIES, VOLATILITIES)
        repaired, distance = repair_covariance(broken)
        moved, same = repair_covariance((broken * scale)[np.ix_(order, order)])
        np.testing.assert_allclose(moved, (repaired * scale)[np.ix_(order, order)], rtol=1e-9)
        assert same == pytest.approx(distance, rel=1e-9)

    def test_it_gives_up_by_name(self, monkeypatch):
        monkeypatch.setattr(repair, "MOST_STEPS", 1)
        with pytest.raises(NotConvergedError, match="matrix could not be repaired in 1 steps"):
            repair_covariance(CONTRADICTION)

    @pytest.mark.parametrize(
        ("matrix", "error", "words"),
        [
            ([["x"]], ArgumentError, "matrix must hold numbers"),
            ([[1.0, 2.0]], ArgumentError, "matrix has 1 rows and 2 columns"),
            ([[1.0, 0.5], [0.4, 1.0]], ArgumentError, "matrix is not symmetric"),
            ([[1.0, NAN], [NAN, 1.0]], MissingDataError, "matrix has no value at row 1, column 2"),
            ([[1.0, np.inf], [np.inf, 1.0]], ArgumentError, "matrix is infinite in row 1"),
            ([[1.0, 0.0], [0.0, -1.0]], ArgumentError, "matrix has the variance -1 at position 2"),
            ([[0.0, 0.1], [0.1, 1.0]], ArgumentError, "matrix has covariances of contract 1 but no variance"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, matrix, error, words):
        with pytest.raises(error, match=words):
            repair_covariance(matrix)


class TestInOneStep:
    def test_variances_are_kept_and_the_result_is_a_covariance(self):
        broken = CONTRADICTION * np.outer(VOLATILITIES, VOLATILITIES)
        mended, distance = without_negative_eigenvalues(broken)
        np.testing.assert_array_equal(np.diag(mended), np.diag(broken))
        as_covariance(mended)
        # By hand: eigenvalues 1.9, 1.9 and -0.8 become 1.9, 1.9 and 0, and the diagonal 3.8 / 3 becomes one.
        np.testing.assert_allclose(
            mended / np.outer(VOLATILITIES, VOLATILITIES), CONTRADICTION * 5 / 9 + np.eye(3) * 4 / 9, rtol=1e-12
        )
        assert distance == pytest.approx(np.sqrt(6) * 0.4, rel=1e-12)

    @given(st.integers(0, 10_000), st.integers(3, 12))
    def test_it_is_a_covariance_and_nearly_as_near_as_the_nearest(self, seed, size):
        rng = np.random.default_rng(seed)
        matrix = rng.uniform(-1, 1, (size, size))
        matrix = (matrix + matrix.T) / 2
        np.fill_diagonal(matrix, 1.0)
        mended, distance = without_negative_eigenvalues(matrix)
        as_covariance(mended)
        least = repair_covariance(matrix)[1]
        assert least * (1 - 1e-9) <= distance <= 2 * least

    def test_a_good_matrix_comes_back_as_it_was(self):
        good = covariance(returns(), "sample")
        mended, distance = without_negative_eigenvalues(good)
        np.testing.assert_array_equal(mended, good)
        assert distance == 0

    def test_bad_input_is_refused_by_name(self):
        with pytest.raises(ArgumentError, match="matrix is not symmetric"):
            without_negative_eigenvalues([[1.0, 0.5], [0.4, 1.0]])
