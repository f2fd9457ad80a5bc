"""What the desk's policy is asked with: by Rebalance for now, by a backtest for every decision of the past.

Both build the question here from a desk, its window and what is held on it, so what is judged is what is traded.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from core.arrays import Mask
from core.decide.policy.outlook import Outlook
from core.decide.policy.protocol import Holding, Policy, Target
from core.errors import DataWarning
from core.records import dataclass

from ..read.inputs import Desk, Universe
from ..read.limits import desk_limits
from .policy.chosen import desk_policy

__all__ = ["Question", "question"]


@dataclass(frozen=True)
class Question:
    """The contracts that are included or held, `(n,)`; `policy` is asked with `outlook` and `holding` of them."""

    universe: Universe
    policy: Policy
    outlook: Outlook
    holding: Holding


def question(
    desk: Desk, known: Mask, outlook: Outlook, choose: Callable[[Desk, Universe], Policy] = desk_policy
) -> Question:
    """The question for the desk as it is, to the policy of its Settings or another one that `choose` makes.

    `known` `(N,)` are the contracts that `outlook` has.

    Raises:
        BookError: the Limits sheet cannot be read, or a model lacks what it needs.
        MissingDataError, SolveError: a figure that the limits rest on cannot be estimated.
    """
    included = desk.universe.in_book & known
    universe, chosen = desk.universe.select(included), outlook.select(included[known])
    limits = desk_limits(desk, included, chosen.betas, np.asarray(chosen.past.funding))
    held = limits.vector("current_weights", len(universe.symbols))
    holding = Holding(held, desk.settings.equity, limits, untraded=~universe.included)
    return Question(universe, _Unremarked(choose(desk, universe)), chosen, holding)


@dataclass(frozen=True)
class _Unremarked:
    """A policy without the remarks that do not concern a desk, or that it makes in its own words."""

    policy: Policy

    @property
    def name(self) -> str:
        return self.policy.name

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        with warnings.catch_warnings():
            # Returns of a bar beside the covariance of a year are as they should be; gaps are said of Prices.
            warnings.filterwarnings("ignore", "covariance is .* times that of returns", DataWarning)
            warnings.filterwarnings("ignore", ".*returns: (.* rows dropped|each variance is over)", DataWarning)
            return self.policy(outlook, holding)
