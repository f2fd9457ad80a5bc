"""The best weights for perpetual futures: an objective over the portfolios that the limits allow, certified.

With excess return e(w) = (mu - rf)'w - sum c_i |w_i - current_i| (idle equity earns rf) and variance w'S w each
objective is a class of the room `objectives`, which says what it seeks, what it needs and how it is solved. Here it is
looked up, given the feasible set of the `Limits`, solved, and explained where it has no answer.

Source: Markowitz, Journal of Finance 7 (1952).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite
from ...errors import InfeasibleError, NotConvergedError, SolveError, UndefinedError
from ...numeric.one_thread import one_thread
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ...tolerances import ACTIVE
from ..limits.conflict import explained
from ..limits.declared import Limits
from ..limits.feasible_set import FeasibleSet, feasible_set, violation
from .impact import trading_cost
from .objectives.objective import Answer, Objective
from .objectives.plain_book import plain_answer
from .objectives.registry import objective_named
from .objectives.solve import best_of
from .objectives.tail import tail_too_heavy
from .usable_covariance import usable_covariance

__all__ = ["Optimum", "optimize"]


@dataclass(frozen=True)
class Optimum:
    """Certified weights `(N,)` (notional / equity) and what they promise, in the units of the inputs.

    `expected_return` is rf + e(w), net of trading cost; `sharpe` is e(w) / volatility, infinite for a positive e(w)
    without risk and NaN for none at all. `certificate` is that of the program solved by route `solver`.
    """

    weights: Array
    objective: str
    expected_return: float
    volatility: float
    sharpe: float
    certificate: Certificate
    solver: str


def optimize(
    expected_returns: ArrayLike,
    covariance: ArrayLike,
    objective: str = "max_sharpe",
    limits: Limits | None = None,
    returns: ArrayLike | None = None,
) -> Optimum:
    """The best weights `(N,)` under `limits`.

    `expected_returns` `(N,)` and `covariance` `(N, N)` in the same units (annual with annual); no gaps. A covariance
    that is nearly positive semidefinite is repaired, said by a DataWarning. `returns` `(T, N)` is needed by
    semivariance, cvar and the limit cvar_max; rows with a gap are dropped, said by a DataWarning. Trading cost and
    market impact count wherever the expected return does, not in a pure minimum of risk.
    Raises ArgumentError, MissingDataError, InfeasibleError (naming the limits in conflict), UndefinedError (max_sharpe
    without a positive premium), NotConvergedError.
    """
    kind = objective_named(objective)
    limits = limits if limits is not None else Limits()
    mu = finite(as_vector(expected_returns, "expected_returns"), "expected_returns")
    with one_thread(mu.size):
        return _best(kind(mu - limits.risk_free, usable_covariance(covariance, mu.size), limits, returns))


def _best(sought: Objective) -> Optimum:
    plain = plain_answer(sought)
    if plain is not None:
        return _described(sought, plain)
    allowed = feasible_set(sought.limits, sought.premium.size, sought.premium if sought.counts_return else None)
    try:
        answer = best_of(sought, allowed)
    except (InfeasibleError, UndefinedError) as error:
        raise _reason(error, sought, allowed) from None
    _refuse_broken_limits(allowed, answer[0])
    return _described(sought, answer)


def _reason(error: SolveError, sought: Objective, allowed: FeasibleSet) -> SolveError:
    """Why there is no answer: limits in conflict, a cap on the tail too low, an objective without an optimum."""
    reason: SolveError | None = None
    if isinstance(error, InfeasibleError):
        reason = explained(sought.limits, sought.premium.size, sought.premium)
    reason = reason or tail_too_heavy(sought, allowed)
    if reason is None and isinstance(error, InfeasibleError):
        reason = sought.undefined(allowed)
    return reason or error


def _refuse_broken_limits(allowed: FeasibleSet, weights: Array) -> None:
    missed = violation(allowed, weights)
    if not missed <= ACTIVE * max(1.0, float(np.abs(weights).max())):
        raise NotConvergedError(
            f"the optimum misses a limit by {missed:.1g}; widen limits that all but contradict each other"
        )


def _described(sought: Objective, answer: Answer) -> Optimum:
    weights, solution = answer
    excess = float(sought.premium.dot(weights)) - trading_cost(sought.limits, weights)
    volatility = math.sqrt(max(float(weights.dot(sought.covariance).dot(weights)), 0.0))
    riskless = math.copysign(math.inf, excess) if excess else math.nan
    return Optimum(
        weights=weights,
        objective=sought.name,
        expected_return=sought.limits.risk_free + excess,
        volatility=volatility,
        sharpe=excess / volatility if volatility > 0 else riskless,
        certificate=solution.certificate,
        solver=solution.solver,
    )
