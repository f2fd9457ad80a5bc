"""A drawdown buffer around a policy: the book smaller the nearer equity is to the loss that may not be passed.

    weights = (1 - reserve) s w,    s = (E - (1 - D) M) / (D E)      E: equity,  M: its peak,  D: the largest drawdown

The peak is that of a window that moves on (90 days unless told otherwise), and not of all time: near a floor that never
moves nothing is deployed, so nothing can be earned back, and the book stays in cash for good. With a peak that forgets,
the floor comes down as the loss ages, and the loss of several windows together may be more than D.

Source: Grossman and Zhou, Mathematical Finance 3 (1993); the rule is `size.drawdown_buffer`.
"""

from __future__ import annotations

from dataclasses import replace

from ....records import dataclass
from ...size.drawdown_buffer import drawdown_buffer
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target

__all__ = ["Buffered"]

PURPOSE = "the drawdown buffer"


@dataclass(frozen=True)
class Buffered:
    """What `policy` wants to hold, sized on what is not held in reserve against a drawdown of `max_drawdown`."""

    policy: Policy
    max_drawdown: float
    reserve: float = 0.0

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The smaller target, to be traded at once where it is nothing; its baseline is what it was before."""
        peak = holding.equity if holding.peak is None else holding.peak
        deployed = drawdown_buffer(holding.equity, peak, self.max_drawdown, self.reserve).deployed
        target = self.policy(outlook, holding).resized(PURPOSE, deployed, holding.fixed)
        return replace(target, urgent=target.urgent or deployed == 0)
