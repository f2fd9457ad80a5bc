"""A volatility ceiling: the book of another policy, the whole of it held smaller where it swings too much.

    weights = min(1, ceiling / sqrt(w'S w)) w

The mix stays; what is left idle is the difference. A sum of weights that the limits fix (net, beta) shrinks with it.
A contract that its limits fix at what is held is not traded: the rest g is scaled around it, f, by the largest s in
[0, 1] with (f + s g)'S(f + s g) <= ceiling^2.

Source: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Array, Mask
from ...errors import say
from ..size.position import volatility_leverage
from .outlook import Outlook
from .protocol import Holding, Policy, Target

__all__ = ["VolatilityCeiling"]


@dataclass(frozen=True)
class VolatilityCeiling:
    """What `policy` wants to hold, scaled down to a volatility of `ceiling` a year where it is above."""

    policy: Policy
    ceiling: float

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The scaled target; its baseline is what it was before."""
        target = self.policy(outlook, holding)
        volatility = math.sqrt(max(float(target.weights @ outlook.covariance @ target.weights), 0.0))
        if volatility == 0:
            return target
        fixed = np.where(_untraded(holding), target.weights, 0.0)
        if fixed.any():
            scale = self._scale_around(fixed, target.weights - fixed, outlook.covariance)
        else:
            scale = volatility_leverage(volatility, self.ceiling, max_leverage=1.0).item()
        weights = fixed + scale * (target.weights - fixed)
        return replace(target, weights=weights, scale=scale * target.scale)

    def _scale_around(self, fixed: Array, free: Array, covariance: Array) -> float:
        """The largest scale of `free` in [0, 1] that keeps the whole below the ceiling; 0 where none does."""
        bend, slope = float(free @ covariance @ free), float(fixed @ covariance @ free)
        excess = float(fixed @ covariance @ fixed) - self.ceiling**2
        room = slope**2 - bend * excess
        if bend == 0:
            return 1.0
        if room < 0:
            say("what is held and not traded swings above the volatility ceiling by itself; nothing was added to it")
            return 0.0
        return min(max((math.sqrt(room) - slope) / bend, 0.0), 1.0)


def _untraded(holding: Holding) -> Mask:
    """The contracts whose limits fix them at what is held, `(N,)`."""
    held = np.asarray(holding.weights)
    low, high = (holding.limits.vector(name, held.size) for name in ("min_weight", "max_weight"))
    return np.asarray((low == high) & (low == held))
