"""The quadratic programme: one plain statement of every choice the desk makes about weights.

minimise  x'Px/2 + q'x   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper

An absolute value enters as a fold: |x_i - a| = 2 e - (x_i - a) with e = max(x_i - a, 0), a variable of its own that
the row x_i - e <= a ties to x_i. A programme that names its folds is solved without these rows (see `piecewise`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["QuadraticProgram", "row_sizes"]

Index = NDArray[np.intp]

NONE: Index = np.zeros(0, dtype=np.intp)


@dataclass(frozen=True)
class QuadraticProgram:
    """The data of one programme in n variables and m rows; infinite limits mean none, equal ones an equation.

    `P` is `(n, n)`, symmetric and positive semidefinite (zero for a linear programme); `q`, `lower` and `upper`
    are `(n,)`; `A` is `(m, n)`; `row_lower` and `row_upper` are `(m,)`. No entry is NaN.
    `folded` `(K,)` names the variables whose folds are the last K variables, in order, kinks of one variable rising.
    The first K rows then are the ties x[folded] - e <= kink, and `P` `(n - K, n - K)` leaves the folds out.
    """

    P: Array
    q: Array
    A: Array
    row_lower: Array
    row_upper: Array
    lower: Array
    upper: Array
    folded: Index = field(default_factory=lambda: NONE)

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
        return self.A[self.folded.size :] if self.folded.size else self.A

    def values(self, x: Array) -> Array:
        """The variables and then A x, `(n + m,)`."""
        if not self.folded.size:
            return np.concatenate([x, self.A @ x])
        return np.concatenate([x, x[self.folded] - x[self.plain :], self.stated() @ x])

    def pulls(self, row_multipliers: Array) -> Array:
        """A'y."""
        return self._transposed(self.stated(), row_multipliers, -1.0)

    def pull_sizes(self, row_coefficients: Array, row_multipliers: Array) -> Array:
        """|A|'|y|, given the absolute values of the stated rows."""
        return self._transposed(row_coefficients, np.abs(row_multipliers), 1.0)

    def _transposed(self, stated: Array, y: Array, of_fold: float) -> Array:
        """A'y, for rows `stated` below ties in which a fold has the coefficient `of_fold`."""
        ties = self.folded.size
        total = np.asarray(stated.T @ y[ties:])
        if ties:
            total[: self.plain] += np.bincount(self.folded, y[:ties], self.plain)
            total[self.plain :] += of_fold * y[:ties]
        return total


def row_sizes(A: Array) -> Array:
    """The largest coefficient of each row, 1 for a row of zeros."""
    sizes = np.asarray(np.abs(A).max(axis=1, initial=0.0))
    sizes[sizes == 0] = 1.0
    return sizes
