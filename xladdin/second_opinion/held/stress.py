"""Stress and Liquidation: scenarios, reach, ladder, waterfall and replays."""

from __future__ import annotations

import math
from typing import Any

from ..inferred.estimates import Estimates
from ..inferred.instruments import instruments_of
from ..stressed.beside import beside_of
from ..stressed.positions import account_of
from ..stressed.replays import replays
from ..stressed.stress import (
    capital_needed,
    ladder,
    reach,
    safeguards,
    scenarios,
    stress_map,
    waterfall,
    worst_of_market_and_beta,
)
from ..ties import as_shown
from .largest import SHOWN, bars_of
from .sheets import Sheets, contracts_held, units_held

__all__ = ["hold_stress"]

CENT = 0.01


SIMULATED = (
    *("Loss in a day, 95 %", "Loss in a day, 99 %", "Mean loss beyond 99 %", "Chance of liquidation"),
    "Capital for 99 %",
)
DRAWN_FROM = {
    "bootstrap": "blocks of past bars",
    "student_copula": "a Student-t copula with Pareto tails",
    "filtered": "residuals of GARCH at the volatility of today",
}
"""What days are drawn from, by the method of Settings."""


def hold_stress(sheets: Sheets, estimates: Estimates) -> None:
    """The tables of the sheets Stress and Liquidation."""
    inputs = sheets.inputs
    missing = estimates.missing.get("Beta")
    contracts = contracts_held(sheets.book, inputs, hedged=True)
    instruments = instruments_of(inputs)
    beside = beside_of(inputs, instruments, units_held(sheets.book, inputs, instruments, hedged=True))
    account = account_of(inputs, contracts, beside.tied)
    past = replays(inputs, account, beside)
    sheets.hold("Replays", past)
    if missing:
        for table in ("Stress", "StressMap", "StressSummary", "Ladder", "Waterfall", "WaterfallBars", "Safeguards"):
            sheets.leave(table, missing)
        return
    rows = scenarios(inputs, estimates, account, beside)
    uncovered = estimates.missing.get("Covariance")
    order = _by_loss(sheets, rows)
    sheets.hold("Stress", [rows[place] for place in order], {"Stress.DailyVolatility": uncovered} if uncovered else {})
    held = {*(each.symbol for each in account.positions), *(each.name for each in beside.instruments)}
    shown = [name for name in sheets.book.table("StressMap").header if name in held][:SHOWN]
    by_contract = stress_map(inputs, estimates, account, beside, shown)
    sheets.hold("StressMap", [by_contract[place] for place in order])
    needed = capital_needed(inputs, estimates, account) + beside.tied
    drawn = f"random draws from {DRAWN_FROM[inputs.words['SimulationMethod']]}"
    standing = account.headroom([0.0] * len(account.positions)) >= -account.rounding
    fall, rise = reach(estimates, account) if standing else (0.0, 0.0)
    sheets.hold_measures(
        "StressSummary",
        {
            "Equity": inputs.number("Equity"),
            "Capital needed": needed,
            "Capital missing": max(needed - inputs.number("Equity"), 0.0),
            "Fall that liquidates": fall,
            "Rise that liquidates": rise,
            "Worst of market and beta": worst_of_market_and_beta(inputs, estimates, account, beside),
            "Worst day in the window": past[0]["PnL"],
        },
        {f"StressSummary.{measure}": f"{drawn}: only the same draws give the same figure" for measure in SIMULATED},
    )
    steps = _nearest_first(sheets, ladder(estimates, account) if standing else [])
    sheets.hold(
        "Ladder",
        [{**row, "Position": contracts[row["Symbol"]]} for row in steps],
    )
    sheets.hold("Safeguards", safeguards(estimates, account, standing=standing))
    worst = min(range(len(rows)), key=lambda place: rows[place]["EquityAfter"])
    sheets.hold("Waterfall", waterfall(inputs, estimates, account, beside, worst, SHOWN))
    sheets.hold("WaterfallBars", bars_of(sheets.book.table("Waterfall"), "Step"))


def _nearest_first(sheets: Sheets, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The prices that liquidate; those that no price reaches last."""
    far = [math.inf if math.isnan(row["Distance"]) else abs(row["Distance"]) for row in rows]
    shown = sheets.book.table("Ladder").column("Symbol")
    return [rows[place] for place in as_shown([row["Symbol"] for row in rows], shown, [-each for each in far])]


def _by_loss(sheets: Sheets, rows: list[dict[str, Any]]) -> list[int]:
    """The scenarios, the largest loss first; losses equal to the cent in the order of the sheet."""
    shown = sheets.book.table("Stress").column("Scenario")
    return as_shown([row["Scenario"] for row in rows], shown, [-row["TotalPnL"] for row in rows], room=CENT)
