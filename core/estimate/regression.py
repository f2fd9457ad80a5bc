"""Straight lines through pairs of returns: N assets, each against one market, all in one pass.

    y = a + b x + e        b = sum w (x - mean x)(y - mean y) / sum w (x - mean x)^2

Each asset is fitted on the rows that it and the market share (pairwise), so a gap in one contract costs no other
contract a row. Means are removed before products are taken: a bad tick of 1e6 does not eat the digits of the rest.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array
from ..checks import aligned, as_matrix, as_vector, enough
from ..errors import ArgumentError, UndefinedError, say
from ..numeric.moments import complete
from ..records import dataclass
from ..tolerances import ROUNDING_OF_SQUARES

__all__ = ["Pairs", "new_row", "pair", "quotient", "say_what_is_missing"]


@dataclass(frozen=True, eq=False)
class Pairs:
    """N assets beside one market, ready for weighted sums over the rows that each pair shares.

    assets        (T, N), zero where the pair is incomplete
    market        (T, 1), or (T, N) once centred on each pair's own rows
    weights       (T, 1) when nothing is missing, else (T, N) with zero where the pair is incomplete or unusable
    observations  (N,) complete rows of each pair
    usable        (N,) whether they are enough
    """

    assets: Array
    market: Array
    weights: Array
    observations: NDArray[np.int64]
    usable: NDArray[np.bool_]

    def product(self, first: Array, second: Array) -> Array:
        """Weighted sum of products of each pair, (N,)."""
        return np.asarray(np.einsum("tn,tn->n", self.weights * first, second))

    def mean(self, values: Array) -> Array:
        """Weighted mean over each pair's rows, (N,) or (1,) when it is the same for all; NaN where they are too few."""
        return quotient(self.product(values, np.ones((1, 1))), self.weights.sum(axis=0))

    def centred(self) -> Pairs:
        """The same pairs about their means."""
        return replace(self, assets=self._deviations(self.assets), market=self._deviations(self.market))

    def slope(self) -> Array:
        """Slope of the line through the origin, (N,); through the means once the pairs are centred.

        NaN where the pair has too few rows or its market does not move. Raises UndefinedError when no market moves.
        """
        variation = self.product(self.market, self.market)
        moves = self.usable & (variation > 0)
        if not moves.any():
            raise UndefinedError("market_returns are constant, so no beta exists; choose a market that moves")
        for column in np.flatnonzero(self.usable & ~moves):
            message = f"market_returns are constant over the rows of column {column + 1}, so its beta is missing"
            say(message)
        return quotient(self.product(self.market, self.assets), np.where(moves, variation, 0.0))

    def unexplained(self, slope: Array) -> Array:
        """Sum of squared residuals about the line through the origin, (N,); a residual of rounding size is none."""
        residual = self.assets - slope * self.market
        squares = self.product(residual, residual)
        return np.where(squares <= ROUNDING_OF_SQUARES * self.product(self.assets, self.assets), 0.0, squares)

    def _deviations(self, values: Array) -> Array:
        deviations = values - self.mean(values)
        flat = self.product(deviations, deviations) <= ROUNDING_OF_SQUARES * self.product(values, values)
        return np.where(flat, 0.0, deviations) if flat.any() else deviations


def pair(asset_returns: ArrayLike, market_returns: ArrayLike, weights: Array | None = None, needed: int = 2) -> Pairs:
    """Assets (T, N) beside their market (T,), with the weight of each row (T,) where rows differ.

    Rows with a gap are dropped pair by pair and said through a DataWarning, as is each asset with fewer than `needed`.
    Raises ArgumentError (shapes) and MissingDataError (no asset has enough rows).
    """
    assets = as_matrix(asset_returns, "asset_returns")
    market = as_vector(market_returns, "market_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    row_weights = (np.ones(len(market)) if weights is None else weights)[:, np.newaxis]

    present = np.isfinite(assets) & np.isfinite(market)[:, np.newaxis]
    observations = present.sum(axis=0)
    enough(int(observations.max()), needed, "asset_returns")
    usable = observations >= needed
    if present.all():
        return Pairs(assets, market[:, np.newaxis], row_weights, observations, usable)

    say_what_is_missing(observations, len(market), needed)
    return Pairs(
        np.where(present, assets, 0.0),
        np.nan_to_num(market)[:, np.newaxis],
        row_weights * (present & usable),
        observations,
        usable,
    )


def quotient(numerator: Array, denominator: Array) -> Array:
    """`numerator / denominator`, NaN where the denominator is zero or missing."""
    top, bottom = np.broadcast_arrays(numerator, denominator)
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=np.abs(bottom) > 0))


def new_row(asset_returns: ArrayLike, market_return: float, columns: int) -> tuple[Array, NDArray[np.bool_] | bool]:
    """One bar as a row `(2, N)`, the market beside each of `columns` assets, and which pairs are complete, `(N,)`.

    True stands for all of them: a bar has microseconds.

    Raises ArgumentError (as many returns as columns, none infinite).
    """
    assets = np.asarray(asset_returns, dtype=np.float64).reshape(-1)
    if assets.size != columns:
        raise ArgumentError(f"asset_returns has {assets.size} values where {columns} are needed, one for each contract")
    row = np.empty((2, columns))
    row[0], row[1] = market_return, assets
    if math.isfinite(np.dot(assets, assets) + market_return):
        return row, True
    if np.isinf(row).any():
        name = "market_return" if np.isinf(row[0]).any() else "asset_returns"
        raise ArgumentError(f"{name} is infinite in the new bar; clear or correct that value")
    return row, complete(row)


def say_what_is_missing(observations: NDArray[np.int64], rows: int, needed: int) -> None:
    """A DataWarning for the rows that fall out, and one for each asset with fewer than `needed`."""
    dropped = np.where(observations >= needed, rows - observations, 0)
    worst = int(dropped.argmax())
    if (dropped == dropped[0]).all():
        gaps = f"asset_returns: {dropped[0]} of {rows} rows dropped because a value is missing"
    else:
        gaps = (
            f"asset_returns: up to {dropped[worst]} of {rows} rows dropped because a value is missing "
            f"(most in column {worst + 1})"
        )
    if dropped.any():
        say(gaps)
    for column in np.flatnonzero(observations < needed):
        scarce = (
            f"asset_returns: column {column + 1} has {observations[column]} complete rows where {needed} are needed, "
            "so its result is missing"
        )
        say(scarce)
