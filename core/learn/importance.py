"""How much a model leans on each feature, measured where it has not learned: by taking what the feature says away.

    lost_k = (sum of squared errors with feature k in random order - without) / sum of squared errors of the rule

for each block of the walk forward, by the model that has learned from the rows before it, and over all blocks pooled.
It is the out-of-sample R2 that the feature brings: 0 where the model does not use it, below 0 where it misleads. The
spread is that of the blocks: an importance no larger than it was there in some years and not in others. Features that
say the same (momentum over two windows) stand in for each other, and each then seems to matter less than both do.

Sources: Breiman (2001), "Random Forests" (permutation); Lopez de Prado (2018), "Advances in Financial Machine
Learning", chapter 8 (mean decrease of accuracy, on purged folds).
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..checks import whole
from ..estimate.regression import quotient
from ..records import dataclass
from .correction import Examples
from .models import one_thread

__all__ = ["Importance", "permutation_importance"]

SHUFFLES = 5


@dataclass(frozen=True, eq=False)
class Importance:
    """Out-of-sample R2 that each of K features brings, `(K,)` each; NaN where the rule is never wrong.

    lost    over all blocks
    spread  standard deviation between the blocks
    """

    lost: Array
    spread: Array

    @property
    def order(self) -> list[int]:
        """The features from the most to the least important, as places."""
        return [int(place) for place in np.argsort(-np.nan_to_num(self.lost, nan=-np.inf), kind="stable")]


def permutation_importance(
    examples: Examples, learner: str = "ridge", seed: int = 1, shuffles: int = SHUFFLES
) -> Importance:
    """The importance of each feature to one of LEARNERS; each is shuffled so many times in every block.

    Raises ArgumentError (learner, shuffles), MissingDataError (too few examples) and NotInstalledError.
    """
    times = whole(shuffles, "shuffles", at_least=1)
    generator = np.random.default_rng(seed)
    features, folds = examples.states.shape[1], examples.folds()
    worse, wrong = np.zeros((len(folds), features)), np.zeros(len(folds))
    with one_thread(learner):
        for number, fold in enumerate(folds):
            answer = examples.fitted(learner, seed, fold.train)
            states, errors = examples.states[fold.test], examples.errors[fold.test]
            wrong[number] = errors @ errors
            as_it_is = _squares(errors - answer(states))
            for feature in range(features):
                for _ in range(times):
                    shuffled = states.copy()
                    shuffled[:, feature] = generator.permutation(states[:, feature])
                    worse[number, feature] += (_squares(errors - answer(shuffled)) - as_it_is) / times
    by_block = quotient(worse, np.broadcast_to(wrong[:, np.newaxis], worse.shape))
    return Importance(quotient(worse.sum(axis=0), np.full(features, wrong.sum())), by_block.std(axis=0, ddof=1))


def _squares(errors: Array) -> float:
    return float(errors @ errors)
