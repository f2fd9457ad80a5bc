"""The certificate of an optimum: how far a point is from the Karush-Kuhn-Tucker conditions, computed by us.

For the convex program

    minimise  x'Px/2 + q'x   subject to   row_lower <= A x <= row_upper,   lower <= x <= upper

a point x is optimal exactly when multipliers y (one a row) and z (one a bound) exist with

    stationarity      P x + q + A'y + z = 0
    primal            the rows and the bounds hold
    dual              y > 0 only where an upper limit exists, y < 0 only where a lower one does (z likewise)
    complementarity   a multiplier other than zero stands on a limit that binds

Each residual is relative to the terms it is summed from, so it does not change when the objective or a row is
measured in other units: an hourly variance of 4e-10 is judged as strictly as an annual one of 3.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 5.5.3; relative to the terms of each sum as in
Oettli and Prager, Numerische Mathematik 6 (1964).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...arrays import Array
from ..compiled import compiled, in_rows, worth_compiling
from .loops import residuals as residuals_loop
from .program import QuadraticProgram

__all__ = ["Certificate", "certify", "residuals_of"]

RESOLUTION = 1e-6
"""Share of the largest coefficient below which a term counts as rounding: double precision resolves no finer."""

TINY = 1e-290
"""What stands for nothing where something is divided by it, so that the ratio is beyond all size but a number."""

OPERATIONS = 40
"""Arrays of k x n elements that numpy goes through for the residuals of k points."""


@dataclass(frozen=True)
class Certificate:
    """Relative residuals of the four conditions; all are zero at an exact optimum."""

    primal: float
    dual: float
    stationarity: float
    complementarity: float

    @property
    def worst(self) -> float:
        """The largest of the four; infinite when one of them is not a number."""
        total = self.primal + self.dual + self.stationarity + self.complementarity
        if not math.isfinite(total):
            return math.inf
        return max(self.primal, self.dual, self.stationarity, self.complementarity)

    def passes(self, tolerance: float = 1e-8) -> bool:
        """True when no residual exceeds `tolerance`."""
        return self.worst <= tolerance


def certify(problem: QuadraticProgram, x: Array, row_multipliers: Array, bound_multipliers: Array) -> Certificate:
    """The certificate of `x` `(n,)` with multipliers y `(m,)` and z `(n,)`, positive on upper limits."""
    one = np.newaxis
    product = x[one, : problem.plain] @ problem.P
    found = residuals_of(problem, problem.q[one], x[one], product, row_multipliers[one], bound_multipliers[one])
    return Certificate(*found[0].tolist())


def residuals_of(
    problem: QuadraticProgram, q: Array, x: Array, products: Array, y: Array, z: Array, size: float = TINY
) -> Array:
    """The residuals of k points `(k, 4)`, in the order of `Certificate`, each under an objective of its own.

    Args:
        problem: the quadratic part, rows and bounds.
        q: `(k, n)` the linear part of each objective, in place of that of `problem`.
        x: `(k, n)` the points.
        products: `(k, n - K)` P x of each, without the K folds.
        y: `(k, m)` multipliers of the rows, positive on upper limits.
        z: `(k, n)` multipliers of the bounds, positive on upper limits.
        size: what distances are measured by where the largest weight of a point is below it.
    """
    if not worth_compiling(OPERATIONS * x.size):
        return _by_numpy(problem, q, x, products, y, z, size)
    arrays = in_rows(
        *(problem.P, problem.rows, problem.row_lower, problem.row_upper, problem.lower, problem.upper),
        *(problem.folded, q, x, products, y, z),
    )
    return np.asarray(compiled(residuals_loop)(*arrays, size, RESOLUTION, TINY))


def _by_numpy(
    problem: QuadraticProgram, q: Array, x: Array, products: Array, y: Array, z: Array, least_size: float
) -> Array:
    P, rows, plain = problem.P, problem.rows, problem.plain
    sizes, coefficients, terms = np.abs(x), np.abs(rows), np.abs(q)
    size = np.maximum(sizes.max(axis=1), least_size)
    largest = P.diagonal().max() * size + terms.max(axis=1)
    rounding = RESOLUTION * np.where(largest > 0, largest, 1.0)

    gradient = q + z + y @ rows
    gradient[:, :plain] += products
    of_sizes = sizes[:, :plain]
    if len(x) > 1:  # few of many contracts are held, so that most of P need not be read
        held = np.flatnonzero(of_sizes.any(axis=0))
        of_sizes, P = of_sizes[:, held], P[held]
    terms[:, :plain] += of_sizes @ np.abs(P)
    value = np.maximum((sizes * terms).sum(axis=1), np.maximum(rounding * size, TINY))
    terms += np.abs(y) @ coefficients
    terms += rounding[:, np.newaxis]

    values, (lower, upper) = np.hstack([x, x @ rows.T]), problem.limits
    scales = np.append(np.ones(x.shape[1]), coefficients.max(axis=1, initial=0.0))
    above, below = values - upper, lower - values
    forces = np.hstack([z, y])
    gaps, forces = np.abs(np.where(forces > 0, above, below)), np.abs(forces)
    nowhere = np.isinf(gaps)
    residuals = np.empty((len(x), 4))
    with np.errstate(over="ignore"):  # a residual beyond all size is infinite, as in the loop
        passed = np.maximum(above, below) / np.maximum(scales, TINY)
        residuals[:, 0] = np.maximum(passed.max(axis=1), 0.0) / size
        residuals[:, 1] = np.where(nowhere, forces, 0.0) @ scales * size / value
        left = np.abs(gradient)
        residuals[:, 2] = np.divide(left, terms, out=np.zeros(left.shape), where=left != 0).max(axis=1)
        residuals[:, 3] = (forces * np.where(nowhere, 0.0, gaps)).sum(axis=1) / value
    return residuals
