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

What stands around the policy stands around the least variance too. Where a policy falls back on others by itself, that
is counted likewise. A policy that waits, by a clock of its own, has decided nothing, and that is no decision.

A policy keeps no state, so what it may know of the account's way is made from the rows so far: the highest equity of
the last `peak_days`, the high of the month and the lowest since, and the hours since a decision last asked for a trade.
What a learned model made over its base, where a guard holds the two against each other, is kept on paper.

What was known at a row is a `Situation`. A door that reads the past in its own way, as the desk does by its Settings,
says so in a `situation` of its own; all else stays.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array, Mask
from ...checks import choice, number, numbers, whole
from ...choices import WHEN_UNANSWERED
from ...decide.limits.declared import Limits
from ...decide.policy.learned.paper_accounts import PaperAccounts
from ...decide.policy.models import MeanVariance
from ...decide.policy.outlook import Methods, Outlook
from ...decide.policy.past import Past
from ...decide.policy.protocol import Holding, Paper, Policy, Target
from ...errors import DataWarning, MissingDataError, SolveError, UndefinedError, say
from ...learn.training import AsOf, Training, training_of
from ...numeric.rolling_moments import RollingMoments
from ...records import dataclass
from ...tolerances import ROUNDING
from ...units import DAYS_PER_YEAR, HOURS_PER_YEAR
from ..walk.history import History
from ..walk.programmed import Programmed
from ..walk.standing import Standing

__all__ = ["FEWEST_RETURNS", "PEAK_DAYS", "Decisions", "Situation"]

FEWEST_RETURNS = 30
"""As on the desk: figures from fewer returns say more about chance than about the contract."""

PEAK_DAYS = 90.0
"""A peak of all time is never forgotten: a book that has come near its floor would stay in cash for good."""

MONTHS_PER_YEAR = 12


class Situation(NamedTuple):
    """Whom to ask, and with what: the outlook and the holding of the contracts that are `known` `(N,)` among all."""

    policy: Policy
    outlook: Outlook
    holding: Holding
    known: Mask


def _unheard(row: int, situation: Situation, target: Target) -> None:
    """Nobody listens."""


def _bare(policy: Policy) -> Policy:
    """The policy, with nothing around it."""
    return policy


