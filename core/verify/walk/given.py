"""Weights that are given beforehand, for every row in which somebody might ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, place_of
from ...errors import MissingDataError
from .standing import Standing

__all__ = ["Given"]


@dataclass(frozen=True, eq=False)
class Given:
    """Weights `(T, N)`, notional / equity; a row of NaN: no trade.

    Raises ArgumentError (no block), MissingDataError (a row with some of its weights).
    """

    weights: ArrayLike

    def __post_init__(self) -> None:
        weights = as_matrix(self.weights, "weights")
        gaps = np.isnan(weights)
        if gaps.any():
            partly = gaps & ~gaps.all(axis=1, keepdims=True)
            if partly.any():
                raise MissingDataError(
                    f"weights is missing{place_of(partly)}; give all of that row, or none for no trade"
                )
        object.__setattr__(self, "weights", weights)

    def __call__(self, now: Standing) -> Array | None:
        """The weights of the row; None where there are none."""
        weights: Array = np.asarray(self.weights)[now.row]
        return None if np.isnan(weights[0]) else weights
