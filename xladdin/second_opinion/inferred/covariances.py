"""Covariance of the returns, pair by pair, each over the rows that both contracts have.

A contract that was listed later is regressed on the older ones over its own rows, and what they did before it is
carried over by that regression; its variance stays that of its own rows.

Sources: Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices" (2004), and "Honey, I
shrunk the sample covariance matrix" (2003); Stambaugh, "Analyzing investments whose histories differ in length" (1997).
"""

from __future__ import annotations

import math
from typing import Any

from ..not_stated import NotStatedError
from ..tables import Frame, Matrix, Series, Vector

__all__ = ["covariance_of"]

UNBIASED = ("sample", "shrunk_correlation", "ewma")
"""Variances with one row less in the denominator."""

ROWS_A_REGRESSOR = 5
LONG_ENOUGH = 0.75
"""Share of the rows of the fullest older contract that another must have to be regressed on."""


def covariance_of(returns: Frame, market: Series, method: str, halflife: float) -> Matrix:
    """Per bar, (N, N). Raises NotStatedError where gaps ask for more than is stated here."""
    import numpy as np

    block = returns.to_numpy()
    if method == "factor":
        return _one_factor(block, market.to_numpy())
    age = np.arange(len(block))[::-1]
    weights = 0.5 ** (age / halflife) if method == "ewma" else np.ones(len(block))
    matrix = _joined(block, weights, method)
    if method in UNBIASED:
        there = ~np.isnan(block)
        roots = np.sqrt(1 - (weights**2 @ there) / (weights @ there) ** 2)
        matrix = matrix / np.outer(roots, roots)
    return matrix


def _joined(block: Matrix, weights: Vector, method: str) -> Matrix:
    """Listing by listing: what is later is regressed on what is older."""
    import numpy as np

    starts = (~np.isnan(block)).argmax(axis=0)
    size = block.shape[1]
    matrix, variances, older = np.zeros((size, size)), np.zeros(size), list[int]()
    for start in sorted(set(starts.tolist())):
        later = [i for i in range(size) if starts[i] == start]
        rows, columns = block[start:], [*older, *later]
        seen = _estimate(rows[:, columns], weights[start:], method)
        if np.linalg.eigvalsh(seen)[0] < -1e-12 * seen.trace():
            raise NotStatedError("gaps leave correlations that contradict each other, and their repair is not stated")
        count = len(older)
        if count:
            _refuse_too_few_rows(rows, older, later, weights[start:])
        slopes = np.zeros((len(later), count))
        moving = np.flatnonzero(seen.diagonal()[:count] > 0)  # nothing is told of a later one by what stands still
        slopes[:, moving] = np.linalg.solve(seen[np.ix_(moving, moving)], seen[moving, count:]).T
        own = seen[count:, count:] - slopes @ seen[:count, count:]
        matrix[np.ix_(later, older)] = slopes @ matrix[np.ix_(older, older)]
        matrix[np.ix_(older, later)] = matrix[np.ix_(later, older)].T
        matrix[np.ix_(later, later)] = own + slopes @ matrix[np.ix_(older, older)] @ slopes.T
        variances[later] = seen.diagonal()[count:]
        older += later
    joined = matrix.diagonal()
    scale = np.sqrt(np.divide(variances, joined, out=np.zeros(size), where=joined > 0))
    return np.asarray(matrix * np.outer(scale, scale))


def _refuse_too_few_rows(rows: Matrix, older: list[int], later: list[int], weights: Vector) -> None:
    """Where a regression on the contracts themselves would fit chance, the desk regresses on combinations of them."""
    import numpy as np

    there = ~np.isnan(rows)
    counts = there[:, older].sum(axis=0)
    shared = there[:, later] & there[:, older].any(axis=1)[:, np.newaxis]
    fewest = float(((weights @ shared) ** 2 / (weights**2 @ shared)).min())
    if counts.min() < LONG_ENOUGH * counts.max() or len(older) * ROWS_A_REGRESSOR > fewest:
        raise NotStatedError("later listings with few rows are regressed on components, which are not stated here")


