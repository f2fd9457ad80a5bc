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
from functools import partial

import numpy as np

from ...arrays import Array
from ...records import dataclass
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
    point = problem.q, x, x[: problem.plain] @ problem.P, row_multipliers, bound_multipliers
    if not worth_compiling(OPERATIONS * x.size):
        return Certificate(*_by_numpy(problem, *point, TINY).tolist())
    q, points, products, y, z = (each[np.newaxis] for each in point)
    return Certificate(*residuals_of(problem, q, points, products, y, z)[0].tolist())


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
    """The residuals of k points `(k, 4)`, or without that axis of one `(4,)`, whose numbers then cost no arrays."""
    P, rows, plain = problem.P, problem.rows, problem.plain
    sizes, coefficients, terms = np.abs(x), np.abs(rows), np.abs(q)
    size = np.maximum(_largest(sizes), least_size)
    largest = _largest(P.diagonal()) * size + _largest(terms)
    rounding = RESOLUTION * (largest + (largest <= 0))

    gradient = y.dot(rows)
    gradient += q
    gradient += z
    gradient[..., :plain] += products
    of_sizes = sizes[..., :plain]
    if x.ndim > 1:  # few of many contracts are held, so that most of P need not be read
        held = np.flatnonzero(of_sizes.any(axis=0))
        of_sizes, P = of_sizes[:, held], P[held]
    terms[..., :plain] += of_sizes @ np.abs(P)
    value = np.maximum(np.vecdot(sizes, terms), np.maximum(rounding * size, TINY))
    terms += np.abs(y).dot(coefficients)
    terms += rounding[..., np.newaxis]

    values, (lower, upper) = np.concatenate([x, x @ rows.T], axis=-1), problem.limits
    scales = np.ones(upper.size)
    scales[problem.q.size :] = coefficients.max(axis=1, initial=0.0)
    above, below = values - upper, lower - values
    forces = np.concatenate([z, y], axis=-1)
    gaps, forces = np.abs(np.where(forces > 0, above, below)), np.abs(forces)
    left, unfounded = np.abs(gradient), 0.0
    terms += left == 0  # of nothing nothing is left
    with np.errstate(
        over="ignore", divide="ignore", invalid="ignore"
    ):  # a residual beyond all size is infinite, as in the loop
        passed = _largest(np.maximum(above, below) / np.maximum(scales, TINY))
        slack = np.vecdot(forces, gaps)
        if not np.isfinite(slack).all():  # some limits do not exist, and on one of them a multiplier may stand
            nowhere = np.isinf(gaps)
            unfounded = np.where(nowhere, forces, 0.0) @ scales * size
            slack = np.vecdot(forces, np.where(nowhere, 0.0, gaps))
        primal, stationarity = np.maximum(passed, 0.0) / size, _largest(left / terms)
        return np.array([primal, unfounded / value, stationarity, slack / value]).T


_largest = partial(np.maximum.reduce, axis=-1)
"""The largest along the last axis; of `max` a third of the time is the way to it."""
