"""The efficient frontier: the least volatility for each expected return that the limits can reach.

    minimise  w'S w   subject to   rf + e(w) >= target,   e(w) = (mu - rf)'w - sum c_i |w_i - current_i|,   limits

from the portfolio of least variance to the one of greatest expected return (net of risk-free and cost), equally
spaced in expected return. All limits are linear in the weights or in |w_i - c|, so the frontier is a critical line:
straight pieces between turning points, followed exactly (see `numeric.critical_line.line`), on which each point asked
for is the mean of two turning points and carries its certificate.

A point whose certificate does not hold is solved as a program of its own; so is each point under limits that are
not linear (a cap on CVaR, market impact), and then there are no turning points.

Source: Markowitz, Portfolio Selection (1959).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite, whole
from ...errors import InfeasibleError, NotConvergedError, UndefinedError
from ...numeric.critical_line.line import critical_line
from ...numeric.one_thread import one_thread
from ...numeric.quadratic.certificate import Certificate
from ...records import dataclass
from ...tolerances import ACTIVE, CERTIFIED, ROUNDING_OF_SQUARES
from ..limits.conflict import attainable_returns, explained
from ..limits.declared import Limits
from ..limits.feasible_set import excess_return, feasible_set
from .optimize import optimize
from .risk_contribution import RISKLESS
from .tangency import line_program, tangency_of
from .usable_covariance import usable_covariance

__all__ = ["Frontier", "efficient_frontier"]

BY_LINE = "critical line"
BY_PROGRAMS = "programs"

LEAST_AVERSION = 1e-7
"""Weight of the variance against the return at the rich end of a frontier that is no critical line."""


@dataclass(frozen=True)
class Frontier:
    """K points by rising return: `returns`, `volatilities`, `sharpes` `(K,)` and `weights` `(K, N)`.

    `sharpes` are on the return above risk-free; infinite for a return without risk, NaN for neither. `turning_weights`
    `(M, N)` are the turning points, by rising return, and `turning_lambdas` `(M,)` what an extra unit of expected
    return costs there in half variance; both are empty where the limits are not linear. `tangency` `(N,)` has the
    greatest Sharpe ratio, NaN where nothing earns more than risk-free. `certificate` holds the worst residuals of all
    points; `solver` is the route that found them.
    """

    returns: Array
    volatilities: Array
    sharpes: Array
    weights: Array
    turning_weights: Array
    turning_lambdas: Array
    tangency: Array
    certificate: Certificate
    solver: str


def efficient_frontier(
    expected_returns: ArrayLike,
    covariance: ArrayLike,
    points: int = 50,
    limits: Limits | None = None,
    returns: ArrayLike | None = None,
) -> Frontier:
    """`points` portfolios from least variance to greatest expected return under `limits`.

    Inputs as for `optimize`, also in that a covariance which nearly is positive semidefinite is repaired; `returns`
    only where `cvar_max` is a limit. `target_return` among the limits is ignored, the frontier sets it. Where every
    portfolio earns the same, all points are that of least variance. Raises ArgumentError, MissingDataError,
    InfeasibleError, NotConvergedError.
    """
    count = whole(points, "points", at_least=2)
    mu = finite(as_vector(expected_returns, "expected_returns"), "expected_returns")
    free = limits if limits is not None else Limits()
    if free.target_return is not None:
        free = replace(free, target_return=None)
    with one_thread(mu.size):
        risk = usable_covariance(covariance, mu.size)
        found = _by_line(mu, risk, count, free) if free.are_linear else None
        return found or _by_programs(mu, risk, count, free, returns)


def _by_line(mu: Array, risk: Array, count: int, limits: Limits) -> Frontier | None:
    """The points on the critical line; None where it cannot be followed, or its ends carry no certificate."""
    premium = mu - limits.risk_free
    allowed = feasible_set(limits, mu.size, premium)
    excess = excess_return(limits, allowed, premium)
    try:
        line = critical_line(line_program(risk, allowed, excess))
    except InfeasibleError as error:
        raise explained(limits, mu.size, premium) or error from None
    except NotConvergedError:
        return None

    targets = np.linspace(line.rewards[0], line.rewards[-1], count)
    found = line.at_rewards(targets)
    weights, variances, residuals, solver = found.weights, found.variances, found.residuals, BY_LINE
    certified = residuals.max(axis=1) <= CERTIFIED
    if not (certified[0] and certified[-1]):
        return None
    for k in np.flatnonzero(~certified):
        target = float(targets[k]) + excess.constant + limits.risk_free
        optimum = optimize(mu, risk, "target_return", replace(limits, target_return=target))
        weights[k], solver = optimum.weights, f"{BY_LINE} and {optimum.solver}"
        residuals[k], variances[k] = list(vars(optimum.certificate).values()), optimum.volatility**2
    variances = _without_rounding(variances, weights, risk)
    earned = line.problem.lifted(weights) @ line.problem.reward + excess.constant
    volatilities = np.sqrt(variances)
    riskless = np.where(np.abs(earned) > ACTIVE * np.abs(earned).max(), np.copysign(np.inf, earned), np.nan)
    return Frontier(
        returns=limits.risk_free + earned,
        volatilities=volatilities,
        sharpes=np.where(variances > 0, earned / np.where(variances > 0, volatilities, 1.0), riskless),
        weights=weights,
        turning_weights=line.weights,
        turning_lambdas=line.lams,
        tangency=tangency_of(line, excess.constant, float(variances[0])),
        certificate=_worst(residuals),
        solver=solver,
    )


def _without_rounding(variances: Array, weights: Array, risk: Array) -> Array:
    """The variances w'S w of each row of weights; zero where it is no more than rounding."""
    correlated = (np.abs(weights) @ np.sqrt(risk.diagonal())) ** 2
    least = np.maximum(RISKLESS * correlated, ROUNDING_OF_SQUARES * variances.max())
    return np.asarray(np.where(variances > least, variances, 0.0))


