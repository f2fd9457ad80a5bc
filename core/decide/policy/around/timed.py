"""A clock around a policy: between two of its times nothing is decided, and what is held stays."""

from __future__ import annotations

from ....records import dataclass
from ..clock import Clock
from ..outlook import Outlook
from ..protocol import Holding, Policy, Target

__all__ = ["Timed"]


@dataclass(frozen=True)
class Timed:
    """What `policy` wants to hold when `clock` says that it is time, and what is held until then."""

    policy: Policy
    clock: Clock

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The target of the policy, which is not asked while nothing is due."""
        now = self.clock(outlook, holding)
        if now.due:
            return self.policy(outlook, holding)
        return Target(holding.held, self.name, holding.held, waits=now.why)
