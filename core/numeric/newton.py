"""The least value of a smooth function of a few variables between bounds, by Newton's method.

    step = -H^{-1} g    over the variables that no bound holds, cut at the first bound it meets, halved until it pays

Far from the minimum H may not be positive definite; its eigenvalues then count by their size, so that each step goes
downhill, away from saddles too. Near the minimum the number of right digits doubles with each step.

Sources: Nocedal and Wright (2006), "Numerical Optimization", chs. 3 and 16; Gill, Murray and Wright (1981), "Practical
Optimization", section 4.4 (eigenvalues by their size).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from ..arrays import Array, Mask

__all__ = ["Minimum", "Slope", "minimise"]

MOST_STEPS, MOST_HALVINGS = 100, 40
SETTLED = 1e-18
"""Newton decrement at which no further step is taken: double precision gives no more."""
ENOUGH_GAIN = 1e-4
"""Share of the gain promised by the slope that a step must bring."""
ROUNDING = 1e-14
"""Size of a difference of values, relative to the value, that is rounding."""
FLATTEST = 1e-8
"""Least size of an eigenvalue, relative to the largest, so that a flat direction gives no endless step."""


class Slope(Protocol):
    """A function at one point: its value, gradient `(n,)` and Hessian `(n, n)`."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def gradient(self) -> Array: ...  # noqa: D102
    @property
    def hessian(self) -> Array: ...  # noqa: D102


S = TypeVar("S", bound=Slope)


@dataclass(frozen=True, eq=False)
class Minimum(Generic[S]):
    """Where the search ended.

    point      `(n,)`
    slope      the function there
    free       `(n,)` the variables that no bound holds
    decrement  g' H^{-1} g over them, twice the gain still to be had; inf where H is not positive definite
    """

    point: Array
    slope: S
    free: Mask
    decrement: float


def minimise(
    value: Callable[[Array], float], slope: Callable[[Array], S], start: Array, lower: Array, upper: Array
) -> Minimum[S]:
    """The minimum downhill from `start` `(n,)` with `lower <= x <= upper`; its decrement says how near the search came.

    `value` and `slope` are functions of the point. Nothing is raised.
    """
    point = np.clip(start, lower, upper)
    here = slope(point)
    for _ in range(MOST_STEPS):
        free, step, decrement = _step(point, here, lower, upper)
        if decrement <= SETTLED:
            break
        candidate = _downhill(value, point, here, step, lower, upper)
        if candidate is None:
            break
        point, here = candidate, slope(candidate)
    return Minimum(point, here, free, decrement)


def _step(point: Array, here: Slope, lower: Array, upper: Array) -> tuple[Mask, Array, float]:
    """The free variables, the step from here, and the decrement."""
    free = ~(((point <= lower) & (here.gradient > 0)) | ((point >= upper) & (here.gradient < 0)))
    while True:
        step = np.zeros_like(point)
        gradient = here.gradient[free]
        step[free], convex = _solved(here.hessian[np.ix_(free, free)], -gradient)
        decrement = float(-gradient @ step[free]) if convex else np.inf
        leaving = free & (((point <= lower) & (step < 0)) | ((point >= upper) & (step > 0)))
        if not leaving.any():
            return free, step, decrement
        free = free & ~leaving


def _solved(matrix: Array, target: Array) -> tuple[Array, bool]:
    """`matrix^{-1} target`, and whether the matrix is positive definite; where not, eigenvalues count by their size."""
    try:
        np.linalg.cholesky(matrix)
        return np.asarray(np.linalg.solve(matrix, target)), True
    except np.linalg.LinAlgError:
        scale = np.sqrt(np.abs(np.diag(matrix)))
        scale = np.where(scale > 0, scale, 1.0)
        values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
        sizes = np.maximum(np.abs(values), FLATTEST * max(float(np.abs(values).max()), 1.0))
        return vectors @ (vectors.T @ (target / scale) / sizes) / scale, False


def _downhill(
    value: Callable[[Array], float], point: Array, here: Slope, step: Array, lower: Array, upper: Array
) -> Array | None:
    """The first point along the step that brings enough gain; None when there is none."""
    moving = step != 0
    room = np.where(step > 0, upper - point, point - lower)[moving] / np.abs(step[moving])
    share = min(1.0, float(room.min(initial=1.0)))
    slack = ROUNDING * abs(here.value)
    for _ in range(MOST_HALVINGS):
        candidate = np.clip(point + share * step, lower, upper)
        if value(candidate) <= here.value + ENOUGH_GAIN * share * float(here.gradient @ step) + slack:
            return candidate
        share /= 2
    return None
