"""A steady volatility: the whole book of another policy held smaller or larger, so that it always swings as much.

    weights = s w,   s = target / sqrt(w'S w)      down as far as it must, up as far as the limits allow

What is fixed at what is held is not traded: the rest is scaled around it, as under a ceiling. On the way up every limit
that caps the book holds (weights, gross, margin, groups, the size of a trade); on the way down sums that the limits fix
(net, beta) shrink with it.

Source: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017).
"""

from __future__ import annotations

import math

from ....records import dataclass
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target
from .ceiling import PURPOSE, VolatilityCeiling
from .sizes import largest_scale, scale_at_volatility

__all__ = ["SteadyVolatility"]


@dataclass(frozen=True)
class SteadyVolatility:
    """What `policy` wants to hold, scaled to a volatility of `target` a year; a book without risk stays as it is."""

    policy: Policy
    target: float

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The scaled target; its baseline is what it was before."""
        wanted = self.policy(outlook, holding)
        fixed = holding.fixed
        scale = scale_at_volatility(wanted.weights, outlook.covariance, self.target, fixed)
        if scale is None or scale <= 1:
            return VolatilityCeiling(_Answered(wanted), self.target)(outlook, holding)
        if math.isinf(scale):
            return wanted
        return wanted.resized(PURPOSE, largest_scale(wanted, holding, scale, outlook.returns), fixed)


@dataclass(frozen=True)
class _Answered:
    """A policy that has answered already."""

    target: Target

    @property
    def name(self) -> str:
        return self.target.model

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        return self.target
