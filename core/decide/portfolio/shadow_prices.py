"""Shadow prices: what one unit more of a limit that binds would be worth to the objective.

At an optimum of   minimise w'R w / 2 - p g(w)   over rows a'x <= b, a multiplier y >= 0 stands on each row that binds,
and by the envelope theorem the least value falls by y for each unit that b grows. So in units that a desk reads

    p > 0     y / p    expected return a year at the same volatility; of utility and robust, worth of the book
    p = 0     y / v    volatility saved, v = sqrt(w'R w): objectives that look at risk alone

The largest Sharpe ratio e / v is the same program at p = v^2 / e: there one more unit of the limit adds y / p to the
return at the same volatility, y / (p v) to the ratio. The other objectives have their p by definition (see
`trade_off`); where a target of volatility is out of reach, p grows without end, and the return is all that counts.
Multipliers and certificate are those of that program, solved once more at the optimum that was found.

Where limits that bind depend on each other (an optimum at a corner with one limit too many) multipliers are not unique,
and moving one limit alone is worth less than its part. Then the program is solved once more for each limit, with that
limit alone moved a little.

Sources: Boyd and Vandenberghe, Convex Optimization (2004), 5.6.3; Milgrom and Segal, Econometrica 70 (2002), for the
envelope theorem.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, finite, numbers
from ...errors import InfeasibleError, NotConvergedError, UndefinedError
from ...numeric.quadratic.certificate import Certificate
from ...numeric.quadratic.solve import QpSolution
from ...records import dataclass
from ...tolerances import ACTIVE, RANK, REPORTED
from ..limits.declared import Limits
from ..limits.feasible_set import FeasibleSet, boxes, feasible_set, lifted, minimum
from ..limits.remedy import MOVES, with_value
from .impact import impact_cost, trading_cost
from .objectives.objective import Objective
from .objectives.registry import objective_named
from .objectives.solve import trade_off_over
from .trade_off import TradeOff
from .usable_covariance import usable_covariance

__all__ = ["Measure", "ShadowPrice", "ShadowPrices", "shadow_prices"]

Measure = Literal["return", "worth", "risk"]
"""What a price is in: return a year at the same volatility, worth to a utility, or volatility."""

MEASURES: dict[str, Measure] = {
    "max_sharpe": "return",
    "target_volatility": "return",
    "utility": "worth",
    "robust": "worth",
    "min_variance": "risk",
    "target_return": "risk",
    "semivariance": "risk",
}
"""Objectives that are one program of return against risk, and what their limits are priced in."""

NUDGE = 1e-6
"""By how much a limit is moved alone: enough to see, too little to make others bind."""

MOST_ALONE = 24
"""Limits that are moved alone, by their multipliers the dearest: each takes a program of its own."""

RICH = 1e4
"""How many times the p at which nothing more is earned the risk counts for nothing, where its target is not reached."""

WEIGHTS = ("min_weight", "max_weight")

SAME_BOOK = 1e-6
"""Distance of weights, relative to the largest, up to which the program has found the optimum that was given."""


@dataclass(frozen=True)
class ShadowPrice:
    """One limit that binds.

    limit       its name in the limits block; `held` for a contract whose least and greatest weight are the same
    contract    its place among the contracts; None: a limit of the whole book
    value       as stated; of a contract the weight at which it stands
    relaxed     1 where a greater value (of a contract: weight) gives room, -1 where a smaller one does
    price       what is gained for a unit of room: `ShadowPrices.measure` a unit of the limit, at or above 0; NaN of the
                cheapest of many limits that depend on each other, which were not moved alone
    """

    limit: str
    contract: int | None
    value: float
    relaxed: int
    price: float


@dataclass(frozen=True)
class ShadowPrices:
    """The limits that bind, the dearest first, what their prices are in, and the certificate of the program."""

    limits: tuple[ShadowPrice, ...]
    measure: Measure
    certificate: Certificate


def shadow_prices(
    weights: ArrayLike,
    expected_returns: ArrayLike,
    covariance: ArrayLike,
    objective: str,
    limits: Limits,
    returns: ArrayLike | None = None,
) -> ShadowPrices:
    """The prices of the limits that bind at `weights` `(N,)`, the optimum of `objective` under `limits`.

    Shapes and units as in `optimize`, whose answer `weights` is. Raises UndefinedError (an objective that is no program
    of return against risk: cvar, risk_budget, or any with cvar_max), NotConvergedError (`weights` are not the optimum,
    or no route was certified), ArgumentError and MissingDataError.
    """
    kind = objective_named(objective)
    if kind.name not in MEASURES or limits.cvar_max is not None:
        with_cap = "" if kind.name not in MEASURES else " with cvar_max"
        raise UndefinedError(
            f"objective {kind.name}{with_cap} trades no return against risk, so its limits have no price"
        )
    book = numbers(weights, "weights")
    mu = finite(as_vector(expected_returns, "expected_returns", book.size), "expected_returns")
    sought = kind(mu - limits.risk_free, usable_covariance(covariance, book.size), limits, returns)
    allowed = feasible_set(limits, book.size, sought.premium if sought.counts_return else None)
    over = trade_off_over(sought, allowed)
    p, solution = _program(sought, over, book)
    found = solution.x[: book.size]
    if np.abs(found - book).max() > SAME_BOOK * max(1.0, float(np.abs(book).max())):
        raise NotConvergedError("weights are not the one optimum under these limits, so the limits have no price there")
    measure = MEASURES[kind.name]
    unit = p if measure != "risk" else math.sqrt(max(float(book @ sought.risk @ book), 0.0))
    if not unit > 0:
        raise UndefinedError("the book has no risk, so its limits have no price")
    priced = [
        *_rows(limits, over.allowed, solution, unit),
        *_boxes(limits, book, _on_bounds(over.allowed, solution), unit),
    ]
    if _depend(over.allowed, solution.x):
        priced.sort(key=lambda each: -each.price)
        alone = [_moved_alone(price, sought, over, solution, p, unit) for price in priced[:MOST_ALONE]]
        priced = [*alone, *(replace(price, price=math.nan) for price in priced[MOST_ALONE:])]
    if kind.name == "target_volatility":
        priced += _volatility_cap(sought, book, p)
    priced.sort(key=lambda each: -np.nan_to_num(each.price, nan=-1.0))
    return ShadowPrices(tuple(replace(each, price=each.price + 0.0) for each in priced), measure, solution.certificate)


def _program(sought: Objective, over: TradeOff, book: Array) -> tuple[float, QpSolution]:
    """The p at which the optimum is one of the trade-off of return against risk, and the program's solution there."""
    name = sought.name
    if MEASURES[name] == "risk":
        p = 0.0
    elif name == "utility":
        p = 1 / sought.limits.risk_aversion
    elif name == "max_sharpe":
        gain = float(sought.premium @ book) - trading_cost(sought.limits, book)
        if not gain > 0:
            raise UndefinedError("the book earns nothing over risk-free, so its limits have no price in return")
        p = float(book @ sought.covariance @ book) / gain
    else:
        portfolio = sought.portfolio(over, None)
        if name == "target_volatility" and portfolio.volatility < _most_volatility(sought):
            portfolio = over.portfolio(RICH * portfolio.p, portfolio.solution.x)
        return portfolio.p, portfolio.solution
    return p, _solved(sought, over, p, book)


