"""Mean-variance choice of weights for perpetual futures, each optimum with its certificate.

With excess return e(w) = (mu - rf)'w - sum c_i |w_i - current_i| (idle equity earns rf) and variance w'S w:

    min_variance     least w'S w
    target_return    least w'S w with rf + e(w) >= target_return
    utility          greatest e(w) - risk_aversion/2 w'S w
    semivariance     least a w'S w + (1 - a) sum w_i^2 D_ii  (semivariance_full: w'D w),
                     D_ij = mean of min(return_i - threshold, 0) min(return_j - threshold, 0)
    max_sharpe       greatest e(w) / sqrt(w'S w)

all subject to `Limits`. The Sharpe ratio is made a quadratic programme by y = k w, k > 0 (Schaible): minimise y'S y
with e(y, k) >= 1, every limit a'w <= b turned into a'y <= b k; then w = y / k. Where net is free and no cost fixes
the size, every multiple of w has the same Sharpe ratio: the answer is the largest one that the limits allow.

Sources: Markowitz, Journal of Finance 7 (1952); Schaible, Management Science 22 (1976);
Estrada, Journal of Applied Finance 18 (2008) for the downside part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, choice, finite
from ...errors import ArgumentError, InfeasibleError, NotConvergedError, SolveError, UndefinedError, say
from ...numeric.quadratic.certificate import Certificate
from ...numeric.quadratic.solve import QpSolution, QuadraticProgram, solve
from ..limits.conflict import explained
from ..limits.declared import Limits
from ..limits.feasible_set import Expression, FeasibleSet, excess_return, feasible_set, minimum, violation
from .conic import EARNS, conic_optimum, needs_cone
from .cvar import complete_returns
from .homogeneous import cone, largest_multiple
from .impact import trading_cost
from .usable_covariance import usable_covariance

__all__ = ["OBJECTIVES", "Optimum", "optimize"]


OBJECTIVES = (
    *("min_variance", "max_sharpe", "target_return", "target_volatility", "utility", "semivariance"),
    *("cvar", "robust", "risk_budget"),
)

LIMIT_TOLERANCE = 1e-9
"""By how much a weight or a sum of weights may miss its limit."""

MANY_FOLDS = 60
"""Absolute values beyond which a search over utilities, each quick by its pieces, beats Schaible's programme."""

MOST_TRADE_OFFS, SETTLED, LEAP = 60, 1e-12, 10.0
"""How many trade-offs of variance against return are tried, when one has settled, and how far one step may go."""

MOST_WITHOUT_GAIN = 2
"""Trade-offs without a gain, each readier to take risk than the last, after which there is none to find."""

