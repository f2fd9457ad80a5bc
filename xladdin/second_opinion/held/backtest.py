"""Backtest, its path, its falls and limits, and Attribution, beside a slow ledger over the tables.

The policy's weights are those on BacktestDecisions: that the policy would decide so is Rebalance's to prove, which asks
the same question at the last close and has its own second opinion. From there on everything is worked out anew: lots,
trades, costs, funding, equity, and each figure of it. Equal weights are decided anew too. A book that was liquidated,
or that holds inverse contracts, has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..inputs import Inputs
from ..not_stated import NotStatedError
from ..walked.equal import equal_weights
from ..walked.figures import falls_of, figures_of
from ..walked.ledger import Books, Decide, walk
from ..walked.parts import parts_of
from .largest import bars_of
from .sheets import DRAWN, WORDS, Sheets

__all__ = ["hold_backtest"]

SAME_TIME = timedelta(seconds=1)
"""How far the same time may be on two sheets, which keep it as a share of a day."""

UNHEDGED = "the book without its hedge is walked once"
ALL = (
    *("Backtest", "BacktestFalls", "BacktestAnswers", "BacktestLimits", "BacktestPath", "BacktestDecisions"),
    *("BacktestLiquidations", "Attribution", "AttributionBars", "AttributionMonths", "AttributionBetas"),
)
MODELS = {
    "classical": "mean-variance, {}",
    "hybrid": "hybrid, {}",
    "learned": "learned, {}",
    "min_variance": "mean-variance, min_variance",
    "risk_budget": "mean-variance, risk_budget",
    "volatility_target": "volatility target",
    "equal_weight": "equal weight",
    "beta_neutral": "beta neutral",
}
"""What each model is called where it answers."""


def hold_backtest(sheets: Sheets) -> None:
    """The tables of the sheets Backtest, BacktestPath, BacktestDecisions and Attribution."""
    sheets.leave("BacktestComparison", DRAWN)
    try:
        times, rows = _decided(sheets)
        first = min(rows)
        policy = _policy(sheets, rows, first)
    except NotStatedError as error:
        for table in ALL:
            sheets.leave(table, str(error))
        return
    books: dict[str, Books | str] = {"Policy": policy}
    try:
        books["EqualWeight"] = _equal(sheets.inputs, list(rows), first)
    except NotStatedError as error:
        books["EqualWeight"] = str(error)
    moves = _moves(sheets.inputs, first)
    _figures(sheets, books, moves, rows)
    _answers(sheets, times)
    _decisions(sheets, policy, rows, first)
    _path(sheets, books, first)
    _falls(sheets, policy, first)
    sheets.leave("BacktestLimits", "which contract is furthest beyond its limit is looked up, and the path is covered")
    sheets.leave("BacktestLiquidations", "who is closed when is followed once")
    _attribution(sheets, policy, first, rows)


def _decided(sheets: Sheets) -> tuple[list[datetime], dict[int, Sequence[float] | None]]:
    """The decisions on the sheet: their closes, and the weights by row of Prices. Raises NotStatedError."""
    inputs = sheets.inputs
    block = sheets.book.table("BacktestDecisions")
    symbols = list(inputs.universe.index)
    if list(block.header[3:]) != symbols:
        raise NotStatedError("the decisions on the sheet are of other contracts than Universe")
    times = [cell for cell in block.column("Time") if isinstance(cell, datetime)]
    index = inputs.closes.index
    rows: dict[int, Sequence[float] | None] = {}
    for time, cells in zip(times, block.rows, strict=True):
        weights = [cell if isinstance(cell, float) else math.nan for cell in cells[3:]]
        row = int(index.get_indexer([time], method="nearest", tolerance=SAME_TIME)[0])
        if row < 0:
            raise NotStatedError(f"Prices has no bar at {time:%Y-%m-%d %H:%M}, where the sheet has a decision")
        rows[row] = None if all(math.isnan(weight) for weight in weights) else weights
    every = int(inputs.number("DecideEvery"))
    expected = len(range(min(rows), len(index), every))
    if len(rows) < expected:
        raise NotStatedError(f"the sheet has {len(rows)} of {expected} decisions")
    return times, rows


def _policy(sheets: Sheets, rows: Mapping[int, Sequence[float] | None], first: int) -> Books:
    def given(weights: Sequence[float] | None) -> Decide:
        return lambda row, held: weights

    delay = int(sheets.inputs.number("TradeDelay"))
    return walk(sheets.inputs, first, {row: given(weights) for row, weights in rows.items()}, delay)


def _equal(inputs: Inputs, rows: Sequence[int], first: int) -> Books:
    decide = equal_weights(inputs)
    return walk(inputs, first, dict.fromkeys(rows, decide), int(inputs.number("TradeDelay")))


def _moves(inputs: Inputs, first: int) -> list[float]:
    """Return of the benchmark in each bar after the first decision; NaN beside a gap."""
    closes = inputs.closes[inputs.benchmark]
    moves: list[float] = (closes / closes.shift(1) - 1).iloc[first + 1 :].tolist()
    return moves


def _figures(
    sheets: Sheets, books: Mapping[str, Books | str], moves: Sequence[float], rows: Mapping[int, object]
) -> None:
    """Each measure of each book in a column of its own."""
    inputs = sheets.inputs
    block = sheets.book.table("Backtest")
    measures = [str(cell) for cell in block.column("Measure")]
    trials = inputs.number("Trials")
    stated: list[dict[str, Any]] = [{"Measure": measure} for measure in measures]
    reasons = {"Backtest.Note": WORDS, "Backtest.Unhedged": UNHEDGED}
    for heading, found in books.items():
        if isinstance(found, str):
            reasons[f"Backtest.{heading}"] = found
            continue
        given = sheets.book.table("BacktestDecisions").column("Model") if heading == "Policy" else []
        waits = sum(1 for cell in given if str(cell).startswith("waits"))
        values = figures_of(inputs, found, moves, len(rows) - waits, trials)
        values["Answered by the model"] = _answered(sheets) if heading == "Policy" else 1.0
        for row, measure in zip(stated, measures, strict=True):
            row[heading] = values[measure]
    sheets.hold("Backtest", stated, reasons)


def _answered(sheets: Sheets) -> float:
    words = sheets.inputs.words
    own = MODELS[words["Model"]].format(words["Objective"])
    given = [str(cell) for cell in sheets.book.table("BacktestDecisions").column("Model")]
    asked = [each for each in given if _was_asked(each)]
    return asked.count(own) / len(asked)


def _was_asked(model: str) -> bool:
    """Whether somebody answered: there were prices, and the policy did not wait."""
    return model != "no prices" and not model.startswith("waits")


def _answers(sheets: Sheets, times: Sequence[datetime]) -> None:
    """Who answered how often, counted on the sheet of decisions."""
    given = [str(cell) for cell in sheets.book.table("BacktestDecisions").column("Model")]
    asked = [(who, time) for who, time in zip(given, times, strict=True) if _was_asked(who)]
    rows = []
    for model in dict.fromkeys(str(cell) for cell in sheets.book.table("BacktestAnswers").column("Model")):
        own = [time for who, time in asked if who == model]
        share = len(own) / len(asked)
        first, last = (own[0], own[-1]) if own else (None, None)
        rows.append({"Model": model, "Decisions": float(len(own)), "Share": share, "First": first, "Last": last})
    sheets.hold("BacktestAnswers", rows)


def _decisions(sheets: Sheets, books: Books, rows: Mapping[int, Sequence[float] | None], first: int) -> None:
    """What was traded for each; the weights are those that the ledger began with."""
    inputs = sheets.inputs
    delay, last = int(inputs.number("TradeDelay")), len(inputs.closes) - 1
    symbols = list(inputs.universe.index)
    given = "what was decided: Rebalance's own question, and its second opinion is that of Weights"
    reasons = {f"BacktestDecisions.{name}": given for name in ("Model", *symbols)}
    stated = [
        {"Time": inputs.closes.index[row], "Turnover": books.turnover[min(row + delay, last) - first]} for row in rows
    ]
    sheets.hold("BacktestDecisions", stated, reasons)


def _path(sheets: Sheets, books: Mapping[str, Books | str], first: int) -> None:
    """The rows that the sheet shows, of every row that was walked."""
    inputs, block = sheets.inputs, sheets.book.table("BacktestPath")
    index: Any = inputs.closes.index
    rows = [int(row) - first for row in index.get_indexer(list(block.column("Time")), method="nearest")]
    closes = inputs.closes[inputs.benchmark].iloc[first:].tolist()
    start = next(close for close in closes if not math.isnan(close))
    stated: list[dict[str, Any]] = [
        {"Time": index[row + first], "Benchmark": inputs.number("Equity") * closes[row] / start} for row in rows
    ]
    reasons = {f"BacktestPath.{name}": UNHEDGED for name in ("Unhedged", "UnhedgedDrawdown")}
    for heading, falls in (("Policy", "Drawdown"), ("EqualWeight", "EqualDrawdown")):
        found = books[heading]
        if isinstance(found, str):
            reasons |= {f"BacktestPath.{name}": found for name in (heading, falls)}
            continue
        below = _below(found)
        for place, row in enumerate(rows):
            since = rows[place - 1] + 1 if place else row
            stated[place] |= {heading: found.equity[row], falls: min(below[since : row + 1])}
    policy = books["Policy"]
    assert isinstance(policy, Books)
    for place, row in enumerate(rows):
        weights = policy.weights(row)
        stated[place] |= {"Gross": math.fsum(map(abs, weights)), "Net": math.fsum(weights)}
    sheets.hold("BacktestPath", stated, reasons)


def _below(books: Books) -> list[float]:
    """How far the equity stands below its highest so far, the first equity counted; negative."""
    highest, below = books.start, []
    for equity in books.equity:
        highest = max(highest, equity)
        below.append(equity / highest - 1)
    return below


def _falls(sheets: Sheets, books: Books, first: int) -> None:
    index = sheets.inputs.closes.index[first:]
    rows = []
    for fall in falls_of(books.returns)[: len(sheets.book.table("BacktestFalls").rows)]:
        end = len(index) - 1 if fall["Recovered"] is None else fall["Recovered"]
        rows.append(
            {
                "Depth": fall["Depth"],
                "Peak": index[fall["Peak"]],
                "Trough": index[fall["Trough"]],
                "Recovered": None if fall["Recovered"] is None else index[fall["Recovered"]],
                "Days": (index[end] - index[fall["Peak"]]).total_seconds() / 86_400,
            }
        )
    sheets.hold("BacktestFalls", rows)


def _attribution(sheets: Sheets, books: Books, first: int, rows: Mapping[int, object]) -> None:
    """Parts, months and realised betas, where the betas of each decision have a second statement."""
    try:
        found = parts_of(sheets.inputs, books, first, list(rows))
    except NotStatedError as error:
        for table in ("Attribution", "AttributionBars", "AttributionMonths", "AttributionBetas"):
            sheets.leave(table, str(error))
        return
    sheets.hold("Attribution", found.parts)
    sheets.hold("AttributionBars", bars_of(sheets.book.table("Attribution"), "Part"))
    sheets.hold("AttributionMonths", found.months)
    sheets.hold("AttributionBetas", found.quarters)
