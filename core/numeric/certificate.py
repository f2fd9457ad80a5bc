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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .program import QuadraticProgram

__all__ = ["Certificate", "certify"]

Array = NDArray[np.float64]

RESOLUTION = 1e-6
"""Share of the largest coefficient below which a term counts as rounding: double precision resolves no finer."""


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
        residuals = np.array([self.primal, self.dual, self.stationarity, self.complementarity])
        return float(residuals.max()) if np.isfinite(residuals).all() else np.inf

    def passes(self, tolerance: float = 1e-8) -> bool:
        """True when no residual exceeds `tolerance`."""
        return self.worst <= tolerance


def certify(problem: QuadraticProgram, x: Array, row_multipliers: Array, bound_multipliers: Array) -> Certificate:
    """The certificate of `x` `(n,)` with multipliers y `(m,)` and z `(n,)`, positive on upper limits."""
    size = max(float(np.abs(x).max(initial=0.0)), np.finfo(float).tiny)
    row_size = np.abs(problem.A).max(axis=1, initial=0.0)
    rows = problem.A @ x

    terms = np.abs(problem.P) @ np.abs(x) + np.abs(problem.q)
    coefficient = float(np.abs(problem.P).max()) * size + float(np.abs(problem.q).max())
    rounding = RESOLUTION * (coefficient if coefficient > 0 else 1.0)
    value = max(float(np.abs(x) @ terms), rounding * size)
    gradient = problem.P @ x + problem.q + problem.A.T @ row_multipliers + bound_multipliers
    gradient_terms = terms + np.abs(problem.A).T @ np.abs(row_multipliers) + rounding

    row_slack, row_wrong = _slack(rows, problem.row_lower, problem.row_upper, row_multipliers)
    slack, wrong = _slack(x, problem.lower, problem.upper, bound_multipliers)
    return Certificate(
        primal=max(
            _ratio(_excess(rows, problem.row_lower, problem.row_upper), row_size * size),
            _ratio(_excess(x, problem.lower, problem.upper), np.full(x.size, size)),
        ),
        dual=_ratio(np.array([(row_wrong * row_size).sum() * size + wrong.sum() * size]), np.array([value])),
        stationarity=_ratio(np.abs(gradient), gradient_terms),
        complementarity=_ratio(
            np.array([np.abs(row_multipliers) @ row_slack + np.abs(bound_multipliers) @ slack]), np.array([value])
        ),
    )


def _excess(values: Array, lower: Array, upper: Array) -> Array:
    return np.maximum(np.maximum(lower - values, values - upper), 0.0)


def _slack(values: Array, lower: Array, upper: Array, multipliers: Array) -> tuple[Array, Array]:
    """Distance of each value from the limit its multiplier stands on, and the multipliers that stand on none."""
    gap = np.where(multipliers > 0, upper - values, values - lower)
    stands = np.isfinite(gap)
    return np.where(stands, np.abs(gap), 0.0), np.where(stands, 0.0, np.abs(multipliers))


def _ratio(residuals: Array, sizes: Array) -> float:
    """The largest residual relative to its size; nothing over nothing is zero."""
    if not residuals.size:
        return 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return float(np.where(residuals == 0, 0.0, residuals / sizes).max())
