"""Objectives beyond one quadratic programme: which there are, and the way each is solved.

    target_volatility   greatest e(w) with sqrt(w'S w) <= target_volatility
    robust              greatest e(w) - worst error of the means - risk_aversion/2 w'S w
    cvar                least mean loss over the worst 1 - cvar_level of the past
    risk_budget         the share of each contract in the variance is its budget

and any objective when `cvar_max` or `market_impact` is among its limits. The worst error of the means is kappa
sqrt(w'S w) inside an ellipsoid of radius kappa, sum delta_i |w_i| inside a box of half-widths delta. All are cones
to a conic solver; here each is a short sequence of quadratic programmes whose last carries the certificate, exact where
an interior point ends at 1e-8. e(w) is net of turnover cost and of market impact.

Sources: Rockafellar and Uryasev, Journal of Risk 2 (2000); Goldfarb and Iyengar, Mathematics of Operations Research
28 (2003); Tutuncu and Koenig, Annals of Operations Research 132 (2004) for the box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import numbers
from ...errors import ArgumentError, InfeasibleError, UndefinedError
from ...numeric.quadratic.solve import QpSolution
from ..limits.declared import Limits
from ..limits.feasible_set import Expression, FeasibleSet, absolute, excess_return, minimum
from ..limits.remedy import rounded
from .cvar import complete_returns, conditional_value_at_risk, least_cvar, within_cvar
from .risk_budget import risk_budget
from .trade_off import Family, Member

__all__ = ["CONIC", "EARNS", "conic_optimum", "needs_cone"]

Best = Callable[[FeasibleSet], tuple[Array, QpSolution]]

CONIC = ("target_volatility", "cvar", "robust", "risk_budget")

EARNS = ("max_sharpe", "utility", "target_volatility", "robust")
"""Objectives in which the expected return counts, and with it what trading costs."""

DIGITS = 4
"""Digits of the value that would do."""

REACHED = 1e-9
"""Relative difference from a target that is read as rounding."""


def needs_cone(objective: str, limits: Limits) -> bool:
    """True where `objective` under `limits` is more than one quadratic programme."""
    return objective in CONIC or limits.cvar_max is not None or _impact_counts(objective, limits)


def conic_optimum(
    objective: str,
    risk: Array,
    limits: Limits,
    allowed: FeasibleSet,
    premium: Array,
    returns: ArrayLike | None,
    plain: Best,
    quadratic: Array,
) -> tuple[Array, QpSolution]:
    """The optimal weights `(N,)` in `allowed`, and the certified solution of the programme that they come from.

    `risk` `(N, N)` is the covariance, `premium` `(N,)` the expected return less risk-free, `returns` `(T, N)` the past
    for cvar and cvar_max. `plain` solves a classical objective over any set of portfolios, and `quadratic` `(N, N)` is
    the matrix of that objective. Raises ArgumentError, MissingDataError, InfeasibleError, UndefinedError,
    NotConvergedError.
    """
    impact = _impact_counts(objective, limits)
    if impact and objective in ("cvar", "risk_budget"):
        raise ArgumentError(
            f"market_impact with target_return is not available for {objective}; state turnover_cost instead"
        )
    past = None
    if objective == "cvar" or limits.cvar_max is not None:
        past = complete_returns(returns, premium.size, "cvar_max" if objective != "cvar" else "objective cvar")

    nearby: list[float | None] = [None]  # the trade-offs found, each near the one over a set a little smaller

    def best(over: FeasibleSet) -> tuple[Array, QpSolution]:
        if objective == "risk_budget":
            return risk_budget(over, risk, limits)
        if objective in ("target_volatility", "robust") or impact:
            member = _on_the_frontier(objective, risk, limits, over, premium, quadratic, nearby[-1])
            nearby.append(member.p)
            return member.weights, member.solution
        return plain(over)

    if past is None:
        return best(allowed)
    start = minimum(allowed, risk, np.zeros(allowed.lower.size)).x[: premium.size]
    if objective == "cvar":
        weights, solution = least_cvar(allowed, past, limits.cvar_level, start)
        _check_cvar(limits, past, weights)
        return weights, solution
    try:
        return within_cvar(best, allowed, past, limits.cvar_level, float(limits.cvar_max or 0.0))
    except (InfeasibleError, UndefinedError) as error:
        _check_cvar(limits, past, least_cvar(allowed, past, limits.cvar_level, start)[0])
        if objective != "max_sharpe" or isinstance(error, UndefinedError):
            raise
        raise UndefinedError(
            f"no positive premium: no portfolio that keeps cvar_max {limits.cvar_max:g} and the other limits earns "
            "more than risk-free; raise cvar_max or use min_variance"
        ) from None


def _impact_counts(objective: str, limits: Limits) -> bool:
    pays = bool(np.any(limits.market_impact))
    return pays and (objective in EARNS or limits.target_return is not None)


def _on_the_frontier(
    objective: str,
    risk: Array,
    limits: Limits,
    allowed: FeasibleSet,
    premium: Array,
    quadratic: Array,
    near: float | None,
) -> Member:
    """The member of the family of return against risk in which the objective has its optimum."""
    contracts = premium.size
    radius, half_widths = _uncertainty(objective, limits, contracts)
    impact = limits.vector("market_impact", contracts)
    gain = excess_return(limits, allowed, premium)
    if half_widths.any():
        feared = absolute(allowed, half_widths, np.zeros(contracts))
        gain = Expression(gain.coefficients - feared.coefficients, gain.constant - feared.constant)
    family = Family(
        allowed=_without_target_return(allowed) if impact.any() else allowed,
        risk=risk if objective in EARNS else quadratic,
        covariance=risk,
        gain=gain,
        impact=impact,
        current=limits.vector("current_weights", contracts),
    )
    if objective == "target_volatility":
        member = _at_volatility(family, limits, near)
    elif objective == "max_sharpe":
        member = _at_greatest_ratio(family, near)
    elif radius > 0:
        member = _at_worst_mean(family, limits.risk_aversion, radius, near)
    else:
        member = family.member(1 / limits.risk_aversion if objective in EARNS else 0.0)
    if limits.target_return is None or not impact.any():
        return member
    return _with_least_gain(family, member, limits.target_return - limits.risk_free, limits)


def _uncertainty(objective: str, limits: Limits, contracts: int) -> tuple[float, Array]:
    """The radius of the ellipsoid and the half-widths of the box `(N,)` of the means; one of them is zero."""
    none = np.zeros(contracts)
    if objective != "robust":
        return 0.0, none
    if limits.uncertainty is None:
        raise ArgumentError(
            "objective robust needs uncertainty, one radius or one half-width a contract; add a row of it"
        )
    stated = numbers(limits.uncertainty, "uncertainty")
    return (float(stated[0]), none) if stated.size == 1 else (0.0, numbers(stated, "uncertainty", contracts))


def _without_target_return(allowed: FeasibleSet) -> FeasibleSet:
    keep = np.array([name != "target_return" for name in allowed.names], dtype=bool)
    return replace(
        allowed,
        rows=allowed.rows[keep],
        row_lower=allowed.row_lower[keep],
        row_upper=allowed.row_upper[keep],
        names=tuple(name for name in allowed.names if name != "target_return"),
    )


def _at_volatility(family: Family, limits: Limits, near: float | None) -> Member:
    if limits.target_volatility is None:
        raise ArgumentError("objective target_volatility needs the limit target_volatility; add it to the limits")
    target = limits.target_volatility
    member = family.where(lambda member: member.volatility / target - 1, near)
    if member.volatility > target * (1 + REACHED):
        least = float(np.sqrt(max(family.member(0.0).volatility ** 2, 0.0)))
        raise InfeasibleError(
            f"target_volatility {target:g} is below {least:.4g}, the least that the other limits allow; "
            f"target_volatility {rounded(least, 1, DIGITS):.12g} would do"
        )
    return member


def _at_greatest_ratio(family: Family, near: float | None) -> Member:
    def left_of(member: Member) -> float:
        variance = member.volatility**2
        return member.p * member.gain / variance - 1 if variance > 0 else float(np.copysign(np.inf, member.gain))

    member = family.where(left_of, near)
    left = left_of(member)
    if abs(left) <= REACHED:
        return member
    if left > 0:
        raise UndefinedError(
            "max_sharpe with market_impact: the smaller the position the better its ratio, so there is no best one; "
            "state net or net_min, or use utility"
        )
    raise UndefinedError(
        f"no positive premium: net of cost and market impact the best portfolio these limits allow earns "
        f"{member.gain:.4g} over risk-free; use min_variance or change the expected returns"
    )


def _at_worst_mean(family: Family, aversion: float, radius: float, near: float | None) -> Member:
    def left_of(member: Member) -> float:
        if not member.volatility > 0:
            return np.inf
        return member.p * (aversion + radius / member.volatility) - 1

    def worth(member: Member) -> float:
        return member.gain - radius * member.volatility - aversion / 2 * member.volatility**2

    member = family.where(left_of, near)
    if abs(left_of(member)) <= REACHED:
        return member
    # The radius outweighs every gain: the least risk is best, and at no risk at all v has no slope.
    return max((member, family.member(0.0)), key=worth)


def _with_least_gain(family: Family, member: Member, least: float, limits: Limits) -> Member:
    """`member`, or where it gains too little the one that gains just enough."""
    size = max(abs(least), float(np.abs(family.gain.coefficients).max()) * REACHED)
    if member.gain >= least - REACHED * size:
        return member
    found = family.where(lambda member: (member.gain - least) / size)
    if found.gain < least - REACHED * size:
        raise InfeasibleError(
            f"target_return {limits.target_return:g} is above {limits.risk_free + found.gain:.4g}, the most that the "
            "other limits allow net of cost and market impact; lower it or widen them"
        )
    if limits.target_volatility is not None and found.volatility > limits.target_volatility * (1 + REACHED):
        raise InfeasibleError(
            f"target_return {limits.target_return:g} needs a volatility of {found.volatility:.4g}, above "
            f"target_volatility {limits.target_volatility:g}; move one of them"
        )
    return found


def _check_cvar(limits: Limits, past: Array, weights: Array) -> None:
    """Nothing where `weights`, those of least value at risk, keep cvar_max. Raises InfeasibleError."""
    least = conditional_value_at_risk(-past @ weights, limits.cvar_level)
    if limits.cvar_max is not None and least > limits.cvar_max + REACHED * max(abs(least), abs(limits.cvar_max)):
        raise InfeasibleError(
            f"cvar_max {limits.cvar_max:g} is below {least:.4g}, the least that the other limits allow; "
            f"cvar_max {rounded(least, 1, DIGITS):.12g} would do"
        )
