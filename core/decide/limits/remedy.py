"""The nearest value of one limit at which all limits can hold, tried out before it is told.

A proof that the limits conflict is a number above zero that falls as the limit is relaxed. Where it reaches zero the
proof ends, and no value short of that can do. So the limit is moved there, a new proof is sought, and so on, until
there is none (Newton's method: each proof is a tangent). The value is then rounded to the side on which it still does.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 5.8.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from ...arrays import Array, Mask
from ...errors import ArgumentError
from ...tolerances import ACTIVE
from ...units import DAYS_PER_YEAR
from .declared import Factor, Limits
from .feasible_set import BOX_LIMITS, FeasibleSet, feasible_set
from .proof import Proof, least_mix, portfolio_or_proof

__all__ = [
    "MOVES",
    "is_uneven",
    "poorest_and_richest",
    "possible",
    "remedy",
    "rounded",
    "stated_values",
    "with_value",
]

DIGITS = (4, 6, 9, 12)
"""Digits of the value that would do: as few as still do."""

SAME = 1e-10
"""Relative difference between two values that is read as none: proofs found them, which are no better than that."""

STEP = 1e-6
"""Relative change of a value by which the slope of a proof is measured."""

MOST_PROOFS = 50

MOVES = {"margin_buffer": ("margin_buffer", "funding_buffer_days")}
"""Limits whose value lowers the sides of these rows, rather than raising those of the row of its name."""


def possible(limits: Limits, contracts: int, premium: Array) -> bool:
    """Whether the limits can hold together. Raises NotConvergedError."""
    return _proof(limits, contracts, premium) is None


def remedy(
    name: str,
    limits: Limits,
    contracts: int,
    premium: Array,
    value: float | None = None,
    first: Proof | None = None,
) -> str:
    """The nearest value of the limit `name` that would do, in words; empty when there is none.

    `value` is that value where it is known already, `first` a proof that `limits` conflict.
    """
    before = _start(name, limits, contracts, premium)
    if value is None or np.isnan(value):
        value = _nearest(name, limits, contracts, premium, before, first)
    if value is None:
        return ""
    side = 1 if value > before else -1
    for digits in DIGITS:
        shown = rounded(value, side, digits)
        mended = with_value(limits, name, shown, contracts)
        if mended is not None and possible(mended, contracts, premium):
            if is_uneven(limits, name, contracts):
                return f"{name} {'raised' if side > 0 else 'lowered'} by {abs(shown):.12g} for each contract"
            return f"{name} {shown:.12g}"
    return ""


def poorest_and_richest(
    limits: Limits, contracts: int, premium: Array, first: Proof | None = None
) -> tuple[float, float]:
    """The least expected return before cost that the limits but `target_return` allow, and the greatest after cost.

    For a target that is out of reach, of which `first` is a proof; to rounding, as words need them, and NaN where it
    could not be told.
    """
    allowed = feasible_set(limits, contracts, premium)
    reach = np.maximum(np.abs(allowed.lower[:contracts]), np.abs(allowed.upper[:contracts]))
    below_all = -2.0 * float(np.abs(premium) @ reach) - float(limits.vector("turnover_cost", contracts) @ reach)
    asked = Factor("factor_0", premium, maximum=below_all)
    without = replace(limits, target_return=None, turnover_cost=0.0, factors=(*limits.factors, asked))
    poorest = _nearest("factor_0_max", without, contracts, premium, below_all)
    richest = _nearest("target_return", limits, contracts, premium, limits.target_return or 0.0, first)
    return (
        np.nan if poorest is None else round(poorest + limits.risk_free, 9),
        np.nan if richest is None else round(richest, 9),
    )


def stated_values(limits: Limits, name: str, contracts: int) -> Array:
    """What a limit is stated as: one value, or one a contract."""
    if _has_one_each(name):
        return limits.vector(name, contracts)
    if name.startswith(("group_", "factor_")):
        found = (factor.value(name) for factor in (*limits.groups, *limits.factors))
        return np.array([value for value in found if value is not None])
    return np.array([getattr(limits, name)])


def is_uneven(limits: Limits, name: str, contracts: int) -> bool:
    """Whether a limit of one contract each differs between contracts."""
    if not _has_one_each(name):
        return False
    values = stated_values(limits, name, contracts)
    return bool((values != values[0]).any())


def _has_one_each(name: str) -> bool:
    return name in Limits.TERMS and Limits.TERMS[name].kind == "each"


def _start(name: str, limits: Limits, contracts: int, premium: Array) -> float:
    """The value to move: what is stated, 0 where contracts differ, of a range of net the end that is in the way."""
    if is_uneven(limits, name, contracts):
        return 0.0
    if name != "net":
        return float(stated_values(limits, name, contracts)[0])
    low, high = limits.net_range()
    if low == high or not np.isfinite(high):
        return low
    above = replace(limits, net=None, net_min=None, net_max=high)
    return high if not np.isfinite(low) or not possible(above, contracts, premium) else low


def _nearest(
    name: str, limits: Limits, contracts: int, premium: Array, value: float, first: Proof | None = None
) -> float | None:
    """The value nearest to `value` at which all limits can hold; None where there is none."""
    if name == "net" and limits.net_range() != (value, value):
        first = None  # it is of a range, which becomes a value here
    started = limits if first is not None else with_value(limits, name, value, contracts)
    if started is None:
        return None
    if name in BOX_LIMITS:
        return _nearest_bent(name, started, contracts, premium, value, first)
    if name == "funding_buffer_days":
        return _most_days(started, contracts, premium, value)
    rows, sign = MOVES.get(name, (name,)), -1.0 if name in MOVES else 1.0
    allowed = first.allowed if first is not None else feasible_set(started, contracts, premium)
    found = _moved(allowed, rows, sign, 0.0, first)
    return None if found is None else value + found[0]


def _moved(
    allowed: FeasibleSet, rows: tuple[str, ...], sign: float, moved: float, first: Proof | None = None
) -> tuple[float, Array] | None:
    """How far the sides of `rows` must move, from `moved` on, until there is a portfolio, and that one."""
    own, tried = _among(rows, allowed.names), None
    for _ in range(MOST_PROOFS):
        shifted = allowed
        if moved:
            shift = np.where(own, sign * moved, 0.0)
            shifted = replace(allowed, row_lower=allowed.row_lower + shift, row_upper=allowed.row_upper + shift)
        found = first or portfolio_or_proof(shifted, tried)
        first = None
        if not isinstance(found, Proof):
            return moved, found
        moves = _among(rows, found.limits)
        slope = sign * float(found.multipliers @ np.where(moves, found.relief, 0.0))
        others = replace(found, multipliers=np.where(moves, 0.0, found.multipliers))
        if abs(slope) <= ACTIVE or least_mix(shifted, others) > ACTIVE:  # the other limits conflict as it is
            return None
        moved, tried = moved + found.violation / slope, found.tried
    return None


def _among(rows: tuple[str, ...], names: tuple[str, ...]) -> Mask:
    """Which of the names are those of `rows`."""
    return np.array([name in rows for name in names], dtype=np.bool_)


def _most_days(limits: Limits, contracts: int, premium: Array, days: float) -> float | None:
    """The most days of funding that can be held back: those at which the least that must be held is all there is.

    That least is concave in the days; its slope is the funding a day of the portfolio that needs it (Dinkelbach).
    """
    for _ in range(MOST_PROOFS):
        allowed = feasible_set(replace(limits, funding_buffer_days=days), contracts, premium)
        nothing = -1.0 - (1.0 - (limits.margin_buffer or 0.0))  # less than nothing held: no portfolio does with that
        found = _moved(allowed, ("funding_buffer_days",), 1.0, nothing)
        if found is None:
            return None
        lacking, weights = found
        daily = float(np.maximum(weights * limits.vector("funding_rates", contracts), 0.0).sum()) / DAYS_PER_YEAR
        if abs(lacking) <= SAME:
            return days
        if daily <= 0 or days - lacking / daily < 0:
            return None
        days -= lacking / daily
    return None


def _nearest_bent(
    name: str, limits: Limits, contracts: int, premium: Array, value: float, first: Proof | None = None
) -> float | None:
    """The same for a limit of one contract each, which moves the box: the slope of the proof is measured."""
    for _ in range(MOST_PROOFS):
        now_limits = with_value(limits, name, value, contracts)
        if now_limits is None:
            return None
        proof = first or _proof(now_limits, contracts, premium)
        if proof is None:
            return value
        first = None
        step = STEP * max(1.0, abs(value))
        now = _left(now_limits, contracts, premium, proof)
        for change in (step, -step):
            mended = with_value(limits, name, value + change, contracts)
            slope = 0.0 if mended is None else (_left(mended, contracts, premium, proof) - now) / change
            if slope * change < -ACTIVE * step:
                break
        else:
            return None
        value -= now / slope
    return None


def _proof(limits: Limits, contracts: int, premium: Array) -> Proof | str | None:
    """The proof that limits conflict, None when they do not; where their sides cross, a word instead of a proof."""
    allowed = feasible_set(limits, contracts, premium)
    if _crossing(allowed) > 0:
        return "crossing"
    found = portfolio_or_proof(allowed)
    return found if isinstance(found, Proof) else None


def _left(limits: Limits, contracts: int, premium: Array, proof: Proof | str) -> float:
    """By how much `proof` still proves that `limits` conflict; zero where it does no more."""
    allowed = feasible_set(limits, contracts, premium)
    return _crossing(allowed) if isinstance(proof, str) else least_mix(allowed, proof)


def _crossing(allowed: FeasibleSet) -> float:
    """By how much the worst lower limit lies above its upper one."""
    crossing = np.concatenate([allowed.lower - allowed.upper, allowed.row_lower - allowed.row_upper])
    return float(crossing.max(initial=-np.inf))


def with_value(limits: Limits, name: str, value: float, contracts: int) -> Limits | None:
    """`limits` with one of them at `value`; None where that limit cannot take it."""
    change: dict[str, Any] = {name: value}
    if name == "net":
        change = {"net": value, "net_min": None, "net_max": None}
    elif name.startswith(("group_", "factor_")):
        change = {
            kind: tuple(
                factor.with_value(name, value) if factor.value(name) is not None else factor
                for factor in getattr(limits, kind)
            )
            for kind in ("groups", "factors")
        }
    elif is_uneven(limits, name, contracts):
        change = {name: stated_values(limits, name, contracts) + value}
    try:
        return replace(limits, **change)
    except ArgumentError:
        return None


def rounded(value: float, side: int, digits: int) -> float:
    """`value` to so many digits, rounded up (side 1) or down (side -1), so that the value shown still does."""
    if abs(value) < SAME:
        return 0.0
    scale = 10.0 ** (digits - 1 - math.floor(math.log10(abs(value))))
    nearest = round(value * scale)
    is_whole = abs(nearest - value * scale) < SAME * 10**digits
    return (nearest if is_whole else (math.ceil if side > 0 else math.floor)(value * scale)) / scale
