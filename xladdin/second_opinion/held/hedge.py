"""The hedge: its trades, and what they do to beta and the factors."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from ...books.workbook import Block
from ..decided.hedge import Hedging, factor_loadings, hedging_of
from ..inferred.estimates import Estimates
from ..inferred.instruments import Instrument, exposures_of, instruments_of
from ..inputs import Inputs
from .hedge_choice import hold_hedge_choice
from .largest import hold_hedge_largest
from .sheets import Sheets, contracts_held, numbers_of, units_held

__all__ = ["hold_hedge"]

TOO_MANY = "too many lots to try them all"
WEIGHED = "weighed among the hedges of HedgeChoice, where it is judged"


def hold_hedge(sheets: Sheets, estimates: Estimates) -> Hedging | None:
    """The tables Hedge and HedgeFactors, and what their page shows; what was found, None where nothing is stated."""
    inputs, block = sheets.inputs, sheets.book.table("Hedge")
    missing = estimates.missing.get("Beta")
    if missing:
        for table in ("Hedge", "HedgeLargest", "HedgeSummary", "HedgeFactors", "HedgeChoice", "HedgeOptions"):
            sheets.leave(table, missing)
        return None
    contracts, instruments = contracts_held(sheets.book, inputs, hedged=False), instruments_of(inputs)
    units = units_held(sheets.book, inputs, instruments, hedged=False)
    beside = exposures_of(instruments, units) if instruments else None
    hedging = hedging_of(inputs, estimates, contracts, beside)
    if [str(symbol) for symbol in block.column("Hedge")] != hedging.symbols:
        sheets.hold("Hedge", [{"Hedge": symbol} for symbol in hedging.symbols])
        return None
    weighed = _loads_traded(sheets, instruments)
    bought = sum(money * float(estimates.of("Beta")[under]) for under, money in weighed.items())
    rows = list(_hedge_rows(inputs, estimates, hedging, numbers_of(block, "TradeContracts"), bought))
    untried = ("Hedge.TradeContracts", *(() if any(numbers_of(block, "TradeContracts")) else ("Hedge.Due",)))
    reasons = {} if hedging.trades is not None else dict.fromkeys(untried, WEIGHED if instruments else TOO_MANY)
    sheets.hold("Hedge", rows, reasons, _as_near(hedging, block, inputs))
    hold_hedge_largest(sheets)
    if instruments:
        exposed = contracts * inputs.contract_values
        for symbol, money in (beside or {}).items():
            exposed[symbol] += money
        hold_hedge_choice(sheets, estimates, hedging, instruments, units, contracts, exposed)
    factors = sheets.book.table("HedgeFactors")
    if factors.rows:
        traded = [row["TradeNotional"] for row in rows]
        after = hedging.before + hedging.loadings @ traded / inputs.number("Equity")
        if weighed:
            _, slopes = factor_loadings(inputs, estimates)
            after = after + sum(slopes[under].to_numpy() * money for under, money in weighed.items()) / inputs.number(
                "Equity"
            )
        targets = [inputs.number("TargetBeta"), *[0.0] * (len(hedging.names) - 1)]
        headings = ("Factor", "Before", "After", "Target")
        sheets.hold(
            "HedgeFactors",
            [
                dict(zip(headings, row, strict=True))
                for row in zip(hedging.names, hedging.before, after, targets, strict=True)
            ],
        )
    return hedging


def _loads_traded(sheets: Sheets, instruments: Sequence[Instrument]) -> dict[str, float]:
    """What the trades in instruments on the sheet expose to each symbol, in money."""
    costs = sheets.book.table("HedgeChoice")
    trades = dict(zip(map(str, costs.column("Instrument")), numbers_of(costs, "Trade"), strict=True))
    return exposures_of(instruments, [trades.get(each.name, 0.0) for each in instruments])


def _hedge_rows(
    inputs: Inputs, estimates: Estimates, hedging: Hedging, traded: list[float], bought: float
) -> Iterator[dict[str, Any]]:
    equity, target = inputs.number("Equity"), inputs.number("TargetBeta")
    values, betas = inputs.contract_values, estimates.of("Beta")
    notionals = [contracts * float(values[symbol]) for symbol, contracts in zip(hedging.symbols, traded, strict=True)]
    traded_beta = sum(amount * float(betas[symbol]) for symbol, amount in zip(hedging.symbols, notionals, strict=True))
    traded_beta += bought
    for place, symbol in enumerate(hedging.symbols):
        terms, value = inputs.universe.loc[symbol], float(values[symbol])
        earned = terms["OverlayPosition"] * value / terms["Price"] * (terms["Price"] - terms["OverlayEntry"])
        apart = inputs.words["HedgeMode"] == "overlay" and terms["OverlayPosition"] != 0
        row = {
            "Hedge": symbol,
            "Beta": betas[symbol],
            "Held": hedging.held[place],
            "HeldPnL": earned if apart else math.nan,
            "TradeNotional": notionals[place],
            "TargetPosition": hedging.held[place] + traded[place],
            "Cost": abs(notionals[place]) * (terms["TakerFeeBps"] + terms["SlippageBps"]) / 10_000,
            "FundingAnnual": notionals[place] * float(estimates.of("FundingAnnual")[symbol]),
            "BetaBefore": hedging.beta,
            "BetaAfter": hedging.beta + traded_beta / equity,
            "TargetBeta": target,
            "Due": "Y" if hedging.due else "N",
        }
        if hedging.trades is not None:
            row["TradeContracts"] = hedging.trades[place] / value
        yield row


def _as_near(hedging: Hedging, block: Block, inputs: Inputs) -> dict[str, str]:
    """An excuse for other trades that come as near at no more cost."""
    import numpy as np

    if hedging.trades is None or not hedging.due:
        return {}
    values = inputs.contract_values.loc[hedging.symbols].to_numpy()
    miss, cost = hedging.judged(np.array(numbers_of(block, "TradeContracts")) * values)
    best_miss, best_cost = hedging.judged(hedging.trades)
    near = miss <= best_miss + 1e-9 * float(np.abs(hedging.gap).max())
    if near and cost <= best_cost + 1e-9 * abs(best_cost):
        return {"TradeContracts": "other trades come as near at the same cost"}
    return {}
