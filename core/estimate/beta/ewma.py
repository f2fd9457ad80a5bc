"""Beta with exponential weights: a row counts half as much as one that is `halflife` rows younger.

    beta = sum w (r - mean r)(r_m - mean r_m) / sum w (r_m - mean r_m)^2        w = 0.5 ^ (age / halflife)

The means are weighted as well. One bar later all weights have shrunk by the same factor and one row of weight 1 has
come in, which is all that the update has to do.

Sources: J.P. Morgan (1996), "RiskMetrics Technical Document"; West (1979) for the update.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, number
from ...numeric.moments import Moments, no_moments, slope_of
from ...records import dataclass
from ..regression import new_row, pair

__all__ = ["EwmaBeta", "ewma_beta", "exponential_weights"]


def exponential_weights(rows: int, halflife: float) -> Array:
    """Weight of each of `rows` rows, oldest first: 0.5 ** (age / halflife), 1 for the last row."""
    return np.asarray(0.5 ** (np.arange(rows - 1, -1, -1) / number(halflife, "halflife", above=0)))


def ewma_beta(asset_returns: ArrayLike, market_returns: ArrayLike, halflife: float = 60) -> Array:
    """Exponentially weighted beta, about weighted means; a row `halflife` rows older counts half as much.

    A missing row still ages those before it. Shapes, gaps and errors as in `ols_beta`; ArgumentError when
    `halflife` is not above 0.
    """
    market = as_vector(market_returns, "market_returns")
    weights = exponential_weights(len(market), halflife)
    return pair(asset_returns, market, weights).centred().slope()


@dataclass(frozen=True, eq=False)
class EwmaBeta:
    """What one more bar needs to know; `update` makes the next state and leaves this one."""

    halflife: float
    moments: Moments
    observations: NDArray[np.int64]
    """Complete rows of each pair so far, (N,)."""

    @classmethod
    def start(cls, asset_returns: ArrayLike, market_returns: ArrayLike, halflife: float = 60) -> EwmaBeta:
        """The state after a history. Arguments as in `ewma_beta`; a single row will do. Raises ArgumentError."""
        assets = as_matrix(asset_returns, "asset_returns")
        market = as_vector(market_returns, "market_returns")
        aligned(assets, "asset_returns", market, "market_returns")
        columns = assets.shape[1]
        state = cls(number(halflife, "halflife", above=0), no_moments((columns,)), np.zeros(columns, dtype=np.int64))
        for row, market_return in zip(assets, market, strict=True):
            state = state.update(row, market_return)
        return state

    def update(self, asset_returns: ArrayLike, market_return: float) -> EwmaBeta:
        """The state one bar later; `asset_returns` (N,), NaN where missing. Raises ArgumentError."""
        row, present = new_row(asset_returns, market_return, self.observations.size)
        aged = self.moments.aged(0.5 ** (1 / self.halflife))
        return EwmaBeta(self.halflife, aged.with_row(row, present), self.observations + present)

    @property
    def beta(self) -> Array:
        """Beta of each asset after the latest bar, (N,); NaN with fewer than two pairs or a constant market."""
        slope = slope_of(self.moments, no_moments(self.observations.shape), 0.0)
        return np.where(self.observations >= 2, slope, np.nan)
