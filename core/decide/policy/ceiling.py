"""A volatility ceiling: the book of another policy, the whole of it held smaller where it swings too much.

    weights = min(1, ceiling / sqrt(w'S w)) w

The mix stays; what is left idle is the difference. A sum of weights that the limits fix (net, beta) shrinks with it.

Source: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

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
        scale = volatility_leverage(volatility, self.ceiling, max_leverage=1.0).item()
        return replace(target, weights=scale * target.weights, scale=scale * target.scale)
