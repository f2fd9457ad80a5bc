"""Evolution strategies: a gradient of the expected reward from pairs of rules to both sides of the one held now.

    candidates   theta +- sigma e_j,  e_j normal                           antithetic
    shaped_j     rank of the reward among all, from -1/2 to 1/2             nothing a single wild episode can pull at
    gradient     sum_j (shaped of + less shaped of -) e_j / (P sigma) - decay theta
    theta        a step of Adam along it

Source: Salimans, Ho, Chen, Sidor and Sutskever (2017), "Evolution Strategies as a Scalable Alternative to Reinforcement
Learning"; Kingma and Ba (2015) for Adam.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array

__all__ = ["EvolutionStrategies"]

POPULATION = 40
SIGMA, RATE, DECAY = 0.1, 0.03, 1e-3
FIRST, SECOND, SMALL = 0.9, 0.99, 1e-8
"""Of Adam: what the means of gradient and square forget, and what is never divided by."""


class EvolutionStrategies:
    """A search among rules of `parameters` numbers that begins at zero, where nothing is tilted."""

    name = "evolution strategies"

    def __init__(self, parameters: int) -> None:
        self.best = np.zeros(parameters)
        self._mean, self._square, self._steps = np.zeros(parameters), np.zeros(parameters), 0
        self._shifts = np.zeros((POPULATION // 2, parameters))

    def ask(self, generator: np.random.Generator) -> Array:
        """The candidates of this round, `(P, K)`."""
        self._shifts = generator.standard_normal(self._shifts.shape)
        return np.concatenate([self.best + SIGMA * self._shifts, self.best - SIGMA * self._shifts])

    def tell(self, rewards: Array) -> None:
        """Learn what they were rewarded, `(P,)`."""
        ranks = np.argsort(np.argsort(rewards, kind="stable"), kind="stable")
        shaped = ranks / (POPULATION - 1) - 0.5
        half = POPULATION // 2
        weights = shaped[:half] - shaped[half:]
        gradient = (weights[:, np.newaxis] * self._shifts).sum(axis=0) / (POPULATION * SIGMA) - DECAY * self.best
        self._steps += 1
        self._mean = FIRST * self._mean + (1 - FIRST) * gradient
        self._square = SECOND * self._square + (1 - SECOND) * gradient**2
        mean = self._mean / (1 - FIRST**self._steps)
        square = self._square / (1 - SECOND**self._steps)
        self.best = self.best + RATE * mean / (np.sqrt(square) + SMALL)
