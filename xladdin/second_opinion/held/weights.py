"""Weights, what they amount to, and the frontier."""

from __future__ import annotations

import math
from typing import Any

from ...books.workbook import Block
from ..compare import Figure
from ..decided.book import Book
from ..decided.clock import waits
from ..decided.frontier import frontier_of
from ..decided.limits import Stated, stated_for
from ..decided.models import book_of
from ..decided.optimum import Programme
from ..decided.orders import orders_of, summary_of
from ..inferred.estimates import Estimates
from ..not_stated import NotStatedError
from ..tables import Series
from ..tolerances import BETTER_OR_EQUAL, KEPT
from .largest import SHOWN, by_size, hold_estimates_largest, hold_weights_largest
from .sheets import Sheets, numbers_of

__all__ = ["hold_weights"]

RISKLESS = 1e-6
"""Volatility that is as good as none where a programme finds it."""


def hold_weights(sheets: Sheets, estimates: Estimates) -> None:
    """The tables Weights, WeightsSummary and Frontier, and what their pages show."""
    block = sheets.book.table("Weights")
    symbols = [str(symbol) for symbol in block.column("Symbol")]
    weights, positions = (numbers_of(block, column) for column in ("Final", "TargetPosition"))
    known = [symbol for symbol in symbols if symbol in estimates.known]
    waiting = waits(sheets.inputs, float(estimates.market["Rebalance every"]))
    rows = orders_of(sheets.inputs, known, weights, positions, waiting) if known == symbols else []
    missing = estimates.missing.get("ExpectedReturn") or estimates.missing.get("Covariance")
    stated = book = None
    reason = missing or ""
    if not missing:
        stated = stated_for(sheets.inputs, estimates)
        try:
            book = book_of(sheets.inputs, estimates, stated)
        except NotStatedError as error:
            reason = str(error)
    if book is None or stated is None or not rows:
        sheets.hold("Weights", rows, dict.fromkeys(("Weights.Baseline", "Weights.Final"), reason))
    else:
        _weights(sheets, block, stated, book, rows)
    if rows:
        sheets.hold_measures(
            "WeightsSummary", _stated_only(summary_of(sheets.inputs, estimates, _series(symbols, positions)), missing)
        )
    hold_estimates_largest(sheets)
    hold_weights_largest(sheets)
    _frontier(sheets, stated, reason)
    _points(sheets, estimates, stated, reason)


def _weights(sheets: Sheets, block: Block, stated: Stated, book: Book, rows: list[dict[str, Any]]) -> None:
    """The columns, and beside them what the two books are worth and whether they keep the limits."""
    import numpy as np

    baseline, final = (np.array(numbers_of(block, column)) for column in ("Baseline", "Final"))
    if list(stated.symbols) == [row["Symbol"] for row in rows]:
        for place, row in enumerate(rows):
            row |= {"Baseline": book.baseline[place], "Final": book.final[place]}
            row["Overlay"] = final[place] - baseline[place]
    excuses = {}
    judges = [
        ("Baseline", book.judge_of_baseline, baseline, book.baseline, 1.0),
        ("Final", book.judge_of_final, final, book.final, book.scale),
    ]
    for column, judge, desk, second, scale in judges:
        if judge is None or judge.size_is_free:
            continue
        worth = _judged(block, column, judge, desk / scale, second / scale)
        sheets.found += worth
        if all(figure.verdict == "agrees" for figure in worth):
            excuses[column] = "many books are as good: this one keeps every limit and is worth no less"
    sheets.hold("Weights", rows, excuses=excuses)


def _judged(block: Block, column: str, judge: Programme, desk: Any, second: Any) -> list[Figure]:
    (worth, broken), (best, _) = judge.judged(desk), judge.judged(second)
    first, last = (block.address(row, column).split("!")[-1] for row in (0, len(block.rows) - 1))
    cells = f"{first}:{last}"
    allowed, lost = BETTER_OR_EQUAL.at(best), max(worth - best, 0.0)
    return [
        Figure(
            f"Weights.{column}, worth to the model", block.sheet, cells, len(block.rows), worth, best, lost, allowed,
            "agrees" if lost <= allowed else "differs", BETTER_OR_EQUAL.reason,
        ),
        Figure(
            f"Weights.{column}, limits missed by", block.sheet, cells, len(block.rows), broken, 0.0, broken,
            KEPT.absolute, "agrees" if broken <= KEPT.absolute else "differs", KEPT.reason,
        ),
    ]  # fmt: skip


