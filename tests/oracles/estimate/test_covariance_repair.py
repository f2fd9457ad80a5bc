"""Repair against Higham's published example and a semidefinite programme; scattered gaps against pandas and loops."""

import cvxpy as cp
import numpy as np
import pandas as pd
import pytest

from core.estimate.covariance.methods import covariance
from core.estimate.covariance.repair import repair_covariance


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
def test_scattered_gaps_pair_by_pair_are_those_of_pandas():
    rng = np.random.default_rng(6)
    values = np.outer(rng.normal(0, 0.02, 400), [0.5, 1, 1.5, 2]) + rng.normal(0, 0.01, (400, 4)) + [0, 1, 0, -5]
    values[5:150, 1], values[350:, 2], values[3::7, 3] = np.nan, np.nan, np.nan
    frame, there = pd.DataFrame(values), np.isfinite(values).astype(float)
    shared = there.T @ there
    moments = frame.cov().to_numpy() * (shared - 1) / shared  # over the rows of the pair, their number below
    own, deviations = np.sqrt(np.diag(moments)), frame.std().to_numpy()
    expected = moments / np.outer(own, own) * np.outer(deviations, deviations)
    np.testing.assert_allclose(covariance(values, "sample"), expected, rtol=1e-12)


@pytest.mark.filterwarnings("ignore::core.errors.DataWarning")
def test_shrinkage_with_gaps_weighs_the_noise_of_each_entry_by_the_rows_of_its_pair():
    """The entries and their noise written out pair by pair, in loops."""
    rng = np.random.default_rng(9)
    values = np.outer(rng.normal(0, 0.02, 60), [0.5, 1, 1.5, 2]) + rng.normal(0, 0.02, (60, 4))
    values[5:25, 1], values[50:, 2], values[3::7, 3] = np.nan, np.nan, np.nan
    scaled = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)
    correlations, noise = np.eye(4), 0.0
    for i in range(4):
        for j in range(4):
            pair = scaled[np.isfinite(scaled[:, [i, j]]).all(axis=1)][:, [i, j]]
            about = pair - pair.mean(axis=0)
            correlations[i, j] = (about[:, 0] * about[:, 1]).mean()
            noise += ((pair[:, 0] * pair[:, 1]) ** 2).mean() / len(pair) - correlations[i, j] ** 2 / len(pair)
    share = noise / ((correlations - np.eye(4)) ** 2).sum()
    assert 0 < share < 1
    deviations = np.nanstd(values, axis=0, ddof=1)
    expected = ((1 - share) * correlations + share * np.eye(4)) * np.outer(deviations, deviations)
    np.testing.assert_allclose(covariance(values, "shrunk_correlation"), expected, rtol=1e-10)
