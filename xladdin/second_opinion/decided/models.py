"""The models of the desk in their own words, each with the programme that judges its weights.

    classical            the optimum of an objective
    hybrid               that optimum, tilted to high scores within a cap
    min_variance         the least variance
    risk_budget          each contract its share of the risk
    volatility_target    inverse volatilities, the whole at a volatility
    equal_weight         the same weight in each contract
    beta_neutral         equal weights, and the hedge that takes their beta away

A rule that knows no limits gets the nearest weights within them. Where a model has no answer the next simpler one does,
at last what WhenUnanswered says.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..not_stated import NotStatedError
from ..tables import Vector
from .book import Book
from .limits import Stated
from .optimum import Programme, programme_of, solved
from .sizes import Size, in_its_band, sized

__all__ = ["book_of"]

SIMPLER = ("max_sharpe",)


def book_of(inputs: Inputs, estimates: Estimates, stated: Stated) -> Book:
    """What the model of Settings wants, or the first simpler one that answers. Raises NotStatedError."""
    model, objective = inputs.words["Model"], inputs.words["Objective"]
    if "market_impact" in stated.said and objective in ("max_sharpe", "risk_budget"):
        raise NotStatedError(f"objective {objective} with market_impact is no convex programme of a few lines")
    optima = list(dict.fromkeys((objective, *SIMPLER)))
    found: Book | None = None
    if model == "classical":
        found = _first_optimum(optima, stated)
    elif model == "hybrid":
        found = _hybrid(inputs, estimates, stated, objective) or _first_optimum(optima, stated)
    elif model in ("min_variance", "risk_budget"):
        found = _first_optimum([model], stated)
    elif model == "equal_weight":
        found = _equal(stated)
    elif model == "volatility_target":
        found = _at_volatility(inputs, estimates, stated)
    elif model == "beta_neutral":
        found = _beta_neutral(inputs, stated)
    else:
        raise NotStatedError(f"model {model} is not stated a second time")
    seeks = model == "volatility_target" or (model in ("classical", "hybrid") and objective == "target_volatility")
    rule = inputs.words["WhenUnanswered"]
    if found is None and rule == "min_variance":
        found = _first_optimum(["min_variance"], stated)
    if found is not None:
        found = sized(inputs, estimates, stated, found, seeks)
    elif rule == "cash":
        fixed = stated.each("min_weight") == stated.each("max_weight", 1.0)
        held = fixed & (stated.each("min_weight") == stated.current)
        found = Book(held * stated.current, held * stated.current, None, None)
    else:
        found = Book(stated.current, stated.current, None, None)
    if Size.of(inputs).out:
        return Book(0 * found.final, 0 * found.final, None, None)
    return in_its_band(inputs, stated, found)


def _first_optimum(objectives: list[str], stated: Stated) -> Book | None:
    for objective in objectives:
        try:
            programme = programme_of(objective, stated)
        except KeyError:
            raise NotStatedError(f"objective {objective} is not stated a second time") from None
        best = programme.best()
        if best is None:
            continue
        if not isinstance(programme.k, float) and programme.size_is_free:
            best = _largest(stated, best)
        return Book(best, best, programme, programme)
    return None


def _largest(stated: Stated, mix: Vector) -> Vector:
    """The largest book of one mix that the limits allow."""
    import cvxpy as cp

    size = cp.Variable(nonneg=True)
    solved(cp.Problem(cp.Maximize(size), stated.constraints(size * mix)))
    return mix * float(size.value)


def _nearest(stated: Stated, wanted: Vector, more: Any = ()) -> tuple[Vector, Programme] | None:
    """The weights within the limits that are nearest to those wanted."""
    import cvxpy as cp

    y = cp.Variable(len(wanted))
    kept = [*stated.constraints(y, earning=False), *(limit for each in more for limit in each(y))]
    programme = Programme(
        cp.Problem(cp.Minimize(cp.sum_squares(y - wanted)), kept), y, 1.0, lambda weights: (weights, 1.0)
    )
    best = programme.best()
    return None if best is None else (best, programme)


def _hybrid(inputs: Inputs, estimates: Estimates, stated: Stated, objective: str) -> Book | None:
    """What is bought and sold for the tilt is no more than the cap of the gross of the optimum."""
    import cvxpy as cp
    import numpy as np

    base = _first_optimum([objective], stated)
    if base is None:
        return None
    start = base.final
    scores = _scores(inputs, estimates, stated)
    movable = stated.each("min_weight") < stated.each("max_weight", 1.0)
    movable &= stated.each("max_step", np.inf) > 0
    tilt = np.zeros(len(start))
    tilt[movable] = _standardised(scores[movable])
    reach = inputs.number("OverlayCap") * float(np.abs(start).sum())
    if tilt.any():
        tilt *= reach / np.abs(tilt).sum()
    within = [lambda y: [cp.norm1(y - start) <= reach]]
    found = _nearest(stated, start + tilt, within)
    return None if found is None else replace(base, final=found[0], judge_of_final=found[1])


def _scores(inputs: Inputs, estimates: Estimates, stated: Stated) -> Vector:
    """Low where falls outweigh swings, high where options charge more for variance than it delivers."""
    import numpy as np

    falls = estimates.returns[stated.symbols].clip(upper=0.0)
    falls = np.sqrt((falls**2).mean().to_numpy() * inputs.bars_a_year)
    legs = [_standardised(-falls / np.sqrt(stated.risk.diagonal()))]
    premiums = estimates.of("VariancePremium").loc[stated.symbols].to_numpy()
    if not np.isnan(premiums).all():
        legs.append(_standardised(premiums))
    return np.asarray(np.nanmean(np.array(legs), axis=0))


def _standardised(values: Vector) -> Vector:
    import numpy as np

    centred = values - np.nanmean(values)
    spread = math.sqrt(float(np.nanmean(centred**2)))
    return centred / spread if spread > 1e-12 * float(np.nanmax(np.abs(values))) else np.zeros(len(values))


def _equal(stated: Stated) -> Book | None:
    import numpy as np

    net, low, high = (stated.one(name) for name in ("net", "net_min", "net_max"))
    held = min(max(1.0, -math.inf if low is None else low), math.inf if high is None else high) if net is None else net
    return _alone(_nearest(stated, np.full(len(stated.symbols), held / len(stated.symbols))))


def _at_volatility(inputs: Inputs, estimates: Estimates, stated: Stated) -> Book | None:
    import numpy as np

    calm = 1 / estimates.returns[stated.symbols].std(ddof=1).to_numpy()
    swing = math.sqrt(float(calm @ stated.risk @ calm))
    scale = min((inputs.numbers["VolTarget"] or math.nan) / swing, inputs.number("GrossMax") / float(calm.sum()))
    return _alone(_nearest(stated, np.asarray(scale * calm)))


def _beta_neutral(inputs: Inputs, stated: Stated) -> Book | None:
    """The core book keeps no beta of its own; its hedge may be as large as it must."""
    target = inputs.numbers["PortfolioBeta"] or 0.0
    free = replace(stated, said={**stated.said, "target_beta": None})
    core = _equal(free)
    if core is None:
        return None
    terms = inputs.universe.loc[stated.symbols]
    traded = terms[terms["Include"] == "y"]
    first = inputs.benchmark if inputs.benchmark in traded.index else str((traded["Hedge"] == "y").idxmax())
    place = stated.symbols.index(first)
    wanted = core.final.copy()
    wanted[place] += (target - float(core.final @ stated.betas)) / stated.betas[place]
    low, high = stated.each("min_weight").copy(), stated.each("max_weight", 1.0).copy()
    low[place], high[place] = min(low[place], wanted[place]), max(high[place], wanted[place])
    said = {**stated.said, "min_weight": low, "max_weight": high, "betas": stated.betas, "target_beta": target}
    found = _nearest(replace(stated, said=said), wanted)
    return None if found is None else Book(core.final, found[0], core.judge_of_final, found[1])


def _alone(found: tuple[Vector, Programme] | None) -> Book | None:
    return None if found is None else Book(found[0], found[0], found[1], found[1])
