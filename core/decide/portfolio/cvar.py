"""Conditional value at risk: the mean loss over the worst 1 - level of the past, and portfolios that keep it low.

With losses l_t = -r_t'w over T rows of returns and k = (1 - level) T, Rockafellar and Uryasev write it as

    CVaR(w) = min over a of   a + 1/k sum_t max(l_t - a, 0)

a linear program with one variable a row. Nearly all rows are far from the quantile a, though, and their part is known
without a variable: l_t - a in the tail, nothing outside. Only rows `near` the quantile keep theirs:

    CVaR(w) >= min over a of   a + 1/k [ sum_tail (l_t - a) + sum_near max(l_t - a, 0) ]

with equality when no row changed sides. So the small program is solved, the rows that changed sides join `near`, and
it is solved again until its optimum is an equality: then it is the optimum over all T rows, exactly. One or two
programs do, of a few hundred variables for 50 contracts, where the rows near are those of a portfolio near the optimum.

Such a portfolio is found by a few Newton steps. With e half the range of the losses near, their kink is taken for a
bend, max(l - a, 0) for (l - a + e)^2 / 4e, whose least over a leaves only their mean m and their spread:

    1/k [ sum_tail l + (k - the rows in the tail) m + 1/4e sum_near (l - m)^2 ]

is quadratic in the weights. Its least is sought, the way to it is followed as far as the true value falls, and fewer
rows are near the next time. Where the value at risk is not sought but capped, planes lead there: that of the mean of
the tail of each portfolio found, CVaR(w) >= -(mean of its tail)'w, is a limit for the next.

Sources: Rockafellar and Uryasev, Journal of Risk 2 (2000), and Journal of Banking and Finance 26 (2002) for the row
that the level divides; the lower estimate is that of Kunzi-Bay and Mayer, Computational Management Science 3 (2006),
the bend that of Alexander, Coleman and Li, Journal of Banking and Finance 30 (2006), the planes those of Kelley,
Journal of the SIAM 8 (1960).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array, Mask
from ...checks import as_matrix, complete_rows, enough
from ...errors import ArgumentError, NotConvergedError
from ...numeric.quadratic.solve import QpSolution, QuadraticProgram, solve
from ...records import dataclass
from ...tolerances import ACTIVE
from ..limits.feasible_set import Expression, FeasibleSet, minimum

__all__ = ["Tail", "complete_returns", "conditional_value_at_risk", "least_cvar", "rows_in_tail", "within_cvar"]

Index = NDArray[np.intp]

EQUALITY = 1e-10
"""Difference of two values at risk, relative to the largest return, that is read as none: programs found them both."""

NEAR_ROWS = 10
"""Rows near the quantile at the start, besides two for each contract."""

FEWER, HALVINGS = 0.6, 6
"""Share of the rows near that are near in the next Newton step, and how often the way of a step may be halved."""

NEARLY, MOST_PLANES = 1e-4, 30
"""By how much of the cap a value at risk may exceed it for the planes to have led near enough, and how many may."""

MOST_ROUNDS = 100
"""Programs after which the search gives up; a handful is usual."""


def complete_returns(returns: ArrayLike | None, contracts: int, user: str) -> Array:
    """`returns` `(T, N)` without the rows that have a gap, which a DataWarning counts; `user` is what needs them.

    Raises ArgumentError, MissingDataError.
    """
    if returns is None:
        raise ArgumentError(f"{user} needs returns, one column for each contract; select them")
    table = as_matrix(returns, "returns")
    if table.shape[1] != contracts:
        raise ArgumentError(f"returns has {table.shape[1]} columns where {contracts} are needed, one for each contract")
    enough(int(np.isfinite(table).all(axis=1).sum()), 2, "returns")
    return table[complete_rows(table, "returns")]


def conditional_value_at_risk(losses: ArrayLike, level: float = 0.95) -> float:
    """Mean of the worst 1 - `level` of `losses` `(T,)`; the row that the level divides counts by its part."""
    worst_first = np.sort(np.asarray(losses, dtype=np.float64))[::-1]
    count, whole = rows_in_tail(worst_first.size, level)
    return float((worst_first[:whole].sum() + (count - whole) * worst_first[min(whole, worst_first.size - 1)]) / count)


@dataclass(frozen=True)
class Tail:
    """Rows of `returns` `(T, N)` taken to be in the tail, and those near its edge, of which that is left open."""

    returns: Array
    level: float
    inside: Mask
    near: Mask

    @classmethod
    def around(cls, returns: Array, level: float, weights: Array) -> Tail:
        """The tail of one portfolio, with the rows about its quantile near."""
        worst_first = np.argsort(returns @ weights)
        _, whole = rows_in_tail(len(returns), level)
        first, last = max(whole - weights.size - NEAR_ROWS // 2, 0), whole + weights.size + NEAR_ROWS // 2 + 1
        inside, near = np.zeros(len(returns), dtype=bool), np.zeros(len(returns), dtype=bool)
        inside[worst_first[:first]] = True
        near[worst_first[first:last]] = True
        return cls(returns, level, inside, near)

    def widened(self, weights: Array) -> Tail:
        """With all rows near that stand on the other side of the quantile of `weights` than was taken."""
        losses = -self.returns @ weights
        _, whole = rows_in_tail(losses.size, self.level)
        quantile = -np.partition(-losses, min(whole, losses.size - 1))[min(whole, losses.size - 1)]
        wrong = np.where(self.inside, losses <= quantile, losses >= quantile)
        near = self.near | wrong
        return replace(self, inside=self.inside & ~near, near=near)

    def is_like(self, other: Tail) -> bool:
        """Whether the same rows are near: where none has changed sides, a program is exact but for its rounding."""
        return bool((self.near == other.near).all())

    def cvar(self, weights: Array) -> float:
        """The value at risk of a portfolio, over all rows."""
        return conditional_value_at_risk(-self.returns @ weights, self.level)

    def extended(self, allowed: FeasibleSet, most: float | None = None) -> FeasibleSet:
        """`allowed` with the variables of the estimate (a in two parts, one a near row), and it at most `most`."""
        near = self.returns[self.near]
        count, before = len(near), allowed.lower.size
        excesses = np.zeros((count, before + 2 + count))  # r_t'w + a + u_t >= 0
        excesses[:, : allowed.contracts] = near
        excesses[:, before : before + 2] = [1.0, -1.0]
        excesses[:, before + 2 :] = np.eye(count)
        unlimited = np.full(2 + count, np.inf)
        wider = allowed.with_variables(np.zeros(2 + count), unlimited)
        wider = wider.with_rows(excesses, np.zeros(count), unlimited[:count])
        if most is None:
            return wider
        estimate = self.estimate(wider).coefficients[np.newaxis]
        return wider.with_rows(estimate, np.array([-np.inf]), np.array([most]), "cvar_max")

    def estimate(self, extended: FeasibleSet) -> Expression:
        """The value at risk in the variables of `extended`; never above the true one."""
        count, _ = rows_in_tail(len(self.returns), self.level)
        near = int(self.near.sum())
        coefficients = np.zeros(extended.lower.size)
        coefficients[: extended.contracts] = -self.returns[self.inside].sum(axis=0) / count
        rest = 1.0 - self.inside.sum() / count
        coefficients[coefficients.size - near - 2 : coefficients.size - near] = [rest, -rest]
        coefficients[coefficients.size - near :] = 1.0 / count
        return Expression(coefficients, 0.0)


def least_cvar(allowed: FeasibleSet, returns: Array, level: float, start: Array) -> tuple[Array, QpSolution]:
    """The portfolio of least value at risk over `returns` `(T, N)`, found from `start` `(N,)`; certified.

    Raises InfeasibleError, NotConvergedError.
    """
    scaled = returns / _size(returns)
    tail = Tail.around(scaled, level, _near_least(allowed, scaled, level, start))
    for _ in range(MOST_ROUNDS):
        over = tail.extended(allowed)
        estimate = tail.estimate(over).coefficients
        solution = solve(QuadraticProgram.over(over, np.zeros((estimate.size, estimate.size)), estimate))
        weights = solution.x[: allowed.contracts]
        wider = tail.widened(weights)
        if wider.is_like(tail) or tail.cvar(weights) <= estimate @ solution.x + EQUALITY * _book_size(allowed, weights):
            return weights, solution
        tail = wider
    raise NotConvergedError(UNSETTLED)


def _near_least(allowed: FeasibleSet, returns: Array, level: float, start: Array) -> Array:
    """Weights `(N,)` in `allowed` near those of least value at risk; `start` where there are too few rows to choose.

    The first rows are chosen by `start` `(N,)`, which need not be allowed.
    """
    rows, least = len(returns), start.size + NEAR_ROWS // 2
    in_tail = (1 - level) * rows
    side = min(in_tail, rows - in_tail)
    weights, losses, moved = start, -returns @ start, False
    while side > least:
        first, last = int(in_tail - side), min(int(in_tail + side), rows - 1)
        order = np.argpartition(-losses, [first, last])
        try:
            best = _least_bent(allowed, returns, order[:first], order[first : last + 1], losses, in_tail)
        except NotConvergedError:
            break
        change = -returns @ (best - weights)
        share = _share(losses, change, int(in_tail)) if moved else 1.0
        weights, losses, moved = weights + share * (best - weights), losses + share * change, True
        side *= FEWER
    return weights


def _least_bent(
    allowed: FeasibleSet, returns: Array, beyond: Index, near: Index, losses: Array, in_tail: float
) -> Array:
    """The portfolio of the least quadratic estimate, with these rows beyond the quantile and near it."""
    rows, bend = returns[near], float(np.ptp(losses[near])) / 2
    mean = rows.mean(axis=0)
    apart = rows - mean
    linear = np.zeros(allowed.lower.size)
    linear[: allowed.contracts] = -(returns[beyond].sum(axis=0) + (in_tail - beyond.size) * mean) / in_tail
    curvature = apart.T @ apart / (2 * in_tail * bend) if bend > 0 else None
    return minimum(allowed, curvature, linear).x[: allowed.contracts]


def _share(losses: Array, change: Array, in_tail: int) -> float:
    """How far along `change` the value at risk falls: all the way, or to where its slope changes sign."""

    def rises(share: float) -> bool:
        return float(change[np.argpartition(-(losses + share * change), in_tail)[: in_tail + 1]].sum()) > 0

    if not rises(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return low


def within_cvar(
    best: Callable[[FeasibleSet], tuple[Array, QpSolution]],
    allowed: FeasibleSet,
    returns: Array,
    level: float,
    most: float,
) -> tuple[Array, QpSolution]:
    """`best` over the portfolios of `allowed` whose value at risk is at most `most`.

    `best` answers with the best weights of a set. It is asked over sets that hold all those portfolios and more, until
    its answer is one of them. Raises what `best` raises: InfeasibleError when there is none; NotConvergedError.
    """
    size = _size(returns)
    scaled, cap = returns / size, most / size
    weights, solution = best(allowed)
    behind = allowed
    for _ in range(MOST_PLANES):
        plane = _mean_of_tail(scaled, level, weights)
        if -plane @ weights - cap <= NEARLY * abs(cap):
            break
        row = np.zeros((1, behind.lower.size))
        row[0, : weights.size] = -plane
        behind = behind.with_rows(row, np.array([-np.inf]), np.array([cap]), "cvar_max")
        try:
            weights, solution = best(behind)
        except NotConvergedError:
            break
    tail, asked = Tail.around(scaled, level, weights), False
    for _ in range(MOST_ROUNDS):
        excess = (tail.cvar(weights) - cap) / _book_size(allowed, weights)
        wider = tail.widened(weights)
        if excess <= EQUALITY or (asked and excess <= ACTIVE and wider.is_like(tail)):
            return weights, solution
        tail, asked = wider, True
        weights, solution = best(tail.extended(allowed, cap))
    raise NotConvergedError(UNSETTLED)


def _mean_of_tail(returns: Array, level: float, weights: Array) -> Array:
    """The mean returns `(N,)` of the worst rows of a portfolio; the row that the level divides counts by its part."""
    count, whole = rows_in_tail(len(returns), level)
    last = min(whole, len(returns) - 1)
    worst_first = np.argpartition(returns @ weights, last)
    whole_rows = returns[worst_first[:whole]].sum(axis=0)
    return np.asarray((whole_rows + (count - whole) * returns[worst_first[last]]) / count)


UNSETTLED = "the rows in the tail of the returns did not settle; take a longer history or a cvar_level further from 1"


def rows_in_tail(rows: int, level: float) -> tuple[float, int]:
    """How many of so many rows the tail beyond `level` holds, and how many of them wholly."""
    count = (1 - level) * rows
    return count, int(np.floor(count + EQUALITY))


def _book_size(allowed: FeasibleSet, weights: Array) -> float:
    """The largest weight; what a book all in cash has left of its weights is rounding of what they may be."""
    reach = max(np.abs(bound[: weights.size]).max() for bound in (allowed.lower, allowed.upper))
    return float(max(np.abs(weights).max(), min(1.0, reach)))


def _size(returns: Array) -> float:
    """The largest return, by which all are divided: rows of size one, whatever the bar."""
    return float(np.abs(returns).max()) or 1.0
