"""Repair against Higham's published example and a semidefinite programme; pairwise covariance against pandas."""

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest

from core.estimate.covariance.repair import pairwise_covariance, repair_covariance


def test_the_published_example_of_higham():
    """Higham (2002), section 4: nearest correlation matrix and distance, as printed to four digits."""
    repaired, distance = repair_covariance([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    np.testing.assert_array_equal(
        np.round(repaired, 4), [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]
    )
    assert round(distance, 4) == 0.5278


@pytest.mark.parametrize("size", [4, 8, 15])
def test_no_correlation_matrix_is_nearer(size):
    rng = np.random.default_rng(size)
    broken = rng.uniform(-1, 1, (size, size))
    broken = (broken + broken.T) / 2
    np.fill_diagonal(broken, 1)
    repaired, distance = repair_covariance(broken)
    nearest = cp.Variable((size, size), PSD=True)
    programme = cp.Problem(cp.Minimize(cp.norm(nearest - broken, "fro")), [cp.diag(nearest) == 1])
    programme.solve(solver=cp.CLARABEL)
    assert distance == pytest.approx(programme.value, rel=1e-7)
    np.testing.assert_allclose(repaired, nearest.value, atol=1e-4)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_pairwise_is_that_of_pandas():
    rng = np.random.default_rng(6)
    values = np.outer(rng.normal(0, 0.02, 400), [0.5, 1, 1.5, 2]) + rng.normal(0, 0.01, (400, 4)) + [0, 1, 0, -5]
    values[:150, 1], values[350:, 2], values[::7, 3] = np.nan, np.nan, np.nan
    np.testing.assert_allclose(pairwise_covariance(values), pd.DataFrame(values).cov(), rtol=1e-12)
