"""Orders that lead to weights, and what the book after them amounts to."""

from __future__ import annotations

import math
from typing import Any

from ..inferred.estimates import Estimates
from ..inputs import Inputs
from ..tables import Frame, Series

__all__ = ["dust_of_weights", "in_lots", "is_dust", "orders_of", "summary_of"]

NOISE = 1e-9
DIGITS = 1e-12
"""A count of lots that is whole but for this much, or this share of it, is whole."""


def in_lots(contracts: float, lot: float) -> float:
    """Whole lots, never more than asked."""
    if lot <= 0:
        return contracts
    count = contracts / lot
    whole = round(count)
    return lot * (whole if abs(count - whole) <= max(NOISE, DIGITS * abs(count)) else math.trunc(count))


def is_dust(inputs: Inputs, notional: float) -> bool:
    """Whether an order is worth less than Settings order at all."""
    return 0 < abs(notional) < inputs.number("SmallestOrder") * (1 - 1e-12)


def dust_of_weights(inputs: Inputs, symbols: list[str], weights: Any, sides: Any) -> list[float]:
    """What the weights on the sheet ask for and is dust, in money."""
    found = []
    for symbol, weight, side in zip(symbols, weights, sides, strict=True):
        terms, value = inputs.universe.loc[symbol], float(inputs.contract_values[symbol])
        asked = in_lots(weight * inputs.number("Equity") / value, terms["Lot"]) - terms["Position"]
        if side == "HOLD" and terms["Include"] == "y" and is_dust(inputs, asked * value):
            found.append(asked * value)
    return found


def orders_of(inputs: Inputs, symbols: list[str], weights: Any, positions: Any, waiting: bool) -> list[dict[str, Any]]:
    """One row a contract: the position that its weight asks for, and what the position on the sheet amounts to.

    While the clock is not due positions stay, and an order that would be given waits; one of dust is none.
    """
    equity = inputs.number("Equity")
    rows = []
    for symbol, weight, position in zip(symbols, weights, positions, strict=True):
        terms, value = inputs.universe.loc[symbol], float(inputs.contract_values[symbol])
        order = position - terms["Position"]
        current = terms["Position"] * value / equity
        asked = in_lots(weight * equity / value, terms["Lot"]) if terms["Include"] == "y" else terms["Position"]
        if is_dust(inputs, (asked - terms["Position"]) * value):
            asked = terms["Position"]
        side = "BUY" if order > 0 else "SELL" if order < 0 else "HOLD"
        rows.append(
            {
                "Symbol": symbol,
                "Current": current,
                "Trade": weight - current,
                "TargetPosition": terms["Position"] if waiting else asked,
                "Contracts": order,
                "Notional": position * value,
                "Cost": abs(order) * value * (terms["TakerFeeBps"] + terms["SlippageBps"]) / 10_000,
                "InitialMargin": abs(position) * value / terms["MaxLeverage"],
                "Side": "WAIT" if waiting and asked != terms["Position"] else side,
            }
        )
    return rows


def summary_of(inputs: Inputs, estimates: Estimates, positions: Series) -> dict[str, float]:
    """The book of whole lots, by the measures of WeightsSummary; NaN where there is nothing to state."""
    symbols, equity = list(positions.index), inputs.number("Equity")
    terms, values = inputs.universe.loc[symbols], inputs.contract_values.loc[symbols]
    notionals = positions * values
    weights = notionals / equity
    free = inputs.number("RiskFree")
    excess = float((weights * (estimates.of("ExpectedReturn").loc[symbols] - free)).sum())
    volatility = math.nan
    if estimates.covariance is not None:
        risk = estimates.covariance.loc[symbols, symbols].to_numpy()
        volatility = math.sqrt(max(float(weights.to_numpy() @ risk @ weights.to_numpy()), 0.0))
    locked = float((notionals.abs() / terms["MaxLeverage"]).sum())
    traded = (positions - terms["Position"]).abs() * values
    return {
        "Expected return": free + excess,
        "Volatility": volatility,
        "Sharpe ratio": excess / volatility if volatility else math.nan,
        "Beta": float((weights * estimates.of("Beta").loc[symbols]).sum()),
        "Funding": float((weights * estimates.of("FundingAnnual").loc[symbols]).sum()),
        "Net exposure": float(weights.sum()),
        "Gross exposure": float(weights.abs().sum()),
        "Initial margin": locked,
        "Margin used": locked / equity,
        "Headroom": equity - locked,
        "Distance to liquidation": _distance(equity, notionals, terms),
        "Turnover": float(traded.sum()) / equity,
        "Trading cost": float((traded * (terms["TakerFeeBps"] + terms["SlippageBps"])).sum()) / 10_000,
    }


def _distance(equity: float, notionals: Series, terms: Frame) -> float:
    """The one move of all prices at which equity meets maintenance, each contract at its rate and amount."""
    charged = float((notionals.abs() * terms["MaintenanceRate"]).sum())
    maintenance = charged - float(terms["MaintenanceAmount"][notionals != 0].sum())
    if 0 < equity <= maintenance:
        return 0.0
    slope = charged - float(notionals.sum())
    move = (equity - maintenance) / slope if slope else math.nan
    return abs(move) if move > -1 else math.nan
