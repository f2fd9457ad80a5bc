"""The guard of a learned model: what it wants is held only near what its base wants, and only while it is worth it.

    weights = base + s (nearest - base)      nearest: inside the limits, to what was learned
                                             s: the largest, at most 1, at which neither what is bought nor what is
                                                sold, away from the base, is above cap x gross of the base

The base answers alone, and says why, where

    judged         the judgement of days that it had not learned from is not in favour (`learned.judgement`)
    unanswered     the model has no answer
    kill switch    its paper account of the last 90 days is below that of the base by more than cap x 10 %, or what was
                   followed of it has cost more than cap x 5 % in the last 365 days

The paper account goes on where the model is not followed, so a model that has come back is followed again. A loss of
the last year is not forgotten before it is a year old: behind its guard a model costs no more in a year than that, and
what the days on which it was stopped brought.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

import numpy as np

from ....arrays import Array
from ....checks import number
from ....errors import MissingDataError, NotInstalledError, SolveError
from ....records import dataclass
from ...portfolio.nearest import Nearest, nearest_within
from ..learned.judgement import Judgement
from ..outlook import Outlook
from ..protocol import Excess, Holding, Paper, Policy, Target

__all__ = ["CAP", "FOLLOWED_LOSS_OF_CAP", "LOSS_OF_CAP", "Guarded", "Learner"]

CAP = 0.2
"""Of the base's gross, one way: what a model may do at most."""

LOSS_OF_CAP = 0.10
"""Share of the cap that may be lost against the base, on paper, before it is stopped."""

FOLLOWED_LOSS_OF_CAP = 0.05
"""The same of what was followed: on real and shuffled days the day on which it was stopped brought as much again."""


class Learner(Protocol):
    """What was learned: weights to hold in place of the base's."""

    @property
    def name(self) -> str:
        """What it is called in a target and in a run log."""
        ...

    def __call__(self, outlook: Outlook, holding: Holding, base: Target) -> Array:
        """Weights `(N,)`, whatever the limits; `base` is what the base wants. Raises as a policy does."""
        ...


@dataclass(frozen=True)
class Guarded:
    """What `learner` wants, within `cap` of what `base` wants, while the guard lets it; else what `base` wants.

    `judgement` is that of the learner against this base.
    """

    learner: Learner
    base: Policy
    judgement: Judgement
    cap: float = CAP

    @property
    def name(self) -> str:
        """That of the learner."""
        return self.learner.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The guarded target, whose baseline is that of the base. Raises as the base does, and ArgumentError (cap)."""
        cap = number(self.cap, "cap", at_least=0, at_most=1)
        base = self.base(outlook, holding)
        if base.waits:
            return base
        if not self.judgement.kept:
            return self._base(base, f"its guard keeps the base: {self.judgement.why}")
        try:
            wanted = self.learner(outlook, holding, base)
            found = _within(wanted, base.weights, holding, cap, outlook.returns)
        except (MissingDataError, NotInstalledError, SolveError) as error:
            return self._base(base, str(error))
        why = _too_much_lost(holding.excess, cap)
        costs = holding.limits.vector("turnover_cost", base.weights.size)
        paper = Paper(found.weights, base.weights, costs, followed=not why)
        if why:
            return replace(self._base(base, why), paper=paper)
        return replace(Target.of(self.name, found), baseline=base.weights, reasons=base.reasons, paper=paper)

    def _base(self, base: Target, why: str) -> Target:
        """What the base wants, and why it answers alone."""
        return replace(base, reasons=((self.name, why), *base.reasons))


def _within(wanted: Array, base: Array, holding: Holding, cap: float, returns: Array) -> Nearest:
    """The weights inside the limits of the holding and the cap around the base; where nothing is traded, the base's."""
    most = cap * float(np.abs(base).sum())
    fixed, limits = holding.fixed, holding.limits
    if fixed.any():
        low, high = (np.where(fixed, base, limits.vector(name, base.size)) for name in ("min_weight", "max_weight"))
        limits = limits.changed(min_weight=low, max_weight=high)
    wanted = np.where(fixed, base, base + _shrunk(wanted - base, most))
    nearest = nearest_within(wanted, limits, returns=returns)
    return replace(nearest, weights=base + _shrunk(nearest.weights - base, most))


def _shrunk(shift: Array, most: float) -> Array:
    """The shift, smaller where it buys or sells more than `most`."""
    larger = max(float(np.maximum(shift, 0).sum()), float(np.maximum(-shift, 0).sum()))
    return shift * (most / larger) if larger > most else shift


def _too_much_lost(excess: Excess | None, cap: float) -> str:
    """Why the kill switch acts; empty: it does not."""
    if excess is None:
        return ""
    most, followed = cap * LOSS_OF_CAP, cap * FOLLOWED_LOSS_OF_CAP
    if excess.quarter < -most:
        return f"its kill switch acts: {excess.quarter:+.2%} against the base in 90 days, below {-most:.2%}"
    if excess.year < -followed:
        lost = f"what was followed of it lost {-excess.year:.2%} in 365 days"
        return f"its kill switch acts: {lost}, above {followed:.2%}"
    return ""
