"""What to add to a simple rule, learned from its errors, and what that was worth on data not learned from.

A forecast is walked through the second half of the examples, each block answered by a model of earlier examples only
(`validation`), and scored there against adding nothing. The last answer is that of a model of all examples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array, Rows
from ..records import dataclass
from .models import Predict, fitted, one_thread
from .validation import Fold, out_of_sample_r2, walk_forward

__all__ = ["FOLDS", "Correction", "Examples", "learn_correction"]

FOLDS = 5


@dataclass(frozen=True, eq=False)
class Examples:
    """M examples of what a rule got wrong, in the order of their rows.

    states       (M, K) what was known at the row, NaN where unknown
    errors       (M,) outcome less rule
    rows         (M,) at which the forecast is made; contracts of one row follow each other
    horizon      rows until the outcome is known
    believed_r2  share of the errors' variance that may be foreseen
    """

    states: Array
    errors: Array
    rows: Rows
    horizon: int
    believed_r2: float

    def folds(self) -> tuple[Fold, ...]:
        """The walk forward through them, with an embargo of one horizon. Raises MissingDataError."""
        return walk_forward(self.rows, self.horizon, FOLDS, embargo=self.horizon)

    def fitted(self, learner: str, seed: int, chosen: NDArray[np.intp] | None = None) -> Predict:
        """A model of these examples, or of the chosen ones; inside `one_thread`."""
        rows = self.rows if chosen is None else self.rows[chosen]
        states, errors = (each if chosen is None else each[chosen] for each in (self.states, self.errors))
        apart = max(1, 1 + int(rows[-1] - rows[0]) // self.horizon)
        return fitted(learner, states, errors, apart, self.believed_r2, seed)

    def known_at(self, row: int) -> Examples:
        """Those whose outcome was known at the close of a row, an embargo of one horizon before it."""
        kept = self.rows + 2 * self.horizon <= row
        return Examples(self.states[kept], self.errors[kept], self.rows[kept], self.horizon, self.believed_r2)


@dataclass(frozen=True, eq=False)
class Correction:
    """What to add to a simple rule, and what that was worth out of sample.

    latest            (L,) for the states that were asked
    walked            (M,) for each example, learned from earlier ones only; NaN in the first half
    out_of_sample_r2  against adding nothing, pooled over the folds
    folds_won         in how many folds it had the smaller squared error
    """

    latest: Array
    walked: Array
    out_of_sample_r2: float
    folds_won: int


def learn_correction(examples: Examples, asked: Array, learner: str = "boosting", seed: int = 1) -> Correction:
    """Correction of the rule at the states `asked` (L, K), by one of LEARNERS.

    Raises ArgumentError (learner), MissingDataError (too few examples) and NotInstalledError.
    """
    errors = examples.errors
    walked, won = np.full(len(errors), np.nan), 0
    with one_thread(learner):
        for fold in examples.folds():
            walked[fold.test] = examples.fitted(learner, seed, fold.train)(examples.states[fold.test])
            won += _r2(errors[fold.test], walked[fold.test]) > 0
        latest = examples.fitted(learner, seed)(asked)
    scored = np.isfinite(walked)
    return Correction(latest, walked, _r2(errors[scored], walked[scored]), won)


def _r2(errors: Array, corrections: Array) -> float:
    return out_of_sample_r2(errors, corrections, np.zeros_like(errors))
