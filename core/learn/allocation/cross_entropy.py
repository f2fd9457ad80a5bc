"""The cross-entropy method: a normal cloud of rules that follows its best fifth, number by number.

    candidates   m + s e,  e normal
    elite        the fifth that was rewarded most
    m, s         half way to the mean and deviation of the elite;  s never below 0.02, so that the search goes on

Sources: Rubinstein and Kroese, The Cross-Entropy Method (2004); Szita and Lorincz (2006) for the noise that keeps it
from closing too early.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array

__all__ = ["CrossEntropy"]

POPULATION, ELITE = 40, 8
START, LEAST, STEP = 0.3, 0.02, 0.5


class CrossEntropy:
    """A search among rules of `parameters` numbers that begins at zero, where nothing is tilted."""

    name = "cross-entropy method"

    def __init__(self, parameters: int) -> None:
        self.best, self._spread = np.zeros(parameters), np.full(parameters, START)
        self._candidates = np.zeros((POPULATION, parameters))

    def ask(self, generator: np.random.Generator) -> Array:
        """The candidates of this round, `(P, K)`."""
        self._candidates = self.best + self._spread * generator.standard_normal(self._candidates.shape)
        return self._candidates

    def tell(self, rewards: Array) -> None:
        """Learn what they were rewarded, `(P,)`."""
        elite = self._candidates[np.argsort(-rewards, kind="stable")[:ELITE]]
        self.best = (1 - STEP) * self.best + STEP * elite.mean(axis=0)
        self._spread = np.maximum((1 - STEP) * self._spread + STEP * elite.std(axis=0), LEAST)
