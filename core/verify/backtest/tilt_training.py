"""Training a tilt of a base, and judging it: learned on the first part of the rows, judged on the last.

    searched    by an algorithm of `learn.allocation.search`, on the first 70 % of the decisions
    judged      the excess of its log growth over the base on the last 30 %, which it has not seen, from a fresh
                account, step by step in the environment itself

What was judged is what is traded: nothing is trained once more on all rows afterwards.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Rows
from ...checks import whole
from ...decide.policy.learned.judgement import Judgement, judge, least_t_of
from ...learn.allocation.environment import Allocation
from ...learn.allocation.market import Market, Stakes
from ...learn.allocation.search import Found, Progress, parts_of, searched
from ...learn.allocation.tilt import TiltRule
from ...records import dataclass
from ...units import DAYS_PER_YEAR
from .tilt_market import TiltMarket

__all__ = ["Training", "train_tilt"]

LEAST_LEFT = 1e-6
"""Of an account that was liquidated: its logarithm stays finite."""


@dataclass(frozen=True, eq=False)
class Training:
    """What came of a training.

    found          the rule, and how it was searched for
    judgement      of its excess over the base on the rows that it was judged on
    rows           rows of the history at which it decided there, `(J,)`
    excess         log growth over the base from each to the next, `(J,)`
    base, tilted   weights there, `(J, N)` each
    """

    found: Found
    judgement: Judgement
    rows: Rows
    excess: Array
    base: Array
    tilted: Array


def train_tilt(
    course: TiltMarket,
    stakes: Stakes | None = None,
    algorithm: str = "evolution",
    seed: int = 1,
    trials: int = 1,
    moved: Progress | None = None,
) -> Training:
    """Train a tilt of the base of this market, and judge it.

    Args:
        course: the base's decisions, and what came of each.
        stakes: cap and penalties; None: those of `Stakes`.
        algorithm: one of ALGORITHMS.
        seed: of the search; the same seed gives the same rule, bit for bit.
        trials: trainings that were tried, this one included; the more, the larger t has to be.
        moved: told how many rounds are done; None: nobody is.

    Raises ArgumentError (algorithm, seed, trials), MissingDataError (too few decisions).
    """
    least_t, at_stake = least_t_of(whole(trials, "trials", at_least=1)), stakes or Stakes()
    found = searched(course.market, at_stake, algorithm, seed, moved)
    judged = parts_of(len(course.market)).judged
    market = course.market.part(judged)
    learned, tilted = _followed(market, at_stake, found.rule)
    base, untilted = _followed(market, at_stake, TiltRule(np.zeros_like(found.rule.theta), found.rule.scales))
    excess = learned - base
    days, per_year = _by_day(excess, course.decisions_per_year)
    return Training(found, judge(days, least_t, per_year), course.rows[judged], excess, untilted, tilted)


def _followed(market: Market, stakes: Stakes, rule: TiltRule) -> tuple[Array, Array]:
    """Log growth of each decision, `(J,)`, and the weights it went by, `(J, N)`, of an account that follows a rule."""
    account = Allocation(market, stakes, scales=rule.scales)
    state, _ = account.reset(options={"start": 0})
    equity, weights = np.full(len(market) + 1, LEAST_LEFT), np.zeros(market.base.shape)
    equity[0], over, row = 1.0, False, 0
    while not over:
        action = rule.action(state)
        weights[row] = account.wanted(action)
        state, _, lost, over, _ = account.step(action)
        row += 1
        if lost:
            break
        equity[row] = account.equity
    return np.diff(np.log(equity)), weights


def _by_day(excess: Array, per_year: float) -> tuple[Array, float]:
    """The excess of each day, where decisions are more often; of each decision else. And how many a year has."""
    together = max(round(per_year / DAYS_PER_YEAR), 1)
    days = excess[: excess.size // together * together].reshape(-1, together).sum(axis=1)
    return days, per_year / together
