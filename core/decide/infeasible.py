"""Why limits cannot hold together: the smallest set of them that conflicts, and the nearest value that would do.

The set is found by a deletion filter: leave out one limit after the other, and keep it out when the rest still
conflicts. What remains is irreducible: without any one of it the others can hold. The way out is found by solving:
the least t by which one of them must give way while all others hold.

Source: Chinneck and Dravnieks, ORSA Journal on Computing 3 (1991).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InfeasibleError, SolveError
from ..numeric.qp import QuadraticProgram, elastic, least_violation, row_sizes, solve
from .feasible_set import BOX_LIMITS, FeasibleSet, excess_return, feasible_set, minimum
from .limits import Limits

__all__ = ["attainable_returns", "conflicting_limits", "explained"]

Array = NDArray[np.float64]

GIVES_WAY_LAST = ("min_weight", "net")
"""Caps and targets are asked to move before these."""

DIGITS = (4, 6, 9, 12)
"""Digits of the value that would do: as few as still do."""

TOLERANCE = 1e-9
"""Violation, relative to the size of a row, that is read as rounding."""

ROUNDING = 1e-10
"""Relative difference between two numbers that is read as rounding."""


def explained(limits: Limits, contracts: int, premium: Array) -> InfeasibleError | None:
    """The error that names the conflict and a way out, or None when `limits` can hold together."""
    conflict = conflicting_limits(limits, contracts, premium)
    if not conflict:
        return None
    reason = _in_words(conflict, limits, contracts, premium)
    for name in sorted(conflict, key=lambda name: name in GIVES_WAY_LAST):
        remedy = _remedy(name, limits, contracts, premium)
        if remedy:
            return InfeasibleError(f"{reason}; {remedy} would do")
    return InfeasibleError(f"{reason}; other limits conflict as well, so widen more than one")


def conflicting_limits(limits: Limits, contracts: int, premium: Array) -> tuple[str, ...]:
    """Names of an irreducible set of limits that cannot hold together; empty when all can."""
    if _possible(feasible_set(limits, contracts, premium)):
        return ()
    # What is tried first leaves first: a wish is in the set only when all the other limits can hold without it.
    rows = dict.fromkeys(name for name in feasible_set(limits, contracts, premium).names if name)
    boxes = ["max_step", "max_weight", "min_weight"] if limits.max_step is not None else ["max_weight", "min_weight"]
    names = [*(name for name in reversed(rows) if name != "net"), *boxes, *(name for name in rows if name == "net")]
    left_out: list[str] = []
    for name in names:
        if not _possible(feasible_set(limits, contracts, premium, without=[*left_out, name])):
            left_out.append(name)
    return tuple(name for name in names if name not in left_out)


def attainable_returns(limits: Limits, contracts: int, premium: Array) -> tuple[float, float]:
    """Expected returns of the poorest and the richest portfolio under all limits but `target_return`, net of cost.

    Raises InfeasibleError when the other limits conflict, NotConvergedError.
    """
    allowed = feasible_set(limits, contracts, premium, without=["target_return"])
    excess = excess_return(limits, allowed, premium)
    gross = np.concatenate([premium, np.zeros(allowed.kink_at.size)])
    cost = limits.vector("turnover_cost", contracts)
    start = limits.vector("current_weights", contracts)
    ends = [minimum(allowed, None, linear).x[:contracts] for linear in (gross, -excess.coefficients)]
    poorest, richest = (limits.risk_free + float(premium @ w - cost @ np.abs(w - start)) for w in ends)
    return round(poorest, 15), round(richest, 15)


def _possible(allowed: FeasibleSet) -> bool:
    """Whether the limits can hold together. Raises NotConvergedError where no route can tell."""
    if (allowed.lower > allowed.upper).any() or (allowed.row_lower > allowed.row_upper).any():
        return False
    return least_violation(_programme(allowed)) <= TOLERANCE


def _programme(allowed: FeasibleSet) -> QuadraticProgram:
    size = allowed.lower.size
    return QuadraticProgram(
        P=np.zeros((size, size)),
        q=np.zeros(size),
        A=allowed.rows,
        row_lower=allowed.row_lower,
        row_upper=allowed.row_upper,
        lower=allowed.lower,
        upper=allowed.upper,
    )


def _remedy(name: str, limits: Limits, contracts: int, premium: Array) -> str:
    """The nearest value of one limit at which all can hold, tried out before it is told; empty when there is none."""
    allowed = feasible_set(limits, contracts, premium, as_rows=[name])
    own = np.array([row == name for row in allowed.names])
    try:
        x = solve(elastic(_programme(allowed), own)).x
    except SolveError:
        return ""
    give = float(x[-1]) * float(row_sizes(allowed.rows[own])[0])
    reached = float((allowed.rows @ x[:-1])[own][0])
    value, side = _nearest_value(name, limits, contracts, give, reached)
    for digits in DIGITS:
        shown = _rounded(value, side, digits)
        mended = _with_value(limits, name, shown, contracts)
        if mended is not None and _possible(feasible_set(mended, contracts, premium)):
            if _is_uneven(limits, name, contracts):
                return f"{name} {'raised' if side > 0 else 'lowered'} by {abs(shown):.12g} for each contract"
            return f"{name} {shown:.12g}"
    return ""


def _nearest_value(name: str, limits: Limits, contracts: int, give: float, reached: float) -> tuple[float, int]:
    """The relaxed value of a limit (its change where contracts differ), and the side on which more of it helps."""
    if name == "net":
        low, high = limits.net_range()
        return (low - give, -1) if reached < low else (high + give, 1)
    if name == "target_beta":
        target = limits.target_beta or 0.0
        side = 1 if reached > target else -1
        return target + side * give, side
    side = -1 if name in ("min_weight", "target_return", "margin_buffer") else 1
    if _is_uneven(limits, name, contracts):
        return side * give, side
    return _values(limits, name, contracts)[0] + side * give, side


def _with_value(limits: Limits, name: str, value: float, contracts: int) -> Limits | None:
    """`limits` with one of them at `value`; None where that limit cannot take it."""
    change: dict[str, Any] = {name: value}
    if name == "net":
        return replace(limits, net=value, net_min=None, net_max=None)
    if name.startswith("group_"):
        groups = tuple(
            replace(group, maximum=value) if f"{group.name}_max" == name else group for group in limits.groups
        )
        return replace(limits, groups=groups)
    if _is_uneven(limits, name, contracts):
        change = {name: _values(limits, name, contracts) + value}
    return None if name == "margin_buffer" and value < 0 else replace(limits, **change)


def _values(limits: Limits, name: str, contracts: int) -> Array:
    """What a limit is stated as: one value, or one a contract."""
    if name in BOX_LIMITS:
        return limits.vector(name, contracts, blank={"min_weight": 0.0, "max_weight": 1.0}.get(name, np.inf))
    if name.startswith("group_"):
        return np.array([group.maximum for group in limits.groups if f"{group.name}_max" == name])
    return np.array([getattr(limits, name)])


def _is_uneven(limits: Limits, name: str, contracts: int) -> bool:
    if name not in BOX_LIMITS:
        return False
    values = _values(limits, name, contracts)
    return bool((values != values[0]).any())


def _rounded(value: float, side: int, digits: int) -> float:
    """`value` to so many digits, rounded up (side 1) or down (side -1), so that the value shown still does."""
    if abs(value) < ROUNDING:
        return 0.0
    scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    nearest = round(value * scale)
    is_whole = abs(nearest - value * scale) < ROUNDING * 10**digits
    return (nearest if is_whole else (math.ceil if side > 0 else math.floor)(value * scale)) / scale


def _in_words(conflict: tuple[str, ...], limits: Limits, contracts: int, premium: Array) -> str:
    caps, floors = _values(limits, "max_weight", contracts), _values(limits, "min_weight", contracts)
    low, high = limits.net_range()
    if low > high:
        return f"the least net allowed, {low:g}, is above the most, {high:g}"
    if set(conflict) == {"max_weight", "net"}:
        return f"{_times('max_weight', caps)} cannot reach net {low:g}"
    if set(conflict) == {"min_weight", "net"}:
        return f"{_times('min_weight', floors)} is above net {high:g}"
    if set(conflict) == {"min_weight", "max_weight"}:
        worst = int(np.argmax(floors - caps))
        return f"min_weight {floors[worst]:g} is above max_weight {caps[worst]:g} for contract {worst + 1}"
    stated = [_stated(name, limits, contracts) for name in conflict]
    if "target_return" in conflict:
        poorest, richest = attainable_returns(limits, contracts, premium)
        others = " and ".join(words for words in stated if not words.startswith("target_return"))
        reach = f"attainable range {poorest:.4g} to {richest:.4g}"
        return f"target_return {limits.target_return:g} is outside the {reach} under {others}"
    if len(stated) == 1:
        return f"{stated[0]} cannot hold"
    return f"{', '.join(stated[:-1])} and {stated[-1]} cannot hold together"


def _times(name: str, values: Array) -> str:
    total = f"= {values.sum():.4g}"
    if (values == values[0]).all():
        return f"{name} {values[0]:g} x {values.size} contract{'s' if values.size > 1 else ''} {total}"
    return f"the sum of {name} over {values.size} contracts {total}"


def _stated(name: str, limits: Limits, contracts: int) -> str:
    if name == "net":
        low, high = limits.net_range()
        if np.isinf(low) or np.isinf(high):
            return f"net_max {high:g}" if np.isinf(low) else f"net_min {low:g}"
        return f"net {low:g}" if low == high else f"net between {low:g} and {high:g}"
    values = _values(limits, name, contracts)
    if name == "target_beta":
        betas = limits.vector("betas", contracts)
        return f"target_beta {limits.target_beta:g} (betas {betas.min():.4g} to {betas.max():.4g})"
    if _is_uneven(limits, name, contracts):
        return f"{name} {values.min():g} to {values.max():g}"
    return f"{name} {values[0]:g}"
