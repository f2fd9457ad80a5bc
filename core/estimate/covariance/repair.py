"""Covariance matrices that are not positive semidefinite: the nearest one that is, and how far away it lies.

A matrix put together pair by pair, or by an analyst's own correlations, can contradict itself: some portfolio would
have a variance below zero, and an optimiser would buy exactly that one. The repair keeps every variance and changes
the correlations C as little as possible:

    min ||X - C||_F    over X positive semidefinite with ones on its diagonal

by alternating projections onto both sets with Dykstra's correction.

Sources: Higham (2002), "Computing the Nearest Correlation Matrix: a Problem from Finance", algorithm 3.3; Dykstra
(1983). Pairwise covariance: Little and Rubin (2019), "Statistical Analysis with Missing Data", ch. 3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, finite, number
from ...errors import ArgumentError, MissingDataError, NotConvergedError, say
from ...tolerances import REPORTED, ROUNDING

__all__ = ["pairwise_covariance", "repair_covariance"]

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
    symmetric = _symmetric(matrix)
    deviations = np.sqrt(_variances(symmetric))
    scale = np.where(deviations > 0, deviations, 1.0)
    correlations = symmetric / np.outer(scale, scale)
    # A contract that never moves is uncorrelated with all: a correlation of one with itself harms nothing.
    np.fill_diagonal(correlations, 1.0)
    if np.linalg.eigvalsh(correlations)[0] >= -ROUNDING * len(correlations):
        return symmetric, 0.0

    nearest = _nearest_correlations(correlations)
    repaired = nearest * np.outer(deviations, deviations)
    np.fill_diagonal(repaired, np.diag(symmetric))
    return repaired, float(np.linalg.norm(nearest - correlations))


def pairwise_covariance(returns: ArrayLike, periods_per_year: float = 1) -> Array:
    """Sample covariance in which each pair of contracts uses all the rows that both have, times `periods_per_year`.

    For histories of different length, where dropping each row with a gap would leave too few. Each variance is over
    the contract's own rows, each covariance about the means of the rows shared.
    Shapes: (T, N) -> (N, N). Units: decimals per bar -> squared decimals per bar x periods_per_year.
    NaN: said through a DataWarning with the worst pair. Such a matrix need not be positive semidefinite; it is then
    repaired by `repair_covariance`, and a second DataWarning gives the distance.
    Raises ArgumentError (shape, periods_per_year), MissingDataError (a pair that shares fewer than two rows).
    """
    block = as_matrix(returns, "returns")
    periods = number(periods_per_year, "periods_per_year", above=0)
    present = np.isfinite(block)
    shared = present.T.astype(np.float64) @ present
    _check_shared(shared)
    if not present.all():
        _say_what_is_missing(shared, len(block))

    # Rounding: what is left to subtract is small once each contract is about its own mean.
    means = np.where(present, block, 0.0).sum(axis=0) / np.diag(shared)
    centred = np.where(present, block - means, 0.0)
    sums = centred.T @ present  # [i, j]: sum of contract i over the rows that it shares with j
    matrix = (centred.T @ centred - sums * sums.T / shared) / (shared - 1)
    repaired, distance = repair_covariance((matrix + matrix.T) / 2)
    if distance > 0:
        message = (
            "returns: the pairwise covariance is not positive semidefinite, so the nearest one that is was taken; "
            f"the correlations moved by {distance:.2g} in all (Frobenius norm)"
        )
        say(message)
    return repaired * periods


def _nearest_correlations(correlations: Array) -> Array:
    """The nearest correlation matrix, by Higham's alternating projections. Raises NotConvergedError."""
    current, correction = correlations, np.zeros_like(correlations)
    for _ in range(MOST_STEPS):
        corrected = current - correction
        semidefinite = _without_negative_eigenvalues(corrected)
        correction = semidefinite - corrected
        following = semidefinite.copy()
        np.fill_diagonal(following, 1.0)
        step = np.linalg.norm(following - current)
        current = following
        if step <= ROUNDING * np.linalg.norm(current):
            return _with_unit_diagonal(_without_negative_eigenvalues(current))
    raise NotConvergedError(
        f"matrix could not be repaired in {MOST_STEPS} steps; leave out the contract whose history is shortest"
    )


def _without_negative_eigenvalues(matrix: Array) -> Array:
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


def _check_shared(shared: Array) -> None:
    short = np.argwhere(shared < 2)
    if short.size:
        first, second = short[0] + 1
        rows = int(shared[tuple(short[0])])
        whose = f"column {first} has" if first == second else f"columns {first} and {second} share"
        raise MissingDataError(f"returns: {whose} {rows} rows where 2 are needed; select a longer history")


def _say_what_is_missing(shared: Array, rows: int) -> None:
    first, second = np.unravel_index(int(shared.argmin()), shared.shape)
    pair = f"column {first + 1}" if first == second else f"columns {first + 1} and {second + 1}"
    message = (
        f"returns: each pair uses the rows that both contracts have, of {rows} the fewest for {pair} "
        f"({int(shared.min())})"
    )
    say(message)
