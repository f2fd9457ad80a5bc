"""The second opinion on a whole book: every table of results, in the order of the desk's day.

Where a job goes on from what the one before has written (orders from weights, a hedge from a book, a stress from
both), the second opinion goes on from the same cells, which it has judged by then: so the cell at fault is named, and
not all that follow from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..books.workbook import Workbook
from .compare import Figure
from .decided.clock import clock_of
from .held.backtest import hold_backtest
from .held.hedge import hold_hedge
from .held.orders import hold_orders
from .held.risk import RISK_TABLES, hold_positions, hold_risk
from .held.sheets import Sheets
from .held.stress import hold_stress
from .held.weights import hold_weights
from .inferred.estimates import Estimates, estimates_of
from .inputs import read_inputs

__all__ = ["second_opinion"]

OTHER_TABLES = {
    "Checks": "rules about figures, and no figures of their own",
    "Runs": "a log of what was run",
}


ESTIMATED = ("Estimates", "Weights", "Risk", "Positions", "Hedge", "Stress")
"""Tables of which none can be held against anything without the estimates."""

OF_A_TARGET = ("WeightsSummary", "WeightsLargest", "EstimatesLargest", "Frontier", "FrontierPoints")
OF_A_HEDGE = (
    *("HedgeLargest", "HedgeSummary", "HedgeFactors", "HedgeChoice", "HedgeOptions"),
    *("Orders", "OrdersSummary", "OrderBars"),
    *("Stress", "StressMap", "StressSummary", "Ladder", "Waterfall", "WaterfallBars", "Safeguards", "Replays"),
)
"""Tables that nothing can be said of where the target, or the hedge, has contracts which are not known any more."""

SWEEP_TABLES = ("SweepSummary", "Sweep", "SweepMap")
LEARNING_TABLES = (
    *("Learning", "LearningWeights", "LearningRule", "LearningImportance", "LearningDependence", "LearningPath"),
)
SEARCHED = "found by a search with chance in it; the policy's file keeps its seed, and perpdesk train repeats it"
OF_OTHER_SETTINGS = "of other settings than the sheet's; perpdesk backtest with those of a row, then verify, holds it"


def second_opinion(book: Workbook, lacking: Collection[str] = ()) -> list[Figure]:
    """Every figure of the result tables beside its second opinion, the furthest off first, those left out at last.

    `lacking` are the tables that the workbook, of an older layout, does not have.
    """
    inputs = read_inputs(book)
    sheets = Sheets(book, inputs, lacking)
    if any(book.table(name).rows for name in ESTIMATED):
        _hold_day(sheets, estimates_of(inputs))
    if book.table("BacktestPath").rows:
        hold_backtest(sheets)
    if book.table("Sweep").rows:
        for table in SWEEP_TABLES:
            sheets.leave(table, OF_OTHER_SETTINGS)
    if book.table("Learning").rows:
        for table in LEARNING_TABLES:
            sheets.leave(table, SEARCHED)
    for table, reason in OTHER_TABLES.items():
        sheets.leave(table, reason)
    return sorted(sheets.found, key=lambda figure: -figure.distance)


def _hold_day(sheets: Sheets, estimates: Estimates) -> None:
    """What goes by the estimates of today."""
    book = sheets.book
    if book.table("Estimates").rows:
        sheets.hold("Estimates", _estimates(estimates), _missing(estimates))
        clock = clock_of(sheets.inputs, float(estimates.market["Rebalance every"]))
        sheets.hold_measures("Market", {**estimates.market, **clock})
    if book.table("Positions").rows:
        hold_positions(sheets, estimates)
    of_target = _strangers(sheets, "Weights", "Symbol", estimates.known)
    of_hedge = of_target or _strangers(sheets, "Hedge", "Hedge", sheets.inputs.universe.index)
    if of_target:
        _leave(sheets, ("Weights", *OF_A_TARGET, *RISK_TABLES), of_target)
    else:
        if book.table("Weights").rows:
            hold_weights(sheets, estimates)
        if book.table("Risk").rows:
            hold_risk(sheets, estimates)
    if of_hedge:
        _leave(sheets, ("Hedge", *OF_A_HEDGE), of_hedge)
        return
    hedging = hold_hedge(sheets, estimates) if book.table("Hedge").rows else None
    if book.table("Weights").rows or book.table("Hedge").rows:
        hold_orders(sheets, estimates, hedging)
    if book.table("Stress").rows:
        hold_stress(sheets, estimates)


def _strangers(sheets: Sheets, table: str, column: str, known: Collection[str]) -> str:
    """That a table names contracts which are not known by today's inputs, and which; empty where it names none."""
    named = [str(symbol) for symbol in sheets.book.table(table).column(column)]
    unknown = [symbol for symbol in named if symbol not in known]
    return f"{table} names {', '.join(unknown)}, not to be had of today's inputs" if unknown else ""


def _leave(sheets: Sheets, tables: Sequence[str], reason: str) -> None:
    """The first of the tables has other rows than it should, where it has any; what follows from it is left out."""
    first, *others = tables
    if sheets.book.table(first).rows:
        sheets.hold(first, [])
    for table in others:
        if table not in sheets.lacking:
            sheets.leave(table, reason)


def _missing(estimates: Estimates) -> dict[str, str]:
    return {f"Estimates.{name}": reason for name, reason in estimates.missing.items()}


def _estimates(estimates: Estimates) -> list[dict[str, Any]]:
    rows = []
    for symbol, figures in estimates.table.iterrows():
        there = estimates.returns[symbol].notna() & estimates.benchmark.notna()
        first = estimates.returns.index[there.to_numpy()][0] if there.any() else None
        rows.append({"Symbol": symbol, **figures.to_dict(), "FirstReturn": first})
    return rows
