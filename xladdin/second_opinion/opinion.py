"""The second opinion on a whole book: every table of results, in the order of the desk's day.

Where a job goes on from what the one before has written (orders from weights, a hedge from a book, a stress from
both), the second opinion goes on from the same cells, which it has judged by then: so the cell at fault is named, and
not all that follow from it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..books.workbook import Block, Workbook
from .compare import Figure, compared, figure_of_rows, not_covered
from .decided.frontier import frontier_of
from .decided.hedge import Hedging, hedging_of
from .decided.limits import Stated, stated_for
from .decided.models import Book, book_of
from .decided.optimum import Programme
from .decided.orders import orders_of, summary_of
from .inferred.estimates import Estimates, estimates_of
from .inputs import Inputs, read_inputs
from .not_stated import NotStatedError
from .stressed.stress import account_of, ladder, reach, replays, scenarios, waterfall, worst_of_market_and_beta
from .tables import Series
from .tolerances import BETTER_OR_EQUAL, KEPT, tolerance_of

__all__ = ["second_opinion"]

WORDS = "words, that say of figures what the figures say"
DRAWN = "random draws: only the same draws give the same figure"
SIMULATED = (
    *("Loss in a day, 95 %", "Loss in a day, 99 %", "Mean loss beyond 99 %", "Chance of liquidation"),
    "Capital for 99 %",
)
LEFT_OUT = {
    "Estimates.Note": WORDS,
    "WeightsSummary.Certificate": "a residual of the desk's own solver: another has none to compare",
    **{f"StressSummary.{measure}": DRAWN for measure in SIMULATED},
    **{
        f"Waterfall.{name}": "where the chart draws its bars; PnL and Total are covered"
        for name in ("Base", "Loss", "Gain")
    },
}
"""What has no second opinion, and why."""

RISKLESS = 1e-6
"""Volatility that is as good as none where a programme finds it."""

OTHER_TABLES = {"Checks": "rules about figures, and no figures of their own", "Runs": "a log of what was run"}


class _Sheets:
    """The tables of a book, and the figures found in them so far."""

    def __init__(self, book: Workbook, inputs: Inputs) -> None:
        self.book, self.inputs = book, inputs
        self.found: list[Figure] = []

    def hold(
        self,
        table: str,
        rows: Sequence[Mapping[str, Any]],
        reasons: Mapping[str, str] | None = None,
        excuses: Mapping[str, str] | None = None,
    ) -> None:
        """Hold every column of a table against rows of the second opinion; one without is listed with its reason."""
        block, reasons, excuses = self.book.table(table), {**LEFT_OUT, **(reasons or {})}, excuses or {}
        other = figure_of_rows(block, len(rows))
        self.found += other
        for column in block.header if block.rows and not other else ():
            name = f"{table}.{column}"
            stated = any(column in row for row in rows)
            if name in reasons or not stated:
                reason = reasons.get(name, "it has no second statement")
                self.found.append(not_covered(name, block.sheet, len(block.rows), reason))
            else:
                tolerance = tolerance_of(table, column, self.inputs.words["BetaMethod"])
                seconds = [row.get(column) for row in rows]
                self.found += compared(block, column, seconds, tolerance, excuse=excuses.get(column, ""))

    def hold_measures(self, table: str, values: Mapping[str, Any]) -> None:
        """The same for a table that lists figures."""
        block = self.book.table(table)
        for row, measure in enumerate(block.column("Measure")):
            name = f"{table}.{measure}"
            one = Block(
                block.name, block.sheet, block.header, (block.rows[row],), (block.row_numbers[row],), block.first_column
            )
            if one.column("Value") == [None] and measure not in values:
                continue
            if name in LEFT_OUT or measure not in values:
                reason = LEFT_OUT.get(name, "it has no second statement")
                self.found.append(not_covered(name, block.sheet, 1, reason))
            else:
                tolerance = tolerance_of(table, str(measure), self.inputs.words["BetaMethod"])
                self.found += compared(one, "Value", [values[str(measure)]], tolerance, name)

    def leave(self, table: str, reason: str) -> None:
        """List every column of a table that is left out."""
        block = self.book.table(table)
        if block.rows:
            self.found.append(not_covered(f"{table}, all columns", block.sheet, len(block.rows), reason))


def second_opinion(book: Workbook) -> list[Figure]:
    """Every figure of the result tables beside its second opinion, the furthest off first, those left out at last."""
    inputs = read_inputs(book)
    sheets = _Sheets(book, inputs)
    estimates = estimates_of(inputs)
    if book.table("Estimates").rows:
        sheets.hold("Estimates", _estimates(estimates), _missing(estimates))
        sheets.hold_measures("Market", estimates.market)
    if book.table("Weights").rows:
        _target(sheets, estimates)
    if book.table("Hedge").rows:
        _hedge(sheets, estimates)
    if book.table("Stress").rows:
        _stress(sheets, estimates)
    for table, reason in OTHER_TABLES.items():
        sheets.leave(table, reason)
    return sorted(sheets.found, key=lambda figure: -figure.distance)


def _missing(estimates: Estimates) -> dict[str, str]:
    return {f"Estimates.{name}": reason for name, reason in estimates.missing.items()}


def _estimates(estimates: Estimates) -> list[dict[str, Any]]:
    rows = []
    for symbol, figures in estimates.table.iterrows():
        there = estimates.returns[symbol].notna() & estimates.benchmark.notna()
        first = estimates.returns.index[there.to_numpy()][0] if there.any() else None
        rows.append({"Symbol": symbol, **figures.to_dict(), "FirstReturn": first})
    return rows


def _target(sheets: _Sheets, estimates: Estimates) -> None:
    """Weights, what they amount to, and the frontier."""
    block = sheets.book.table("Weights")
    symbols = [str(symbol) for symbol in block.column("Symbol")]
    weights, positions = (_numbers(block, column) for column in ("Final", "TargetPosition"))
    known = [symbol for symbol in symbols if symbol in estimates.known]
    rows = orders_of(sheets.inputs, known, weights, positions) if known == symbols else []
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
    _frontier(sheets, stated, reason)


def _weights(sheets: _Sheets, block: Block, stated: Stated, book: Book, rows: list[dict[str, Any]]) -> None:
    """The columns, and beside them what the two books are worth and whether they keep the limits."""
    import numpy as np

    baseline, final = (np.array(_numbers(block, column)) for column in ("Baseline", "Final"))
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


def _frontier(sheets: _Sheets, stated: Stated | None, reason: str) -> None:
    block = sheets.book.table("Frontier")
    if not block.rows:
        return
    if stated is None:
        sheets.leave("Frontier", reason)
        return
    found = frontier_of(stated, len(block.rows))
    free = stated.one("risk_free") or 0.0
    rows = [
        {
            "Point": float(point + 1),
            "Return": found.returns[point],
            "Volatility": found.volatilities[point],
            "Sharpe": _sharpe(found.returns[point] - free, found.volatilities[point]),
            **dict(zip(stated.symbols, found.weights[point].tolist(), strict=True)),
        }
        for point in range(len(block.rows) if found is not None else 0)
        if found is not None
    ]
    sheets.hold("Frontier", rows)


def _sharpe(excess: float, volatility: float) -> float:
    """Infinite for a return without risk."""
    if volatility > RISKLESS:
        return excess / volatility
    return math.copysign(math.inf, excess) if excess else math.nan


def _hedge(sheets: _Sheets, estimates: Estimates) -> None:
    inputs, block = sheets.inputs, sheets.book.table("Hedge")
    missing = estimates.missing.get("Beta")
    if missing:
        sheets.leave("Hedge", missing)
        sheets.leave("HedgeFactors", missing)
        return
    hedging = hedging_of(inputs, estimates, _contracts(sheets.book, inputs, hedged=False))
    if [str(symbol) for symbol in block.column("Hedge")] != hedging.symbols:
        sheets.hold("Hedge", [{"Hedge": symbol} for symbol in hedging.symbols])
        return
    rows = list(_hedge_rows(inputs, estimates, hedging, _numbers(block, "TradeContracts")))
    reasons = {} if hedging.trades is not None else {"Hedge.TradeContracts": "too many lots to try them all"}
    sheets.hold("Hedge", rows, reasons, _as_near(hedging, block, inputs))
    factors = sheets.book.table("HedgeFactors")
    if factors.rows:
        traded = [row["TradeNotional"] for row in rows]
        after = hedging.before + hedging.loadings @ traded / inputs.number("Equity")
        targets = [inputs.number("TargetBeta"), *[0.0] * (len(hedging.names) - 1)]
        headings = ("Factor", "Before", "After", "Target")
        sheets.hold(
            "HedgeFactors",
            [
                dict(zip(headings, row, strict=True))
                for row in zip(hedging.names, hedging.before, after, targets, strict=True)
            ],
        )


def _hedge_rows(
    inputs: Inputs, estimates: Estimates, hedging: Hedging, traded: list[float]
) -> Iterator[dict[str, Any]]:
    equity, target = inputs.number("Equity"), inputs.number("TargetBeta")
    values, betas = inputs.contract_values, estimates.of("Beta")
    notionals = [contracts * float(values[symbol]) for symbol, contracts in zip(hedging.symbols, traded, strict=True)]
    traded_beta = sum(amount * float(betas[symbol]) for symbol, amount in zip(hedging.symbols, notionals, strict=True))
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
    miss, cost = hedging.judged(np.array(_numbers(block, "TradeContracts")) * values)
    best_miss, best_cost = hedging.judged(hedging.trades)
    near = miss <= best_miss + 1e-9 * float(np.abs(hedging.gap).max())
    if near and cost <= best_cost + 1e-9 * abs(best_cost):
        return {"TradeContracts": "other trades come as near at the same cost"}
    return {}


def _stress(sheets: _Sheets, estimates: Estimates) -> None:
    inputs = sheets.inputs
    missing = estimates.missing.get("Beta")
    contracts = _contracts(sheets.book, inputs, hedged=True)
    account = account_of(inputs, contracts)
    past = replays(inputs, account)
    sheets.hold("Replays", past)
    if missing:
        for table in ("Stress", "Ladder", "Waterfall"):
            sheets.leave(table, missing)
        return
    rows = scenarios(inputs, estimates, account)
    uncovered = estimates.missing.get("Covariance")
    sheets.hold("Stress", rows, {"Stress.DailyVolatility": uncovered} if uncovered else {})
    needed = max(float(row["CapitalNeeded"]) for row in rows)
    standing = account.headroom([0.0] * len(account.positions)) >= -account.rounding
    fall, rise = reach(estimates, account) if standing else (0.0, 0.0)
    sheets.hold_measures(
        "StressSummary",
        {
            "Equity": account.equity,
            "Capital needed": needed,
            "Capital missing": max(needed - account.equity, 0.0),
            "Fall that liquidates": fall,
            "Rise that liquidates": rise,
            "Worst of market and beta": worst_of_market_and_beta(inputs, estimates, account),
            "Worst day in the window": past[0]["PnL"],
        },
    )
    steps = ladder(estimates, account) if standing else []
    sheets.hold(
        "Ladder",
        [{**row, "Position": contracts[row["Symbol"]]} for row in steps],
    )
    worst = min(range(len(rows)), key=lambda place: rows[place]["EquityAfter"])
    sheets.hold("Waterfall", waterfall(inputs, estimates, account, worst))


def _contracts(book: Workbook, inputs: Inputs, *, hedged: bool) -> Series:
    """Contracts held of each: now, or of the target on the sheet with its hedge; the overlay always."""
    universe = inputs.universe
    weights, hedge = book.table("Weights"), book.table("Hedge")
    if inputs.words["BookBasis"] == "current" or not weights.rows:
        return universe["Position"] + universe["OverlayPosition"]
    contracts = universe["OverlayPosition"].copy()
    tables = [(weights, "Symbol", "TargetPosition")]
    tables += [(hedge, "Hedge", "TradeContracts")] if hedged else []
    for block, name, column in tables:
        for symbol, amount in zip(block.column(name), _numbers(block, column), strict=True):
            contracts[str(symbol)] += amount
    return contracts


def _stated_only(values: dict[str, float], missing: str | None) -> dict[str, float]:
    """Without what stands on estimates that are not stated."""
    if not missing:
        return values
    without = ("Expected return", "Volatility", "Sharpe ratio", "Beta")
    return {name: value for name, value in values.items() if name not in without}


def _numbers(block: Block, column: str) -> list[float]:
    return [cell if isinstance(cell, float) else math.nan for cell in block.column(column)]


def _series(symbols: list[str], values: list[float]) -> Series:
    import pandas as pd

    return pd.Series(values, index=symbols, dtype=float)
