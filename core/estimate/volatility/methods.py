"""Volatility: how far returns swing in a year.

    sample      sqrt( sum (r - mean)^2 / (T - 1) )
    ewma        the same with weights 0.5 ** (age / halflife), about the weighted mean and unbiased as the sample is;
                the root of the diagonal of the "ewma" covariance
    garch       of the next bar, by a GARCH(1,1): see garch.py

each x sqrt(periods_per_year). The realised variance is the mean of r^2 x periods_per_year, about zero: what a variance
swap pays on. `EwmaVariance` takes in one more bar in a few operations, whatever lies behind it.

Sources: J.P. Morgan (1996), "RiskMetrics Technical Document"; West (1979), "Updating Mean and Variance Estimates";
Demeterfi, Derman, Kamal and Zou (1999), "More Than You Ever Wanted to Know About Volatility Swaps".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import as_matrix, as_vector, choice, enough, number
from ...errors import ArgumentError, say
from ...records import dataclass
from ...tolerances import ROUNDING, ROUNDING_OF_SQUARES
from ..beta.methods import exponential_weights
from ..regression import quotient

__all__ = ["METHODS", "EwmaVariance", "ewma_volatility", "realised_variance", "volatility"]

METHODS = ("sample", "ewma", "garch")


def volatility(returns: ArrayLike, method: str = "sample", periods_per_year: float = 1, halflife: float = 30) -> Array:
    """Volatility of each contract by one of METHODS, a year.

    Shapes: (T, N) -> (N,). Units: decimals per bar -> decimals a year. `halflife` in rows, "ewma" only.
    NaN: a missing return is left out, with a DataWarning; it still ages those before it. A contract with fewer than two
    rows (fifty for "garch") is NaN, with a DataWarning.
    Raises ArgumentError (shape, method, periods_per_year, halflife) and MissingDataError (no contract has enough rows);
    for "garch" whatever `garch` raises.
    """
    method = choice(method, "method", METHODS)
    scale = number(periods_per_year, "periods_per_year", above=0)
    if method == "garch":
        from .garch import garch

        return garch(returns, periods_per_year=scale).volatility_now
    if method == "ewma":
        return ewma_volatility(returns, halflife, scale)
    block = as_matrix(returns, "returns")
    return _weighted(block, np.ones(len(block)), np.inf).volatility(scale)


def ewma_volatility(returns: ArrayLike, halflife: float = 30, periods_per_year: float = 1) -> Array:
    """Exponentially weighted volatility of each contract. Shapes, units, gaps and errors as in `volatility`."""
    return EwmaVariance.start(returns, halflife).volatility(periods_per_year)


def realised_variance(returns: ArrayLike, periods_per_year: float = 1) -> Array:
    """Mean squared return of each contract, a year.

    Shapes: (T, N) -> (N,). Units: decimals per bar -> squared decimals a year.
    NaN: a missing return is left out, with a DataWarning; a contract without any is NaN, with a DataWarning.
    Raises ArgumentError (shape, periods_per_year) and MissingDataError (no return at all).
    """
    block = as_matrix(returns, "returns")
    scale = number(periods_per_year, "periods_per_year", above=0)
    present = _present(block, needed=1)
    squares = np.where(present, block, 0.0) ** 2
    return quotient(squares.sum(axis=0) * scale, present.sum(axis=0))


@dataclass(frozen=True, eq=False)
class EwmaVariance:
    """What an exponentially weighted variance needs to take in one more bar; `update` leaves it as it was.

    weight          (N,) sum of the weights; the last row has weight 1
    squared_weight  (N,) sum of their squares
    mean            (N,) weighted mean
    scatter         (N,) weighted sum of (r - mean)^2
    halflife        rows after which a row counts half
    """

    weight: Array
    squared_weight: Array
    mean: Array
    scatter: Array
    halflife: float

    @classmethod
    def start(cls, returns: ArrayLike, halflife: float = 30) -> EwmaVariance:
        """The state after all rows of `returns` (T, N). Gaps and errors as in `volatility`."""
        block = as_matrix(returns, "returns")
        weights = exponential_weights(len(block), halflife)
        if 0.5 ** (1 / halflife) < ROUNDING:
            raise ArgumentError(
                "halflife is so short that one row has all the weight; give a halflife of at least 1 row"
            )
        return _weighted(block, weights, float(halflife))

    def update(self, bar: ArrayLike) -> EwmaVariance:
        """The state after one more bar of returns (N,), the same as that of the longer history.

        NaN: a missing return only ages those before it. Raises ArgumentError (length).
        """
        values = as_vector(bar, "bar", len(self.mean))
        decay = 0.5 ** (1 / self.halflife)
        present = np.isfinite(values)
        surprise = np.where(present, values - self.mean, 0.0)
        aged = decay * self.weight
        weight = aged + present
        step = surprise / np.where(weight > 0, weight, 1.0)
        return EwmaVariance(
            weight=weight,
            squared_weight=decay**2 * self.squared_weight + present,
            mean=self.mean + step,
            scatter=decay * self.scatter + aged * surprise * step,
            halflife=self.halflife,
        )

    def volatility(self, periods_per_year: float = 1) -> Array:
        """Volatility a year, (N,); NaN for a contract with fewer than two rows. Raises ArgumentError."""
        scale = number(periods_per_year, "periods_per_year", above=0)
        # With equal weights this divisor is 1 - 1/T, which makes it the sample variance.
        spread = 1 - quotient(self.squared_weight, self.weight**2)
        variance = quotient(self.scatter, self.weight * spread)
        rounding = variance <= ROUNDING_OF_SQUARES * self.mean**2
        return np.sqrt(np.where(rounding, 0.0, variance) * scale)


def _weighted(block: Array, row_weights: Array, halflife: float) -> EwmaVariance:
    present = _present(block, needed=2)
    weights = row_weights[:, np.newaxis] * present
    values = np.where(present, block, 0.0)
    weight = weights.sum(axis=0)
    mean = np.nan_to_num(quotient(np.einsum("tn,tn->n", weights, values), weight))
    scatter = np.einsum("tn,tn->n", weights, (values - mean) ** 2)
    return EwmaVariance(weight, (weights**2).sum(axis=0), mean, scatter, halflife)


def _present(block: Array, needed: int) -> NDArray[np.bool_]:
    """Which returns are there, (T, N); the gaps, and the contracts with fewer than `needed`, are said."""
    present = np.isfinite(block)
    counts = present.sum(axis=0)
    enough(int(counts.max()), needed, "returns")
    gaps = np.where(counts >= needed, len(block) - counts, 0)
    if gaps.any():
        most = int(gaps.argmax())
        said = f"returns: {gaps[most]} of {len(block)} rows dropped because a value is missing"
        if not (gaps == gaps[most]).all():
            said = said.replace("returns: ", "returns: up to ") + f" (most in column {most + 1})"
        say(said)
    for column in np.flatnonzero(counts < needed):
        said = (
            f"returns: column {column + 1} has {counts[column]} values where {needed} are needed, so it has no result"
        )
        say(said)
    return present
