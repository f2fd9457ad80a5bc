"""Why limits cannot hold together: the smallest set of them that conflicts, in words, and a way out.

The set is found by a deletion filter: leave out one limit after the other, and keep it out when the rest still
conflicts. What remains is irreducible: without any one of it the others can hold. A limit that a proof of the conflict
does without can be left out at once, so few have to be tried.

Source: Chinneck and Dravnieks, ORSA Journal on Computing 3 (1991); Gleeson and Ryan, ORSA Journal on Computing 2 (1990)
for the part that proofs play.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...errors import InfeasibleError
from .declared import Limits
from .feasible_set import BOX_LIMITS, FeasibleSet, boxes, excess_return, feasible_set, minimum
from .proof import Proof, portfolio_or_proof
from .remedy import is_uneven, poorest_and_richest, remedy, stated_values

__all__ = ["attainable_returns", "conflicting_limits", "explained"]

GIVES_WAY_LAST = ("min_weight", "net")
"""Caps and targets are asked to move before these."""


def explained(limits: Limits, contracts: int, premium: Array) -> InfeasibleError | None:
    """The error that names the conflict and a way out, or None when `limits` can hold together."""
    conflict, proof = _conflict(limits, contracts, premium)
    if not conflict:
        return None
    reach = poorest_and_richest(limits, contracts, premium, proof) if "target_return" in conflict else None
    reason = _in_words(conflict, limits, contracts, reach)
    for name in sorted(conflict, key=lambda name: name in GIVES_WAY_LAST):
        richest = reach[1] if reach is not None and name == "target_return" else None
        way_out = remedy(name, limits, contracts, premium, richest, proof)
        if way_out:
            return InfeasibleError(f"{reason}; {way_out} would do")
    return InfeasibleError(f"{reason}; other limits conflict as well, so widen more than one")


def conflicting_limits(limits: Limits, contracts: int, premium: Array) -> tuple[str, ...]:
    """Names of an irreducible set of limits that cannot hold together; empty when all can."""
    return _conflict(limits, contracts, premium)[0]


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


def _conflict(limits: Limits, contracts: int, premium: Array) -> tuple[tuple[str, ...], Proof | None]:
    """The same with the first proof, where it took one."""
    allowed = feasible_set(limits, contracts, premium)
    found = _needed(limits, contracts, allowed)
    if found is None:
        return (), None
    needed, first = found
    proof = first
    # What is tried first leaves first: a wish is in the set only when all the other limits can hold without it.
    rows = dict.fromkeys(name for name in allowed.names if name)
    boxes = [name for name in reversed(BOX_LIMITS) if getattr(limits, name) is not None]
    names = [*(name for name in reversed(rows) if name != "net"), *boxes, *(name for name in rows if name == "net")]
    left_out: list[str] = []
    for name in names:
        trial = [*left_out, name]
        rest = allowed.without(name) if name in rows else feasible_set(limits, contracts, premium, without=trial)
        if name in needed:
            still = _needed(limits, contracts, rest, proof, trial)
            if still is None:
                continue
            needed, proof = still
        left_out, allowed = trial, rest
    return tuple(name for name in names if name not in left_out), first


def _needed(
    limits: Limits,
    contracts: int,
    allowed: FeasibleSet,
    last: Proof | None = None,
    without: list[str] | None = None,
) -> tuple[tuple[str, ...], Proof | None] | None:
    """The limits that one proof of their conflict needs, and the proof; None where they can hold together.

    `last` is a proof for a narrower set. No proof is needed where a lower limit lies above its upper one.
    """
    crossing = allowed.row_lower > allowed.row_upper
    if crossing.any():
        return (allowed.names[int(np.argmax(crossing))],), None
    lower, upper = allowed.lower[:contracts], allowed.upper[:contracts]
    crossed = np.arange(contracts) == np.argmax(lower - upper) if (lower > upper).any() else None
    if crossed is not None:
        return _bounding(limits, contracts, allowed, crossed, crossed, without), None
    found = portfolio_or_proof(allowed, None if last is None else last.tried)
    if not isinstance(found, Proof):
        return None
    names = found.names + _bounding(limits, contracts, allowed, found.at_lower, found.at_upper, without)
    return names, found


def _bounding(
    limits: Limits,
    contracts: int,
    allowed: FeasibleSet,
    at_lower: NDArray[np.bool_],
    at_upper: NDArray[np.bool_],
    without: list[str] | None,
) -> tuple[str, ...]:
    """The box limits that set these bounds of `allowed`."""
    names: list[str] = []
    if not (at_lower.any() or at_upper.any()):
        return ()
    for name, (low, high) in boxes(limits, contracts).items():
        if name not in (without or ()):
            sets_low = at_lower & (low >= allowed.lower[:contracts])
            sets_high = at_upper & (high <= allowed.upper[:contracts])
            names += [name] if (sets_low | sets_high).any() else []
            at_lower, at_upper = at_lower & ~sets_low, at_upper & ~sets_high
    return tuple(names)


def _in_words(conflict: tuple[str, ...], limits: Limits, contracts: int, reach: tuple[float, float] | None) -> str:
    caps, floors = stated_values(limits, "max_weight", contracts), stated_values(limits, "min_weight", contracts)
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
    if reach is not None:
        others = " and ".join(words for words in stated if not words.startswith("target_return"))
        span = f"attainable range {reach[0]:.4g} to {reach[1]:.4g}"
        return f"target_return {limits.target_return:g} is outside the {span} under {others}"
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
    values = stated_values(limits, name, contracts)
    if name == "target_beta":
        betas = limits.vector("betas", contracts)
        return f"target_beta {limits.target_beta:g} (betas {betas.min():.4g} to {betas.max():.4g})"
    if is_uneven(limits, name, contracts):
        return f"{name} {values.min():g} to {values.max():g}"
    return f"{name} {values[0]:g}"
