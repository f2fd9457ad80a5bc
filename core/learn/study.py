"""A study of what can be learned from a history: what it is worth, by which features, and how it bends.

This is what is shown to whoever has to trust a learned figure. The verdict is that of the walk forward: out-of-sample
R2 against the simple rule, and the blocks in which the model had the smaller error. Importance and dependence are told
whatever the verdict is; where the model is no better than the rule they tell what it has mistaken for a signal.

Sources: those of its parts, `forecast`, `importance` and `dependence`.
"""

from __future__ import annotations

import numpy as np

from ..errors import MissingDataError
from ..records import dataclass
from .correction import FOLDS, Examples, learn_correction
from .dependence import Dependence, partial_dependence
from .importance import Importance, permutation_importance
from .lessons import LEAST_EXAMPLES, Lessons
from .models import one_thread

__all__ = ["Study", "study"]

RULES = {"beta": "the last beta", "premium": "the CAPM premium less funding"}


@dataclass(frozen=True, eq=False)
class Study:
    """What a model learned about a target, and what it was worth where it had not learned.

    target             beta or premium
    learner            ridge or boosting
    horizon            rows ahead
    names              K features
    examples           how many were learned from, of all contracts
    first, last        rows of the first and the last of them
    out_of_sample_r2   against the rule
    folds_won, folds   blocks in which it had the smaller squared error, and all of them
    importance         out-of-sample R2 that each feature brings, with its spread
    dependence         answers at values of the two features that matter most; None where there is but one
    unit               of `dependence.answers`: beta, or volatilities of the horizon
    """

    target: str
    learner: str
    horizon: int
    names: tuple[str, ...]
    examples: int
    first: int
    last: int
    out_of_sample_r2: float
    folds_won: int
    folds: int
    importance: Importance
    dependence: Dependence | None

    @property
    def better(self) -> bool:
        """Whether it beat the rule where it had not learned."""
        return self.out_of_sample_r2 > 0

    @property
    def unit(self) -> str:
        """In what the answers of the dependence are."""
        return "beta" if self.target == "beta" else "volatilities of the horizon"

    @property
    def verdict(self) -> str:
        """In words."""
        rule = RULES[self.target]
        worth = (
            f"better than {rule} in {self.folds_won} of {self.folds} blocks"
            if self.better
            else f"no better than {rule}"
        )
        return (
            f"{self.target} by {self.learner}: {worth}, out-of-sample R2 {self.out_of_sample_r2:+.4f} on rows that it "
            f"had not learned from"
        )

    @property
    def by_importance(self) -> list[tuple[str, float, float]]:
        """Name, R2 brought and spread of each feature, the most important first."""
        found = self.importance
        return [(self.names[k], float(found.lost[k]), float(found.spread[k])) for k in found.order]


def study(lessons: Lessons, target: str, learner: str = "ridge", seed: int = 1) -> Study:
    """What one of LEARNERS makes of one of TARGETS, over the contracts of a history that have examples enough.

    Raises ArgumentError (target, learner), MissingDataError (too few examples) and NotInstalledError.
    """
    contracts = np.arange(lessons.assets.shape[1])
    examples, _ = lessons.examples(target, contracts)
    if len(examples.errors) < LEAST_EXAMPLES:
        raise MissingDataError(
            f"returns leave {len(examples.errors)} examples of {target} and {LEAST_EXAMPLES} are needed; select a "
            "longer history, or one with fewer gaps"
        )
    learned = learn_correction(examples, examples.states[-1:], learner, seed)
    found = permutation_importance(examples, learner, seed)
    return Study(
        target=target,
        learner=learner,
        horizon=lessons.horizon,
        names=lessons.names(target),
        examples=len(examples.errors),
        first=int(examples.rows[0]),
        last=int(examples.rows[-1]),
        out_of_sample_r2=learned.out_of_sample_r2,
        folds_won=learned.folds_won,
        folds=FOLDS,
        importance=found,
        dependence=_dependence(examples, found, learner, seed),
    )


def _dependence(examples: Examples, found: Importance, learner: str, seed: int) -> Dependence | None:
    """On the two features that matter most."""
    known = set(np.flatnonzero(np.isfinite(examples.states).any(axis=0)).tolist())
    main = [place for place in found.order if place in known][:2]
    if len(main) < 2:
        return None
    with one_thread(learner):
        return partial_dependence(examples.fitted(learner, seed), examples.states, *main)
