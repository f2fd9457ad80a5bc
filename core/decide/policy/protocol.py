"""A policy: the rule that turns what is known into what to hold, `(past, book) -> target`.

A job asks it once, for now; a walk-forward test asks it at every rebalance of a history. What a policy is given is all
it can know: `Past` holds rows up to now and no later ones, so it cannot look ahead. It keeps no state either: the same
past and book give the same target.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, number, numbers
from ...units import DAYS_PER_YEAR
from ..limits.declared import Limits

__all__ = ["Book", "Past", "Policy", "Target"]


@dataclass(frozen=True)
class Past:
    """What is known at a rebalance, the last row of `returns` being the latest bar that has closed.

    returns           (T, N) per bar; a gap is NaN
    market_returns    (T,) of the benchmark; None: the mean of the contracts
    funding           (N,) or one for all: expected funding a year, positive = longs pay
    implied_vols      (N,) a year, NaN where none is quoted; None: none
    periods_per_year  bars in a year
    risk_free         a year
    market_return     expected return of the benchmark a year; None: its mean so far

    Raises ArgumentError (shapes, values out of range), MissingDataError (a gap in the funding).
    """

    returns: ArrayLike
    market_returns: ArrayLike | None = None
    funding: ArrayLike = 0.0
    implied_vols: ArrayLike | None = None
    periods_per_year: float = float(DAYS_PER_YEAR)
    risk_free: float = 0.0
    market_return: float | None = None

    def __post_init__(self) -> None:
        block = as_matrix(self.returns, "returns")
        keep = {"returns": block, "funding": numbers(self.funding, "funding", block.shape[1])}
        if self.market_returns is not None:
            keep["market_returns"] = as_vector(self.market_returns, "market_returns")
            aligned(block, "returns", keep["market_returns"], "market_returns")
        if self.implied_vols is not None:
            keep["implied_vols"] = as_vector(self.implied_vols, "implied_vols", block.shape[1])
        number(self.periods_per_year, "periods_per_year", above=0)
        number(self.risk_free, "risk_free")
        if self.market_return is not None:
            number(self.market_return, "market_return")
        for name, values in keep.items():
            object.__setattr__(self, name, values)


@dataclass(frozen=True)
class Book:
    """What is held at a rebalance: `weights` `(N,)` (notional / equity), `equity`, and the limits it must keep.

    `limits` count from the book's own weights whatever `current_weights` they state. Raises ArgumentError (equity not
    above zero), MissingDataError (a gap in the weights).
    """

    weights: ArrayLike
    equity: float = 1.0
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        held = numbers(self.weights, "weights")
        number(self.equity, "equity", above=0)
        object.__setattr__(self, "weights", held)
        object.__setattr__(self, "limits", replace(self.limits, current_weights=held))


@dataclass(frozen=True)
class Target:
    """What to hold, `weights` `(N,)`, the model that answered, and (model, reason) of each that could not."""

    weights: Array
    model: str
    reasons: tuple[tuple[str, str], ...] = ()


class Policy(Protocol):
    """Anything that can be asked for a target."""

    def __call__(self, past: Past, book: Book) -> Target:
        """What to hold, given the past and the book. Raises ArgumentError for inputs that do not fit together."""
        ...
