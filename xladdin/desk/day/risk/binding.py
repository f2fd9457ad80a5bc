"""The limits that bind the optimum and what a point of room in each would bring, in words a desk can repeat."""

from __future__ import annotations

import math
import re

from core.decide.portfolio.shadow_prices import Measure, ShadowPrice, shadow_prices
from core.errors import PerpDeskError
from core.records import dataclass

from ...read.inputs import Desk
from ...read.limits import where_stated
from ..rebalancing import TargetBook

__all__ = ["BindingLimit", "binding_limits"]

OPTIMISERS = ("mean-variance", "hybrid")
"""How a model that seeks an optimum is called in a target, before its objective."""

POINT = 0.01

NOTHING = 1e-6
"""What a point brings is nothing below this: it would read as 0.0000 %."""

CALLED = {
    "net": "net exposure",
    "gross_max": "gross exposure",
    "margin_buffer": "margin buffer",
    "maintenance_max": "maintenance margin",
    "max_turnover": "turnover",
    "target_beta": "beta",
    "target_return": "target return",
    "target_volatility": "volatility",
    "funding_buffer_days": "funding held back",
}
"""What a desk calls a limit; one that is not here goes by its name."""

UNITS = {"funding_buffer_days": ("day", 1.0), "target_beta": ("hundredth", POINT)}
"""What one step of a limit is called, and how large it is; else a point, 0.01."""

GAINS: dict[Measure, str] = {
    "return": "would add {} a year at the same volatility",
    "worth": "would be worth {} a year to the objective",
    "risk": "would take {} off the volatility a year",
}


@dataclass(frozen=True)
class BindingLimit:
    """One limit that binds: its name, contract (blank: all), value, what a point of room brings, words and cell.

    `none` is no limit: its words say why there are none.
    """

    limit: str
    contract: str
    value: float | None
    price: float | None
    words: str
    where: str


def binding_limits(desk: Desk, chosen: TargetBook) -> tuple[BindingLimit, ...]:
    """Those of the optimum that the target starts from, or one row that says why there are none.

    Limits of the whole book stand first, then those of a contract, the dearest first.
    """
    model, _, objective = chosen.target.model.partition(", ")
    if model not in OPTIMISERS:
        return _none(f"the model, {chosen.target.model}, seeks no optimum, so its limits have no price")
    outlook = chosen.outlook
    limits = chosen.limits
    if not limits.risk_free and outlook.past.risk_free:
        limits = limits.changed(risk_free=outlook.past.risk_free)
    try:
        found = shadow_prices(
            chosen.target.baseline, outlook.expected_returns, outlook.covariance, objective, limits, outlook.returns
        )
    except PerpDeskError as error:
        return _none(str(error))
    if not found.limits:
        return _none("no limit binds: the optimum lies inside all of them")
    of_book_first = sorted(found.limits, key=lambda price: price.contract is not None)
    return tuple(_told(price, found.measure, chosen.universe.symbols, desk) for price in of_book_first)


def _none(words: str) -> tuple[BindingLimit, ...]:
    return (BindingLimit("none", "", None, None, words, ""),)


def _told(price: ShadowPrice, measure: Measure, symbols: tuple[str, ...], desk: Desk) -> BindingLimit:
    contract = "" if price.contract is None else symbols[price.contract]
    unit, step = UNITS.get(price.limit, ("point", POINT))
    if math.isnan(price.price):
        return BindingLimit(price.limit, contract, price.value, None, "binds together with others", _cell(price, desk))
    gained = price.price * step
    gain = "would change nothing" if gained < NOTHING else GAINS[measure].format(_percent(gained))
    words = f"One {unit} {_of_what(price, contract)} {gain}"
    return BindingLimit(price.limit, contract, price.value, gained, words, _cell(price, desk))


def _of_what(price: ShadowPrice, contract: str) -> str:
    """Which way, and of what."""
    more = "more" if price.relaxed > 0 else "less"
    if price.limit == "held":
        return f"{more} of {contract}, which is held and not traded,"
    if contract and price.relaxed < 0 and price.value <= 0:
        return f"{'short' if price.value == 0 else 'more short'} of {contract}"
    return f"{more} of {contract or _called(price.limit)}"


def _called(limit: str) -> str:
    """A limit of the whole book in words."""
    exposure = re.fullmatch(r"((?:group|factor)_\d+)_(max|min|target)", limit)
    return f"{exposure[1]} on sheet Limits" if exposure else CALLED.get(limit, limit)


def _cell(price: ShadowPrice, desk: Desk) -> str:
    if price.limit == "held":
        return "Universe column Include"
    return where_stated(price.limit, desk.limits)


def _percent(share: float) -> str:
    """Two digits that count, as 0.31 % or 12 %."""
    return f"{100 * share:.2g} %" if share < 1 else f"{share:.0%}"
