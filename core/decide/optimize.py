"""Mean-variance choice of weights for perpetual futures, each optimum with its certificate.

With excess return e(w) = (mu - rf)'w - sum c_i |w_i - current_i| (idle equity earns rf) and variance w'S w:

    min_variance     least w'S w
    target_return    least w'S w with rf + e(w) >= target_return
    utility          greatest e(w) - risk_aversion/2 w'S w
    semivariance     least a w'S w + (1 - a) sum w_i^2 D_i,  D_i = mean of min(return_i - threshold, 0)^2
    max_sharpe       greatest e(w) / sqrt(w'S w)

all subject to `Limits`. The Sharpe ratio is made a quadratic programme by y = k w, k > 0 (Schaible): minimise y'S y
with e(y, k) >= 1, every limit a'w <= b turned into a'y <= b k; then w = y / k. Where net is free and no cost fixes
the size, every multiple of w has the same Sharpe ratio: the answer is the largest one that the limits allow.

Sources: Markowitz, Journal of Finance 7 (1952); Schaible, Management Science 22 (1976);
Estrada, Journal of Applied Finance 18 (2008) for the downside part.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_covariance, as_matrix, as_vector, choice, enough, finite
from ..errors import ArgumentError, DataWarning, InfeasibleError, NotConvergedError, SolveError, UndefinedError
from ..numeric.certificate import Certificate
from ..numeric.qp import QpSolution, QuadraticProgram, solve
from .feasible_set import Expression, FeasibleSet, excess_return, feasible_set, minimum, violation
from .infeasible import explained
from .limits import Limits

__all__ = ["OBJECTIVES", "Optimum", "optimize"]

Array = NDArray[np.float64]

OBJECTIVES = ("min_variance", "max_sharpe", "target_return", "utility", "semivariance")

LIMIT_TOLERANCE = 1e-9
"""By how much a weight or a sum of weights may miss its limit."""

SAME_UNITS = 4.0
"""Ratio of variances up to which covariance and returns are taken to be measured over the same period."""


@dataclass(frozen=True)
class Optimum:
    """Certified weights `(N,)` (notional / equity) and what they promise, in the units of the inputs.

    `expected_return` is rf + e(w), net of trading cost; `sharpe` is e(w) / volatility, infinite for a positive e(w)
    without risk and NaN for none at all. `certificate` is that of the programme solved by route `solver`.
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

    `expected_returns` `(N,)` and `covariance` `(N, N)` in the same units (annual with annual); no gaps. `returns`
    `(T, N)` is needed by semivariance only; rows with a gap are dropped, said by a DataWarning. Trading cost counts
    wherever the expected return does (max_sharpe, utility, target_return), not in a pure minimum of risk.
    Raises ArgumentError, MissingDataError, InfeasibleError (naming the limits in conflict), UndefinedError (max_sharpe
    without a positive premium), NotConvergedError.
    """
    objective = choice(objective, "objective", OBJECTIVES)
    limits = limits if limits is not None else Limits()
    mu = finite(as_vector(expected_returns, "expected_returns"), "expected_returns")
    risk = as_covariance(covariance, mu.size)
    premium = mu - limits.risk_free
    if objective == "target_return" and limits.target_return is None:
        raise ArgumentError("objective target_return needs the limit target_return; add it to the limits")

    earns = objective in ("max_sharpe", "utility") or limits.target_return is not None
    allowed = feasible_set(limits, mu.size, premium if earns else None)
    try:
        if objective == "max_sharpe":
            weights, solution = _max_sharpe(risk, limits, allowed, premium)
        else:
            solution = _convex(objective, risk, limits, allowed, premium, returns)
            weights = solution.x[: mu.size]
    except InfeasibleError as error:
        reason: SolveError | None = explained(limits, mu.size, premium)
        if reason is None and objective == "max_sharpe":
            reason = _no_premium(limits, allowed, premium)
        raise reason or error from None
    missed = violation(allowed, weights)
    if not missed <= LIMIT_TOLERANCE * max(1.0, float(np.abs(weights).max())):
        raise NotConvergedError(
            f"the optimum misses a limit by {missed:.1g}; widen limits that all but contradict each other"
        )
    return _optimum(weights, objective, risk, limits, premium, solution)


def _optimum(
    weights: Array, objective: str, risk: Array, limits: Limits, premium: Array, solution: QpSolution
) -> Optimum:
    start = limits.vector("current_weights", weights.size)
    cost = limits.vector("turnover_cost", weights.size)
    excess = float(premium @ weights - cost @ np.abs(weights - start))
    volatility = float(np.sqrt(np.maximum(weights @ risk @ weights, 0.0)))
    riskless = np.copysign(np.inf, excess) if excess else np.nan
    sharpe = excess / volatility if volatility > 0 else float(riskless)
    return Optimum(
        weights, objective, limits.risk_free + excess, volatility, sharpe, solution.certificate, solution.solver
    )


def _convex(
    objective: str, risk: Array, limits: Limits, allowed: FeasibleSet, premium: Array, returns: ArrayLike | None
) -> QpSolution:
    """Every objective but max_sharpe is a quadratic programme as it stands."""
    linear = np.zeros(allowed.lower.size)
    if objective == "utility":
        risk = limits.risk_aversion * risk
        linear = -excess_return(limits, allowed, premium).coefficients
    elif objective == "semivariance":
        share = limits.semivariance_alpha
        risk = share * risk + (1 - share) * np.diag(_semivariance(returns, risk, limits.downside_threshold))
    return minimum(allowed, risk, linear)


def _semivariance(returns: ArrayLike | None, risk: Array, threshold: float) -> Array:
    """Mean squared shortfall of each contract below `threshold` `(N,)`, in the units of `risk`."""
    if returns is None:
        raise ArgumentError("objective semivariance needs returns, one column for each contract; select them")
    table = as_matrix(returns, "returns")
    if table.shape[1] != len(risk):
        raise ArgumentError(f"returns has {table.shape[1]} columns where {len(risk)} are needed, one for each contract")
    complete = ~np.isnan(table).any(axis=1)
    dropped = int((~complete).sum())
    enough(len(table) - dropped, 2, "returns")
    if dropped:
        warnings.warn(
            f"returns: {dropped} of {len(table)} rows dropped because a value is missing", DataWarning, stacklevel=4
        )
    table = table[complete]
    shortfall = np.mean(np.minimum(table - threshold, 0.0) ** 2, axis=0)
    variance = float(table.var(axis=0).sum())
    ratio = float(np.trace(risk)) / variance if variance > 0 else 1.0
    if 1 / SAME_UNITS <= ratio <= SAME_UNITS or ratio == 0:
        return np.asarray(shortfall)
    warnings.warn(
        f"covariance is {ratio:.4g} times that of returns, as over another period; the semivariance was scaled to it",
        DataWarning,
        stacklevel=4,
    )
    return np.asarray(shortfall * ratio)


def _max_sharpe(risk: Array, limits: Limits, allowed: FeasibleSet, premium: Array) -> tuple[Array, QpSolution]:
    solution = solve(_homogenised(risk, allowed, excess_return(limits, allowed, premium)))
    inflated, scale = solution.x[: premium.size], float(solution.x[-1])
    if np.abs(inflated).max() > 1 / LIMIT_TOLERANCE:  # an excess return of one needs boundless weights: there is none
        raise _no_premium(limits, allowed, premium)
    low, high = limits.net_range()
    start = limits.vector("current_weights", premium.size)
    cost = limits.vector("turnover_cost", premium.size)
    if low < high and not (cost.any() and start.any()):
        return _largest_multiple(allowed, inflated), solution
    if not scale > 0:
        raise NotConvergedError("the Sharpe ratio grows without end under these limits; limit the weights")
    return inflated / scale, solution


def _homogenised(risk: Array, allowed: FeasibleSet, excess: Expression) -> QuadraticProgram:
    """Schaible's programme in (y, k): bounds at zero stay bounds, others become rows; extra variables need no cap."""
    size = allowed.lower.size
    each = np.eye(size)
    is_weight = np.arange(size) < allowed.contracts
    boxed_low = np.isfinite(allowed.lower) & (allowed.lower != 0)
    boxed_high = np.isfinite(allowed.upper) & (allowed.upper != 0) & is_weight
    rows = np.vstack([allowed.rows, each[boxed_low], each[boxed_high]])
    low = np.concatenate([allowed.row_lower, allowed.lower[boxed_low], np.full(int(boxed_high.sum()), -np.inf)])
    high = np.concatenate([allowed.row_upper, np.full(int(boxed_low.sum()), np.inf), allowed.upper[boxed_high]])

    equal = low == high
    above, below = np.isfinite(low) & ~equal, np.isfinite(high) & ~equal
    cones = np.vstack(
        [np.column_stack([rows[which], -limit[which]]) for which, limit in ((equal, low), (above, low), (below, high))]
    )
    counts = [int(which.sum()) for which in (equal, above, below)]
    earned = np.append(excess.coefficients, excess.constant)
    earned = earned / (np.abs(earned).max() or 1.0)
    variance = np.zeros((size + 1, size + 1))
    variance[: allowed.contracts, : allowed.contracts] = risk
    return QuadraticProgram(
        P=variance,
        q=np.zeros(size + 1),
        A=np.vstack([cones, earned]),
        row_lower=np.concatenate([np.repeat([0.0, 0.0, -np.inf], counts), [1.0]]),
        row_upper=np.concatenate([np.repeat([0.0, np.inf, 0.0], counts), [np.inf]]),
        lower=np.append(np.where(allowed.lower == 0, 0.0, -np.inf), 0.0),
        upper=np.append(np.where(allowed.upper == 0, 0.0, np.inf), np.inf),
    )