def _estimate(block: Matrix, weights: Vector, method: str) -> Matrix:
    import numpy as np

    if method == "semi":
        return _moments(np.minimum(block, 0.0), weights, centred=False)[0]
    if method == "shrunk_correlation":
        swings = np.where(_moves(block), np.nanstd(block, axis=0), 0.0)
        moving = swings > 0
        matrix: Any = np.zeros((len(swings), len(swings)))
        if moving.any():
            matrix[np.ix_(moving, moving)] = _toward_identity(block[:, moving] / swings[moving], weights)
        matrix *= np.outer(swings, swings)
        np.fill_diagonal(matrix, swings**2)
        return matrix
    if method == "ledoit_wolf":
        return _toward_identity(block, weights)
    if method == "constant_correlation":
        return _toward_one_correlation(block, weights)
    if method in ("sample", "ewma"):
        return _moments(block, weights)[0]
    raise NotStatedError(f"covariance method {method} is not stated a second time")


def _moments(block: Matrix, weights: Vector, *, centred: bool = True) -> tuple[Matrix, Matrix, Matrix]:
    """Of each pair, over its rows: covariance, noise of that covariance, and noise shared with the own variance.

    Products are of returns about each contract's own mean; the covariance about the means of the rows of the pair.
    """
    import numpy as np

    size = block.shape[1]
    covariance, noise, shared = np.zeros((3, size, size))
    there = ~np.isnan(block)
    means = np.array([np.average(block[there[:, i], i], weights=weights[there[:, i]]) for i in range(size)])
    variances = np.array([_mean((block[:, i] - means[i]) ** 2, weights) for i in range(size)])
    for i in range(size):
        for j in range(size):
            x, y = block[:, i], block[:, j]
            both = there[:, i] & there[:, j]
            if not both.any():
                continue
            if centred:
                x, y = x - means[i], y - means[j]
            covariance[i, j] = _mean(x * y, weights)
            if centred:
                covariance[i, j] -= _mean(np.where(both, x, np.nan), weights) * _mean(
                    np.where(both, y, np.nan), weights
                )
            rows = float(both.sum())
            noise[i, j] = (_mean((x * y) ** 2, weights) - covariance[i, j] ** 2) / rows
            shared[i, j] = (_mean(x**3 * y, weights) - variances[i] * covariance[i, j]) / rows
    return covariance, noise, shared


def _mean(values: Vector, weights: Vector) -> float:
    import numpy as np

    known = ~np.isnan(values)
    return float(weights[known] @ values[known] / weights[known].sum())


def _moves(block: Matrix) -> Any:
    """Which contracts have returns that differ from each other."""
    import numpy as np

    return np.nanmax(block, axis=0) > np.nanmin(block, axis=0)


def _toward_identity(block: Matrix, weights: Vector) -> Matrix:
    import numpy as np

    sample, noise, _ = _moments(block, weights)
    target = np.eye(len(sample)) * sample.trace() / len(sample)
    share = _share(float(noise.sum()), float(((sample - target) ** 2).sum()))
    return np.asarray(share * target + (1 - share) * sample)


def _toward_one_correlation(block: Matrix, weights: Vector) -> Matrix:
    import numpy as np

    sample, noise, shared = _moments(block, weights)
    size, swings = len(sample), np.sqrt(sample.diagonal())
    moving = _moves(block)
    if not moving.all():  # what stands still has no correlation
        sample = sample * np.outer(moving, moving)
        if moving.any():
            sample[np.ix_(moving, moving)] = _toward_one_correlation(block[:, moving], weights)
        return sample
    if size < 2:
        return sample
    correlations = sample / np.outer(swings, swings)
    mean = (correlations.sum() - size) / (size * (size - 1))
    target = mean * np.outer(swings, swings)
    np.fill_diagonal(target, sample.diagonal())
    common = float(noise.trace())
    for i in range(size):
        common += sum(mean * swings[j] / swings[i] * shared[i, j] for j in range(size) if j != i)
    share = _share(float(noise.sum()) - common, float(((sample - target) ** 2).sum()))
    return np.asarray(share * target + (1 - share) * sample)


def _share(noise: float, distance: float) -> float:
    return min(max(noise / distance, 0.0), 1.0) if distance > 0 else 0.0


def _one_factor(block: Matrix, market: Vector) -> Matrix:
    """Contracts that share nothing but the market: correlations rho_i rho_j, and each its own variance."""
    import numpy as np

    swing = float(np.nanstd(market))
    loadings, variances = [], []
    for asset in block.T:
        both = ~np.isnan(asset) & ~np.isnan(market)
        x, y = market[both], asset[both]
        beta = float(np.cov(x, y)[0, 1] / np.var(x, ddof=1))
        rest = float(np.var(y - beta * x))
        variances.append(float(np.nanvar(asset, ddof=1)))
        loadings.append(beta * swing / math.sqrt(beta**2 * swing**2 + rest) * math.sqrt(variances[-1]))
    matrix: Any = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, variances)
    return matrix
