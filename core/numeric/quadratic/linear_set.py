"""The linear set: all points between limits, of each variable and of sums of them.

    row_lower <= rows x <= row_upper,   lower <= x <= upper          infinite limits mean none, equal ones an equation

Every choice of weights is made inside such a set. A program adds an objective to it, the limits of a desk add names.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 2.2.4 (polyhedra).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from ...arrays import Array
from ...records import dataclass

__all__ = ["LinearSet", "row_sizes"]


@dataclass(frozen=True, kw_only=True)
class LinearSet:
    """Limits `lower` and `upper` `(n,)` of n variables, `row_lower` and `row_upper` `(m,)` of `rows` `(m, n)`."""

    rows: Array
    row_lower: Array
    row_upper: Array
    lower: Array
    upper: Array

    def with_variables(self, lower: Array, upper: Array) -> Self:
        """The set with more variables behind the others, which stand in no row yet."""
        return replace(
            self,
            rows=np.hstack([self.rows, np.zeros((len(self.rows), lower.size))]),
            lower=np.append(self.lower, lower),
            upper=np.append(self.upper, upper),
        )

    def with_rows(self, rows: Array, row_lower: Array, row_upper: Array) -> Self:
        """The set with more rows `(k, n)` below the others."""
        return replace(
            self,
            rows=np.vstack([self.rows, rows]),
            row_lower=np.append(self.row_lower, row_lower),
            row_upper=np.append(self.row_upper, row_upper),
        )


def row_sizes(rows: Array) -> Array:
    """The largest coefficient of each row, 1 for a row of zeros."""
    sizes = np.asarray(np.abs(rows).max(axis=1, initial=0.0))
    sizes[sizes == 0] = 1.0
    return sizes
