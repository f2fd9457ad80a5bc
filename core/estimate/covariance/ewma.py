"""Exponentially weighted covariance, and how it takes in one more row in one step.

    w_t = 0.5 ** (age of row t / halflife)      Sigma = sum w (r - mean)(r - mean)' / (sum w - sum w^2 / sum w)

about the weighted mean. With equal weights the divisor is T - 1: the sample covariance.

Sources: J.P. Morgan (1996), "RiskMetrics Technical Document"; West (1979), "Updating Mean and Variance Estimates".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, as_vector, complete_rows, enough
from ...errors import ArgumentError
from ...records import dataclass
from ...tolerances import ROUNDING
from ..beta.methods import exponential_weights

__all__ = ["EwmaState", "ewma_state", "spread_of_weights"]


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
        return self.scatter / (self.weight * spread_of_weights(self.weight, self.squared_weight))


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


def spread_of_weights(weight: ArrayLike, squared_weight: ArrayLike) -> Array:
    """1 - sum w^2 / (sum w)^2: what a weighted variance is divided by to be unbiased; 1 - 1/T where all weigh the same.

    Raises ArgumentError when one row has all the weight.
    """
    spread = 1 - np.asarray(squared_weight) / np.asarray(weight) ** 2
    if (spread < ROUNDING).any():
        raise ArgumentError("halflife is so short that one row has all the weight; give a halflife of at least 1 row")
    return np.asarray(spread)
