"""Training as a walk goes on: at each row, what a model knew that had learned from what was known then.

    first training     once 120 horizons of rows are there
    next ones          every so many rows after it: what is asked between two is answered by the model of the last
    learned from       examples whose outcome was known an embargo of one horizon before the training

So a model is asked only about rows after its training, and what it has learned from is never judged by it. A model is
made once and kept: a walk of years costs a few dozen trainings. The answer at a row depends on the rows up to it alone,
however many more there are.

    premium    correction of the CAPM premium a year, by one model of all contracts together
    beta       beta of the next horizon, for each contract by a model of its own where that beat the last beta out of
               sample, and the last beta elsewhere

Sources: those of `lessons`, `models` and `validation`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Mask
from ..checks import choice, number, whole
from ..choices import LEARNERS, RETRAIN_DAYS
from ..errors import ArgumentError, MissingDataError
from ..records import dataclass
from ..units import DAYS_PER_YEAR
from .correction import Examples, learn_correction
from .lessons import LEAST_EXAMPLES, NEEDED, SHORTEST_HORIZON, Lessons
from .models import Predict, one_thread

__all__ = ["AsOf", "Training", "training_of"]

SEED = 1


@dataclass(eq=False)
class Training:
    """The trainings of a history; made by `training_of`.

    lessons            of all rows, to learn premia from
    on_betas           the same to learn betas from, of 5 bars ahead at least
    periods_per_year   bars a year
    every              rows from one training to the next
    learner            one of LEARNERS, for premia; betas are learned by trees
    """

    lessons: Lessons
    on_betas: Lessons
    periods_per_year: float
    every: int
    learner: str
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def day(self) -> int:
        """Rows of a day, and of one bar where that is longer."""
        return max(1, round(self.periods_per_year / DAYS_PER_YEAR))

    @property
    def first(self) -> int:
        """The row of the first training on premia."""
        return NEEDED * self.lessons.horizon - 1

    def trained_at(self, row: int) -> int:
        """The row of the last training on premia at or before a row. Raises MissingDataError (before the first)."""
        return self._trained(self.lessons.horizon, row)

    def _trained(self, horizon: int, row: int) -> int:
        first = NEEDED * horizon - 1
        if row < first:
            raise MissingDataError(
                f"{row + 1} rows of history are known and {first + 1} are needed to learn from "
                f"({NEEDED} horizons of {horizon} rows)"
            )
        return first + (row - first) // self.every * self.every

    def premia(self, row: int) -> Array:
        """What the model of the last training adds to the CAPM premium of each contract, a year, `(N,)`.

        0 where a contract has too few rows to say. Raises MissingDataError (too little history) and NotInstalledError.
        """
        trained = self.trained_at(row)
        found: Array = self.kept(("premia", row), lambda: self.premia_by(trained, row))
        return found

    def premia_by(self, trained: int, row: int) -> Array:
        """The same by the model trained at a row. Raises ArgumentError (a row that it has learned from)."""
        if row < trained:
            raise ArgumentError(
                f"the model was trained at row {trained + 1} and is asked about row {row + 1}, which it has learned "
                "from; ask an earlier one"
            )
        answer = self.kept(("premium", trained), lambda: self._model(trained))
        unit = self.lessons.unit("premium", np.array([row]))[0]
        with one_thread(self.learner):
            found = answer(self.lessons.states_at("premium", row))
        known = np.isfinite(unit) & np.isfinite(self.lessons.betas[-1][row])
        return np.where(known, found * np.nan_to_num(unit) * self.periods_per_year, 0.0)

    def betas(self, row: int) -> Array:
        """Beta of each contract over the next horizon, `(N,)`; NaN where not even the last beta is known.

        Raises MissingDataError (too little history) and NotInstalledError.
        """
        trained = self._trained(self.on_betas.horizon, row)
        states, found = self.on_betas.states_at("beta", row), self.on_betas.rule("beta", np.array([row]))[0]
        with one_thread("boosting"):
            for n in np.flatnonzero(np.isfinite(found)).tolist():
                answer = self.kept(("beta", trained, n), partial(self._better_beta, trained, n))
                if answer is not None:
                    found[n] += answer(states[[n]])[0]
        return np.asarray(found)

    def kept(self, name: object, make: Callable[[], Any]) -> Any:
        """What was made under this name before, else what `make` makes now; it must depend on the name alone."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def _model(self, trained: int) -> Predict:
        contracts = np.arange(self.lessons.assets.shape[1])
        examples: Examples = self.kept("examples", lambda: self.lessons.examples("premium", contracts)[0])
        known = examples.known_at(trained)
        if len(known.errors) < LEAST_EXAMPLES:
            raise MissingDataError(
                f"{len(known.errors)} examples are known and {LEAST_EXAMPLES} are needed to learn from; there are too "
                "many gaps in the returns"
            )
        with one_thread(self.learner):
            return known.fitted(self.learner, SEED)

    def _better_beta(self, trained: int, contract: int) -> Predict | None:
        """The model of a contract's beta; None where it did not beat the last beta, or has too little to learn from."""
        examples = self.on_betas.examples("beta", np.array([contract]))[0].known_at(trained)
        if len(examples.errors) < LEAST_EXAMPLES:
            return None
        learned = learn_correction(examples, examples.states[-1:], "boosting", SEED)
        if not learned.out_of_sample_r2 > 0:
            return None
        with one_thread("boosting"):
            return examples.fitted("boosting", SEED)


@dataclass(frozen=True, eq=False)
class AsOf:
    """What was learned as of a row, for the contracts at `places` `(n,)` of a history.

    `source` gives the trainings once something is asked for: whoever asks nothing does not wait for them.
    """

    source: Callable[[], Training]
    row: int
    places: NDArray[np.intp]

    @property
    def training(self) -> Training:
        """The trainings of the history."""
        return self.source()

    @property
    def premia(self) -> Array:
        """What is added to the CAPM premium, a year, `(n,)`."""
        return self.training.premia(self.row)[self.places]

    @property
    def betas(self) -> Array:
        """Beta of the next horizon, `(n,)`."""
        return self.training.betas(self.row)[self.places]

    def select(self, chosen: Mask) -> AsOf:
        """Of the contracts where `chosen` `(n,)` is true."""
        return AsOf(self.source, self.row, self.places[chosen])


def training_of(
    returns: Array,
    market: Array,
    funding: Array,
    periods_per_year: float,
    retrain_days: float = RETRAIN_DAYS,
    learner: str = LEARNERS[0],
) -> Training:
    """The trainings of a history.

    The horizon is a day, or one bar where that is longer; of betas, 5 bars at least. Nothing is learned before it is
    asked for. Raises ArgumentError (retrain_days, learner).

    Args:
        returns: (T, N) of a long per bar, net of funding; NaN where missing.
        market: (T,) the same of the benchmark.
        funding: (T, N) rates settled in each bar, 0 where none was.
        periods_per_year: bars a year.
        retrain_days: from one training to the next.
        learner: one of LEARNERS, for premia.
    """
    per_day = number(periods_per_year, "periods_per_year", above=0) / DAYS_PER_YEAR
    every = whole(max(1, round(number(retrain_days, "retrain_days", above=0) * per_day)), "retrain_days")
    extra, day = {"funding": np.nan_to_num(funding)}, max(1, round(per_day))
    lessons = Lessons(returns, market, extra, day)
    on_betas = lessons if day >= SHORTEST_HORIZON else Lessons(returns, market, extra, SHORTEST_HORIZON)
    return Training(lessons, on_betas, periods_per_year, every, choice(learner, "learner", LEARNERS))
