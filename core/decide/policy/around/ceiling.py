"""A volatility ceiling: the book of another policy, the whole of it held smaller where it swings too much.

    weights = min(1, ceiling / sqrt(w'S w)) w

The mix stays; what is left idle is the difference. A sum of weights that the limits fix (net, beta) shrinks with it.
A contract that its limits fix at what is held is not traded: the rest g is scaled around it, f, by the largest s in
[0, 1] with (f + s g)'S(f + s g) <= ceiling^2.

Source: Moreira and Muir, Volatility-Managed Portfolios, Journal of Finance 72 (2017).
"""

from __future__ import annotations

from ....errors import say
from ....records import dataclass
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target
from .sizes import scale_at_volatility

__all__ = ["PURPOSE", "VolatilityCeiling"]

PURPOSE = "the volatility target"


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
        if not target.weights.any():
            return target
        scale = scale_at_volatility(target.weights, outlook.covariance, self.ceiling, holding.fixed)
        if scale is None:
            say("what is held and not traded swings above the volatility ceiling by itself; nothing was added to it")
            scale = 0.0
        return target.resized(PURPOSE, min(scale, 1.0), holding.fixed)
