"""The certificate of an optimum: how far a point is from the Karush-Kuhn-Tucker conditions, computed by us.

For the convex programme

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
from .certificate_loops import residuals
from .program import QuadraticProgram

__all__ = ["Certificate", "certify"]


RESOLUTION = 1e-6
"""Share of the largest coefficient below which a term counts as rounding: double precision resolves no finer."""

TINY = float(np.finfo(float).tiny)


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
        residuals = (self.primal, self.dual, self.stationarity, self.complementarity)
        return max(residuals) if all(map(math.isfinite, residuals)) else math.inf

    def passes(self, tolerance: float = 1e-8) -> bool:
        """True when no residual exceeds `tolerance`."""
        return self.worst <= tolerance


def certify(problem: QuadraticProgram, x: Array, row_multipliers: Array, bound_multipliers: Array) -> Certificate:
    """The certificate of `x` `(n,)` with multipliers y `(m,)` and z `(n,)`, positive on upper limits."""
    if not worth_compiling(problem.P.size):
        return _by_numpy(problem, x, row_multipliers, bound_multipliers)
    arrays = in_rows(
        *(problem.P, problem.q, problem.rows, problem.row_lower, problem.row_upper, problem.lower, problem.upper),
        *(problem.folded, x, row_multipliers, bound_multipliers),
    )
    return Certificate(*compiled(residuals)(*arrays, RESOLUTION, TINY))


def _by_numpy(problem: QuadraticProgram, x: Array, row_multipliers: Array, bound_multipliers: Array) -> Certificate:
    """`kernels_certificate.residuals` in numpy."""
    magnitudes, row_coefficients = np.abs(x), np.abs(problem.stated())
    size = max(float(magnitudes.max()), TINY)
    terms = np.abs(problem.q)
    largest = float(problem.P.diagonal().max()) * size + float(terms.max())
    rounding = RESOLUTION * (largest if largest > 0 else 1.0)

    gradient = problem.q + problem.pulls(row_multipliers) + bound_multipliers
    gradient[: problem.plain] += problem.P @ x[: problem.plain]
    terms[: problem.plain] += np.abs(problem.P) @ magnitudes[: problem.plain]
    value = max(float(magnitudes @ terms), rounding * size)
    terms += problem.pull_sizes(row_coefficients, row_multipliers)
    terms += rounding

    values, (lower, upper) = problem.values(x), problem.limits
    sizes = np.ones(values.size)
    sizes[x.size + problem.folded.size :] = row_coefficients.max(axis=1, initial=0.0)
    above, below = values - upper, lower - values
    multipliers = np.concatenate([bound_multipliers, row_multipliers])
    standing = multipliers.nonzero()[0]
    forces = multipliers[standing]
    gaps, forces = np.abs(np.where(forces > 0, above[standing], below[standing])), np.abs(forces)
    unfounded = 0.0
    if np.isinf(gaps).any():
        unfounded = float(forces @ np.where(np.isinf(gaps), sizes[standing] * size, 0.0))
        gaps[np.isinf(gaps)] = 0.0
    return Certificate(
        primal=_largest_ratio(np.maximum(above, below), sizes) / size,
        dual=_share(unfounded, value),
        stationarity=_largest_ratio(np.abs(gradient), terms),
        complementarity=_share(float(forces @ gaps), value),
    )


def _share(part: float, whole: float) -> float:
    """`part` relative to `whole`; nothing is no share of anything."""
    return 0.0 if part == 0 else part / whole if whole > 0 else math.inf


def _largest_ratio(residuals: Array, sizes: Array) -> float:
    """The largest residual above zero relative to its size; nothing over nothing is zero."""
    if residuals.max() <= 0:
        return 0.0
    if sizes.all():
        return float((residuals / sizes).max())
    nothing = sizes == 0
    return math.inf if (residuals[nothing] > 0).any() else float((residuals[~nothing] / sizes[~nothing]).max())
