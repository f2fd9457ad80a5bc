"""Covariance matrices that are not positive semidefinite: the nearest one that is, and how far away it lies.

A matrix put together pair by pair, or by an analyst's own correlations, can contradict itself: some portfolio would
have a variance below zero, and an optimiser would buy exactly that one. The repair keeps every variance and changes
the correlations C as little as possible:

    min ||X - C||_F    over X positive semidefinite with ones on its diagonal

by alternating projections onto both sets with Dykstra's correction.

Sources: Higham (2002), "Computing the Nearest Correlation Matrix: a Problem from Finance", algorithm 3.3; Dykstra
(1983).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, finite
from ...errors import ArgumentError, NotConvergedError
from ...tolerances import REPORTED, ROUNDING

__all__ = ["repair_covariance", "without_negative_eigenvalues"]

MOST_STEPS = 5_000
"""The projections have stopped before this, when a step changes the correlations by no more than rounding."""


def repair_covariance(matrix: ArrayLike) -> tuple[Array, float]:
    """The positive semidefinite matrix nearest to `matrix` with the same variances, and the distance between them.

    Shapes: (N, N) symmetric -> (N, N) and a number: the Frobenius norm of the change of the correlations, 0 when the
    matrix was positive semidefinite already, in which case it comes back as it was. Nearest is meant in correlations,
    so that a volatile contract counts no more than a quiet one.
    Raises ArgumentError (not square or symmetric, a variance below zero, a contract without variance that has
    covariances), MissingDataError (a value is missing) and NotConvergedError.
    """
    return _repaired(matrix, _nearest_correlations)


def without_negative_eigenvalues(matrix: ArrayLike) -> tuple[Array, float]:
    """A positive semidefinite matrix near `matrix` with the same variances, in one step, and the distance between them.

    For a large matrix that is made again and again, where the nearest one would take minutes: the eigenvalues of the
    correlations that are below zero become zero, and the variances are put back. Shapes, distance and errors as in
    `repair_covariance`; a matrix that is positive semidefinite comes back as it was.
    """
    return _repaired(matrix, lambda correlations: _with_unit_diagonal(_clipped(correlations)))


def _repaired(matrix: ArrayLike, mend: Callable[[Array], Array]) -> tuple[Array, float]:
    """`matrix` with its correlations mended where some eigenvalue is below zero, and how far they moved."""
    symmetric = _symmetric(matrix)
    deviations = np.sqrt(_variances(symmetric))
    scale = np.where(deviations > 0, deviations, 1.0)
    correlations = symmetric / np.outer(scale, scale)
    # A contract that never moves is uncorrelated with all: a correlation of one with itself harms nothing.
    np.fill_diagonal(correlations, 1.0)
    if np.linalg.eigvalsh(correlations)[0] >= -ROUNDING * len(correlations):
        return symmetric, 0.0

    mended = mend(correlations)
    repaired = mended * np.outer(deviations, deviations)
    np.fill_diagonal(repaired, np.diag(symmetric))
    return repaired, float(np.linalg.norm(mended - correlations))


def _nearest_correlations(correlations: Array) -> Array:
    """The nearest correlation matrix, by Higham's alternating projections. Raises NotConvergedError."""
    current, correction = correlations, np.zeros_like(correlations)
    for _ in range(MOST_STEPS):
        corrected = current - correction
        semidefinite = _clipped(corrected)
        correction = semidefinite - corrected
        following = semidefinite.copy()
        np.fill_diagonal(following, 1.0)
        step = np.linalg.norm(following - current)
        current = following
        if step <= ROUNDING * np.linalg.norm(current):
            return _with_unit_diagonal(_clipped(current))
    raise NotConvergedError(
        f"matrix could not be repaired in {MOST_STEPS} steps; leave out the contract whose history is shortest"
    )


def _clipped(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    rooted = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(rooted @ rooted.T)


def _with_unit_diagonal(matrix: Array) -> Array:
    """Scaled on both sides, which leaves a semidefinite matrix semidefinite where setting the diagonal would not."""
    roots = np.sqrt(np.diag(matrix))
    scaled: Array = matrix / np.outer(roots, roots)
    np.fill_diagonal(scaled, 1.0)
    return scaled


def _symmetric(matrix: ArrayLike) -> Array:
    values = finite(as_matrix(matrix, "matrix"), "matrix")
    rows, columns = values.shape
    if rows != columns:
        raise ArgumentError(f"matrix has {rows} rows and {columns} columns; it must be square")
    if np.abs(values - values.T).max() > REPORTED * np.abs(values).max():
        raise ArgumentError("matrix is not symmetric; select the whole matrix, rows and columns in the same order")
    return (values + values.T) / 2


def _variances(matrix: Array) -> Array:
    variances = np.diag(matrix)
    if (variances < 0).any():
        first = int(np.argmax(variances < 0))
        raise ArgumentError(f"matrix has the variance {variances[first]:.3g} at position {first + 1}; none is below 0")
    still = np.flatnonzero((variances == 0) & (np.abs(matrix).max(axis=0) > 0))
    if still.size:
        raise ArgumentError(f"matrix has covariances of contract {still[0] + 1} but no variance; enter its variance")
    return variances
