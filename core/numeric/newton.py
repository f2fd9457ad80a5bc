"""The least values of smooth functions of a few variables between bounds, by Newton's method, all side by side.

    step = -H^{-1} g    over the variables that no bound holds, cut at the first bound it meets, halved until it pays

Far from the minimum H may not be positive definite; its eigenvalues then count by their size, so that each step goes
downhill, away from saddles too. Near the minimum the number of right digits doubles with each step.

A function may have several minima, so each is searched from several starts. A search that has come into the reach of a
minimum at which another start of the same function arrives ends there: it would only arrive there too.

Sources: Nocedal and Wright (2006), "Numerical Optimization", chs. 3 and 16; Gill, Murray and Wright (1981), "Practical
Optimization", section 4.4 (eigenvalues by their size).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Mask
from ..records import dataclass

__all__ = ["Index", "Minima", "Slopes", "minimise"]

MOST_STEPS, MOST_HALVINGS = 100, 40
SETTLED = 1e-18
"""Newton decrement at which no further step is taken: double precision gives no more."""
ENOUGH_GAIN = 1e-4
"""Share of the gain promised by the slope that a step must bring."""
ROUNDING = 1e-14
"""Size of a difference of values, relative to the value, that is rounding."""
FLATTEST = 1e-8
"""Least size of an eigenvalue, relative to the largest, so that a flat direction gives no endless step."""
SINGULAR = 1e-15
"""An eigenvalue no larger than this, relative to the largest, is zero but for rounding: there is nothing to solve."""
REACH = 0.1
"""Newton decrement, and squared distance in units of the Hessian, within which two searches go to the same minimum: of
3,145 real histories none then ends at another maximum of its GARCH likelihood."""

Index = NDArray[np.intp]


class Slopes(Protocol):
    """Functions at m points: values `(m,)`, gradients `(m, d)` and Hessians `(m, d, d)`; a NamedTuple of arrays."""

    @property
    def value(self) -> Array: ...  # noqa: D102
    @property
    def gradient(self) -> Array: ...  # noqa: D102
    @property
    def hessian(self) -> Array: ...  # noqa: D102


S = TypeVar("S", bound=Slopes)


@dataclass(frozen=True, eq=False)
class Minima(Generic[S]):
    """Where the searches ended, from k starts for each of n functions, flat: start j of function i is i k + j.

    points     `(n k, d)`
    slopes     the functions there
    free       `(n k, d)` the variables that no bound holds
    decrement  `(n k,)` g' H^{-1} g over them, twice the gain still to be had; inf where H is not positive definite
    """

    points: Array
    slopes: S
    free: Mask
    decrement: Array


def minimise(
    value: Callable[[Array, Index], Array],
    slope: Callable[[Array, Index], S],
    starts: Array,
    lower: Array,
    upper: Array,
) -> Minima[S]:
    """The minima downhill from `starts` `(n, k, d)`, within `lower <= x <= upper` `(d,)`.

    `value` and `slope` are asked with points `(m, d)` and with the function that each of them is for `(m,)`. The
    decrements say how near each search came. Nothing is raised.
    """
    functions, each, size = starts.shape
    points = np.clip(starts.reshape(-1, size), lower, upper)
    owner = np.repeat(np.arange(functions), each)
    here = slope(points, owner)
    free, decrement = np.ones(points.shape, dtype=np.bool_), np.full(len(points), np.inf)
    led_by, going = np.arange(len(points)), np.arange(len(points))
    for _ in range(MOST_STEPS):
        free[going], step, decrement[going] = _steps(points[going], here, going, lower, upper)
        on = decrement[going] > SETTLED
        if each > 1:
            _follow(led_by, going, points, here.hessian, free, decrement, each)
            on &= led_by[going] == going
        on &= step.any(axis=1)
        going, step = going[on], step[on]
        paid, candidates = _downhill(value, points, here, owner, going, step, lower, upper)
        going = going[paid]
        if not going.size:
            break
        points[going] = candidates[paid]
        _put(here, going, slope(points[going], owner[going]))
    return Minima(points[led_by], _taken(here, led_by), free[led_by], decrement[led_by])


def _put(slopes: Slopes, places: Index, others: Slopes) -> None:
    for values, other in zip(_arrays(slopes), _arrays(others), strict=True):
        values[places] = other


def _taken(slopes: S, places: Index) -> S:
    return type(slopes)(*(values[places] for values in _arrays(slopes)))


def _arrays(slopes: Any) -> tuple[Array, ...]:
    return tuple(slopes)


def _steps(points: Array, here: Slopes, going: Index, lower: Array, upper: Array) -> tuple[Mask, Array, Array]:
    """The free variables, the step from each point, and the decrement there."""
    gradient, hessian = here.gradient[going], here.hessian[going]
    at_lower, at_upper = points <= lower, points >= upper
    free = ~((at_lower & (gradient > 0)) | (at_upper & (gradient < 0)))
    while True:
        target = np.where(free, -gradient, 0.0)
        step, convex = _solved(hessian, target, free)
        decrement = np.where(convex, np.einsum("ij,ij->i", target, step), np.inf)
        leaving = free & ((at_lower & (step < 0)) | (at_upper & (step > 0)))
        if not leaving.any():
            return free, step, decrement
        free = free & ~leaving


def _solved(matrices: Array, targets: Array, free: Mask) -> tuple[Array, Mask]:
    """`matrix^{-1} target` over what is free, and whether the matrix is positive definite there.

    Where it is not, eigenvalues count by their size; where it is no number, there is no step.
    """
    among = free[:, :, np.newaxis] & free[:, np.newaxis, :]
    known = np.asarray(np.isfinite(matrices).all(axis=(1, 2)) & np.isfinite(targets).all(axis=1))
    identity = np.eye(targets.shape[1])
    systems = np.where(among & known[:, np.newaxis, np.newaxis], matrices, identity)
    targets = np.where(known[:, np.newaxis], targets, 0.0)
    scale = np.sqrt(np.abs(np.einsum("ijj->ij", systems)))
    scale = np.where(scale > 0, scale, 1.0)
    values, vectors = np.linalg.eigh(systems / (scale[:, :, np.newaxis] * scale[:, np.newaxis, :]))
    convex = values[:, 0] > SINGULAR * values[:, -1]
    sizes = np.maximum(np.abs(values), FLATTEST * np.maximum(np.abs(values).max(axis=1, keepdims=True), 1.0))
    turned = np.einsum("ikj,ik->ij", vectors, targets / scale) / sizes
    steps = np.einsum("ijk,ik->ij", vectors, turned) / scale
    if convex.any():
        steps[convex] = np.linalg.solve(systems[convex], targets[convex][..., np.newaxis])[..., 0]
    return np.where(free, steps, 0.0), convex & known


def _follow(
    led_by: Index, going: Index, points: Array, hessians: Array, free: Mask, decrement: Array, each: int
) -> None:
    """Let a search that is within reach of an earlier one of its function, both near a minimum, be led by it."""
    near = ((decrement < REACH) & (led_by == np.arange(len(led_by)))).reshape(-1, each)
    still = np.zeros(len(near), dtype=np.bool_)
    still[going // each] = True
    several = np.flatnonzero(still & (near.sum(axis=1) > 1))
    if not several.size:
        return
    near, places = near[several], several[:, np.newaxis] * each + np.arange(each)
    apart = points[places][:, :, np.newaxis] - points[places][:, np.newaxis]
    distances = np.einsum("mije,mije->mij", apart @ hessians[places], apart)
    alike = (free[places][:, :, np.newaxis] == free[places][:, np.newaxis]).all(axis=3)
    meets = near[:, :, np.newaxis] & near[:, np.newaxis] & alike & (np.abs(distances) < REACH)
    for later in np.flatnonzero(np.tril(meets, -1).any(axis=(0, 2))):
        met = meets[:, later, :later] & near[:, :later]
        led = met.any(axis=1)
        led_by[places[led, later]] = places[led, met[led].argmax(axis=1)]
        near[led, later] = False  # who is led leads nobody


def _downhill(
    value: Callable[[Array, Index], Array],
    points: Array,
    here: Slopes,
    owner: Index,
    going: Index,
    steps: Array,
    lower: Array,
    upper: Array,
) -> tuple[Mask, Array]:
    """Which of the steps bring enough gain once they are short enough, and where they lead."""
    now, start = points[going], here.value[going]
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(steps > 0, upper - now, now - lower) / np.abs(steps)
    share = np.minimum(1.0, np.where(steps != 0, room, np.inf).min(axis=1, initial=np.inf))
    promised, slack = np.einsum("ij,ij->i", here.gradient[going], steps), ROUNDING * np.abs(start)
    paid, candidates = np.zeros(going.size, dtype=np.bool_), now.copy()
    left = np.arange(going.size)
    for _ in range(MOST_HALVINGS):
        if not left.size:
            break
        tried = np.clip(now[left] + share[left, np.newaxis] * steps[left], lower, upper)
        found = value(tried, owner[going[left]])
        good = found <= start[left] + ENOUGH_GAIN * share[left] * promised[left] + slack[left]
        candidates[left[good]], paid[left[good]] = tried[good], True
        left = left[~good]
        share[left] /= 2
    return paid, candidates
