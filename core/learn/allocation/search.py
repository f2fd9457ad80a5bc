"""The search for a tilt: round after round candidates are tried on episodes that all of them share.

The rows are cut in three, with a gap of ten decisions between them:

    first half     learned from: the rewards of episodes of 180 decisions, four a round, that begin at random
    next fifth     looked at every 20 rounds: the log growth of the rule held then, over the base's
    last 30 %      not touched here; whoever judges the rule judges it there

The search ends after 400 rounds, or once 8 looks on end have brought nothing better; the rule of the best look is
taken, and where none was above the base, the rule that tilts nothing. So how long is learned is decided by rows that
nobody learns from and nobody judges on, and what was decided is told.

Sources: as in `evolution` and `cross_entropy`; Prechelt (1998), "Early Stopping - But When?", for the patience.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from ...arrays import Array
from ...checks import choice, enough, whole
from ...records import dataclass
from .cross_entropy import CrossEntropy
from .evolution import EvolutionStrategies
from .market import Market, Stakes
from .rollouts import Course
from .state import scales_of
from .tilt import PARAMETERS, RULE_SHAPE, TiltRule

__all__ = ["ALGORITHMS", "FEWEST_DECISIONS", "Found", "Parts", "Progress", "parts_of", "searched"]

LEARNED_SHARE, LOOKED_SHARE = 0.5, 0.2
GAP = 10
"""Decisions between two parts: what one was rewarded by has no day in the next."""

FEWEST_DECISIONS = 200
"""With fewer the last part is too short to be judged on."""

ROUNDS, EVERY, PATIENCE = 400, 20, 8
EPISODES, LENGTH = 4, 180

Progress = Callable[[int, int], None]
"""Told how many rounds are done, and of how many at most; may raise to stop."""


class Search(Protocol):
    """An algorithm: it names candidates, is told their rewards, and holds a rule meanwhile."""

    name: str
    best: Array

    def ask(self, generator: np.random.Generator) -> Array:
        """Candidates `(P, K)`."""
        ...

    def tell(self, rewards: Array) -> None:
        """Their rewards `(P,)`."""
        ...


ALGORITHMS: dict[str, Callable[[int], Search]] = {"evolution": EvolutionStrategies, "cross_entropy": CrossEntropy}
"""By the word that chooses it."""


@dataclass(frozen=True)
class Parts:
    """The rows that are learned from, looked at to stop, and judged on."""

    learned: slice
    looked: slice
    judged: slice


@dataclass(frozen=True)
class Found:
    """The rule that was found, and how.

    algorithm   its name
    rounds      how many were run
    taken       after which round the rule was taken; 0: it tilts nothing
    looks       log growth over the base on the rows that were looked at, after 20, 40 ... rounds
    """

    rule: TiltRule
    algorithm: str
    rounds: int
    taken: int
    looks: tuple[float, ...]

    @property
    def stopped_by(self) -> str:
        """The rule by which it ended, and what it came to, in a sentence."""
        ended = f"all {ROUNDS} rounds were run" if self.rounds == ROUNDS else f"it ended after {self.rounds} rounds"
        taken = f"the rule after round {self.taken}" if self.taken else "none, as none was above the base,"
        return (
            f"looked at every {EVERY} rounds on rows that it does not learn from, to end after {PATIENCE} looks "
            f"without a better one or {ROUNDS} rounds: {ended}, and {taken} was taken"
        )


def parts_of(decisions: int) -> Parts:
    """How so many decisions are cut. Raises MissingDataError where they are too few."""
    enough(decisions, FEWEST_DECISIONS, "decisions to learn from")
    first, second = round(LEARNED_SHARE * decisions), round((LEARNED_SHARE + LOOKED_SHARE) * decisions)
    return Parts(slice(0, first - GAP), slice(first, second - GAP), slice(second, decisions))


def searched(
    market: Market, stakes: Stakes, algorithm: str = "evolution", seed: int = 1, moved: Progress | None = None
) -> Found:
    """Search for a tilt of this market by one of ALGORITHMS; the same seed finds the same rule.

    Raises ArgumentError (algorithm, seed), MissingDataError (too few decisions).
    """
    parts = parts_of(len(market))
    search = ALGORITHMS[choice(algorithm, "algorithm", ALGORITHMS)](PARAMETERS)
    generator = np.random.default_rng(whole(seed, "seed", at_least=0))
    learned, looked = market.part(parts.learned), market.part(parts.looked)
    scales = scales_of(learned.figures, learned.regimes)
    course, beside = Course(learned, stakes, scales), Course(looked, stakes, scales)
    length = min(LENGTH, len(learned))
    base = _log_growth(beside, np.zeros(PARAMETERS))
    looks: list[float] = []
    best, taken, rounds = np.zeros(PARAMETERS), 0, 0
    for rounds in range(1, ROUNDS + 1):
        if moved is not None:
            moved(rounds - 1, ROUNDS)
        candidates = search.ask(generator)
        starts = generator.integers(0, len(learned) - length + 1, size=EPISODES)
        search.tell(course.rollouts(candidates, starts, length, by_loop=True).rewards.sum(axis=1))
        if rounds % EVERY:
            continue
        looks.append(_log_growth(beside, search.best) - base)
        if looks[-1] > max([0.0, *looks[:-1]]):
            best, taken = search.best.copy(), rounds
        if rounds - taken >= PATIENCE * EVERY:
            break
    return Found(TiltRule(best.reshape(RULE_SHAPE), scales), search.name, rounds, taken, tuple(looks))


def _log_growth(course: Course, theta: Array) -> float:
    """Log growth of one rule through all of a market; that of next to nothing where it was liquidated."""
    whole_of_it = course.rollouts(theta[np.newaxis], np.zeros(1, dtype=np.int64), len(course.market), by_loop=True)
    return float(np.log(np.maximum(whole_of_it.equity[0, 0], 1e-12)))
