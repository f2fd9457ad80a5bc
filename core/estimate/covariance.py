"""Covariance of returns, and how to shrink its noise.

With T rows and N contracts a sample covariance has N (N + 1) / 2 numbers out of N T; an optimiser leans on exactly
those that are most wrong. Shrinkage pulls the sample S toward a simple target F, as far as the data's own noise says:

    Sigma = d F + (1 - d) S        d = argmin E ||Sigma - true||^2

    sample                S, with T - 1 in the denominator
    ledoit_wolf           F = mean variance x identity
    constant_correlation  F = own variances, one correlation for all
    ewma                  exponential weights about weighted means, unbiased as the sample is
    factor                beta beta' Var(r_m) off the diagonal, own variances on it
    semi                  mean of min(r, 0) min(r, 0)': what falls together

Sources: Ledoit and Wolf (2004), "A Well-Conditioned Estimator for Large-Dimensional Covariance Matrices"; Ledoit and
Wolf (2004), "Honey, I Shrunk the Sample Covariance Matrix"; Sharpe (1963), "A Simplified Model for Portfolio
Analysis"; Markowitz (1959), ch. 9 (semivariance).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, aligned, as_matrix, as_vector, choice, complete_rows, enough, number
from ..errors import ArgumentError
from .beta import exponential_weights, ols_beta

__all__ = ["METHODS", "covariance", "ledoit_wolf_shrinkage"]

METHODS = ("sample", "ledoit_wolf", "constant_correlation", "ewma", "factor", "semi")

SMALLEST_SPREAD = 1e-12
"""Share of the weight outside the heaviest row below which exponential weights leave nothing to compare."""


def covariance(
    returns: ArrayLike,
    method: str = "ledoit_wolf",
    periods_per_year: float = 1,
    halflife: float = 60,
    market_returns: ArrayLike | None = None,
) -> Array:
    """Covariance matrix of the contracts by one of METHODS, times `periods_per_year`.

    Shapes: `returns` (T, N) -> (N, N); `market_returns` (T,), needed by "factor" only. `halflife` in rows, "ewma" only.
    Units: decimals per bar -> squared decimals per bar x periods_per_year.
    NaN: a row in which any value is missing is dropped (listwise), with a DataWarning; it still ages those before it.
    The result is symmetric and positive semidefinite.
    Raises ArgumentError (method, shapes, no market for "factor"), MissingDataError (fewer than two complete rows) and
    UndefinedError (constant market for "factor").
    """
    method = choice(method, "method", METHODS)
    block = as_matrix(returns, "returns")
    scale = number(periods_per_year, "periods_per_year", above=0)
    if method == "factor":
        return _factor(block, market_returns) * scale

    complete = complete_rows(block, "returns")
    enough(int(complete.sum()), 2, "returns")
    rows = block[complete]
    if method == "ewma":
        return _weighted(rows, exponential_weights(len(block), halflife)[complete]) * scale
    estimators = {
        "sample": _sample,
        "ledoit_wolf": _ledoit_wolf,
        "constant_correlation": _constant_correlation,
        "semi": _semi,
    }
    return estimators[method](rows) * scale


def ledoit_wolf_shrinkage(returns: ArrayLike) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward mean variance x identity, and the shrinkage in [0, 1] that was chosen.

    Shapes, units, gaps and errors as in `covariance`. The sample has T in its denominator here, as in the paper.
    """
    block = as_matrix(returns, "returns")
    complete = complete_rows(block, "returns")
    enough(int(complete.sum()), 2, "returns")
    return _shrink_to_identity(block[complete])


def _sample(returns: Array) -> Array:
    centred = returns - returns.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(returns) - 1))


def _weighted(returns: Array, weights: Array) -> Array:
    shares = weights / weights.sum()
    # With equal weights this divisor is 1 - 1/T, which makes it the sample covariance.
    spread = 1 - shares @ shares
    if spread < SMALLEST_SPREAD:
        raise ArgumentError("halflife is so short that one row has all the weight; give a halflife of at least 1 row")
    rooted = (returns - shares @ returns) * np.sqrt(shares)[:, np.newaxis]
    return np.asarray(rooted.T @ rooted / spread)


def _semi(returns: Array) -> Array:
    falls = np.minimum(returns, 0.0)
    return np.asarray(falls.T @ falls / len(returns))


def _factor(block: Array, market_returns: ArrayLike | None) -> Array:
    if market_returns is None:
        raise ArgumentError("market_returns is needed by method 'factor'; give the returns of the market, one a row")
    market = as_vector(market_returns, "market_returns")
    aligned(block, "returns", market, "market_returns")
    complete = complete_rows(np.column_stack([block, market]), "returns")
    enough(int(complete.sum()), 2, "returns")
    rows, market = block[complete], market[complete]
    betas = ols_beta(rows, market)
    matrix: Array = np.outer(betas, betas) * market.var(ddof=1)
    np.fill_diagonal(matrix, rows.var(axis=0, ddof=1))
    return matrix


def _ledoit_wolf(returns: Array) -> Array:
    return _shrink_to_identity(returns)[0]


def _shrink_to_identity(returns: Array) -> tuple[Array, float]:
    count, size = returns.shape
    centred = returns - returns.mean(axis=0)
    sample = centred.T @ centred / count
    mean_variance = np.trace(sample) / size
    target = mean_variance * np.eye(size)

    # Noise: mean over t of ||x_t x_t' - S||^2 / T, where ||x_t x_t'|| = |x_t|^2. Distance: ||S - F||^2.
    lengths = np.einsum("tn,tn->t", centred, centred)
    noise = (np.mean(lengths**2) - np.sum(sample**2)) / count
    distance = np.sum((sample - target) ** 2)
    shrinkage = _share(noise, distance)
    return shrinkage * target + (1 - shrinkage) * sample, shrinkage


def _constant_correlation(returns: Array) -> Array:
    count, size = returns.shape
    centred = returns - returns.mean(axis=0)
    sample = centred.T @ centred / count
    variances = np.diag(sample)
    deviations = np.sqrt(variances)
    inverse = np.divide(1.0, deviations, out=np.zeros(size), where=deviations > 0)  # a constant has no correlation
    moving = np.count_nonzero(inverse)
    if moving < 2:
        return np.asarray(sample)

    correlations = sample * np.outer(inverse, inverse)
    mean_correlation = (correlations.sum() - moving) / (moving * (moving - 1))
    target = mean_correlation * np.outer(deviations, deviations)
    np.fill_diagonal(target, variances)

    # The paper's pi (noise of the sample), rho (noise that the target shares with it) and gamma (distance).
    squares = centred**2
    noise = squares.T @ squares / count - sample**2
    cubes = (squares * centred).T @ centred / count - variances[:, np.newaxis] * sample
    np.fill_diagonal(cubes, 0.0)
    shared = np.trace(noise) + mean_correlation * np.sum(np.outer(inverse, deviations) * cubes)
    distance = np.sum((sample - target) ** 2)
    shrinkage = _share((np.sum(noise) - shared) / count, distance)
    return np.asarray(shrinkage * target + (1 - shrinkage) * sample)


def _share(noise: float, distance: float) -> float:
    """Noise over distance, held to [0, 1]; none when sample and target are the same."""
    return float(min(max(noise / distance, 0.0), 1.0)) if distance > 0 else 0.0
