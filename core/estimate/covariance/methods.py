"""Covariance of returns: which contracts move together, and how much.

    sample                sum (r - mean)(r - mean)' / (T - 1)
    ledoit_wolf           shrunk toward mean variance x identity; constant_correlation toward one correlation
    ewma                  exponential weights about weighted means, unbiased as the sample is
    factor                beta beta' Var(r_m) off the diagonal, own variances on it
    semi                  mean of min(r - threshold, 0) min(r - threshold, 0)': what falls together

The exponential one also updates: `ewma_state` holds what a new row needs, and a row costs one step.

Sources: shrinkage.py; J.P. Morgan (1996), "RiskMetrics Technical Document"; Sharpe (1963), "A Simplified Model for
Portfolio Analysis"; Markowitz (1959), ch. 9 (semivariance); West (1979), "Updating Mean and Variance Estimates".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, choice, complete_rows, enough, number
from ...errors import ArgumentError
from ...tolerances import ROUNDING
from ..beta.methods import exponential_weights, ols_beta
from .shrinkage import shrink_to_constant_correlation, shrink_to_identity

__all__ = ["METHODS", "EwmaState", "covariance", "ewma_state", "ledoit_wolf_shrinkage"]

METHODS = ("sample", "ledoit_wolf", "constant_correlation", "ewma", "factor", "semi")


def covariance(
    returns: ArrayLike,
    method: str = "ledoit_wolf",
    periods_per_year: float = 1,
    halflife: float = 60,
    market_returns: ArrayLike | None = None,
    threshold: float = 0.0,
) -> Array:
    """Covariance matrix of the contracts by one of METHODS, times `periods_per_year`.

    Shapes: `returns` (T, N) -> (N, N); `market_returns` (T,), needed by "factor" only. `halflife` in rows, "ewma" only;
    `threshold` in decimals per bar, "semi" only.
    Units: decimals per bar -> squared decimals per bar x periods_per_year.
    NaN: a row in which any value is missing is dropped (listwise), with a DataWarning; it still ages those before it.
    The result is symmetric and positive semidefinite. Where too few rows are complete, see `pairwise_covariance`.
    Raises ArgumentError (method, shapes, no market for "factor"), MissingDataError (fewer than two complete rows) and
    UndefinedError (constant market for "factor").
    """
    method = choice(method, "method", METHODS)
    scale = number(periods_per_year, "periods_per_year", above=0)
    floor = number(threshold, "threshold")
    if method == "ewma":
        return ewma_state(returns, halflife).covariance() * scale
    if method == "factor":
        return _factor(as_matrix(returns, "returns"), market_returns) * scale

    rows = _complete(returns)
    if method == "sample":
        return _sample(rows) * scale
    if method == "semi":
        return _semi(rows, floor) * scale
    shrink = shrink_to_identity if method == "ledoit_wolf" else shrink_to_constant_correlation
    return shrink(rows)[0] * scale


def ledoit_wolf_shrinkage(returns: ArrayLike) -> tuple[Array, float]:
    """Covariance (N, N) shrunk toward mean variance x identity, and the shrinkage in [0, 1] that was chosen.

    Shapes, units, gaps and errors as in `covariance`. The sample has T in its denominator here, as in the paper.
    """
    return shrink_to_identity(_complete(returns))


@dataclass(frozen=True, eq=False)
class EwmaState:
    """What an exponentially weighted covariance needs to take in one more row.

    mean            (N,) weighted mean of the rows so far
    scatter         (N, N) weighted sum of (r - mean)(r - mean)'
    weight          sum of the weights; the last row has weight 1
    squared_weight  sum of their squares
    halflife        rows after which a row counts half
    """

    mean: Array
    scatter: Array
    weight: float
    squared_weight: float
    halflife: float

    def update(self, row: ArrayLike) -> EwmaState:
        """The state after one more row of returns, (N,): the same as that of the longer history.

        NaN: a row in which any value is missing only ages those before it. Raises ArgumentError (length).
        """
        values = as_vector(row, "row", len(self.mean))
        decay = 0.5 ** (1 / self.halflife)
        weight, squared, scatter = decay * self.weight, decay**2 * self.squared_weight, decay * self.scatter
        if np.isnan(values).any():
            return EwmaState(self.mean, scatter, weight, squared, self.halflife)
        surprise = values - self.mean
        share = 1 / (weight + 1)
        return EwmaState(
            mean=self.mean + share * surprise,
            scatter=scatter + weight * share * np.outer(surprise, surprise),
            weight=weight + 1,
            squared_weight=squared + 1,
            halflife=self.halflife,
        )

    def covariance(self) -> Array:
        """The covariance matrix, (N, N), per bar. Raises ArgumentError when one row has all the weight."""
        # With equal weights this divisor is 1 - 1/T, which makes it the sample covariance.
        spread = 1 - self.squared_weight / self.weight**2
        if spread < ROUNDING:
            raise ArgumentError(
                "halflife is so short that one row has all the weight; give a halflife of at least 1 row"
            )
        return self.scatter / (self.weight * spread)


def ewma_state(returns: ArrayLike, halflife: float = 60) -> EwmaState:
    """The state of an exponentially weighted covariance after all rows of `returns` (T, N).

    Gaps as in `covariance`. Raises ArgumentError (halflife) and MissingDataError (fewer than two complete rows).
    """
    block = as_matrix(returns, "returns")
    weights = exponential_weights(len(block), halflife)
    complete = complete_rows(block, "returns")
    enough(int(complete.sum()), 2, "returns")
    rows, weights = block[complete], weights[complete]
    total = float(weights.sum())
    mean = weights @ rows / total
    rooted = (rows - mean) * np.sqrt(weights)[:, np.newaxis]
    return EwmaState(mean, np.asarray(rooted.T @ rooted), total, float(weights @ weights), float(halflife))


def _complete(returns: ArrayLike) -> Array:
    """The rows without a gap; all of them, uncopied, when there is none: looking costs as much as a part of the fit."""
    block = as_matrix(returns, "returns", infinite=True)
    with np.errstate(all="ignore"):
        sums = np.ones(len(block)) @ block
    if len(block) >= 2 and np.isfinite(sums).all():
        return block
    complete = complete_rows(as_matrix(block, "returns"), "returns")
    enough(int(complete.sum()), 2, "returns")
    return block[complete]


def _sample(returns: Array) -> Array:
    centred = returns - returns.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(returns) - 1))


def _semi(returns: Array, threshold: float) -> Array:
    falls = np.minimum(returns - threshold, 0.0)
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
