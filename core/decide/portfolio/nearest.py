"""The portfolio inside the limits that is nearest to the one wanted.

    minimise  sum (w_i - wanted_i)^2 / 2     subject to the limits

A rule that knows nothing of limits (equal weights, a tilt, a volatility target) says what it wants; this says what it
gets. Whatever keeps the limits is its own answer. Else the answer is unique, as the distance is strictly convex, and
certified. With `reach` no more than that is bought and sold in all, from `anchor`:

    sum |w_i - anchor_i| <= reach

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 8.1.1 (projection on a polyhedron).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import numbers
from ...errors import ArgumentError, InfeasibleError
from ...numeric.quadratic.certificate import Certificate
from ...numeric.quadratic.solve import QpSolution
from ...records import dataclass
from ...tolerances import ACTIVE
from ..limits.conflict import explained
from ..limits.declared import Limits
from ..limits.feasible_set import BOX_LIMITS, FeasibleSet, feasible_set, lifted, minimum, violation
from .cvar import complete_returns, conditional_value_at_risk, least_cvar, within_cvar

__all__ = ["Nearest", "least_reach", "limits_broken", "nearest_within"]

NO_ROUTE = "none needed"
"""The route of an answer that was wanted: it keeps every limit, so there was nothing to solve."""


@dataclass(frozen=True)
class Nearest:
    """Certified weights `(N,)`, by route `solver`."""

    weights: Array
    certificate: Certificate
    solver: str


def nearest_within(
    wanted: ArrayLike,
    limits: Limits | None = None,
    anchor: ArrayLike | None = None,
    reach: float = np.inf,
    returns: ArrayLike | None = None,
) -> Nearest:
    """The weights `(N,)` that keep `limits`, and `reach` from `anchor` (None: from cash), nearest to `wanted`.

    `returns` `(T, N)` are needed where `cvar_max` is a limit; rows with a gap are dropped, with a DataWarning.
    `target_return` and the costs among the limits belong to the optimiser and count for nothing here.
    Raises ArgumentError, MissingDataError (gaps), InfeasibleError (naming the limits in conflict), NotConvergedError.
    """
    goal = numbers(wanted, "wanted")
    start = np.zeros(goal.size) if anchor is None else numbers(anchor, "anchor", goal.size)
    kept = replace(limits if limits is not None else Limits(), target_return=None)
    allowed = feasible_set(kept, goal.size)
    past = _past(kept, returns, goal.size)
    excess = violation(allowed, goal)
    if excess <= _tolerance(goal) and _reaches(goal - start, reach) and _keeps_cvar(goal, kept, past):
        return Nearest(goal, Certificate(excess / _size(goal), 0.0, 0.0, 0.0), NO_ROUTE)

    def nearest(over: FeasibleSet) -> tuple[Array, QpSolution]:
        weights, solution = _projection(over, goal)
        if _reaches(weights - start, reach):  # the nearest of all is the nearest within reach
            return weights, solution
        return _projection(_within_reach(over, start, reach), goal)

    try:
        if past is None or kept.cvar_max is None:
            weights, solution = nearest(allowed)
        else:
            weights, solution = within_cvar(nearest, allowed, past, kept.cvar_level, kept.cvar_max)
    except InfeasibleError as error:
        raise explained(kept, goal.size, np.zeros(goal.size)) or _cvar_too_low(kept, allowed, past) or error from None
    return Nearest(weights, solution.certificate, solution.solver)


def least_reach(limits: Limits, anchor: Array) -> float:
    """The least weight to buy and sell in all, from `anchor` `(N,)`, to keep `limits`, `cvar_max` left out.

    Raises InfeasibleError, NotConvergedError.
    """
    bare = _within_reach(feasible_set(replace(limits, target_return=None), anchor.size), anchor, 0.0)
    wider = bare.with_variables(np.zeros(1), np.array([np.inf]))
    wider.rows[-1, -1] = -1.0  # the row that holds the shift within reach
    return float(minimum(wider, None, np.append(np.zeros(bare.lower.size), 1.0)).x[-1])


def limits_broken(limits: Limits, weights: ArrayLike) -> tuple[str, ...]:
    """Names of the limits that a portfolio breaks, each once; `target_return` and `cvar_max` are not looked at.

    Raises ArgumentError, MissingDataError.
    """
    held = numbers(weights, "weights")
    named = feasible_set(replace(limits, target_return=None), held.size, as_rows=BOX_LIMITS)
    values = named.rows @ lifted(named, held)
    missed = np.maximum(named.row_lower - values, values - named.row_upper) > _tolerance(held)
    return tuple(dict.fromkeys(name for name, is_missed in zip(named.names, missed, strict=True) if is_missed and name))


def _projection(allowed: FeasibleSet, goal: Array) -> tuple[Array, QpSolution]:
    """The portfolio of the set that is nearest to `goal`."""
    linear = np.concatenate([-goal, np.zeros(allowed.lower.size - goal.size)])
    solution = minimum(allowed, np.eye(goal.size), linear)
    return solution.x[: goal.size], solution


def _within_reach(allowed: FeasibleSet, anchor: Array, reach: float) -> FeasibleSet:
    """The set with one more variable a contract, b_i >= max(w_i - anchor_i, 0), what is bought of it.

    What is sold is b_i - (w_i - anchor_i), so 2 sum b - sum (w - anchor) <= reach bounds both together.
    """
    before, contracts = allowed.lower.size, anchor.size
    weight, each = np.eye(contracts, before), np.ones((1, contracts))
    moved = np.block([[weight, -np.eye(contracts)], [-weight.sum(axis=0, keepdims=True), 2 * each]])
    no_limit = np.full(contracts, np.inf)
    wider = allowed.with_variables(np.zeros(contracts), no_limit)
    wider = wider.with_rows(moved[:-1], -no_limit, anchor)
    return wider.with_rows(moved[-1:], np.array([-np.inf]), np.array([reach - anchor.sum()]), "reach")


def _past(limits: Limits, returns: ArrayLike | None, contracts: int) -> Array | None:
    """The returns that `cvar_max` is measured on; None where it is no limit."""
    if limits.cvar_max is None:
        return None
    if returns is None:
        raise ArgumentError("cvar_max needs returns, which there are none of here; leave that limit out")
    return complete_returns(returns, contracts, "cvar_max")


def _keeps_cvar(weights: Array, limits: Limits, past: Array | None) -> bool:
    if past is None or limits.cvar_max is None:
        return True
    return conditional_value_at_risk(-past @ weights, limits.cvar_level) <= limits.cvar_max


def _cvar_too_low(limits: Limits, allowed: FeasibleSet, past: Array | None) -> InfeasibleError | None:
    """The error where no portfolio inside the other limits keeps `cvar_max`."""
    if past is None or limits.cvar_max is None:
        return None
    safest, _ = least_cvar(allowed, past, limits.cvar_level, np.zeros(allowed.contracts))
    least = conditional_value_at_risk(-past @ safest, limits.cvar_level)
    if least <= limits.cvar_max:
        return None
    return InfeasibleError(f"cvar_max {limits.cvar_max:g} is below {least:.4g}, the least that the other limits allow")


def _reaches(shift: Array, reach: float) -> bool:
    return float(np.abs(shift).sum()) <= reach + _tolerance(shift)


def _tolerance(weights: Array) -> float:
    return ACTIVE * _size(weights)


def _size(weights: Array) -> float:
    return max(1.0, float(np.abs(weights).max()))
