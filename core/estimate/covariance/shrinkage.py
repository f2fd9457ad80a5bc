"""Shrinkage: pull a noisy sample covariance toward a simple target, as far as its own noise says.

With T rows and N contracts a sample covariance has N (N + 1) / 2 numbers out of N T; an optimiser leans on exactly
those that are most wrong. A target F with few numbers is wrong too, but steadily so:

    Sigma = d F + (1 - d) S        d = argmin E ||Sigma - true||^2, held to [0, 1]

    scaled identity        F = mean variance x identity
    uncorrelated           F = own variances alone: the scaled identity, of returns in units of their own deviation
    constant correlation   F = own variances, one correlation for all

The first moves every variance toward the common one; the other two leave each contract its own. S has T in its
denominator here, as in the papers; where a value is missing, an entry of S and its noise are over the rows of its pair.

Sources: Ledoit and Wolf (2004), "A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices"; Ledoit and
Wolf (2004), "Honey, I Shrunk the Sample Covariance Matrix".
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...numeric.rolling_moments import WindowMoments
from ...tolerances import ROUNDING_OF_SQUARES
from .pairs import Pairs

__all__ = ["shrink_correlations", "shrink_to_constant_correlation", "shrink_to_identity", "shrunk_moments"]

BLOCK_ROWS = 1024
"""Rows that are centred at a time: they stay in the cache, and no copy of a long history is made."""


def shrink_to_identity(returns: Array) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward mean variance x identity, and the shrinkage d that was chosen.

    Shapes: `returns` (T, N), T at least 2. Units: squared decimals per bar, and a share. NaN: left out, pair by pair.
    """
    matrix, shrinkage = _toward_identity(*_sample_and_noise(returns))
    return matrix, float(shrinkage)


def shrunk_moments(moments: WindowMoments) -> Array:
    """`shrink_to_identity` of the rows that `moments` were taken of: all columns but the last, (N, N), or (D, N, N)."""
    sample = moments.products[..., :-1, :-1] / moments.rows
    return _toward_identity(sample, _noise(moments.fourth, sample, moments.rows))[0]


def shrink_correlations(returns: Array) -> tuple[Array, float]:
    """Covariance (N, N) with own variances and correlations shrunk toward zero, and the shrinkage d that was chosen.

    d is that of `shrink_to_identity` for returns divided by their own deviation, so that a volatile contract counts no
    more than a quiet one. Shapes, units and gaps as there. A contract that never moves takes no part.
    """
    variances = _variances(returns)
    moving = variances > 0
    deviations = np.sqrt(variances[moving])
    correlations, shrinkage = np.eye(len(variances)), 0.0
    if deviations.size:
        chosen = returns if moving.all() else returns[:, moving]
        correlations[np.ix_(moving, moving)], shrinkage = shrink_to_identity(chosen / deviations)
    roots = np.sqrt(variances)
    matrix = correlations * np.outer(roots, roots)
    np.fill_diagonal(matrix, variances)
    return matrix, shrinkage


def shrink_to_constant_correlation(returns: Array) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward one correlation for all pairs, and the shrinkage d that was chosen.

    Shapes, units and gaps as in `shrink_to_identity`. A contract that never moves has no correlation and takes no part
    in the common one; with fewer than two that move there is nothing to shrink and d is 0.
    """
    pairs = Pairs.of(returns)
    sample, size = pairs.covariance, returns.shape[1]
    variances = np.diag(sample)
    deviations = np.sqrt(variances)
    inverse = np.divide(1.0, deviations, out=np.zeros(size), where=deviations > 0)
    moving = np.count_nonzero(inverse)
    if moving < 2:
        return sample, 0.0

    correlations = sample * np.outer(inverse, inverse)
    mean_correlation = (correlations.sum() - moving) / (moving * (moving - 1))
    target = mean_correlation * np.outer(deviations, deviations)
    np.fill_diagonal(target, variances)

    # The paper's pi (noise of the sample), rho (noise that the target shares with it) and gamma (distance).
    squares = pairs.values**2
    rows = np.maximum(pairs.shared, 1.0)
    noise = (pairs.mean(squares, squares) - sample**2) / rows
    cubes = (pairs.mean(squares * pairs.values, pairs.values) - variances[:, np.newaxis] * sample) / rows
    np.fill_diagonal(cubes, 0.0)
    shared = np.trace(noise) + mean_correlation * np.sum(np.outer(inverse, deviations) * cubes)
    shrinkage = float(_share(np.sum(noise) - shared, _squared(sample - target)))
    return shrinkage * target + (1 - shrinkage) * sample, shrinkage


def _variances(returns: Array) -> Array:
    """Of each contract over its own rows, (N,), with their number in the denominator; 0 for equal returns."""
    if np.isfinite(np.ones(len(returns)) @ returns).all():
        variances = returns.var(axis=0)
        size = np.abs(returns).max(axis=0)
    else:
        variances, size = np.nanvar(returns, axis=0), np.nanmax(np.abs(returns), axis=0)
    # What is left of equal numbers is rounding, and divided by itself it would look like a return.
    return np.where(variances > ROUNDING_OF_SQUARES * size**2, variances, 0.0)


def _sample_and_noise(returns: Array) -> tuple[Array, float]:
    """The sample covariance S, and the expected squared distance of S from the true one: the noise of all entries.

    The noise of an entry is the variance over the rows of x_i x_j, divided by their number. Without gaps the sum over
    all entries is (mean |x|^4 - ||S||^2) / T, which takes one number a row.
    """
    count, size = returns.shape
    mean = np.ones(count) @ returns / count  # twice as quick as mean()
    if not np.isfinite(mean).all():
        pairs = Pairs.of(returns)
        squares = pairs.values**2
        noise = (pairs.mean(squares, squares) - pairs.covariance**2) / np.maximum(pairs.shared, 1.0)
        return pairs.covariance, float(np.sum(noise))

    products, fourth = np.zeros((size, size)), 0.0
    room = np.empty((min(BLOCK_ROWS, count), size))
    for start in range(0, count, BLOCK_ROWS):
        rows = returns[start : start + BLOCK_ROWS]
        centred = np.subtract(rows, mean, out=room[: len(rows)])
        products += centred.T @ centred
        squares = np.einsum("tn,tn->t", centred, centred)
        fourth += float(squares @ squares)
    sample = products / count
    return sample, float(_noise(fourth, sample, count))


def _noise(fourth: Array | float, sample: Array, count: int) -> Array:
    """The noise of all entries without gaps, from the sum over the rows of |x|^4."""
    return np.asarray((fourth / count - _squared(sample)) / count)


def _toward_identity(sample: Array, noise: Array | float) -> tuple[Array, Array]:
    away, size = sample.copy(), sample.shape[-1]  # S - F
    diagonal = away.reshape(*sample.shape[:-2], -1)[..., :: size + 1]
    diagonal -= diagonal.sum(axis=-1, keepdims=True) / size
    shrinkage = _share(noise, _squared(away))
    away *= shrinkage[..., np.newaxis, np.newaxis]
    return sample - away, shrinkage


def _squared(matrices: Array) -> Array:
    """The sum of the squared entries of a matrix, or of each of a stack."""
    return np.asarray(np.einsum("...ij,...ij->...", matrices, matrices))


def _share(noise: Array | float, distance: Array) -> Array:
    """Noise over distance, held to [0, 1]; none when sample and target are the same."""
    share = np.divide(noise, distance, out=np.zeros(distance.shape), where=distance > 0)
    return np.asarray(np.minimum(np.maximum(share, 0.0), 1.0))
