"""Whether inequalities can hold together over bounds: a point that keeps them, or multipliers that prove there is none.

Each side is a convex function v_j(x) <= 0: linear, with folds max(x_i - a, 0) at most. For y >= 0 with sum 1

    min within the bounds of   sum_j y_j v_j(x)   >   0

proves that no point keeps them all (Farkas); and if there is none, such y exist. The minimum is a choice for each
variable alone - one of its bounds or kinks - so a y is tried in no time. Which y to try is a small linear program:
the one that would prove the most had there been no points but those found so far. Its multipliers mix these points
into one, and as soon as that one keeps every side the search is over as well. A variable without a bound adds rays: a
mix that falls along one has no minimum, so the next y may not fall along it.

Sources: Kelley, Journal of the SIAM 8 (1960), for the cutting planes; Dantzig and Wolfe, Operations Research 8 (1960);
Boyd and Vandenberghe, Convex Optimization (2004), section 5.8 (theorems of alternatives).
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, Mask
from ...errors import NotConvergedError
from ...records import dataclass
from ...tolerances import ACTIVE, RANK
from .linear_set import row_sizes
from .matrix_game import Game
from .program import QuadraticProgram

__all__ = ["MOST_CUTS", "Disproof", "Sides", "is_impossible", "point_or_disproof"]

Index = NDArray[np.intp]

MOST_CUTS = 400
"""Points after which the search gives up; some ten are usual."""


@dataclass(frozen=True)
class Sides:
    """The sides `rows` @ x <= `most` of limits, x = (variables `(n,)`, folds `(K,)`), each row of size one.

    `ends` `(L, n)` are the places where the least of a mix may be: the bounds and the kinks; `endless` tells the
    variables without a lower bound `(n,)` and those without an upper one. Fold k is the part of
    variable `folded[k]` above `kink_at[k]`; its coefficients are not below zero.
    """

    rows: Array
    most: Array
    ends: Array
    folded: Index
    kink_at: Array
    endless: tuple[Mask, Mask]

    @classmethod
    def of(
        cls, rows: Array, most: Array, lower: Array, upper: Array, folded: Index, kink_at: Array
    ) -> tuple[Sides, Array]:
        """The sides for variables between `lower` and `upper` `(n,)`, and the sizes by which the rows were divided."""
        sizes = row_sizes(rows)
        down, up = np.isinf(lower), np.isinf(upper)
        near = np.where(down, np.where(up, 0.0, upper), lower)
        ends = [near, np.where(up, near, upper)]
        for turn in (1, -1) if kink_at.size else ():  # a variable folds at two places at most
            kinks = near.copy()
            found, first = np.unique(folded[::turn], return_index=True)
            kinks[found] = kink_at[::turn][first]
            ends.append(kinks)
        return cls(rows / sizes[:, None], most / sizes, np.array(ends), folded, kink_at, (down, up)), sizes

    @functools.cached_property
    def are_bounded(self) -> bool:
        """Whether each variable has both bounds."""
        return not (self.endless[0].any() or self.endless[1].any())

    def lifted(self, x: Array) -> Array:
        """Variables and the folds that go with them, of one point or of several."""
        if not self.kink_at.size:
            return x
        return np.concatenate([x, np.maximum(x[..., self.folded] - self.kink_at, 0.0)], axis=-1)

    def least(self, multipliers: Array) -> tuple[Array, Array]:
        """x among the ends at which the mix of all sides is least, and the slope of the mix in x."""
        size = self.ends.shape[1]
        slope = multipliers @ self.rows
        values = slope[:size] * self.ends
        if not self.kink_at.size:
            return np.where(values[1] < values[0], self.ends[1], self.ends[0]), slope
        for place, end in enumerate(self.ends):
            above = np.maximum(end[self.folded] - self.kink_at, 0.0)
            values[place] += np.bincount(self.folded, slope[size:] * above, size)
        return self.lifted(self.ends[np.argmin(values, axis=0), np.arange(size)]), slope

    def rays(self, slope: Array) -> Array:
        """The directions `(k, n + K)` without an end along which a mix with this slope falls."""
        down, up = self.endless
        if self.are_bounded:
            return np.empty((0, slope.size))
        size = up.size
        rising = slope[:size] + np.bincount(self.folded, slope[size:], size)
        rise, fall = np.flatnonzero(up & (rising < -RANK)), np.flatnonzero(down & (slope[:size] > RANK))
        rays = np.zeros((rise.size + fall.size, slope.size))
        rays[np.arange(rise.size), rise] = 1.0
        rays[: rise.size, size:] = rays[: rise.size, self.folded]
        rays[rise.size + np.arange(fall.size), fall] = -1.0
        return rays

    def keeps(self, x: Array) -> bool:
        """Whether the variables `(n,)` keep all sides."""
        violations = self.rows.dot(self.lifted(x)) - self.most
        return bool(violations[violations.argmax()] <= ACTIVE)

    def mixed(self, multipliers: Array, x: Array) -> float:
        """The violation of the mix at x."""
        return float(multipliers @ (self.rows @ x - self.most))


@dataclass(frozen=True)
class Disproof:
    """Multipliers `(S,)` of sides, sum one, whose mix is violated by `violation` at least: at `x`, with this `slope`.

    `tried` `(K, n)` are `x` and the points in whose mix the multipliers were found.
    """

    multipliers: Array
    violation: float
    x: Array
    slope: Array
    tried: Array


def point_or_disproof(sides: Sides, known: Array | None = None, most_cuts: int = MOST_CUTS) -> Array | Disproof:
    """A point `(n,)` within the bounds that keeps all `sides`, or the proof that there is none.

    `known` `(K, n)` are points within the bounds, as a proof for other sides has tried them. Raises NotConvergedError
    where neither could be found.
    """
    size, count = sides.ends.shape[1], len(sides.most)
    if not count:
        return np.asarray(sides.ends[0])
    multipliers, shares = np.full(count, 1.0 / count), np.empty(0)
    found = np.empty((0, sides.rows.shape[1])) if known is None else sides.lifted(known)
    game = Game((found @ sides.rows.T - sides.most).T)
    if known is not None:
        multipliers, shares = game.solved()
        mixed = shares @ found[:, :size]
        if sides.keeps(mixed):
            return mixed
    is_ray = [False] * len(found)
    for _ in range(most_cuts):
        x, slope = sides.least(multipliers)
        rays = sides.rays(slope)
        violations = sides.rows @ x - sides.most
        least = float(multipliers @ violations)
        found = np.concatenate([found, x[np.newaxis], rays])
        is_ray += [False, *[True] * len(rays)]
        if least > ACTIVE and not len(rays):
            mixes = np.concatenate([shares > 0, [True]])
            return Disproof(multipliers, least, x, slope, found[mixes & ~np.array(is_ray), :size])
        game = game.with_answers(violations[:, np.newaxis])
        if len(rays):
            game = game.with_answers(sides.rows @ rays.T, extra=True)
        multipliers, shares = game.solved()
        mixed = shares @ found[:, :size]
        if sides.keeps(mixed):
            return mixed
    raise NotConvergedError("the limits all but contradict each other; widen one of them")


def is_impossible(problem: QuadraticProgram, most_cuts: int = MOST_CUTS) -> bool:
    """Whether a proof was found, within so many cuts, that no point meets all rows and bounds; False proves nothing."""
    folds, plain = problem.folded.size, problem.plain
    stated, low, high = problem.stated(), problem.row_lower[folds:], problem.row_upper[folds:]
    above, below = np.isfinite(high), np.isfinite(low)
    rows, most = np.vstack([stated[above], -stated[below]]), np.concatenate([high[above], -low[below]])
    if not most.size or (rows[:, plain:] < 0).any():
        return False
    sides, _ = Sides.of(
        rows, most, problem.lower[:plain], problem.upper[:plain], problem.folded, problem.row_upper[:folds]
    )
    try:
        return isinstance(point_or_disproof(sides, most_cuts=most_cuts), Disproof)
    except NotConvergedError:
        return False