def _largest_multiple(allowed: FeasibleSet, direction: Array) -> Array:
    """The largest multiple of `direction` that the limits allow: a linear programme in it and the extra variables."""
    contracts = allowed.contracts
    direction = direction / np.abs(direction).max()
    rows = np.vstack([allowed.rows, np.eye(allowed.lower.size)[:contracts]])
    along = rows[:, :contracts] @ direction
    along[np.abs(along) <= LIMIT_TOLERANCE * (np.abs(rows[:, :contracts]) @ np.abs(direction))] = 0.0
    extra = allowed.lower.size - contracts
    ray = QuadraticProgram(
        P=np.zeros((1 + extra, 1 + extra)),
        q=np.append(-1.0, np.zeros(extra)),
        A=np.column_stack([along, rows[:, contracts:]]),
        row_lower=np.concatenate([allowed.row_lower, allowed.lower[:contracts]]),
        row_upper=np.concatenate([allowed.row_upper, allowed.upper[:contracts]]),
        lower=np.zeros(1 + extra),
        upper=np.full(1 + extra, np.inf),
    )
    return np.asarray(solve(ray).x[0] * direction)


def _no_premium(limits: Limits, allowed: FeasibleSet, premium: Array) -> UndefinedError:
    cost = limits.vector("turnover_cost", premium.size)
    long = np.where(allowed.upper[: premium.size] > 0, premium, -np.inf)
    short = np.where(allowed.lower[: premium.size] < 0, -premium, -np.inf)
    net = np.maximum(long, short) - cost
    best = int(np.argmax(net))
    if not np.isfinite(net[best]):
        return UndefinedError(
            "no positive premium: the limits allow no position at all; widen min_weight or max_weight"
        )
    if net[best] <= 0:
        return UndefinedError(
            f"no positive premium: the best, contract {best + 1}, has a net premium of {net[best]:.4g} over risk-free "
            "and cost; use min_variance or change the expected returns"
        )
    excess = excess_return(limits, allowed, premium)
    value = excess.coefficients @ minimum(allowed, None, -excess.coefficients).x + excess.constant
    return UndefinedError(
        f"no positive premium under these limits: the best portfolio they allow earns {value:.4g} over risk-free, "
        f"although contract {best + 1} has a net premium of {net[best]:.4g}; widen the limits or use min_variance"
    )
