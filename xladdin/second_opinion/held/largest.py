"""What pages show of long tables: the largest rows and the others in one, restated from the cells of the whole table.

The whole table has its own second opinion; here it counts as given, so that a cell at fault is named where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ...books.workbook import Block
from .sheets import Sheets, numbers_of

__all__ = ["SHOWN", "bars_of", "by_size", "hold_estimates_largest", "hold_hedge_largest", "hold_weights_largest"]

SHOWN = 12
"""Rows that stand one by one."""


def hold_weights_largest(sheets: Sheets) -> None:
    """The table WeightsLargest."""
    block = sheets.book.table("Weights")
    sizes = [numbers_of(block, column) for column in ("Final", "Current")]
    names = [str(symbol) for symbol in block.column("Symbol")]
    shown, others = _split(by_size(sizes), sizes)
    summed = ("Baseline", "Overlay", "Final", "Current", "Trade", "Notional", "Cost", "InitialMargin")
    rows = [{name: block.column(name)[row] for name in (*summed, "Symbol", "Contracts", "Side")} for row in shown]
    if others:
        rows.append({"Symbol": _told(others), "Contracts": None, "Side": None, **_sums(block, others, summed)})
    _hold(sheets, "WeightsLargest", rows, names)


def hold_estimates_largest(sheets: Sheets) -> None:
    """The table EstimatesLargest: the others come to their mean, the bars that they miss to a sum."""
    block, weights = sheets.book.table("Estimates"), sheets.book.table("Weights")
    symbols = [str(symbol) for symbol in weights.column("Symbol")]
    sizes = []
    names = [str(symbol) for symbol in block.column("Symbol")]
    for column in ("Final", "Current"):
        known = dict(zip(symbols, numbers_of(weights, column), strict=True))
        sizes.append([known.get(name, 0.0) for name in names])
    shown, others = _split(by_size(sizes), None)
    mean = (
        *("Beta", "BetaError", "Alpha", "RSquared", "Volatility", "VolatilityNow", "FundingAnnual", "Premium"),
        "ExpectedReturn",
    )
    rows = [{name: block.column(name)[row] for name in ("Symbol", *mean, "MissingBars")} for row in shown]
    if others:
        rows.append({"Symbol": _told(others), **_sums(block, others, ("MissingBars",)), **_means(block, others, mean)})
    _hold(sheets, "EstimatesLargest", rows, names)


def hold_hedge_largest(sheets: Sheets) -> None:
    """The tables HedgeLargest and HedgeSummary."""
    block = sheets.book.table("Hedge")
    names = [str(symbol) for symbol in block.column("Hedge")]
    values = sheets.inputs.contract_values
    held = [amount * float(values[name]) for name, amount in zip(names, numbers_of(block, "Held"), strict=True)]
    traded = numbers_of(block, "TradeNotional")
    sizes = [traded, held]
    shown, others = _split(by_size(sizes), sizes)
    summed, single = ("TradeNotional", "Cost", "FundingAnnual"), ("Held", "HeldPnL", "TradeContracts", "TargetPosition")
    rows = [{name: block.column(name)[row] for name in ("Hedge", "Beta", *single, *summed)} for row in shown]
    if others:
        rows.append({"Hedge": _told(others), **_sums(block, others, summed), **dict.fromkeys(("Beta", *single))})
    _hold(sheets, "HedgeLargest", rows, names)
    sheets.hold_measures(
        "HedgeSummary",
        {
            "Beta before": block.column("BetaBefore")[0],
            "Beta after": block.column("BetaAfter")[0],
            "Target beta": block.column("TargetBeta")[0],
            "Trade due": block.column("Due")[0],
            "Contracts traded": float(sum(amount != 0 for amount in numbers_of(block, "TradeContracts"))),
            "Traded": math.fsum(map(abs, traded)),
            "Cost": math.fsum(numbers_of(block, "Cost")),
            "Funding": math.fsum(numbers_of(block, "FundingAnnual")),
        },
    )


def by_size(sizes: Sequence[Sequence[float]]) -> list[int]:
    """Rows by the first of the sizes, of equal ones by the next, the largest first; a gap has no size."""
    return sorted(
        range(len(sizes[0])), key=lambda row: [0.0 if math.isnan(size[row]) else -abs(size[row]) for size in sizes]
    )


def bars_of(block: Block, name: str) -> list[dict[str, Any]]:
    """Where a waterfall of the table's PnL and Total draws its bars: clear up to the base, then loss or gain."""
    steps = zip(block.column(name), numbers_of(block, "PnL"), numbers_of(block, "Total"), strict=True)
    rows = []
    for place, (step, change, end) in enumerate(steps):
        start = 0.0 if place == len(block.rows) - 1 else end - change
        crosses = start * end < 0
        base = 0.0 if crosses else min(start, end, key=abs)
        bar = end if crosses else max(start, end, key=abs) - base
        rows.append({name: step, "Base": base, "Loss": bar if change < 0 else 0.0, "Gain": 0.0 if change < 0 else bar})
    return rows


def _split(order: list[int], sizes: Sequence[Sequence[float]] | None) -> tuple[list[int], list[int]]:
    """The rows that are shown and the others; of more than are shown, those without a size are others."""
    if len(order) <= SHOWN:
        return order, []
    sized = [row for row in order if sizes is None or any(size[row] for size in sizes if not math.isnan(size[row]))]
    count = min(SHOWN, len(sized) or len(order))
    return order[:count], order[count:]


def _told(others: list[int]) -> str:
    return "1 other" if len(others) == 1 else f"{len(others)} others"


def _sums(block: Block, rows: list[int], columns: Sequence[str]) -> dict[str, Any]:
    return {name: math.fsum(numbers_of(block, name)[row] for row in rows) for name in columns}


def _means(block: Block, rows: list[int], columns: Sequence[str]) -> dict[str, Any]:
    """Of what is known; NaN where nothing is."""
    found = {}
    for name in columns:
        known = [value for value in (numbers_of(block, name)[row] for row in rows) if not math.isnan(value)]
        found[name] = math.fsum(known) / len(known) if known else math.nan
    return found


def _hold(sheets: Sheets, table: str, rows: list[dict[str, Any]], names: list[str]) -> None:
    """Held where the whole list has rows."""
    if names:
        sheets.hold(table, rows)
