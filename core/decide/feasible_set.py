"""The feasible set: the portfolios that the limits allow, as linear rows a quadratic programme can take.

Absolute values (gross, margin, turnover, cost) are made linear by one extra variable e for each kink of |w_i - c|
that lies inside the box of w_i:

    e >= w_i - c,   e >= 0,   |w_i - c| <= 2 e - (w_i - c)      tight at the least e

Where the box keeps w_i on one side of c the absolute value is linear already and costs nothing: without shorts
gross is net. Every row remembers the limit it came from, so that a conflict can be told in the user's words.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 6.1.1 (norms as linear programmes).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numeric.qp import QpSolution, QuadraticProgram, solve
from .limits import Limits

__all__ = ["BOX_LIMITS", "Expression", "FeasibleSet", "excess_return", "feasible_set", "lifted", "minimum", "violation"]

Array = NDArray[np.float64]

BOX_LIMITS = ("min_weight", "max_weight", "max_step")
"""Limits of one contract each; they bound variables rather than make rows."""

UNBOUNDED = 1e3
"""Size of a weight that stands for no limit at all: no venue lends a thousand times the equity."""

ROUNDING = 1e-12
"""Weights nearer to each other than this are the same: 0.1 + 0.2 may meet a limit of 0.3."""


@dataclass(frozen=True)
class Expression:
    """The affine function coefficients @ x + constant of the variables x = (weights, extra variables)."""

    coefficients: Array
    constant: float


@dataclass(frozen=True)
class FeasibleSet:
    """All x = (weights `(N,)`, extra variables `(K,)`) with row_lower <= rows @ x <= row_upper and lower <= x <= upper.

    Extra variable k is the part of weight `kink_contract[k]` above `kink_at[k]`. `names` tells the limit of each row;
    rows that only tie an extra variable to its weight are named "".
    """

    lower: Array
    upper: Array
    rows: Array
    row_lower: Array
    row_upper: Array
    names: tuple[str, ...]
    kink_contract: NDArray[np.intp]
    kink_at: Array

    @property
    def contracts(self) -> int:
        """N, the number of weights."""
        return self.lower.size - self.kink_at.size


def feasible_set(
    limits: Limits,
    contracts: int,
    premium: Array | None = None,
    *,
    without: Collection[str] = (),
    as_rows: Collection[str] = (),
) -> FeasibleSet:
    """The portfolios of `contracts` weights that `limits` allow. Raises ArgumentError, MissingDataError.

    `premium` `(N,)` (expected return less risk-free) is needed where `target_return` is a limit, or costs count.
    `without` leaves limits out by name (a weight then reaches UNBOUNDED); `as_rows` states limits of BOX_LIMITS as
    rows instead of bounds.
    """
    boxes = _boxes(limits, contracts)
    bounding = [box for name, box in boxes.items() if name not in without and name not in as_rows]
    lower = np.max([np.full(contracts, -np.inf), *(low for low, _ in bounding)], axis=0)
    upper = np.min([np.full(contracts, np.inf), *(high for _, high in bounding)], axis=0)
    lower = np.where(np.isfinite(lower), lower, np.minimum(-UNBOUNDED, upper))
    upper = np.where(np.isfinite(upper), upper, np.maximum(UNBOUNDED, lower))
    upper = np.where((upper < lower) & (upper >= lower - ROUNDING), lower, upper)
    start = limits.vector("current_weights", contracts)
    weighs_gross = limits.gross_max is not None or limits.margin_buffer is not None
    pays = premium is not None and bool(limits.vector("turnover_cost", contracts).any())
    weighs_trades = limits.max_turnover is not None or pays

    kinks = [anchor for anchor, used in ((np.zeros(contracts), weighs_gross), (start, weighs_trades)) if used]
    found = {(int(i), float(c[i])) for c in kinks for i in np.flatnonzero((lower < c) & (c < upper))}
    kink_contract = np.array([i for i, _ in sorted(found)], dtype=np.intp)
    kink_at = np.array([c for _, c in sorted(found)])
    extra = kink_at.size
    ties = np.zeros((extra, contracts + extra))
    ties[np.arange(extra), kink_contract] = 1.0
    ties[np.arange(extra), contracts + np.arange(extra)] = -1.0
    bare = FeasibleSet(
        lower=np.concatenate([lower, np.zeros(extra)]),
        upper=np.concatenate([upper, upper[kink_contract] - kink_at]),
        rows=ties,
        row_lower=np.full(extra, -np.inf),
        row_upper=kink_at,
        names=("",) * extra,
        kink_contract=kink_contract,
        kink_at=kink_at,
    )
    stated = [row for row in _rows(limits, bare, premium) if row[0] not in without]
    for name in (name for name in boxes if name in as_rows):
        low, high = boxes[name]
        stated += [(name, _weight(bare, i), low[i], high[i]) for i in range(contracts)]
    return FeasibleSet(
        lower=bare.lower,
        upper=bare.upper,
        rows=np.vstack([ties, *(expression.coefficients for _, expression, _, _ in stated)]),
        row_lower=np.append(bare.row_lower, [low - expression.constant for _, expression, low, _ in stated]),
        row_upper=np.append(bare.row_upper, [high - expression.constant for _, expression, _, high in stated]),
        names=bare.names + tuple(name for name, *_ in stated),
        kink_contract=kink_contract,
        kink_at=kink_at,
    )


def excess_return(limits: Limits, allowed: FeasibleSet, premium: Array) -> Expression:
    """Expected return above risk-free, net of the cost to trade there from the current weights."""
    contracts = allowed.contracts
    cost = limits.vector("turnover_cost", contracts)
    earned = _of_weights(allowed, premium)
    if not cost.any():
        return earned
    paid = _absolute(allowed, cost, limits.vector("current_weights", contracts))
    return Expression(earned.coefficients - paid.coefficients, earned.constant - paid.constant)


def minimum(allowed: FeasibleSet, variance: Array | None, linear: Array) -> QpSolution:
    """The certified least w'(variance)w/2 + linear @ x over the set; None for no variance (a linear programme).

    Raises InfeasibleError, NotConvergedError.
    """
    size = allowed.lower.size
    matrix = np.zeros((size, size))
    if variance is not None:
        matrix[: allowed.contracts, : allowed.contracts] = variance
    return solve(
        QuadraticProgram(
            P=matrix,
            q=linear,
            A=allowed.rows,
            row_lower=allowed.row_lower,
            row_upper=allowed.row_upper,
            lower=allowed.lower,
            upper=allowed.upper,
        )
    )


def lifted(allowed: FeasibleSet, weights: Array) -> Array:
    """x of a portfolio: its weights and the least extra variables that go with them."""
    return np.concatenate([weights, np.maximum(weights[allowed.kink_contract] - allowed.kink_at, 0.0)])


def violation(allowed: FeasibleSet, weights: Array) -> float:
    """By how much a portfolio breaks the worst of the limits, absolute values taken exactly; 0 when it keeps all."""
    x = lifted(allowed, weights)
    values = allowed.rows @ x
    return float(
        max(
            np.max([allowed.lower - x, x - allowed.upper], initial=0.0),
            np.max([allowed.row_lower - values, values - allowed.row_upper], initial=0.0),
        )
    )


def _boxes(limits: Limits, contracts: int) -> dict[str, tuple[Array, Array]]:
    free = np.full(contracts, np.inf)
    start = limits.vector("current_weights", contracts)
    step = limits.vector("max_step", contracts, blank=np.inf)
    return {
        "min_weight": (limits.vector("min_weight", contracts), free),
        "max_weight": (-free, limits.vector("max_weight", contracts, blank=1.0)),
        "max_step": (start - step, start + step),
    }


def _rows(
    limits: Limits, allowed: FeasibleSet, premium: Array | None
) -> Iterator[tuple[str, Expression, float, float]]:
    """Each limit across contracts: its name, what it limits, and between which values."""
    contracts = allowed.contracts
    each = np.ones(contracts)
    low, high = limits.net_range()
    if np.isfinite(low) or np.isfinite(high):
        yield "net", _of_weights(allowed, each), low, high
    if limits.gross_max is not None:
        yield "gross_max", _absolute(allowed, each, np.zeros(contracts)), -np.inf, limits.gross_max
    if limits.margin_buffer is not None:
        rates = limits.vector("initial_margin_rates", contracts)
        yield "margin_buffer", _absolute(allowed, rates, np.zeros(contracts)), -np.inf, 1 - limits.margin_buffer
    if limits.max_turnover is not None:
        start = limits.vector("current_weights", contracts)
        yield "max_turnover", _absolute(allowed, each, start), -np.inf, limits.max_turnover
    if limits.target_beta is not None:
        band = limits.beta_tolerance
        beta = _of_weights(allowed, limits.vector("betas", contracts))
        yield "target_beta", beta, limits.target_beta - band, limits.target_beta + band
    for group in limits.groups:
        yield f"{group.name}_max", _of_weights(allowed, group.members), -np.inf, group.maximum
    if limits.target_return is not None and premium is not None:
        floor = limits.target_return - limits.risk_free
        yield "target_return", excess_return(limits, allowed, premium), floor, np.inf


def _of_weights(allowed: FeasibleSet, coefficients: Array) -> Expression:
    return Expression(np.concatenate([coefficients, np.zeros(allowed.kink_at.size)]), 0.0)


def _weight(allowed: FeasibleSet, contract: int) -> Expression:
    return _of_weights(allowed, np.eye(allowed.contracts)[contract])


def _absolute(allowed: FeasibleSet, factors: Array, anchors: Array) -> Expression:
    """sum of factors_i |w_i - anchors_i|, factors at or above zero."""
    contracts = allowed.contracts
    sign = np.where(allowed.lower[:contracts] >= anchors, 1.0, -1.0)
    coefficients = np.concatenate([factors * sign, np.zeros(allowed.kink_at.size)])
    folded = np.flatnonzero(allowed.kink_at == anchors[allowed.kink_contract])
    coefficients[contracts + folded] = 2.0 * factors[allowed.kink_contract[folded]]
    return Expression(coefficients, -float((factors * sign) @ anchors))
