"""A policy: the rule that turns what is known into what to hold, `(outlook, holding) -> target`.

A job asks it once, for now; a walk-forward test asks it at every rebalance of a history. What a policy is given is all
it can know: an outlook is made of the rows up to now and no later ones, so it cannot look ahead. It keeps no state
either: the same outlook and holding give the same target.
"""

from __future__ import annotations

import math
from dataclasses import field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import number, numbers, whole
from ...errors import ArgumentError
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ..limits.declared import Limits
from .outlook import Outlook

__all__ = ["Excess", "Holding", "Paper", "Policy", "Solved", "Target"]


class Excess(NamedTuple):
    """Log growth of a learned model over its base, after costs.

    quarter    of its paper account in the last 90 days, followed or not
    year       of what was followed of it in the last 365 days
    """

    quarter: float
    year: float


class Paper(NamedTuple):
    """What a learned model and its base want to hold.

    learned, base    weights, `(N,)` each
    costs            of a trade, of its notional, `(N,)`
    followed         whether the model is
    """

    learned: Array
    base: Array
    costs: Array
    followed: bool


@dataclass(frozen=True)
class Holding:
    """What is held at a rebalance and how the account came there; it is asked with this, for it keeps no state.

    weights        (N,) notional / equity
    equity         now
    limits         that a target must keep; they count from the weights held whatever `current_weights` they state
    peak           highest equity of the time that a drawdown is counted over; None: now
    month_high     highest equity of this month; None: now
    month_low      lowest equity since then; None: now
    hours_held     since the last trade; infinite where there was none, or nobody knows
    stopped        (N,) contracts that left at a stop of their own since the last trade; None: none did
    untraded       (N,) contracts that cannot be traded now; None: those that limits fix at what is held of them
    among          (M,) which of all the contracts of a history these are; None: all of them
    excess         of a learned model over its base so far; None: it was not followed yet, or nobody knows

    Raises ArgumentError (equity not above zero, a high below it, a low above it), MissingDataError (a gap in the
    weights).
    """

    weights: ArrayLike
    equity: float = 1.0
    limits: Limits = field(default_factory=Limits)
    peak: float | None = None
    month_high: float | None = None
    month_low: float | None = None
    hours_held: float = math.inf
    stopped: Mask | None = None
    untraded: Mask | None = None
    among: Mask | None = None
    excess: Excess | None = None

    def __post_init__(self) -> None:
        held = numbers(self.weights, "weights")
        equity = number(self.equity, "equity", above=0)
        for name in ("peak", "month_high"):
            high = getattr(self, name)
            if high is not None and number(high, name) < equity:
                raise ArgumentError(f"{name} is {high:g}, below equity {equity:g}; it is a high that holds equity now")
        if self.month_low is not None and not 0 < number(self.month_low, "month_low") <= equity:
            raise ArgumentError(f"month_low is {self.month_low:g}; it must be above 0 and at most equity {equity:g}")
        if not self.hours_held >= 0:
            raise ArgumentError(f"hours_held is {self.hours_held:g}; it must be at least 0")
        object.__setattr__(self, "weights", held)
        object.__setattr__(self, "limits", self.limits.changed(current_weights=held))

    def told(self, **known: Any) -> Holding:
        """The same with other values that an account vouches for: none is checked again, as `replace` would."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **known)
        return other

    @property
    def held(self) -> Array:
        """The weights, `(N,)`."""
        return np.asarray(self.weights)

    def place_of(self, contract: int, name: str = "contract") -> int | None:
        """Where a contract of the history (0 = the first of all) stands here; None where it is left out.

        Raises ArgumentError that calls it `name` (there is no such contract).
        """
        known = np.ones(self.held.size, dtype=bool) if self.among is None else self.among
        place = whole(contract, name, at_least=0, at_most=known.size - 1)
        return int(known[:place].sum()) if known[place] else None

    @property
    def fixed(self) -> Mask:
        """The contracts that are not traded, `(N,)`: they cannot be, or limits fix them at what is held of them."""
        low, high = (self.limits.vector(name, self.held.size) for name in ("min_weight", "max_weight"))
        pinned = (low == high) & (low == self.held) & (self.held != 0)
        return np.asarray(pinned if self.untraded is None else pinned | self.untraded)


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
    scale        what the whole was multiplied by, all of `sized` together
    sized        (what for, multiple of the gross) of each that made the whole larger or smaller
    hedge        (N,) the part of the weights that hedges the rest; None: no part is told apart
    waits        why it is not traded now, though it is wanted; empty: it is
    urgent       to be traded whatever a clock says
    certificate  of the program that was solved; None where none was
    solver       the route by which it was solved
    paper        what a learned model and its base wanted; None: none was asked, or its judgement is against it
    """

    weights: Array
    model: str
    baseline: Array
    reasons: tuple[tuple[str, str], ...] = ()
    scale: float = 1.0
    sized: tuple[tuple[str, float], ...] = ()
    hedge: Array | None = None
    waits: str = ""
    urgent: bool = False
    certificate: Certificate | None = None
    solver: str = "none"
    paper: Paper | None = None

    @classmethod
    def of(cls, model: str, found: Solved) -> Target:
        """What was solved, by `model`, without a tilt."""
        return cls(found.weights, model, found.weights, certificate=found.certificate, solver=found.solver)

    def resized(self, purpose: str, scale: float, fixed: Mask) -> Target:
        """The whole of it at `scale`, around the contracts that are `fixed` `(N,)`."""
        weights = np.where(fixed, self.weights, scale * self.weights)
        hedge = None if self.hedge is None else np.where(fixed, self.hedge, scale * self.hedge)
        sized = (*self.sized, (purpose, scale))
        return replace(self, weights=weights, hedge=hedge, scale=scale * self.scale, sized=sized)


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
