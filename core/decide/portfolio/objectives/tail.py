"""The tail as an objective and as a limit: cvar, the least mean loss over the worst 1 - cvar_level of the past.

As the limit `cvar_max` it narrows the set for any objective: the best portfolio is sought over sets that hold all
portfolios which keep it, and a few more, until the answer is one of them (see `portfolio.cvar`).

Source: Rockafellar and Uryasev, Journal of Risk 2 (2000).
"""

from __future__ import annotations

import numpy as np

from ....errors import InfeasibleError
from ....tolerances import ACTIVE
from ...limits.feasible_set import FeasibleSet, minimum
from ...limits.remedy import rounded
from ..cvar import conditional_value_at_risk, least_cvar, within_cvar
from .objective import Answer, Best, Objective

__all__ = ["Cvar", "best_with_tail", "tail_too_heavy"]

DIGITS = 4
"""Digits of the value that would do."""


class Cvar(Objective):
    """The least conditional value at risk."""

    name = "cvar"
    needs_returns = True

    def best(self, over: FeasibleSet) -> Answer:
        """The optimum, by linear programs over the rows near the quantile."""
        return _least(self, over)


def best_with_tail(objective: Objective, best: Best, allowed: FeasibleSet) -> Answer:
    """`best` over the portfolios of `allowed` that keep `cvar_max`, where it is a limit.

    Raises what `best` raises, ArgumentError, MissingDataError, NotConvergedError.
    """
    limits = objective.limits
    if limits.cvar_max is None:
        return best(allowed)
    return within_cvar(best, allowed, objective.past, limits.cvar_level, limits.cvar_max)


def tail_too_heavy(objective: Objective, allowed: FeasibleSet) -> InfeasibleError | None:
    """The error where no portfolio of `allowed` keeps `cvar_max`; None where one does, or it is no limit.

    Raises InfeasibleError where `allowed` is empty.
    """
    limits = objective.limits
    if limits.cvar_max is None:
        return None
    weights, _ = _least(objective, allowed)
    least = conditional_value_at_risk(-objective.past @ weights, limits.cvar_level)
    if least <= limits.cvar_max + ACTIVE * max(abs(least), abs(limits.cvar_max)):
        return None
    return InfeasibleError(
        f"cvar_max {limits.cvar_max:g} is below {least:.4g}, the least that the other limits allow; "
        f"cvar_max {rounded(least, 1, DIGITS):.12g} would do"
    )


def _least(objective: Objective, over: FeasibleSet) -> Answer:
    safest = minimum(over, objective.covariance, np.zeros(over.lower.size)).x[: objective.premium.size]
    return least_cvar(over, objective.past, objective.limits.cvar_level, safest)