def _volatility_cap(sought: Objective, book: Array, p: float) -> Iterator[ShadowPrice]:
    """The price of the volatility that is held, where it is as large as it may be: its slope is v / p."""
    if math.sqrt(float(book @ sought.covariance @ book)) >= _most_volatility(sought):
        most = float(sought.limits.target_volatility or 0.0)
        yield ShadowPrice("target_volatility", None, most, 1, most / p)


def _most_volatility(sought: Objective) -> float:
    """The volatility from which on the target counts as reached."""
    return float(sought.limits.target_volatility or 0.0) * (1 - REPORTED)


def _rows(limits: Limits, allowed: FeasibleSet, solution: QpSolution, unit: float) -> Iterator[ShadowPrice]:
    """Prices of the limits across contracts; the value of one may stand in several rows."""
    multipliers: dict[str, float] = {}
    values = allowed.rows @ solution.x
    sides = zip(allowed.names, solution.row_multipliers, values, allowed.row_lower, allowed.row_upper, strict=True)
    for name, y, value, low, high in sides:
        if name and min(value - low, high - value) <= REPORTED * max(1.0, abs(value)):
            multipliers[name] = float(y)
    for name, rows in MOVES.items():
        also = [multipliers[row] for row in rows if row != name and row in multipliers]
        if also and getattr(limits, name) is not None:
            multipliers[name] = multipliers.get(name, 0.0) + sum(also)
    for name, y in multipliers.items():
        slope = _slope(limits, allowed, solution, name) * y / unit
        yield ShadowPrice(name, None, _stated(limits, name, y), _side(name, slope), abs(slope))


