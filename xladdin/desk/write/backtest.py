"""What Backtest found, as the tables of the sheets Backtest, BacktestPath and Attribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Array, Rows
from core.verify.backtest.side_by_side import SideBySide
from core.verify.performance.drawdown import deepest_falls

from ...books.workbook import CellValue, Workbook
from ..day.backtest_limits import limits_held
from ..day.backtesting import BacktestRun, Walked
from ..layout.sheets import TABLES
from ..read.headings import refuse_other_columns
from .results import blank_where_nan, clear, write_columns

__all__ = ["shown_rows_of", "write_backtest"]

MOST_ROWS = 400
"""Of the path that a sheet shows: more would be no line to look at, and a workbook to wait for."""

MOST_DECISIONS = 5_000
"""Rows of the sheet BacktestDecisions."""

MOST_LIQUIDATIONS = 100
"""Rows; Backtest counts them all."""

FIGURES = {
    "sharpe": "Sharpe ratio",
    "max_drawdown": "Maximum drawdown",
    "growth": "Annual return",
    "turnover": "Turnover",
}
"""The measures of the table Backtest that a comparison speaks of."""

DAYS_APART = (1, 2, 3, 4, 7, 14, 28, 56, 112)
HOURS_APART = (1, 2, 4, 8, 12)
"""Steps between the rows of a path, so that they fall on the same hours."""


def write_backtest(book: Workbook, run: BacktestRun, compared: SideBySide | None) -> None:
    """All tables of the sheets Backtest and BacktestPath."""
    _write_figures(book, run)
    _write_comparison(book, compared)
    _write_answers(book, run)
    _write_falls(book, run)
    _write_limits(book, run)
    _write_liquidations(book, run)
    _write_path(book, run)
    _write_decisions(book, run)


def _write_figures(book: Workbook, run: BacktestRun) -> None:
    measures = TABLES["Backtest"].measures
    columns: dict[str, Any] = {"Measure": [measure.name for measure in measures]}
    for heading, walked in run.books.items():
        columns[heading] = [None] * len(measures) if walked is None else _figures(run, walked)
    write_columns(book, "Backtest", {**columns, "Note": [measure.note for measure in measures]})


def _figures(run: BacktestRun, walked: Walked) -> list[CellValue]:
    """The measures of one book, in the order of the table."""
    figures, ledger, first = walked.figures, walked.ledger, run.first
    model = walked.run.decisions.policy.name
    answered = [who for _, who in walked.run.decisions.answers]
    parts = [ledger.pnl, ledger.funding, -ledger.fees, -ledger.slippage, -ledger.liquidation, ledger.interest]
    return [
        figures.total_return,
        figures.annual_return,
        figures.annual_volatility,
        *blank_where_nan([figures.sharpe, figures.sortino, figures.deflated_sharpe]),
        figures.max_drawdown,
        figures.worst_period,
        *blank_where_nan([figures.beta, figures.alpha]),
        float(np.abs(ledger.weights[first:]).sum(axis=1).mean()),
        figures.turnover,
        *(float(part.sum() / ledger.start) + 0.0 for part in parts),
        float(ledger.equity[-1]),
        float(ledger.equity[first:].min()),
        figures.liquidations,
        figures.rebalances,
        answered.count(model) / len(answered),
        ledger.largest_difference,
    ]


def _write_comparison(book: Workbook, compared: SideBySide | None) -> None:
    """Each figure beside each other book, then what is left of the Sharpe ratio over it, and of the choice."""
    if compared is None:
        clear(book, ["BacktestComparison"])
        return
    rows: list[tuple[CellValue, ...]] = [
        (other, FIGURES[each.figure], *blank_where_nan([each.difference, each.lower, each.upper]), each.verdict)
        for other, comparison in compared.comparisons.items()
        for each in comparison.differences
    ]
    rows += [
        (other, "Sharpe over it", chance, None, None, "chance that it is no luck")
        for other, chance in zip(compared.over, blank_where_nan(list(compared.over.values())), strict=True)
    ]
    if compared.overfitting is not None:
        verdict = "chance that the best one is so by luck"
        rows.append(("Each other", "Overfitting", compared.overfitting.probability, None, None, verdict))
    refuse_other_columns(book.header("BacktestComparison"), TABLES["BacktestComparison"])
    book.write_table("BacktestComparison", rows)


def _write_falls(book: Workbook, run: BacktestRun) -> None:
    falls = deepest_falls(run.policy.ledger.returns_since(run.first))
    if not falls:
        clear(book, ["BacktestFalls"])
        return
    times = run.times[run.first :]
    recovered = [fall.recovery_row for fall in falls]
    ends = [len(times) - 1 if row is None else row for row in recovered]
    write_columns(
        book,
        "BacktestFalls",
        {
            "Depth": [fall.depth for fall in falls],
            "Peak": [times[fall.start_row - 1].item() for fall in falls],
            "Trough": [times[fall.trough_row].item() for fall in falls],
            "Recovered": [None if row is None else times[row].item() for row in recovered],
            "Days": [
                (times[end] - times[fall.start_row - 1]) / np.timedelta64(1, "D")
                for fall, end in zip(falls, ends, strict=True)
            ],
        },
    )


def _write_answers(book: Workbook, run: BacktestRun) -> None:
    given = run.policy.run.decisions.answers
    rows = {who: [row for row, model in given if model == who] for who in run.answers}
    write_columns(
        book,
        "BacktestAnswers",
        {
            "Model": list(rows),
            "Decisions": [len(each) for each in rows.values()],
            "Share": [len(each) / len(given) for each in rows.values()],
            "First": [run.times[each[0]].item() for each in rows.values()],
            "Last": [run.times[each[-1]].item() for each in rows.values()],
        },
    )


def _write_limits(book: Workbook, run: BacktestRun) -> None:
    found = limits_held(run)
    write_columns(
        book,
        "BacktestLimits",
        {
            "Limit": [each.name for each in found],
            "Permitted": [each.permitted for each in found],
            "Worst": [each.worst for each in found],
            "When": [each.when for each in found],
            "Bars": [each.bars for each in found],
            "AfterTrade": [each.after_trade for each in found],
        },
    )


def _write_liquidations(book: Workbook, run: BacktestRun) -> None:
    ledger = run.policy.ledger
    places = ledger.liquidated[:MOST_LIQUIDATIONS]
    if not places:
        clear(book, ["BacktestLiquidations"])
        return
    rows, columns = (np.array(each) for each in zip(*places, strict=True))
    before = np.maximum(rows - 1, 0)
    write_columns(
        book,
        "BacktestLiquidations",
        {
            "Time": run.times[rows].tolist(),
            "Symbol": [run.desk.universe.symbols[column] for column in columns],
            "Weight": ledger.weights[before, columns],
            "PnL": ledger.pnl[rows, columns],
            "Kept": ledger.liquidation[rows, columns],
            "EquityBefore": ledger.equity[before],
            "EquityAfter": ledger.equity[rows],
        },
    )


def _write_path(book: Workbook, run: BacktestRun) -> None:
    rows = shown_rows_of(run)
    columns: dict[str, Any] = {"Time": run.times[rows].tolist(), "Benchmark": blank_where_nan(run.benchmark[rows])}
    for (heading, walked), falls in zip(
        run.books.items(), ("Drawdown", "UnhedgedDrawdown", "EqualDrawdown"), strict=True
    ):
        columns[heading] = None if walked is None else walked.ledger.equity[rows]
        columns[falls] = None if walked is None else _deepest_between(walked.ledger.equity, walked.ledger.start, rows)
    weights = run.policy.ledger.weights[rows]
    write_columns(book, "BacktestPath", columns | {"Gross": np.abs(weights).sum(axis=1), "Net": weights.sum(axis=1)})


def _write_decisions(book: Workbook, run: BacktestRun) -> None:
    """The first of them, as far as a sheet is readable."""
    shown, ledger = run.decided[:MOST_DECISIONS], run.policy.ledger
    decisions = run.policy.run.decisions
    models = dict(decisions.answers) | {row: f"waits: {why}" for row, why in decisions.waits}
    delay = int(run.desk.settings.trade_delay)
    traded = [min(row + delay, len(run.times) - 1) for row, _ in shown]
    write_columns(
        book,
        "BacktestDecisions",
        {
            "Time": [run.times[row].item() for row, _ in shown],
            "Model": [models.get(row, "no prices") for row, _ in shown],
            "Turnover": ledger.turnover[traded],
            **{
                symbol: [None if weights is None else _or_blank(weights[column]) for _, weights in shown]
                for column, symbol in enumerate(run.desk.universe.symbols)
            },
        },
    )


def _or_blank(weight: float) -> float | None:
    """A weight; None for a contract that was not to be traded."""
    return None if np.isnan(weight) else float(weight)


def shown_rows_of(run: BacktestRun) -> Rows:
    """The rows that the sheet shows, from the first decision to the last row, so many hours or days apart."""
    bar, last = run.desk.settings.bar_hours, len(run.times) - 1
    steps = [1, *(round(hours / bar) for hours in (*HOURS_APART, *(24 * days for days in DAYS_APART)))]
    bars = last - run.first
    step = next((each for each in steps if each >= 1 and bars / each < MOST_ROWS - 1), -(-bars // (MOST_ROWS - 2)))
    return np.unique(np.append(np.arange(last, run.first - 1, -step)[::-1], run.first))


def _deepest_between(equity: Array, start: float, rows: Rows) -> Array:
    """The deepest fall from the highest so far, negative, in the rows after the one before to each of `rows`."""
    peaks = np.maximum(np.maximum.accumulate(equity), start)
    falls = equity / peaks - 1
    begins = np.append(rows[:1], rows[:-1] + 1)
    return np.minimum.reduceat(falls[: rows[-1] + 1], begins)