RISKLESS = 1e-12
"""Variance of a portfolio, relative to the largest of a contract, that is read as rounding."""

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

    `expected_returns` `(N,)` and `covariance` `(N, N)` in the same units (annual with annual); no gaps. A covariance
    that is nearly positive semidefinite is repaired, said by a DataWarning. `returns` `(T, N)` is needed by
    semivariance, cvar and the limit cvar_max; rows with a gap are dropped, said by a DataWarning. Trading cost and
    market impact count wherever the expected return does, not in a pure minimum of risk.
    Raises ArgumentError, MissingDataError, InfeasibleError (naming the limits in conflict), UndefinedError (max_sharpe
    without a positive premium), NotConvergedError.
    """
    objective = choice(objective, "objective", OBJECTIVES)
    limits = limits if limits is not None else Limits()
    mu = finite(as_vector(expected_returns, "expected_returns"), "expected_returns")
    risk = usable_covariance(covariance, mu.size)
    premium = mu - limits.risk_free
    if objective == "target_return" and limits.target_return is None:
        raise ArgumentError("objective target_return needs the limit target_return; add it to the limits")

    earns = objective in EARNS or limits.target_return is not None
    allowed = feasible_set(limits, mu.size, premium if earns else None)
    quadratic = _quadratic(objective, risk, limits, returns)

    def plain(over: FeasibleSet) -> tuple[Array, QpSolution]:
        if objective == "max_sharpe":
            return _max_sharpe(risk, limits, over, premium)
        linear = -excess_return(limits, over, premium).coefficients if objective == "utility" else None
        solution = minimum(over, quadratic, np.zeros(over.lower.size) if linear is None else linear)
        return solution.x[: mu.size], solution

    try:
        if needs_cone(objective, limits):
            weights, solution = conic_optimum(objective, risk, limits, allowed, premium, returns, plain, quadratic)
        else:
            weights, solution = plain(allowed)
    except InfeasibleError as error:
        reason: SolveError | None = explained(limits, mu.size, premium)
        if reason is None and objective == "max_sharpe" and limits.cvar_max is None:
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
    excess = float(premium @ weights) - trading_cost(limits, weights)
    volatility = math.sqrt(max(float(weights @ risk @ weights), 0.0))
    riskless = math.copysign(math.inf, excess) if excess else math.nan
    sharpe = excess / volatility if volatility > 0 else riskless
    return Optimum(
        weights, objective, limits.risk_free + excess, volatility, sharpe, solution.certificate, solution.solver
    )


def _quadratic(objective: str, risk: Array, limits: Limits, returns: ArrayLike | None) -> Array:
    """The matrix of a classical objective, of which half the quadratic form is minimised."""
    if objective == "utility":
        return limits.risk_aversion * risk
    if objective != "semivariance":
        return risk
    share = limits.semivariance_alpha
    downside = _semivariance(returns, risk, limits.downside_threshold)
    return share * risk + (1 - share) * (downside if limits.semivariance_full else np.diag(np.diag(downside)))


def _semivariance(returns: ArrayLike | None, risk: Array, threshold: float) -> Array:
    """Mean product of the shortfalls of two contracts below `threshold` `(N, N)`, in the units of `risk`."""
    table = complete_returns(returns, len(risk), "objective semivariance")
    shortfalls = np.minimum(table - threshold, 0.0)
    downside = shortfalls.T @ shortfalls / len(table)
    variance = float(table.var(axis=0).sum())
    ratio = float(np.trace(risk)) / variance if variance > 0 else 1.0
    if 1 / SAME_UNITS <= ratio <= SAME_UNITS or ratio == 0:
        return np.asarray(downside)
    say(f"covariance is {ratio:.4g} times that of returns, as over another period; the semivariance was scaled to it")
    return np.asarray(downside * ratio)


def _max_sharpe(risk: Array, limits: Limits, allowed: FeasibleSet, premium: Array) -> tuple[Array, QpSolution]:
    excess = excess_return(limits, allowed, premium)
    if allowed.kink_at.size > MANY_FOLDS and not allowed.others:
        solution = _settled_trade_off(risk, allowed, excess)
        if solution is not None:
            weights = solution.x[: premium.size]
            return (largest_multiple(allowed, weights) if _scale_is_free(limits, premium) else weights), solution
    solution = solve(_homogenised(risk, allowed, excess))
    inflated, scale = solution.x[: premium.size], float(solution.x[-1])
    if np.abs(inflated).max() > 1 / LIMIT_TOLERANCE:  # an excess return of one needs boundless weights: there is none
        raise _no_premium(limits, allowed, premium)
    if _scale_is_free(limits, premium):
        return largest_multiple(allowed, inflated), solution
    if not scale > 0:
        raise NotConvergedError("the Sharpe ratio grows without end under these limits; limit the weights")
    return inflated / scale, solution


def _scale_is_free(limits: Limits, premium: Array) -> bool:
    """Whether every multiple of a portfolio that the limits allow has the same Sharpe ratio."""
    low, high = limits.net_range()
    start = limits.vector("current_weights", premium.size)
    cost = limits.vector("turnover_cost", premium.size)
    return low < high and not (cost.any() and start.any())


def _settled_trade_off(risk: Array, allowed: FeasibleSet, excess: Expression) -> QpSolution | None:
    """The optimum of w'S w / 2 - p e(w) at the p that equals w'S w / e(w); None where p does not settle.

    p e(w) - w'S w rises with p, and w is a straight line in p between two changes of the binding limits.
    """

    def balance(x: Array, p: float) -> tuple[float, float, float]:
        earned = float(excess.coefficients @ x) + excess.constant
        variance = float(x[:contracts] @ risk @ x[:contracts])
        return p * earned - variance, earned, variance

    contracts, low, high = allowed.contracts, None, None
    largest = float(risk.diagonal().max())
    p = largest / (float(np.abs(excess.coefficients).max()) or 1.0)
    for count in range(MOST_TRADE_OFFS):
        try:
            solution = minimum(allowed, risk, -p * excess.coefficients)
        except NotConvergedError:  # next to no risk is left to trade for: Schaible's programme has it in its own scale
            return None
        left, earned, variance = balance(solution.x, p)
        riskless = variance <= RISKLESS * largest * float(solution.x[:contracts] @ solution.x[:contracts])
        if earned > 0 and (abs(left) <= SETTLED * variance or riskless):
            return solution
        low, high = ((p, solution.x), high) if left < 0 else (low, (p, solution.x))
        if earned <= 0 and count >= MOST_WITHOUT_GAIN:
            return None
        if low is None or high is None:
            following = variance / earned if earned > 0 and variance > 0 else p * LEAP
            p = min(max(2 * following - p, following / LEAP, p / LEAP), p * LEAP)  # twice the step, to see both sides
            continue
        (first, x), (last, far) = low, high
        at_low, at_middle, at_high = (balance(x + s * (far - x), first + s * (last - first))[0] for s in (0, 0.5, 1))
        share = _crossing(at_low, at_middle, at_high) if count % 4 else 0.5
        p = first + share * (last - first)
    return None


def _crossing(start: float, middle: float, end: float) -> float:
    """Where the parabola through start < 0 at 0, `middle` at a half and end >= 0 at 1 crosses zero."""
    bend = 2 * (start - 2 * middle + end)
    slope = end - start - bend
    root = float(np.sqrt(max(slope**2 - 4 * bend * start, 0.0)))
    return min(max(-2 * start / (slope + root), 0.0), 1.0) if slope + root > 0 else 0.5


def _homogenised(risk: Array, allowed: FeasibleSet, excess: Expression) -> QuadraticProgram:
    """Schaible's programme in (y, k)."""
    within = cone(allowed)
    size = allowed.lower.size
    earned = np.append(excess.coefficients, excess.constant)
    earned = earned / (np.abs(earned).max() or 1.0)
    variance = np.zeros((size + 1, size + 1))
    variance[: allowed.contracts, : allowed.contracts] = risk
    return QuadraticProgram(
        P=variance,
        q=np.zeros(size + 1),
        A=np.vstack([within.rows, earned]),
        row_lower=np.append(within.row_lower, 1.0),
        row_upper=np.append(within.row_upper, np.inf),
        lower=within.lower,
        upper=within.upper,
    )


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
