"""The quadratic program: one plain statement of every choice the desk makes about weights.

minimise  x'Px/2 + q'x   subject to   row_lower <= rows x <= row_upper,   lower <= x <= upper

An absolute value enters as a fold: |x_i - a| = 2 e - (x_i - a) with e = max(x_i - a, 0), a variable of its own that
the row x_i - e <= a ties to x_i. A program that names its folds is solved without these rows (see `piecewise`).
"""

from __future__ import annotations

import functools
from dataclasses import field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...records import dataclass
from .linear_set import LinearSet

__all__ = ["QuadraticProgram", "layers"]

Index = NDArray[np.intp]

NONE: Index = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True, kw_only=True)
class QuadraticProgram(LinearSet):
    """A quadratic objective over a linear set of n variables and m rows; no entry is NaN.

    `P` is `(n, n)`, symmetric and positive semidefinite (zero for a linear program); `q` is `(n,)`.
    `folded` `(K,)` names the variables whose folds are the last K variables, in order, kinks of one variable rising.
    The first K rows then are the ties x[folded] - e <= kink, and `P` `(n - K, n - K)` leaves the folds out.
    """

    P: Array
    q: Array
    folded: Index = field(default_factory=lambda: NONE)

    @classmethod
    def over(cls, allowed: LinearSet, P: Array, q: Array, folded: Index = NONE) -> Self:
        """The least x'Px/2 + q'x over the points of a set."""
        return cls(
            rows=allowed.rows,
            row_lower=allowed.row_lower,
            row_upper=allowed.row_upper,
            lower=allowed.lower,
            upper=allowed.upper,
            P=P,
            q=q,
            folded=folded,
        )

    @functools.cached_property
    def limits(self) -> tuple[Array, Array]:
        """The lower and the upper limits of all variables and then all rows, `(n + m,)` each."""
        return np.concatenate([self.lower, self.row_lower]), np.concatenate([self.upper, self.row_upper])

    @property
    def plain(self) -> int:
        """How many variables are no folds."""
        return self.q.size - self.folded.size

    def stated(self) -> Array:
        """The rows that are no ties."""
        return self.rows[self.folded.size :] if self.folded.size else self.rows


def layers(folded: Index) -> Index:
    """Which kink of its variable each fold has, `(K,)`: 0 for the first."""
    return np.arange(folded.size) - np.searchsorted(folded, folded)
