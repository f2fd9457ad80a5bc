"""The decisions of a walk: a policy asked with what was known then, and who answered in its place where it could not.

At the close of row t the policy is given the returns of the last `window` rows up to t, the funding that was paid in
them a year, and the weights held: the same `Past`, `Outlook` and `Holding` that the desk asks it with. A contract with
fewer than 30 returns in them is left alone; one without a price now stays as it is, and counts. In a row without any
price nothing is decided.

Where a policy has no answer (too little history, limits in conflict, no positive premium) the rule `when_unanswered`
decides, and it is counted:

    cash            all is closed
    min_variance    the least variance inside the limits, and cash where that has no answer either
    hold            nothing is traded, which is a bet of its own: a long book is held through a falling market

What was known at a row is a `Situation`. A door that reads the past in its own way, as the desk does by its Settings,
says so in a `situation` of its own; all else stays.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array, Mask
from ...checks import choice, whole
from ...decide.limits.declared import Limits
from ...decide.policy.models import MeanVariance
from ...decide.policy.outlook import Methods, Outlook
from ...decide.policy.past import Past
from ...decide.policy.protocol import Holding, Policy
from ...errors import DataWarning, MissingDataError, SolveError, UndefinedError, say
from ...numeric.rolling_moments import RollingMoments
from ..walk.history import History
from ..walk.standing import Standing

__all__ = ["FEWEST_RETURNS", "WHEN_UNANSWERED", "Decisions", "Situation"]

WHEN_UNANSWERED = ("cash", "min_variance", "hold")

FEWEST_RETURNS = 30
"""As on the desk: figures from fewer returns say more about chance than about the contract."""


class Situation(NamedTuple):
    """Whom to ask, and with what: the outlook and the holding of the contracts that are `known` `(N,)` among all."""

    policy: Policy
    outlook: Outlook
    holding: Holding
    known: Mask


@dataclass
class Decisions:
    """What is decided at a row, as `walk` asks for it, and the record of who answered.

    policy, limits, methods    as the desk has them; `limits.risk_free` is the rate of the CAPM too
    window                     returns that a decision looks back on
    when_unanswered            one of WHEN_UNANSWERED
    answers                    (row, who) of each decision: the model that answered, or the rule in its place
    unanswered                 (row, reason, who decided instead) of each decision that the policy had no answer to
    doubts                     (row, warning) of each decision that came with one, the first of it

    Raises ArgumentError (window, when_unanswered).
    """

    history: History
    policy: Policy
    window: int
    limits: Limits = field(default_factory=Limits)
    methods: Methods = field(default_factory=Methods)
    when_unanswered: str = "min_variance"
    answers: list[tuple[int, str]] = field(default_factory=list, init=False)
    unanswered: list[tuple[int, str, str]] = field(default_factory=list, init=False)
    doubts: list[tuple[int, str]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.window = whole(self.window, "window", at_least=2)
        self.when_unanswered = choice(self.when_unanswered, "when_unanswered", WHEN_UNANSWERED)

    def __call__(self, now: Standing) -> Array | None:
        """Weights to hold from this row on; None where nothing is to be traded."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataWarning)
            decided = self._decided(now.row, now.weights, now.equity)
        said = [str(each.message) for each in caught if issubclass(each.category, DataWarning)]
        self.doubts += [(now.row, message) for message in said[:1]]
        return decided

    @cached_property
    def _past(self) -> Past:
        """All rows, of which each decision is given its window."""
        history = self.history
        return Past(
            history.returns,
            history.benchmark,
            periods_per_year=history.periods_per_year,
            risk_free=self.limits.risk_free,
        )

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        """Returns of each contract before each row, `(T + 1, N)`."""
        known = np.isfinite(self.history.returns)
        return np.vstack([np.zeros(known.shape[1], dtype=np.int64), known.cumsum(axis=0)])

    @cached_property
    def _moments(self) -> RollingMoments:
        """Those of the returns and the benchmark, which all decisions share."""
        return RollingMoments(np.column_stack([self.history.returns, self.history.benchmark]), self.window)

    def report(self, asked: int) -> None:
        """Say how many of the decisions `asked` went unanswered, and how many came with a warning.

        Raises UndefinedError where not one was answered.
        """
        if self.unanswered:
            first, reason, _ = self.unanswered[0]
            why = f"the policy had no answer in {len(self.unanswered)} of {asked} decisions"
            why = f"{why}, first at row {first + 1} ({reason})"
            if len(self.unanswered) == asked:
                raise UndefinedError(f"{why}; mend the limits, or choose another policy or window")
            say(f"{why}; there {self._instead()} decided")
        if self.doubts:
            first, message = self.doubts[0]
            say(f"{len(self.doubts)} of {asked} decisions came with a warning, first at row {first + 1}: {message}")

    def _instead(self) -> str:
        """Who decided in place of the policy, `min_variance`, or `min_variance (in 5) and cash (in 2)`."""
        times = Counter(who for _, _, who in self.unanswered)
        return " and ".join(f"{who} (in {count})" if len(times) > 1 else who for who, count in times.items())

    def situation(self, row: int, weights: Array, equity: float) -> Situation | None:
        """Whom to ask at the close of row `row`, and with what; None where no contract has enough returns."""
        rows = slice(row - self.window + 1, row + 1)
        known = self._counts[rows.stop] - self._counts[rows.start] >= min(FEWEST_RETURNS, self.window)
        if not known.any():
            return None
        return Situation(self.policy, self._outlook(rows, known), self._holding(row, weights, equity, known), known)

    def _decided(self, row: int, weights: Array, equity: float) -> Array | None:
        if not self.history.tradable[row].any():
            return None
        situation = self.situation(row, weights, equity)
        if situation is None:
            return self._in_its_place(row, "no contract has enough returns in the window", None, weights)
        try:
            target = situation.policy(situation.outlook, situation.holding)
        except (MissingDataError, SolveError) as error:
            return self._in_its_place(row, str(error), situation, weights)
        self.answers.append((row, target.model))
        return _spread(target.weights, weights, situation.known)

    def _in_its_place(self, row: int, reason: str, situation: Situation | None, weights: Array) -> Array | None:
        """What the rule for unanswered decisions says."""
        decided, who = _nearest_answer(self.when_unanswered, situation)
        self.answers.append((row, who))
        self.unanswered.append((row, reason, who))
        if who == "hold":
            return None
        if decided is None or situation is None:
            return np.zeros(weights.size)
        return _spread(decided, weights, situation.known)

    def _outlook(self, rows: slice, known: Mask) -> Outlook:
        """What was known of the contracts that can be estimated."""
        paid = np.ones(self.window) @ self.history.settled[rows] / self.window  # three times as quick as mean()
        past = self._past.over(rows, paid * self.history.periods_per_year)
        if known.all():
            return Outlook(past, self.methods, (self._moments, rows.stop - 1))
        return Outlook(past.select(known), self.methods)

    def _holding(self, row: int, weights: Array, equity: float, known: Mask) -> Holding:
        """What is held of them, and limits that leave alone what has no price."""
        limits, tradable = self.limits.select(known), self.history.tradable[row][known]
        held = weights[known]
        if not tradable.all():
            low, high = (limits.vector(name, held.size) for name in ("min_weight", "max_weight"))
            limits = limits.changed(min_weight=np.where(tradable, low, held), max_weight=np.where(tradable, high, held))
        return Holding(held, equity, limits)


def _nearest_answer(rule: str, situation: Situation | None) -> tuple[Array | None, str]:
    """Weights by the rule, None for none, and its name; cash where the least variance has no answer either."""
    if rule != "min_variance":
        return None, rule
    try:
        if situation is None:
            return None, "cash"
        return MeanVariance(rule)(situation.outlook, situation.holding).weights, rule
    except (MissingDataError, SolveError):
        return None, "cash"


def _spread(chosen: Array, held: Array, known: Mask) -> Array:
    """The weights of the contracts that are known among all; the others stay."""
    weights = held.copy()
    weights[known] = chosen
    return weights