def _worst(residuals: Array) -> Certificate:
    return Certificate(*(float(each) for each in residuals.max(axis=0)))


def _by_programs(mu: Array, risk: Array, count: int, limits: Limits, returns: ArrayLike | None) -> Frontier:
    """Each point by a program of its own, certified by itself."""
    safest = optimize(mu, risk, "min_variance", limits, returns)
    richest = max(_most_return(mu, risk, limits, returns), safest.expected_return)
    optima = [safest]
    for target in np.linspace(safest.expected_return, richest, count)[1:]:
        stated = replace(limits, target_return=float(target))
        optima.append(optimize(mu, risk, "target_return", stated, returns))
    try:
        tangency = optimize(mu, risk, "max_sharpe", limits, returns).weights
    except (UndefinedError, NotConvergedError):
        tangency = np.full(mu.size, np.nan)
    return Frontier(
        returns=np.array([optimum.expected_return for optimum in optima]),
        volatilities=np.array([optimum.volatility for optimum in optima]),
        sharpes=np.array([optimum.sharpe for optimum in optima]),
        weights=np.array([optimum.weights for optimum in optima]),
        turning_weights=np.empty((0, mu.size)),
        turning_lambdas=np.empty(0),
        tangency=tangency,
        certificate=_worst(np.array([list(vars(optimum.certificate).values()) for optimum in optima])),
        solver=BY_PROGRAMS,
    )


def _most_return(mu: Array, risk: Array, limits: Limits, returns: ArrayLike | None) -> float:
    if limits.are_linear:
        return attainable_returns(limits, mu.size, mu - limits.risk_free)[1]
    aversion = LEAST_AVERSION * float(np.abs(mu - limits.risk_free).max()) / (float(np.abs(risk).max()) or 1.0)
    greedy = replace(limits, risk_aversion=aversion or 1.0)
    return optimize(mu, risk, "utility", greedy, returns).expected_return
