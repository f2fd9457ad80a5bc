"""Shrinkage: pull a noisy sample covariance toward a simple target, as far as its own noise says.

With T rows and N contracts a sample covariance has N (N + 1) / 2 numbers out of N T; an optimiser leans on exactly
those that are most wrong. A target F with few numbers is wrong too, but steadily so:

    Sigma = d F + (1 - d) S        d = argmin E ||Sigma - true||^2, held to [0, 1]

    scaled identity        F = mean variance x identity
    constant correlation   F = own variances, one correlation for all

S has T in its denominator here, as in the papers.

Sources: Ledoit and Wolf (2004), "A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices"; Ledoit and
Wolf (2004), "Honey, I Shrunk the Sample Covariance Matrix".
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array

__all__ = ["shrink_to_constant_correlation", "shrink_to_identity"]

BLOCK_ROWS = 2048
"""Rows that are centred at a time: they stay in the cache, and no copy of a long history is made."""


def shrink_to_identity(returns: Array) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward mean variance x identity, and the shrinkage d that was chosen.

    Shapes: `returns` (T, N), complete, T at least 2. Units: squared decimals per bar, and a share.
    """
    count, size = returns.shape
    sample, mean_fourth = _moments(returns)
    away = sample - np.trace(sample) / size * np.eye(size)  # S - F

    # Noise: mean over t of ||x_t x_t' - S||^2 / T, where ||x_t x_t'|| = |x_t|^2. Distance: ||S - F||^2.
    shrinkage = _share((mean_fourth - np.vdot(sample, sample)) / count, np.vdot(away, away))
    return sample - shrinkage * away, shrinkage


def shrink_to_constant_correlation(returns: Array) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward one correlation for all pairs, and the shrinkage d that was chosen.

    Shapes and units as in `shrink_to_identity`. A contract that never moves has no correlation and takes no part in
    the common one; with fewer than two that move there is nothing to shrink and d is 0.
    """
    count, size = returns.shape
    centred = returns - returns.mean(axis=0)
    sample = _second_moment(centred)
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
    squares = centred**2
    noise = _second_moment(squares) - sample**2
    cubes = (squares * centred).T @ centred / count - variances[:, np.newaxis] * sample
    np.fill_diagonal(cubes, 0.0)
    shared = np.trace(noise) + mean_correlation * np.sum(np.outer(inverse, deviations) * cubes)
    shrinkage = _share((np.sum(noise) - shared) / count, np.sum((sample - target) ** 2))
    return shrinkage * target + (1 - shrinkage) * sample, shrinkage


def _moments(returns: Array) -> tuple[Array, float]:
    """Mean of x x' and mean of |x|^4 over the rows x, centred."""
    count, size = returns.shape
    mean = np.ones(count) @ returns / count  # twice as quick as mean()
    products, fourth = np.zeros((size, size)), 0.0
    for start in range(0, count, BLOCK_ROWS):
        centred = returns[start : start + BLOCK_ROWS] - mean
        products += centred.T @ centred
        squares = np.einsum("tn,tn->t", centred, centred)
        fourth += float(squares @ squares)
    return products / count, fourth / count


def _second_moment(values: Array) -> Array:
    """Mean of x x' over the rows; NumPy knows the product with its own transpose and computes half of it (dsyrk)."""
    return np.asarray(values.T @ values / len(values))


def _share(noise: float, distance: float) -> float:
    """Noise over distance, held to [0, 1]; none when sample and target are the same."""
    return float(min(max(noise / distance, 0.0), 1.0)) if distance > 0 else 0.0
