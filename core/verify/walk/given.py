"""Weights to trade to: those that are given beforehand, and those that were decided."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Rows
from ...checks import as_matrix
from ...errors import ArgumentError
from ...records import dataclass
from .standing import Standing

__all__ = ["Given", "Orders"]


@dataclass(frozen=True, eq=False)
class Given:
    """Weights `(T, N)`, notional / equity; NaN for a contract that is not traded, a whole row of NaN for no trade.

    Raises ArgumentError (no block).
    """

    weights: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_matrix(self.weights, "weights"))

    def __call__(self, now: Standing) -> Array | None:
        """The weights of the row; None where there are none."""
        weights: Array = np.asarray(self.weights)[now.row]
        return None if np.isnan(weights).all() else weights

    def orders(self, rows: Rows, shape: tuple[int, int]) -> Orders:
        """Those of these rows in which there are any. Raises ArgumentError where they are not of this shape."""
        weights: Array = np.asarray(self.weights)
        if weights.shape != shape:
            raise ArgumentError(
                f"weights has shape {weights.shape} and prices {shape}; give one a price, blank for no trade"
            )
        traded = rows[~np.isnan(weights[rows]).all(axis=1)]
        return Orders(traded, weights[traded])


NOT_DUE = -1
"""The row of an order that is not made yet."""


class Orders(NamedTuple):
    """Rows `(D,)` that rise, and the weights `(D, N)` of each; NaN for a contract that is not traded."""

    rows: Rows
    weights: Array

    @classmethod
    def of(cls, decided: list[tuple[int, Array]], contracts: int) -> Orders:
        """Those that stand one after the other."""
        rows, weights = zip(*decided, strict=True) if decided else ((), ())
        return cls(np.array(rows, dtype=np.int64), np.array(weights, dtype=np.float64).reshape(-1, contracts))

    def until(self, last: int) -> Orders:
        """Those up to row `last`."""
        count = int(np.searchsorted(self.rows, last, side="right"))
        return Orders(self.rows[:count], self.weights[:count])

    def with_room(self, count: int) -> Orders:
        """The same, with room behind for so many that are not made yet."""
        contracts = self.weights.shape[1]
        rows = np.concatenate([self.rows, np.full(count, NOT_DUE)])
        return Orders(rows, np.vstack([self.weights, np.full((count, contracts), np.nan)]))
