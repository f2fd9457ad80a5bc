"""The sheet Hedges a second time: each instrument's worth now and after a move, one at a time, in plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist
from typing import Any

from ..inputs import Inputs
from ..tables import Series

__all__ = ["Instrument", "exposures_of", "instruments_of", "scenario_profit", "tied_up"]

NORMAL = NormalDist()
YEAR = 365 * 24
MOST_GEARED, LEAST_WORTH = 1000, 1e-6
LARGEST = 10.0
"""A volatility that explains no price."""


@dataclass(frozen=True)
class Instrument:
    """One row: `price` of a unit, `spot` of its underlying, `years` to expiry, `sign` 1 of a call and -1 of a put."""

    name: str
    kind: str
    under: str
    price: float
    spot: float
    lot: float
    fee: float
    carry: float
    strike: float
    years: float
    sign: float
    volatility: float
    position: float
    may_trade: bool
    rate: float

    def forward(self, move: float = 0.0, hours: float = 0.0) -> float:
        """Of its underlying at expiry, after a move."""
        return self.spot * (1 + move) * math.exp(self._carry * self._left(hours))

    def model(self, move: float = 0.0, multiple: float = 1.0, hours: float = 0.0) -> float:
        """Black-76's price of an option after a move, at a multiple of its volatility, so many hours on."""
        forward, left = self.forward(move, hours), self._left(hours)
        spread = self.volatility * multiple * math.sqrt(left)
        discount = math.exp(-self.rate * left)
        if spread == 0 or forward == 0:
            return discount * max(self.sign * (forward - self.strike), 0.0)
        d1 = math.log(forward / self.strike) / spread + spread / 2
        brought = forward * NORMAL.cdf(self.sign * d1) - self.strike * NORMAL.cdf(self.sign * (d1 - spread))
        return max(discount * self.sign * brought, 0.0)

    def greeks(self) -> dict[str, float]:
        """Delta and gamma of the forward, vega of one whole of volatility and theta a year."""
        forward, spread = self.forward(), self.volatility * math.sqrt(self.years)
        d1 = math.log(forward / self.strike) / spread + spread / 2
        discount, density = math.exp(-self.rate * self.years), NORMAL.pdf(d1)
        return {
            "delta": self.sign * discount * NORMAL.cdf(self.sign * d1),
            "gamma": discount * density / (forward * spread),
            "vega": discount * forward * density * math.sqrt(self.years),
            "theta": self.rate * self.model()
            - discount * forward * density * self.volatility / (2 * math.sqrt(self.years)),
        }

    def profit(self, move: float, multiple: float = 1.0, hours: float = 0.0, peg: float = 0.0) -> float:
        """Of a unit, where its underlying has earned `move` and stablecoins `peg`."""
        if self.kind == "option":
            return self.model(move, multiple, hours) - self.model()
        return self.price * (peg if self.kind == "stablecoin" else move)

    def exposure(self) -> float:
        """Of a unit to the return of its underlying, in money."""
        if self.kind == "option":
            return self.greeks()["delta"] * self.forward()
        return 0.0 if self.kind == "stablecoin" else self.price

    def of_money(self, amount: float) -> float:
        """Of a unit as of a unit of money; nothing where an option is worth nothing that can be weighed."""
        nothing = abs(self.exposure()) >= MOST_GEARED * self.price
        nothing |= self.kind == "option" and self.price < LEAST_WORTH * self.spot
        return 0.0 if nothing else amount / self.price

    def paid(self, years: float, funding: Mapping[str, float]) -> float:
        """Of a long unit until a horizon: funding or carry; of an option what it loses where nothing moves."""
        if self.kind == "option":
            return self.price - self.model(hours=years * YEAR)
        own = self.carry if self.carry == self.carry else funding.get(self.under, 0.0) if self.kind == "perp" else 0.0
        return self.price * own * years

    @property
    def _carry(self) -> float:
        return self.carry if self.carry == self.carry else 0.0

    def _left(self, hours: float) -> float:
        return max(self.years - hours / YEAR, 0.0)


def instruments_of(inputs: Inputs) -> list[Instrument]:
    """All rows of Hedges, each with its price and, of an option, its volatility."""
    last = inputs.closes.index[-1].to_pydatetime()
    return [_instrument(inputs, cells, last) for cells in inputs.hedges]


def exposures_of(instruments: Sequence[Instrument], units: Sequence[float]) -> dict[str, float]:
    """Of so many units of each, in money by the symbol they move with."""
    found: dict[str, float] = {}
    for each, count in zip(instruments, units, strict=True):
        if count and each.under:
            found[each.under] = found.get(each.under, 0.0) + count * each.exposure()
    return found


def tied_up(inputs: Inputs, instruments: Sequence[Instrument], units: Sequence[float]) -> float:
    """What of Equity they take: their price, of a perpetual its initial margin."""
    tied = 0.0
    for each, count in zip(instruments, units, strict=True):
        share = 1 / float(inputs.universe.at[each.under, "MaxLeverage"]) if each.kind == "perp" else 1.0
        tied += abs(count * each.price) * share
    return tied


def scenario_profit(each: Instrument, scenario: Mapping[Any, Any], moves: Mapping[str, float]) -> tuple[float, float]:
    """What a unit makes of a scenario: of prices, and of the funding rate that a perpetual pays."""
    made = each.profit(
        moves.get(each.under, 0.0),
        float(scenario["VolMultiplier"]),
        float(scenario["HorizonHours"]),
        float(scenario["PegShock"]),
    )
    return made, -each.price * float(scenario["FundingShock"]) if each.kind == "perp" else 0.0


def _instrument(inputs: Inputs, cells: Mapping[str, Any], last: datetime) -> Instrument:
    prices: Series = inputs.universe["Price"]
    under, kind = cells["Underlying"], cells["Kind"]
    spot = float(prices[under]) if under else 1.0
    expiry = cells["Expiry"]
    years = (expiry - last).total_seconds() / 3600 / YEAR if isinstance(expiry, datetime) else math.nan
    stated = Instrument(
        name=cells["Instrument"],
        kind=kind,
        under=under,
        price=cells["Price"],
        spot=spot,
        lot=cells["Lot"] if cells["Lot"] == cells["Lot"] else 0.0,
        fee=cells["FeeBps"] / 10_000,
        carry=cells["CarryAnnual"],
        strike=cells["Strike"],
        years=years,
        sign=1.0 if cells["OptionType"] == "call" else -1.0,
        volatility=cells["ImpliedVol"],
        position=cells["Position"] if cells["Position"] == cells["Position"] else 0.0,
        may_trade=cells["Hedge"] == "y",
        rate=inputs.number("RiskFree"),
    )
    if kind != "option":
        return stated if stated.price == stated.price else replace(stated, price=spot)
    if stated.price != stated.price:
        return replace(stated, price=stated.model())
    return stated if stated.volatility == stated.volatility else replace(stated, volatility=_implied(stated))


def _implied(option: Instrument) -> float:
    """The volatility at which Black-76 gives the price."""
    from scipy.optimize import brentq

    return float(
        brentq(lambda v: replace(option, volatility=v).model() - option.price, 1e-9, LARGEST, xtol=1e-14, rtol=1e-14)
    )
