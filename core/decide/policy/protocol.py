"""A policy: the rule that turns what is known into what to hold, `(outlook, holding) -> target`.

A job asks it once, for now; a walk-forward test asks it at every rebalance of a history. What a policy is given is all
it can know: an outlook is made of the rows up to now and no later ones, so it cannot look ahead. It keeps no state
either: the same outlook and holding give the same target.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import number, numbers
from ...numeric.quadratic.certificate import Certificate
from ..limits.declared import Limits
from .outlook import Outlook

__all__ = ["Holding", "Policy", "Solved", "Target"]


@dataclass(frozen=True)
class Holding:
    """What is held at a rebalance: `weights` `(N,)` (notional / equity), `equity`, and the limits it must keep.

    `limits` count from the weights held whatever `current_weights` they state. Raises ArgumentError (equity not above
    zero), MissingDataError (a gap in the weights).
    """

    weights: ArrayLike
    equity: float = 1.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        held = numbers(self.weights, "weights")
        number(self.equity, "equity", above=0)
        object.__setattr__(self, "weights", held)
        object.__setattr__(self, "limits", self.limits.changed(current_weights=held))


class Solved(Protocol):
    """Certified weights: an optimum, the nearest portfolio, a tilted one."""

    @property
    def weights(self) -> Array:
        """`(N,)`, notional / equity."""
        ...

    @property
    def certificate(self) -> Certificate:
        """That of the program solved."""
        ...

    @property
    def solver(self) -> str:
        """The route by which it was solved."""
        ...


@dataclass(frozen=True)
class Target:
    """What to hold, `weights` `(N,)`, and how it came about.

    model        who answered
    baseline     weights `(N,)` before any tilt and before they were scaled
    reasons      (model, reason) of each that was asked before and could not
    scale        what the whole was multiplied by to keep a volatility ceiling
    certificate  of the program that was solved; None where none was
    solver       the route by which it was solved
    """

    weights: Array
    model: str
    baseline: Array
    reasons: tuple[tuple[str, str], ...] = ()
    scale: float = 1.0
    certificate: Certificate | None = None
    solver: str = "none"

    @classmethod
    def of(cls, model: str, found: Solved) -> Target:
        """What was solved, by `model`, without a tilt."""
        return cls(found.weights, model, found.weights, certificate=found.certificate, solver=found.solver)


class Policy(Protocol):
    """Anything that has a name and can be asked for a target."""

    @property
    def name(self) -> str:
        """What it is called in a target and in a run log."""
        ...

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """What to hold, given the outlook and what is held.

        Raises MissingDataError (too little history) or SolveError (limits in conflict, nothing to gain) where it has no
        answer, and ArgumentError for inputs that do not fit together.
        """
        ...