def _depend(allowed: FeasibleSet, x: Array) -> bool:
    """Whether the limits that bind at x depend on each other, so that their multipliers are not unique.

    A weight at its bound or at a kink is not free to move; the rows that bind must differ in the weights that are.
    """
    weights, contracts = x[: allowed.contracts], allowed.contracts
    near = REPORTED * max(1.0, float(np.abs(x).max()))
    values = allowed.rows @ x
    stated = np.array([bool(name) for name in allowed.names], dtype=bool)
    binds = stated & (np.minimum(values - allowed.row_lower, allowed.row_upper - values) <= near)
    free = np.minimum(weights - allowed.lower[:contracts], allowed.upper[:contracts] - weights) > near
    folds = allowed.kink_at.size
    above = weights[allowed.kink_contract] - allowed.kink_at
    free[allowed.kink_contract[np.abs(above) <= near]] = False
    slopes = allowed.rows[binds, :contracts].copy()
    np.add.at(slopes.T, allowed.kink_contract, (allowed.rows[binds, contracts : contracts + folds] * (above > 0)).T)
    slopes = slopes[:, free]
    return bool(binds.any()) and (not free.any() or int(np.linalg.matrix_rank(slopes, RANK)) < len(slopes))


def _moved_alone(
    price: ShadowPrice, sought: Objective, over: TradeOff, solution: QpSolution, p: float, unit: float
) -> ShadowPrice:
    """The price of a limit that was moved alone, towards more room; 0 where no book is left then."""
    if not price.price > ACTIVE:
        return price
    moved = replace(sought, limits=_with_room(sought.limits, price, NUDGE * price.relaxed, over.allowed.contracts))
    premium = moved.premium if moved.counts_return else None
    wider = trade_off_over(moved, feasible_set(moved.limits, over.allowed.contracts, premium))
    try:
        there = _solved(moved, wider, p, solution.x[: over.allowed.contracts])
    except InfeasibleError:
        return replace(price, price=0.0)
    gained = _value(over, solution.x, p) - _value(wider, there.x, p)
    return replace(price, price=max(gained / NUDGE / unit, 0.0))


def _solved(sought: Objective, over: TradeOff, p: float, book: Array) -> QpSolution:
    """The program of the trade-off at p, from a book that is near."""
    if sought.pays_impact:
        return over.portfolio(p, lifted(over.allowed, book)).solution
    return minimum(over.allowed, sought.risk, -p * over.gain.coefficients)


def _value(over: TradeOff, x: Array, p: float) -> float:
    """w'R w / 2 - p g(w), market impact within the gain."""
    weights = x[: over.allowed.contracts]
    gain = float(over.gain.coefficients @ x) + over.gain.constant - impact_cost(over.impact, weights - over.current)
    return float(weights @ over.risk @ weights) / 2 - p * gain


