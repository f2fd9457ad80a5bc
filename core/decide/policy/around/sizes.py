"""The size of a book: the whole of it held larger or smaller, around what is not traded.

    w(s) = f + s g          f: contracts fixed at what is held,  g: the rest

The mix g stays. Limits that a book cannot keep at every size are not asked of it: a fixed net or beta, and whatever
asks for a least amount. What caps it (weights, gross, margin, groups, the size of a trade) caps s.

At a volatility v:   (f + s g)'S(f + s g) = v^2,   the larger root.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np

from ....arrays import Array, Mask
from ....checks import number
from ....tolerances import ACTIVE, ROUNDING
from ...limits.declared import Limits
from ...limits.exposure import Factor
from ...limits.feasible_set import UNBOUNDED, feasible_set, violation
from ...portfolio.cvar import complete_returns, conditional_value_at_risk
from ..protocol import Holding, Target

__all__ = ["caps_of", "largest_scale", "scale_at_volatility"]

Kind = TypeVar("Kind", bound=Factor)

HALVINGS = 60
"""Of the interval in which the largest scale lies: as many as a float has digits, and some."""


def scale_at_volatility(weights: Array, covariance: Array, volatility: float, fixed: Mask) -> float | None:
    """The scale of the weights `(N,)` that are not `fixed` at which the whole swings as much; None: at none.

    `covariance` `(N, N)` and `volatility` of one period. Infinite where what is not fixed has no risk. Raises
    ArgumentError (a volatility below zero).
    """
    target = number(volatility, "target_volatility", at_least=0)
    free, held = np.where(fixed, 0.0, weights), np.where(fixed, weights, 0.0)
    bend, slope = float(free @ covariance @ free), float(held @ covariance @ free)
    excess = float(held @ covariance @ held) - target**2
    if bend <= 0:
        return math.inf
    room = slope**2 - bend * excess
    return None if room < 0 else max((math.sqrt(room) - slope) / bend, 0.0)


def largest_scale(target: Target, holding: Holding, at_most: float, returns: Array) -> float:
    """The largest scale, from 1 to `at_most`, that the caps of the holding allow the target, around what is fixed.

    1 where they do not allow it as it is. `at_most` is finite; `returns` `(T, N)` are those that `cvar_max` is measured
    on. A hedge counts in every sum; the limits of single contracts are those of the book without it.
    """
    weights, fixed, limits = target.weights, holding.fixed, holding.limits
    hedge = np.zeros(weights.size) if target.hedge is None else target.hedge
    caps, kept = caps_of(limits, weights.size, fixed), None
    least, most = (caps.vector(name, weights.size) for name in ("min_weight", "max_weight"))
    if hedge.any():
        free = hedge != 0
        caps = caps.changed(min_weight=np.where(free, -UNBOUNDED, least), max_weight=np.where(free, UNBOUNDED, most))
    allowed = feasible_set(caps, weights.size)
    if caps.cvar_max is not None:
        kept = complete_returns(returns, weights.size, "cvar_max")

    def keeps(scale: float, tolerance: float = ROUNDING) -> bool:
        book = np.where(fixed, weights, scale * weights)
        room = tolerance * max(1.0, float(np.abs(book).max()))
        own = book - scale * hedge
        if violation(allowed, book) > room or (np.maximum(least - own, own - most) > room).any():
            return False
        if kept is None or caps.cvar_max is None:
            return True
        return conditional_value_at_risk(-kept @ book, caps.cvar_level) <= caps.cvar_max

    if at_most <= 1 or not keeps(1.0, ACTIVE):
        return 1.0
    if keeps(at_most):
        return at_most
    low, high = 1.0, at_most
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if keeps(middle) else (low, middle)
    return low


def caps_of(limits: Limits, contracts: int, fixed: Mask) -> Limits:
    """The limits that a book of any size keeps: those that an empty one keeps too, around what is `fixed` `(N,)`."""
    low, high = (limits.vector(name, contracts) for name in ("min_weight", "max_weight"))
    return replace(
        limits,
        net=None,
        net_min=None,
        net_max=None,
        target_beta=None,
        target_return=None,
        min_weight=np.where(fixed, low, np.minimum(low, 0.0)),
        max_weight=np.where(fixed, high, np.maximum(high, 0.0)),
        groups=_caps(limits.groups),
        factors=_caps(limits.factors),
    )


def _caps(exposures: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Of each limit of an exposure the sides that an exposure of zero keeps."""
    caps = []
    for each in exposures:
        most = each.maximum if each.maximum is not None and each.maximum >= 0 else None
        least = each.minimum if each.minimum is not None and each.minimum <= 0 else None
        if most is not None or least is not None:
            caps.append(replace(each, maximum=most, minimum=least, target=None))
    return tuple(caps)
