"""An early stop of the month: once equity has fallen so far below the month's high, all is closed until it ends.

    out while   low < (1 - loss) high       high: of this month so far,  low: the lowest since

Nothing is remembered but the month itself: in cash equity stays where it was stopped, and the next month begins with a
high of its own. Whatever a clock or a band says, the stop is traded at once. What limits fix at what is held stays.
"""

from __future__ import annotations

import numpy as np

from ....checks import number
from ....records import dataclass
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target

__all__ = ["MonthStop"]

PURPOSE = "the month's stop"


@dataclass(frozen=True)
class MonthStop:
    """What `policy` wants to hold, and nothing from a fall of more than `loss` until the month ends."""

    policy: Policy
    loss: float

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The target of the policy, which is not asked while the book is out. Raises ArgumentError (loss)."""
        loss = number(self.loss, "month_stop", above=0, below=1)
        high = holding.equity if holding.month_high is None else holding.month_high
        low = holding.equity if holding.month_low is None else holding.month_low
        if low >= (1 - loss) * high:
            return self.policy(outlook, holding)
        kept = np.where(holding.fixed, holding.held, 0.0)
        return Target(kept, self.name, kept, scale=0.0, sized=((PURPOSE, 0.0),), urgent=True)
