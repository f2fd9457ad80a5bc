"""How far two opinions of a figure may be apart, kind by kind, and why."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BETTER_OR_EQUAL", "KEPT", "SAME", "Tolerance", "tolerance_of"]


@dataclass(frozen=True)
class Tolerance:
    """The greater of an absolute difference and a share of the figure."""

    absolute: float
    relative: float
    reason: str

    def at(self, value: float) -> float:
        """The difference allowed beside such a figure."""
        return max(self.absolute, self.relative * abs(value))


SAME = Tolerance(0.0, 0.0, "a count, a word or a time is the same or it is not")
SUMS = Tolerance(1e-12, 1e-9, "the same sums in another order: roundings of 1e-16 over thousands of rows")
FITTED = Tolerance(1e-9, 1e-5, "a likelihood is flat at its top: two searches stop this near to each other")
ITERATED = Tolerance(1e-9, 1e-7, "rounds of reweighting stop when a round moves nothing that can be seen")
WEIGHT = Tolerance(2e-5, 0.0, "an interior point ends at 1e-10 of its aim; near an optimum weights move as the root")
LOT = Tolerance(1e-9, 1e-9, "whole lots of the weight on the sheet")
MONEY = Tolerance(0.01, 1e-9, "to the cent, and to nine digits")
RATIO = Tolerance(1e-9, 1e-9, "a quotient of sums")
CURVE = Tolerance(1e-6, 1e-6, "a point of the frontier: volatility and return as exact as the programme that finds it")
ROOT = Tolerance(1e-8, 1e-8, "a root: halved until nothing is left, against the one that is solved for")

PRICE = Tolerance(2e-7, 2e-3, "a slope between two programmes whose limit is moved by 1e-5, against a multiplier")
SHARED = Tolerance(0.01, 1e-7, "to the cent, and to seven digits: a beta law at the edge of a tail")
WEIGHED = Tolerance(1e-6, 1e-4, "an interior point ends at 1e-11 of its aim; near an optimum trades move as the root")
ON_TICK = Tolerance(1e-9, 1e-9, "a price on its tick")

KEPT = Tolerance(1e-8, 0.0, "by how much a limit may be missed")
BETTER_OR_EQUAL = Tolerance(1e-12, 1e-8, "what the weights are worth to the model; only less than the second counts")

BY_FIGURE = {
    "Estimates.VolatilityNow": FITTED,
    "Weights.TargetPosition": LOT,
    "Weights.Contracts": LOT,
    "Hedge.TradeContracts": LOT,
    "Hedge.TargetPosition": LOT,
    "Hedge.Held": LOT,
    "Ladder.Position": LOT,
    **dict.fromkeys(
        [f"Orders.{column}" for column in ("Contracts", "Rebalance", "Hedge", "PositionBefore", "PositionAfter")], LOT
    ),
    "Orders.LimitPrice": ON_TICK,
    "OrdersSummary.Margin used after": RATIO,
    "StressSummary.Fall that liquidates": ROOT,
    "StressSummary.Rise that liquidates": ROOT,
    "Ladder.LiquidationPrice": ROOT,
    "Ladder.Distance": ROOT,
    "Ladder.DailySigmas": ROOT,
    "Ladder.PriceAtFall": ROOT,
    "Safeguards.LiquidationPrice": ROOT,
    "Stress.CriticalBetaShift": ROOT,
    "WeightsSummary.Initial margin": MONEY,
    "WeightsSummary.Headroom": MONEY,
    "WeightsSummary.Trading cost": MONEY,
    "Stress.MarginRatio": RATIO,
    "RiskLimits.Price": PRICE,
    "TopRisks.HeldVaR": SHARED,
    "TopRisks.TargetVaR": SHARED,
    "Positions.LiquidationPrice": ON_TICK,
    "Positions.ToLiquidation": ON_TICK,
    "Positions.StopPrice": ON_TICK,
    "Positions.ToStop": ON_TICK,
    "PositionsSummary.Nearest to liquidation": ON_TICK,
    "HedgeChoice.Trade": WEIGHED,
}
IN_MONEY = (
    *("Notional", "Cost", "InitialMargin", "HeldPnL", "TradeNotional", "PnL", "Funding", "TotalPnL", "EquityAfter"),
    *("Shortfall", "CapitalNeeded", "Total", "FundingAnnual", "BeyondStops", "EquityClosed", "EquityAtStops"),
    *("OwnEquity", "OwnHeadroom", "LossAtStop", "LowestEquity"),
    *("TradeValue", "Fee", "Carry", "Decay", "CostOfTenth", "WorstPnL", "Cash", "Margin"),
)
BY_TABLE = {
    "Frontier": CURVE,
    "StressSummary": MONEY,
    "StressMap": MONEY,
    **dict.fromkeys(("Orders", "OrdersSummary", "OrderBars"), MONEY),
    "WaterfallBars": MONEY,
    "AttributionBars": MONEY,
    **dict.fromkeys(("HeldLosses", "TargetLosses", "RiskLosses"), SHARED),
    **dict.fromkeys(("Positions", "PositionsSummary", "PositionBars"), MONEY),
}


def tolerance_of(table: str, column: str, beta_method: str) -> Tolerance:
    """That of a figure; a beta by reweighting, and what stands on it, is less exact than a sum."""
    name = f"{table}.{column}"
    if name in BY_FIGURE:
        return BY_FIGURE[name]
    if table == "Weights" and column in ("Baseline", "Final"):
        return WEIGHT
    if table == "Frontier" and column not in ("Return", "Volatility", "Sharpe"):
        return WEIGHT
    if table in BY_TABLE:
        return BY_TABLE[table]
    if table not in ("Estimates", "WeightsSummary") and column in IN_MONEY:
        return MONEY
    return ITERATED if beta_method == "huber" else SUMS