def _with_room(limits: Limits, price: ShadowPrice, step: float, contracts: int) -> Limits:
    """The limits with one of them moved."""
    if price.limit == "max_step":
        return limits.changed(max_step=_raised(limits, "max_step", price, abs(step), contracts))
    if price.limit == "max_volume_share":
        traded = abs(step) / float(limits.max_volume_share or 1.0)
        return limits.changed(daily_volumes=_raised(limits, "daily_volumes", price, traded, contracts))
    if price.contract is not None:
        sides = WEIGHTS if price.limit == "held" else (price.limit,)
        return limits.changed(**{side: _raised(limits, side, price, step, contracts) for side in sides})
    moved = with_value(limits, price.limit, price.value + step, contracts)
    return limits if moved is None else moved


def _raised(limits: Limits, name: str, price: ShadowPrice, step: float, contracts: int) -> Array:
    """A limit of one value a contract, that of one of them moved."""
    values = limits.vector(name, contracts).copy()
    values[price.contract] += step
    return values


def _slope(limits: Limits, allowed: FeasibleSet, solution: QpSolution, name: str) -> float:
    """By how much the side of a limit's row moves for a unit of its value, the rest of the row where it stands."""
    if name in MOVES:
        return -1.0
    if name != "funding_buffer_days":
        return 1.0
    contracts = allowed.contracts
    longer = feasible_set(limits.changed(funding_buffer_days=(limits.funding_buffer_days or 0.0) + 1.0), contracts)
    place = allowed.names.index(name)
    return float((allowed.rows[place] - longer.rows[longer.names.index(name)]) @ solution.x)


def _side(name: str, slope: float) -> int:
    """Which way gives room: as the price says; without one, as the name does."""
    if slope:
        return 1 if slope > 0 else -1
    return -1 if name.endswith("_min") or name in (*MOVES, "target_return", "funding_buffer_days") else 1


def _stated(limits: Limits, name: str, multiplier: float) -> float:
    """The value of a limit across contracts; of a range of net the end that its multiplier presses on."""
    if name == "net":
        low, high = limits.net_range()
        return high if math.isfinite(high) and (multiplier > 0 or not math.isfinite(low)) else low
    found = (factor.value(name) for factor in (*limits.groups, *limits.factors))
    return next((value for value in found if value is not None), None) or float(getattr(limits, name, 0.0) or 0.0)


def _on_bounds(allowed: FeasibleSet, solution: QpSolution) -> Array:
    """What presses on the bounds of each weight `(N,)`: the upper bound of an extra variable is that of its weight."""
    contracts, folds = allowed.contracts, allowed.kink_at.size
    at_top = np.maximum(solution.bound_multipliers[contracts : contracts + folds], 0.0)
    return solution.bound_multipliers[:contracts] + np.bincount(allowed.kink_contract, at_top, contracts)


def _boxes(limits: Limits, book: Array, multipliers: Array, unit: float) -> Iterator[ShadowPrice]:
    """Prices of the limits of one contract each: that of the tightest, where several bound a weight."""
    each = boxes(limits, book.size)
    for contract in range(book.size):
        lows = {name: float(low[contract]) for name, (low, _) in each.items() if np.isfinite(low[contract])}
        highs = {name: float(high[contract]) for name, (_, high) in each.items() if np.isfinite(high[contract])}
        z, weight = float(multipliers[contract]), float(book[contract])
        low = _met(lows, weight, -1)
        high = _met(highs, weight, 1)
        if low and high:
            yield ShadowPrice("held", contract, weight, 1 if z >= 0 else -1, abs(z) / unit)
        elif high:
            yield ShadowPrice(high[0], contract, highs[high[0]], 1, max(z, 0.0) / unit if len(high) == 1 else 0.0)
        elif low:
            yield ShadowPrice(low[0], contract, lows[low[0]], -1, max(-z, 0.0) / unit if len(low) == 1 else 0.0)


def _met(sides: dict[str, float], weight: float, sign: int) -> list[str]:
    """The limits of one contract that its weight stands at; moving one of several alone gives no room."""
    return [name for name, side in sides.items() if sign * (side - weight) <= ACTIVE]