def _frontier(sheets: Sheets, stated: Stated | None, reason: str) -> None:
    block = sheets.book.table("Frontier")
    if not block.rows:
        return
    if stated is None:
        sheets.leave("Frontier", reason)
        return
    try:
        found = frontier_of(stated, len(block.rows))
    except NotStatedError as error:
        sheets.leave("Frontier", str(error))
        return
    free, smaller = stated.one("risk_free") or 0.0, _smaller(block, stated)
    rows = [
        {
            "Point": float(point + 1),
            "Return": found.returns[point],
            "Volatility": found.volatilities[point],
            "Sharpe": _sharpe(found.returns[point] - free, found.volatilities[point]),
            "Others": math.fsum(float(found.weights[point][stated.symbols.index(symbol)]) for symbol in smaller)
            if smaller
            else None,
            **dict(zip(stated.symbols, found.weights[point].tolist(), strict=True)),
        }
        for point in range(len(block.rows) if found is not None else 0)
        if found is not None
    ]
    sheets.hold("Frontier", rows)


def _smaller(block: Block, stated: Stated) -> list[str]:
    """The contracts whose columns stand after the first that a page shows."""
    return [name for name in block.header if name in stated.symbols][SHOWN:]


def _points(sheets: Sheets, estimates: Estimates, stated: Stated | None, reason: str) -> None:
    """What else is on the chart of the frontier, whose own points and whose weights count as given."""
    curve, weights = (sheets.book.table(name) for name in ("Frontier", "Weights"))
    if not curve.rows:
        return
    if stated is None:
        sheets.leave("FrontierPoints", reason)
        return
    free = stated.one("risk_free") or 0.0
    symbols = [str(symbol) for symbol in weights.column("Symbol")]
    summary = summary_of(sheets.inputs, estimates, _series(symbols, numbers_of(weights, "TargetPosition")))
    returns, volatilities, sharpes = (numbers_of(curve, name) for name in ("Return", "Volatility", "Sharpe"))
    best = max(range(len(sharpes)), key=lambda row: -math.inf if math.isnan(sharpes[row]) else sharpes[row])
    furthest = max(volatilities)
    sizes = [numbers_of(weights, column) for column in ("Final", "Current")]
    held = [(symbols[row], {symbols[row]: 1.0}) for row in by_size(sizes)]
    books = [("Current book", dict(zip(symbols, sizes[1], strict=True))), *held]
    (current, *alone) = [(name, *_risk_and_return(estimates, book, free)) for name, book in books]
    points = [
        ("Least risk", volatilities[0], returns[0]),
        ("Cash", 0.0, free),
        ("Largest Sharpe", volatilities[best], returns[best]),
        ("Capital line", furthest, free + sharpes[best] * furthest),
        current,
        ("Target", summary["Volatility"], summary["Expected return"]),
        *alone,
    ]
    rows = [
        {
            "Point": name,
            "Volatility": risk,
            "Return": reward,
            "Sharpe": (reward - free) / risk if risk > 0 else math.nan,
        }
        for name, risk, reward in points
    ]
    sheets.hold("FrontierPoints", rows)


def _risk_and_return(estimates: Estimates, book: dict[str, float], free: float) -> tuple[float, float]:
    """Volatility and expected return a year of these weights, contract by contract."""
    expected = estimates.of("ExpectedReturn")
    held = {name: weight for name, weight in book.items() if weight}
    risk: Any = estimates.covariance
    variance = math.fsum(a * b * float(risk.at[x, y]) for x, a in held.items() for y, b in held.items())
    return math.sqrt(max(variance, 0.0)), free + sum(w * (float(expected[name]) - free) for name, w in held.items())


def _sharpe(excess: float, volatility: float) -> float:
    """Infinite for a return without risk."""
    if volatility > RISKLESS:
        return excess / volatility
    return math.copysign(math.inf, excess) if excess else math.nan


def _stated_only(values: dict[str, float], missing: str | None) -> dict[str, float]:
    """Without what stands on estimates that are not stated."""
    if not missing:
        return values
    without = ("Expected return", "Volatility", "Sharpe ratio", "Beta")
    return {name: value for name, value in values.items() if name not in without}


def _series(symbols: list[str], values: list[float]) -> Series:
    import pandas as pd

    return pd.Series(values, index=symbols, dtype=float)
