"""The lessons of a history: at each row what was known of a contract, what a simple rule said, and how wrong it was.

    target     what is to be known                       the rule                                  error
    beta       beta over the next horizon                beta over the last 30                     outcome - rule
    premium    mean return of the next horizon, net      that beta x mean market return so far,    (outcome - rule)
               of funding                                less the funding of the last 30           x sqrt(horizon) / s

Errors of the premium are in units of volatility, s being that of the last 30 horizons: a calm contract and a wild one,
or a calm year and a wild one, teach as much. All rows of a history may be given at once: each figure of row t is made
of rows up to t, and an error belongs to the row at which the forecast is made.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Rows
from ..checks import choice
from ..errors import DataWarning, MissingDataError
from ..estimate.beta.rolling import rolling_beta
from ..estimate.regression import quotient
from ..records import dataclass
from .correction import Examples
from .features import LONG, LONGEST, MEDIUM, feature_names, features, least_rows, market_state, trailing_moments

__all__ = ["LEAST_EXAMPLES", "NEEDED", "SHORTEST_HORIZON", "TARGETS", "Lessons"]

NEEDED = 120
"""Horizons of history without which nothing can be learned: 30 for the first window, 90 of examples."""

LEAST_EXAMPLES = 300
"""Examples that must be left when gaps have taken theirs."""

EXAMPLES_PER_HORIZON = 4
"""Outcomes overlap: examples closer than a quarter of the horizon teach hardly more and cost as much."""

SHORTEST_HORIZON = 5
"""A beta of fewer returns than this is all chance: none is learned of a shorter horizon, and the short window is no
shorter."""

NO_ERROR = 1e-9
"""Difference from the outcome, as a share of it, that is none: running sums leave more than the rounding of one number,
and the examples are learned in single precision anyway."""

TARGETS = {"beta": 0.1, "premium": 0.01}
"""What may be learned, and the share of its errors' variance that a good model foresees."""

UNTOLD = {"beta": ("regime", "momentum, short", "funding, short"), "premium": ()}
"""Features that a target is not learned from. The regime made betas of BTC, ETH and SOL worse (R2 of SOL 0.086 in place
of 0.096); the two others stay out so that PERP_BETA_FORECAST keeps its figures, and were not measured."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """A history of T rows of N contracts, to learn from.

    assets   (T, N) returns per bar, net of funding
    market   (T,) returns of the benchmark
    extra    (T, N) each, by a name of EXTRAS: what is known beside returns
    horizon  rows ahead
    """

    assets: Array
    market: Array
    extra: Mapping[str, Array]
    horizon: int

    def names(self, target: str) -> tuple[str, ...]:
        """What the K features are called."""
        return tuple(name for name in feature_names(self.extra) if name not in UNTOLD[target])

    @cached_property
    def rows(self) -> Rows:
        """Rows at which examples are made: the long window is full, and the outcome is known."""
        step = max(1, self.horizon // EXAMPLES_PER_HORIZON)
        return np.arange(LONG * self.horizon - 1, len(self.market) - self.horizon, step)

    @cached_property
    def betas(self) -> tuple[Array, ...]:
        """Rolling betas over the short, medium and long window, (T, N) each. Raises MissingDataError."""
        short = max(self.horizon, SHORTEST_HORIZON)
        windows = (short, *(max(horizons * self.horizon, short) for horizons in (MEDIUM, LONG)))
        return tuple(_rolling(self.assets, self.market, window) for window in windows)

    def states_at(self, target: str, row: int) -> Array:
        """What was known of each contract at one row, (N, K); rows before the longest window are not looked at."""
        first = max(0, row + 1 - LONGEST * self.horizon)
        seen, there = slice(first, row + 1), np.array([row - first])
        return self._told(target, self._states_in(seen, there)[0])

    def rule(self, target: str, rows: Rows) -> Array:
        """What the rule for one of TARGETS says at these rows, (M, N): a beta, or a return per bar."""
        last = self.betas[-1][rows]
        if choice(target, "target", tuple(TARGETS)) == "beta":
            return last
        earned = last * self._market_so_far[rows, np.newaxis]
        return earned - self._trailing("funding", rows) if "funding" in self.extra else earned

    def unit(self, target: str, rows: Rows) -> Array:
        """What one unit of error is at these rows, (M, N): 1 of beta, or a return per bar."""
        if target == "beta":
            return np.ones((rows.size, self.assets.shape[1]))
        return np.asarray(trailing_moments(self.assets, LONG * self.horizon, rows)[1] / np.sqrt(self.horizon))

    def examples(self, target: str, contracts: NDArray[np.intp]) -> tuple[Examples, NDArray[np.intp]]:
        """The examples of these contracts together, in the order of their rows, and whose each is, (M,).

        Those with a gap are left out. Raises ArgumentError (target).
        """
        errors = self._errors[choice(target, "target", tuple(TARGETS))][:, contracts]
        known = np.isfinite(errors)
        rows, owners = (np.broadcast_to(each, errors.shape) for each in (self.rows[:, np.newaxis], contracts))
        states = self._told(target, self._states[:, contracts][known])
        return Examples(states, errors[known], rows[known], self.horizon, TARGETS[target]), owners[known]

    def _told(self, target: str, states: Array) -> Array:
        """The features that a target is learned from."""
        return states[..., [name not in UNTOLD[target] for name in feature_names(self.extra)]]

    @cached_property
    def _states(self) -> Array:
        """At the rows of the examples, (R, N, K)."""
        return self._states_in(slice(None), self.rows)

    def _states_in(self, seen: slice, rows: Rows) -> Array:
        """At these rows of a part of the history, (M, N, K)."""
        market = market_state(self.market[seen], self.horizon, rows)
        betas, extra = [beta[seen] for beta in self.betas], {name: each[seen] for name, each in self.extra.items()}
        return features(self.assets[seen], market, betas, extra, self.horizon, rows)

    @cached_property
    def _errors(self) -> dict[str, Array]:
        """What the rules got wrong at the rows of the examples, (R, N) each; NaN where that is not known."""
        later = self.rows + self.horizon
        earned = self.assets[later]
        if self.horizon > 1:
            earned = trailing_moments(self.assets, self.horizon, later)[0]
        outcomes = {"beta": self.betas[0][later], "premium": earned}
        found = {}
        for target, outcome in outcomes.items():
            rule, unit = self.rule(target, self.rows), self.unit(target, self.rows)
            errors = np.where(np.abs(outcome - rule) <= NO_ERROR * np.abs(outcome), 0.0, outcome - rule)
            found[target] = quotient(errors, unit).astype(np.float32).astype(np.float64)
        return found

    @cached_property
    def _market_so_far(self) -> Array:
        """Mean return of the market up to each row, (T,)."""
        return np.asarray(np.nancumsum(self.market) / np.maximum(np.isfinite(self.market).cumsum(), 1))

    def _trailing(self, name: str, rows: Rows) -> Array:
        """Mean of what is known beside returns over the long window, (M, N)."""
        return trailing_moments(self.extra[name], LONG * self.horizon, rows)[0]


def _rolling(assets: Array, market: Array, window: int) -> Array:
    """Rolling beta wherever most of its window is there; which rows have a gap has been said already."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        try:
            return rolling_beta(assets, market, window, least_rows(window))
        except MissingDataError:
            raise MissingDataError(
                f"asset_returns have too many gaps, no {window} rows on end are half complete; fill them in"
            ) from None
