"""A chain of policies: the best one that answers, and why the better ones did not.

    enhanced  ->  classical mean-variance  ->  current weights

A model may fail to be estimated (too little history, a package that is not installed) or to be solved (limits in
conflict, no positive premium, no certified optimum); then the next one answers, and the reason is kept. A wrong
argument is no such failure: it would fail every model alike, or hide a mistake, so it is raised at once.
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import ArgumentError, MissingDataError, NotInstalledError, SolveError
from ...records import dataclass
from .outlook import Outlook
from .protocol import Holding, Policy, Target

__all__ = ["Chain"]


@dataclass(frozen=True)
class Chain:
    """The first of `policies`, best first, that answers. Raises ArgumentError where there are none."""

    policies: tuple[Policy, ...]

    def __post_init__(self) -> None:
        if not self.policies:
            raise ArgumentError("policies is empty; name at least one")

    @property
    def name(self) -> str:
        """That of the best."""
        return self.policies[0].name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """What the first that can answers, with the reason of each before it.

        Caught: MissingDataError (cannot be estimated), SolveError (infeasible, undefined, not certified) and
        NotInstalledError (a package is missing). Everything else passes through. Where none answers a SolveError gives
        the reason of each.
        """
        reasons: list[tuple[str, str]] = []
        for policy in self.policies:
            try:
                found = policy(outlook, holding)
            except (MissingDataError, NotInstalledError, SolveError) as error:
                reasons.append((policy.name, str(error)))
            else:
                return replace(found, reasons=(*reasons, *found.reasons))
        raise SolveError("no model answered: " + "; ".join(f"{model}: {reason}" for model, reason in reasons))
