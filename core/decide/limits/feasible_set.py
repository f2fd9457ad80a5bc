"""The feasible set: the portfolios that the limits allow, as linear rows a quadratic program can take.

Absolute values (gross, margin, turnover, cost) are made linear by one extra variable e for each kink of |w_i - c|
that lies inside the box of w_i:

    e >= w_i - c,   e >= 0,   |w_i - c| <= 2 e - (w_i - c)      tight at the least e

Where the box keeps w_i on one side of c the absolute value is linear already and costs nothing: without shorts
gross is net. Every row remembers the limit it came from, so that a conflict can be told in the user's words.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 6.1.1 (norms as linear programs).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array
from ...checks import as_vector, finite
from ...numeric.quadratic.linear_set import LinearSet
from ...numeric.quadratic.program import QuadraticProgram
from ...records import dataclass
from ...tolerances import ROUNDING
from ...units import DAYS_PER_YEAR
from .costs import Costs
from .declared import BOX_LIMITS, FOLDED_AT_ZERO, Limits

if TYPE_CHECKING:
    from ...numeric.quadratic.solve import QpSolution

__all__ = [
    "BOX_LIMITS",
    "UNBOUNDED",
    "Expression",
    "FeasibleSet",
    "absolute",
    "box",
    "boxes",
    "excess_return",
    "feasible_set",
    "lifted",
    "minimum",
    "program",
    "violation",
]

UNBOUNDED = 1e3
"""Size of a weight that stands for no limit at all: no venue lends a thousand times the equity."""


@dataclass(frozen=True)
class Expression:
    """The affine function coefficients @ x + constant of the variables x = (weights, extra variables)."""

    coefficients: Array
    constant: float


Stated = tuple[str, Expression, float, float]
"""A limit across contracts: its name, what it limits, and between which values."""


@dataclass(frozen=True, kw_only=True)
class FeasibleSet(LinearSet):
    """The linear set of all x = (weights `(N,)`, extra variables `(K,)`) that limits allow.

    Extra variable k is the part of weight `kink_contract[k]` above `kink_at[k]`; `others` more may follow, which belong
    to rows added later. `names` tells the limit of each row; rows that only tie an extra variable are named "".
    """

    names: tuple[str, ...]
    kink_contract: NDArray[np.intp]
    kink_at: Array
    others: int = 0

    @property
    def contracts(self) -> int:
        """N, the number of weights."""
        return self.lower.size - self.kink_at.size - self.others

    def without(self, name: str) -> Self:
        """The set without the rows of the limit `name`."""
        keep = np.array([each != name for each in self.names], dtype=bool)
        return replace(
            self,
            rows=self.rows[keep],
            row_lower=self.row_lower[keep],
            row_upper=self.row_upper[keep],
            names=tuple(each for each in self.names if each != name),
        )

    def with_variables(self, lower: Array, upper: Array) -> Self:
        """The set with more variables behind the others, which stand in no row yet."""
        return replace(super().with_variables(lower, upper), others=self.others + lower.size)

    def with_rows(self, rows: Array, row_lower: Array, row_upper: Array, name: str = "") -> Self:
        """The set with more rows `(k, n)` below the others, all of the limit `name`."""
        return replace(super().with_rows(rows, row_lower, row_upper), names=self.names + (name,) * len(rows))


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
    stated_boxes = boxes(limits, contracts)
    bounding = [box for name, box in stated_boxes.items() if name not in without and name not in as_rows]
    lower, upper = _meeting(bounding, contracts, all_stated=len(bounding) == len(stated_boxes))
    fears = limits.uncertainty is not None and np.size(limits.uncertainty) > 1
    weighs_gross = fears or any(getattr(limits, name) is not None for name in FOLDED_AT_ZERO)
    pays = premium is not None and limits.states("turnover_cost")
    pays = pays and bool(limits.vector("turnover_cost", contracts).any())
    weighs_trades = limits.max_turnover is not None or pays

    anchors = [np.zeros(contracts)] if weighs_gross else []
    if weighs_trades:
        anchors.append(limits.vector("current_weights", contracts))
    kink_contract, kink_at = _kinks(lower, upper, anchors)
    extra = kink_at.size
    if extra:
        lower = np.concatenate([lower, np.zeros(extra)])
        upper = np.concatenate([upper, upper[kink_contract] - kink_at])
    bare = FeasibleSet(
        lower=lower,
        upper=upper,
        rows=np.zeros((0, lower.size)),
        row_lower=np.full(extra, -np.inf),
        row_upper=kink_at,
        names=("",) * extra,
        kink_contract=kink_contract,
        kink_at=kink_at,
    )
    stated = [row for row in _rows(limits, bare, premium) if row[0] not in without]
    for name in (name for name in stated_boxes if name in as_rows):
        low, high = stated_boxes[name]
        stated += [(name, _weight(bare, i), low[i], high[i]) for i in range(contracts)]
    rows, row_lower, row_upper = _tied(bare, stated)
    return FeasibleSet(
        lower=lower,
        upper=upper,
        rows=rows,
        row_lower=row_lower,
        row_upper=row_upper,
        names=bare.names + tuple(name for name, *_ in stated),
        kink_contract=kink_contract,
        kink_at=kink_at,
    )


def _meeting(bounding: Sequence[tuple[Array, Array]], contracts: int, *, all_stated: bool) -> tuple[Array, Array]:
    """What all of the boxes allow; a side that none of them bounds, as some are left out, reaches UNBOUNDED."""
    lower, upper = bounding[0] if bounding else (np.full(contracts, -np.inf), np.full(contracts, np.inf))
    for low, high in bounding[1:]:
        lower, upper = np.maximum(lower, low), np.minimum(upper, high)
    if not all_stated:
        lower = np.where(np.isfinite(lower), lower, np.minimum(-UNBOUNDED, upper))
        upper = np.where(np.isfinite(upper), upper, np.maximum(UNBOUNDED, lower))
    crossed = upper < lower
    if crossed.any():
        upper = np.where(crossed & (upper >= lower - ROUNDING), lower, upper)
    return lower, upper


def _tied(allowed: FeasibleSet, stated: Sequence[Stated]) -> tuple[Array, Array, Array]:
    """The rows that tie the extra variables to their weights, x[contract] - e, below them the stated ones; limits."""
    extra = allowed.kink_at.size
    rows = np.zeros((extra + len(stated), allowed.lower.size))
    row_lower, row_upper = np.empty(len(rows)), np.empty(len(rows))
    if extra:
        each = np.arange(extra)
        rows[each, allowed.kink_contract] = 1.0
        rows[each, allowed.contracts + each] = -1.0
        row_lower[:extra], row_upper[:extra] = allowed.row_lower, allowed.row_upper
    for place, (_, expression, low, high) in enumerate(stated, start=extra):
        rows[place] = expression.coefficients
        row_lower[place], row_upper[place] = low - expression.constant, high - expression.constant
    return rows, row_lower, row_upper


def _kinks(lower: Array, upper: Array, anchors: Sequence[Array]) -> tuple[NDArray[np.intp], Array]:
    """The contracts and places of all anchors inside the boxes, by contract and then rising, each once."""
    if not anchors:
        return np.zeros(0, dtype=np.intp), np.zeros(0)
    inside = [((lower < anchor) & (anchor < upper)).nonzero()[0] for anchor in anchors]
    if len(anchors) == 1:
        return inside[0], anchors[0][inside[0]]
    contract = np.concatenate(inside)
    at = np.concatenate([anchor[which] for anchor, which in zip(anchors, inside, strict=True)])
    order = np.lexsort((at, contract))
    contract, at = contract[order], at[order]
    new = np.ones(at.size, dtype=bool)
    new[1:] = (contract[1:] != contract[:-1]) | (at[1:] != at[:-1])
    return contract[new], at[new]


def excess_return(costs: Costs, allowed: FeasibleSet, premium: Array) -> Expression:
    """Expected return above risk-free, net of the cost to trade there from the current weights."""
    contracts = allowed.contracts
    cost = costs.vector("turnover_cost", contracts)
    earned = _of_weights(allowed, premium)
    if not cost.any():
        return earned
    paid = absolute(allowed, cost, costs.vector("current_weights", contracts))
    return Expression(earned.coefficients - paid.coefficients, earned.constant - paid.constant)


def absolute(allowed: FeasibleSet, factors: Array, anchors: Array) -> Expression:
    """sum of factors_i |w_i - anchors_i|, with factors `(N,)` at or above zero and kinks of the set at the anchors."""
    contracts = allowed.contracts
    sign = np.where(allowed.lower[:contracts] >= anchors, 1.0, -1.0)
    coefficients = np.concatenate([factors * sign, np.zeros(allowed.lower.size - contracts)])
    folded = np.flatnonzero(allowed.kink_at == anchors[allowed.kink_contract])
    coefficients[contracts + folded] = 2.0 * factors[allowed.kink_contract[folded]]
    return Expression(coefficients, -float((factors * sign) @ anchors))


def minimum(allowed: FeasibleSet, variance: Array | None, linear: Array) -> QpSolution:
    """The certified least w'(variance)w/2 + linear @ x over the set; None for no variance (a linear program).

    Raises InfeasibleError, NotConvergedError.
    """
    from ...numeric.quadratic.solve import solve

    return solve(program(allowed, variance, linear))


def program(allowed: FeasibleSet, variance: Array | None, linear: Array, *, on_pieces: bool = True) -> QuadraticProgram:
    """The least w'(variance)w/2 + linear @ x over the set; None for no variance.

    It names the folds of the set, if it is to be solved `on_pieces` and nothing stands behind them.
    """
    folded = allowed.kink_contract if on_pieces and not allowed.others else allowed.kink_contract[:0]
    size = allowed.lower.size - folded.size
    if variance is None or len(variance) < size:
        matrix = np.zeros((size, size))
        matrix[: allowed.contracts, : allowed.contracts] = 0.0 if variance is None else variance
        variance = matrix
    return QuadraticProgram.over(allowed, variance, linear, folded)


def lifted(allowed: FeasibleSet, weights: Array) -> Array:
    """x of a portfolio: its weights and the least extra variables that go with them."""
    if not allowed.kink_at.size:
        return weights
    return np.concatenate([weights, np.maximum(weights[allowed.kink_contract] - allowed.kink_at, 0.0)])


def violation(allowed: FeasibleSet, weights: Array) -> float:
    """By how much a portfolio breaks the worst of the limits, absolute values taken exactly; 0 when it keeps all."""
    x = lifted(allowed, weights)
    values = allowed.rows @ x
    past_bound = np.maximum(allowed.lower - x, x - allowed.upper).max()
    past_row = np.maximum(allowed.row_lower - values, values - allowed.row_upper).max(initial=0.0)
    return max(float(past_bound), float(past_row))


def box(limits: Limits, contracts: int) -> tuple[Array, Array]:
    """The least and the greatest weights `(N,)` that the limits of one contract each allow together."""
    if limits.max_step is None and limits.max_volume_share is None:  # most books; half of what all boxes take
        both = limits.vector("min_weight", contracts), limits.vector("max_weight", contracts)
        return _meeting([both], contracts, all_stated=True)
    return _meeting(list(boxes(limits, contracts).values()), contracts, all_stated=True)


def boxes(limits: Limits, contracts: int) -> dict[str, tuple[Array, Array]]:
    """The limits of one contract each, by name: the least and the greatest weights `(N,)` that each allows."""
    free = np.full(contracts, np.inf)
    each = {
        "min_weight": (limits.vector("min_weight", contracts), free),
        "max_weight": (-free, limits.vector("max_weight", contracts)),
    }
    if limits.max_step is None and limits.max_volume_share is None:
        return each
    start = limits.vector("current_weights", contracts)
    if limits.max_step is not None:
        step = limits.vector("max_step", contracts)
        each["max_step"] = (start - step, start + step)
    if limits.max_volume_share is not None:
        trade = limits.max_volume_share * limits.vector("daily_volumes", contracts)
        each["max_volume_share"] = (start - trade, start + trade)
    return each


def _rows(limits: Limits, allowed: FeasibleSet, premium: Array | None) -> Iterator[Stated]:
    contracts = allowed.contracts
    each = np.ones(contracts)
    low, high = limits.net_range()
    if math.isfinite(low) or math.isfinite(high):
        yield "net", _of_weights(allowed, each), low, high
    if limits.gross_max is not None:
        yield "gross_max", absolute(allowed, each, np.zeros(contracts)), -np.inf, limits.gross_max
    if limits.margin_buffer is not None:
        rates = limits.vector("initial_margin_rates", contracts)
        yield "margin_buffer", absolute(allowed, rates, np.zeros(contracts)), -np.inf, 1 - limits.margin_buffer
    if limits.maintenance_max is not None:
        rates = limits.vector("maintenance_rates", contracts)
        yield "maintenance_max", absolute(allowed, rates, np.zeros(contracts)), -np.inf, limits.maintenance_max
    if limits.funding_buffer_days is not None:
        yield "funding_buffer_days", _held_back(limits, allowed), -np.inf, 1 - (limits.margin_buffer or 0.0)
    if limits.max_turnover is not None:
        start = limits.vector("current_weights", contracts)
        yield "max_turnover", absolute(allowed, each, start), -np.inf, limits.max_turnover
    if limits.target_beta is not None:
        band = limits.beta_tolerance
        beta = _of_weights(allowed, limits.vector("betas", contracts))
        yield "target_beta", beta, limits.target_beta - band, limits.target_beta + band
    for factor in (*limits.groups, *limits.factors):
        loadings = factor.loadings
        if loadings.size != contracts:
            loadings = as_vector(loadings, factor.name, contracts)
        exposure = _of_weights(allowed, finite(loadings, factor.name))
        for name, low, high in factor.sides():
            yield name, exposure, low, high
    if limits.target_return is not None and premium is not None:
        floor = limits.target_return - limits.risk_free
        yield "target_return", excess_return(limits, allowed, premium), floor, np.inf


def _held_back(limits: Limits, allowed: FeasibleSet) -> Expression:
    """Initial margin and the funding paid in so many days; max(w f, 0) = (w f + |w| |f|) / 2."""
    contracts = allowed.contracts
    paid = (limits.funding_buffer_days or 0.0) / DAYS_PER_YEAR * limits.vector("funding_rates", contracts)
    rates = limits.vector("initial_margin_rates", contracts) + np.abs(paid) / 2
    held = absolute(allowed, rates, np.zeros(contracts))
    return Expression(held.coefficients + _of_weights(allowed, paid / 2).coefficients, held.constant)


def _of_weights(allowed: FeasibleSet, coefficients: Array) -> Expression:
    extra = allowed.lower.size - coefficients.size
    return Expression(np.concatenate([coefficients, np.zeros(extra)]) if extra else coefficients, 0.0)


def _weight(allowed: FeasibleSet, contract: int) -> Expression:
    return _of_weights(allowed, np.eye(allowed.contracts)[contract])
