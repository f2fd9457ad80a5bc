"""Checks of the backtest: it belongs to today's inputs, its parts make up its whole, and the policy survived it.

A policy that was liquidated in the desk's own history fails. What the books beside it went through is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.last_run import belongs_to_inputs
from .found import Check, caution, column_of_numbers, has_backtest, rule

__all__ = ["check_backtest"]

SUM = 1e-9
"""Of equity: further apart are two sums of the same money."""

ANSWERED = 0.9
"""Share of decisions below which another than the model that was chosen is judged."""

PARTS = ("Price P&L", "Funding", "Fees", "Slippage", "Liquidation", "Interest")
REPORT = "Do not rely on it; report the run"


def check_backtest(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no backtest stands."""
    if not has_backtest(book):
        return
    block = book.table("Backtest")
    found = dict(zip(block.column("Measure"), column_of_numbers(block, "Policy").tolist(), strict=True))
    fresh = belongs_to_inputs(book, desk, "backtest")
    yield caution("Backtest belongs to today's inputs", fresh, None, None, "Inputs have changed since; run it again")
    yield rule("Every bar of the backtest is its parts", found["Identity"] <= SUM, found["Identity"], SUM, REPORT)
    yield from _sums(book, found["Total return"], sum(found[part] for part in PARTS))
    fallen = found["Liquidations"]
    remedy = "Hold less or hedge more: the policy would have been liquidated, see BacktestLiquidations"
    yield rule("The backtest liquidates nothing", fallen == 0, fallen, 0.0, remedy)
    answered = found["Answered by the model"]
    remedy = "BacktestAnswers says who answered instead: what is judged is mostly not this model"
    yield caution("The model itself answered in the backtest", answered >= ANSWERED, answered, ANSWERED, remedy)
    limits = book.table("BacktestLimits")
    beyond = float(column_of_numbers(limits, "AfterTrade").sum())
    remedy = "See BacktestLimits: lots, or a contract that had no price, let a trade end beyond a limit"
    yield caution("Trades of the backtest end within limits", beyond == 0, beyond, 0.0, remedy)


def _sums(book: Workbook, total: float, parts: float) -> Iterator[Check]:
    """That costs, attribution and months each make up the result."""
    attribution, months = book.table("Attribution"), book.table("AttributionMonths")
    contributions, money = (column_of_numbers(attribution, column) for column in ("Contribution", "PnL"))
    by_month = float(column_of_numbers(months, "Total").sum())
    apart = [
        parts - total,
        contributions[:-1].sum() - total,
        contributions[-1] - total,
        (by_month - money[-1]) / (np.abs(money).max() or 1.0),  # nothing where nothing was ever traded
    ]
    worst = float(np.abs(apart).max())
    yield rule("Parts of the backtest sum to its result", worst <= SUM * max(1.0, abs(total)), worst, SUM, REPORT)