@dataclass
class Decisions:
    """What is decided at a row, as `walk` asks for it, and the record of who answered.

    policy, limits, methods    as the desk has them; `limits.risk_free` is the rate of the CAPM too
    window                     returns that a decision looks back on
    when_unanswered            one of WHEN_UNANSWERED
    around                     what is put around the least variance where it answers in the place of the policy
    peak_days                  of which the highest equity is the peak
    months                     (T,) any number that is the same in the rows of one month; None: twelve equal ones a year
    heard                      told row, situation and target of each decision that the policy answered
    answers                    (row, who) of each decision: the model that answered, or the rule in its place
    unanswered                 (row, reason, who decided instead) of each decision that the policy had no answer to
    waits                      (row, why) of each row in which the policy waited
    doubts                     (row, warning) of each decision that came with one, the first of it
    traded                     the last row in which something was ordered; None: none yet

    Raises ArgumentError (window, when_unanswered, peak_days, months).
    """

    history: History
    policy: Policy
    window: int
    limits: Limits = field(default_factory=Limits)
    methods: Methods = field(default_factory=Methods)
    when_unanswered: str = "min_variance"
    around: Callable[[Policy], Policy] = _bare
    peak_days: float = PEAK_DAYS
    months: ArrayLike | None = None
    heard: Callable[[int, Situation, Target], None] = _unheard
    answers: list[tuple[int, str]] = field(default_factory=list, init=False)
    unanswered: list[tuple[int, str, str]] = field(default_factory=list, init=False)
    waits: list[tuple[int, str]] = field(default_factory=list, init=False)
    doubts: list[tuple[int, str]] = field(default_factory=list, init=False)
    traded: int | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.window = whole(self.window, "window", at_least=2)
        self.when_unanswered = choice(self.when_unanswered, "when_unanswered", WHEN_UNANSWERED)
        number(self.peak_days, "peak_days", above=0)
        if self.months is not None:
            self.months = numbers(self.months, "months", len(self.history.prices), each="row")

    def __call__(self, now: Standing) -> Array | None:
        """Weights to hold from this row on; None where nothing is to be traded."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", DataWarning)
            decided = self._decided(now)
        said = [str(each.message) for each in caught if issubclass(each.category, DataWarning)]
        self.doubts += [(now.row, message) for message in said[:1]]
        return decided

    @cached_property
    def past(self) -> Past:
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
    def moments(self) -> RollingMoments:
        """Those of the returns and the benchmark, which all decisions share."""
        return RollingMoments(np.column_stack([self.history.returns, self.history.benchmark]), self.window)

    @cached_property
    def training(self) -> Training:
        """What a model learns on the way; each decision asks only what was learned from rows before it."""
        history = self.history
        return training_of(history.returns, history.benchmark, history.settled, history.periods_per_year)

    @cached_property
    def papers(self) -> PaperAccounts:
        """The paper accounts of a learned model, its base and what was followed."""
        return PaperAccounts(self.history.returns, self.history.periods_per_year)

    def programs(self) -> Programmed | None:
        """With their programs, where a door that reads the past in its own way knows them; None: it does not."""
        return None

    def made(self, asked: int) -> int:
        """Of so many rows in which the walk asked, how many were decisions: the policy did not wait."""
        return asked - len(self.waits)

    def report(self, asked: int) -> None:
        """Say how many of the decisions `asked` went unanswered, and how many came with a warning.

        Raises UndefinedError where not one was answered.
        """
        if self.unanswered:
            first, reason, _ = self.unanswered[0]
            why = f"the policy had no answer in {len(self.unanswered)} of {asked} decisions"
            why = f"{why}, first at row {first + 1} ({reason})"
            if len(self.unanswered) == asked and all(who in WHEN_UNANSWERED for _, _, who in self.unanswered):
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

    def _decided(self, now: Standing) -> Array | None:
        if not self.history.tradable[now.row].any():
            return None
        situation = None
        try:
            situation = self.situation(now.row, now.weights, now.equity)
            if situation is None:
                return self._in_its_place(now, "no contract has enough returns in the window", None)
            situation = situation._replace(holding=self._informed(situation.holding, now, situation.known))
            target = situation.policy(situation.outlook, situation.holding)
        except (MissingDataError, SolveError) as error:
            return self._in_its_place(now, str(error), situation)
        if target.waits:
            self.waits.append((now.row, target.waits))
            return None
        self._note(now.row, target, situation)
        self.heard(now.row, situation, target)
        self.answers.append((now.row, target.model))
        if target.reasons:
            self.unanswered.append((now.row, target.reasons[0][1], target.model))
        return self._traded_to(target, now, situation)

    def _note(self, row: int, target: Target, situation: Situation) -> None:
        """Note what a learned model and its base wanted, where a guard holds them against each other."""
        if target.paper is None:
            return
        learned, base, costs, followed = target.paper
        among = np.zeros((3, situation.known.size))
        among[:, situation.known] = learned, base, costs
        self.papers.note(row, Paper(among[0], among[1], among[2], followed))

    def _in_its_place(self, now: Standing, reason: str, situation: Situation | None) -> Array | None:
        """What the rule for unanswered decisions says."""
        decided, who = self._nearest_answer(situation)
        self.answers.append((now.row, who))
        self.unanswered.append((now.row, reason, who))
        if who == "hold":
            return None
        if decided is None or situation is None:
            self.traded = now.row
            return np.zeros(now.weights.size)
        return self._traded_to(decided, now, situation)

    def _nearest_answer(self, situation: Situation | None) -> tuple[Target | None, str]:
        """What answers by the rule, None for nothing, and its name; cash where the least variance has no answer."""
        if self.when_unanswered != "min_variance":
            return None, self.when_unanswered
        try:
            if situation is None:
                return None, "cash"
            least = self.around(MeanVariance(self.when_unanswered))
            return least(situation.outlook, situation.holding), self.when_unanswered
        except (MissingDataError, SolveError):
            return None, "cash"

    def _traded_to(self, target: Target, now: Standing, situation: Situation) -> Array | None:
        """The weights of the contracts that are traded, NaN for those that stay but for rounding; None where all do."""
        weights = np.full(now.weights.size, np.nan)
        held = situation.holding.held
        weights[situation.known] = np.where(np.abs(target.weights - held) <= ROUNDING, np.nan, target.weights)
        if np.isnan(weights).all():
            return None
        self.traded = now.row
        return weights

    def _informed(self, holding: Holding, now: Standing, known: Mask) -> Holding:
        """The holding with what the account's own past says."""
        row, path, periods = now.row, now.path, self.history.periods_per_year
        back = max(row - round(self.peak_days * periods / DAYS_PER_YEAR), 0)
        began = int(self._month_began[row])
        high = began + int(np.argmax(path[began:]))
        unpriced = ~self.history.tradable[row][known]
        held = math.inf if self.traded is None else (row - self.traded) * HOURS_PER_YEAR / periods
        return holding.told(
            equity=now.equity,
            peak=float(path[back:].max()),
            month_high=float(path[high]),
            month_low=float(path[high:].min()),
            hours_held=held,
            stopped=now.stopped[known],
            untraded=unpriced if holding.untraded is None else unpriced | holding.untraded,
            excess=self.papers.excess(row),
        )

    @cached_property
    def _month_began(self) -> NDArray[np.int64]:
        """The first row of the month of each row, `(T,)`."""
        rows = np.arange(len(self.history.prices))
        months = rows * MONTHS_PER_YEAR // self.history.periods_per_year if self.months is None else self.months
        return np.maximum.accumulate(np.where(np.diff(months, prepend=np.nan) != 0, rows, 0))

    def paid(self, rows: slice) -> Array:
        """Funding a year that longs paid in the window of these rows, `(N,)`."""
        paid = np.ones(self.window) @ self.history.settled[rows] / self.window  # three times as quick as mean()
        return np.asarray(paid * self.history.periods_per_year)

    def _outlook(self, rows: slice, known: Mask) -> Outlook:
        """What was known of the contracts that can be estimated."""
        past, row = self.past.over(rows, self.paid(rows)), rows.stop - 1
        learned = AsOf(lambda: self.training, row, np.flatnonzero(known))
        if known.all():
            return Outlook(past, self.methods, (self.moments, row), learned)
        return Outlook(past.select(known), self.methods, learned=learned)

    def _holding(self, row: int, weights: Array, equity: float, known: Mask) -> Holding:
        """What is held of them, and limits that leave alone what has no price."""
        limits, tradable = self.limits.select(known), self.history.tradable[row][known]
        held = weights[known]
        if not tradable.all():
            low, high = (limits.vector(name, held.size) for name in ("min_weight", "max_weight"))
            limits = limits.changed(min_weight=np.where(tradable, low, held), max_weight=np.where(tradable, high, held))
        return Holding(held, equity, limits, among=known)
