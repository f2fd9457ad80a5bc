"""The tables of the sheets Risk, Correlation and Positions, which Rebalance fills.

Money is in quote and positive where it is lost; two books stand beside each other: what is held now and the target,
the overlay book in both.
"""

from __future__ import annotations

from typing import Literal

from core.records import dataclass

from .fields import (
    BETA,
    COUNT,
    MIXED,
    MONEY,
    PERCENT,
    PRICE,
    QUANTITY,
    RATIO,
    TEXT,
    TIMES,
    WHOLE_PERCENT,
    Column,
    Measure,
    TableLayout,
)
from .page_tables import LARGEST

__all__ = [
    "CORRELATION",
    "CORRELATION_SUMMARY",
    "HELD_LOSSES",
    "LOSSES",
    "MOST_CORRELATED",
    "MOST_LIMITS",
    "POSITIONS",
    "POSITIONS_SUMMARY",
    "POSITION_BARS",
    "RISK",
    "RISK_EXPOSURE",
    "RISK_LIMITS",
    "RISK_LOSSES",
    "RISK_SUMMARY",
    "SPANS",
    "TARGET_LOSSES",
    "TOP_RISKS",
    "TOTAL",
    "Loss",
]

Span = Literal["Day", "Horizon"]

TOTAL = "Total"
"""The last row of a table whose columns sum to it."""

MOST_CORRELATED = 15
"""Contracts of the heat map: what a page still shows readably."""

MOST_LIMITS = 12
"""Limits that are told one by one, the dearest; the others in one row."""


@dataclass(frozen=True)
class Loss:
    """One measure of loss: its column, the method of PERP_VAR, the level and the time that it is counted over."""

    column: str
    method: str
    level: float
    span: Span


SPANS: tuple[Span, ...] = ("Day", "Horizon")

METHODS = {
    "VaR": "historical",
    "ES": "shortfall",
    "NormalVaR": "parametric",
    "NormalES": "parametric_shortfall",
}

LOSSES = tuple(
    Loss(f"{name}{percent}{span}", method, percent / 100, span)
    for span in SPANS
    for name, method in METHODS.items()
    for percent in (95, 99)
)
"""All of them, in the order of their columns."""

SYMBOL = Column("Symbol", "The largest risk of the target first", width=14)

RISK = TableLayout(
    "Risk",
    "Risk",
    (
        SYMBOL,
        Column("Held", "Weight now", "of equity", PERCENT, 10),
        Column("Target", "Weight after the orders", "of equity", PERCENT, 10),
        Column("HeldShare", "Of the variance of the book held", "of variance", PERCENT, 11),
        Column("TargetShare", "Of that of the target", "of variance", PERCENT, 12),
        Column("HeldMarginal", "Volatility for 1 more of the weight, held", "a year", PERCENT, 13),
        Column("TargetMarginal", "The same of the target", "a year", PERCENT, 14.5),
        Column("Beta", "To the benchmark", "beta", BETA, 9),
        Column("Volatility", "Of its own returns", "a year", PERCENT, 10),
    ),
    first_column=21,
    later=True,
)


def _components(name: str, book: str, first_column: int) -> TableLayout:
    """What each contract brings of every measure of loss of one book."""
    notes = {
        "VaR": "Loss not exceeded, by history",
        "ES": "Mean loss beyond, by history",
        "NormalVaR": "Loss not exceeded, normal",
        "NormalES": "Mean loss beyond, normal",
    }
    columns = tuple(
        Column(
            f"{kind}{percent}{span}", f"{note}, {percent} %, {span.lower()}", "USDT", MONEY, 15.5 + 2 * (span != "Day")
        )
        for span in SPANS
        for kind, note in notes.items()
        for percent in (95, 99)
    )
    symbol = Column("Symbol", f"Of the {book}; the rows sum to the last", width=14)
    return TableLayout(name, "Risk", (symbol, *columns), first_column=first_column, later=True)


HELD_LOSSES = _components("HeldLosses", "book held", 49)
TARGET_LOSSES = _components("TargetLosses", "target", 31)

TOP_RISKS = TableLayout(
    "TopRisks",
    "Risk",
    (
        Column("Symbol", "Largest risk first; others: all in one row", width=25),
        Column("Held", "Weight now", "of equity", PERCENT, 13),
        Column("Target", "After the orders", "of equity", PERCENT, 11),
        Column("HeldShare", "Of variance, held", "of variance", PERCENT, 11),
        Column("TargetShare", "Of variance, target", "of variance", PERCENT, 12),
        Column("HeldVaR", "Part of the 99 % loss in a day", "USDT", MONEY, 12),
        Column("TargetVaR", "The same of the target", "USDT", MONEY, 12),
        Column("Beta", "To the benchmark", "beta", BETA, 9),
        Column("Volatility", "Of its returns", "a year", PERCENT, 10),
    ),
    first_column=9,
    header_row=22,
    most_rows=LARGEST + 1,
    later=True,
)

RISK_LOSSES = TableLayout(
    "RiskLosses",
    "Risk",
    (
        Column("Measure", "What may be lost", width=29),
        Column("Held", "Now, by history", "USDT", MONEY, 13),
        Column("HeldNormal", "Now, if normal", "USDT", MONEY, 13),
        Column("Target", "By history", "USDT", MONEY, 13),
        Column("TargetNormal", "If normal", "USDT", MONEY, 13),
        Column("Note", "Meaning", width=22),
    ),
    measures=(
        Measure("Loss in a day, 95 %", "19 of 20 days lose less", MONEY),
        Measure("Loss in a day, 99 %", "99 of 100 days do", MONEY),
        Measure("Mean loss beyond 95 %, a day", "expected shortfall", MONEY),
        Measure("Mean loss beyond 99 %, a day", "expected shortfall", MONEY),
        Measure("Loss over the horizon, 95 %", "overlapping stretches", MONEY),
        Measure("Loss over the horizon, 99 %", "overlapping stretches", MONEY),
        Measure("Mean loss beyond 95 %, horizon", "expected shortfall", MONEY),
        Measure("Mean loss beyond 99 %, horizon", "expected shortfall", MONEY),
    ),
    header_row=22,
    later=True,
)

RISK_SUMMARY = TableLayout(
    "RiskSummary",
    "Risk",
    (
        Column("Measure", "Of the book as a whole", width=29),
        Column("Held", "Now", "see note", MIXED, 13),
        Column("Target", "After the orders", "see note", MIXED, 13),
        Column("Note", "Unit and meaning", width=13, reach=2),
    ),
    measures=(
        Measure("Volatility", "a year, of equity", PERCENT),
        Measure("Beta", "to the benchmark, on equity", BETA),
        Measure("Gross exposure", "sum of absolute weights", TIMES),
        Measure("Positions", "contracts held", COUNT),
        Measure("Effective contracts", "as many equal ones are as concentrated", RATIO),
        Measure("Largest position", "share of gross", PERCENT),
        Measure("Largest position is", "the contract", TEXT),
        Measure("Largest risk", "share of variance", PERCENT),
        Measure("Largest risk is", "the contract", TEXT),
        Measure("Diversification", "volatilities added up / the book's; 1 = none", RATIO),
        Measure("Days looked at", "that do not overlap, with bars of all positions", RATIO),
        Measure("Horizons looked at", "of RiskHorizonHours; below 20 a tail is a guess", RATIO),
    ),
    later=True,
)

RISK_EXPOSURE = TableLayout(
    "RiskExposure",
    "Risk",
    (
        Column("Exposure", "Of the book, to a factor, of a group", width=29),
        Column("Held", "Now", "of equity, beta", BETA, 13),
        Column("Target", "After the orders", "of equity, beta", BETA, 13),
        Column("Least", "From Settings and Limits", "as beside", BETA, 13),
        Column("Most", "From Settings and Limits", "as beside", BETA, 13),
    ),
    header_row=39,
    most_rows=16,
    later=True,
)

RISK_LIMITS = TableLayout(
    "RiskLimits",
    "Risk",
    (
        Column("Limit", "The cell; the book's first, then the dearest", width=25),
        Column("Contract", "Of one contract", "symbol", width=13),
        Column("Value", "As stated", "as stated", MIXED, 11),
        Column("Price", "At the margin, for a point", "as in words", "0.0000%", 11),
        Column(
            "InWords", "What a point of room would bring the optimum that the target starts from", width=12, reach=6
        ),
    ),
    first_column=9,
    header_row=39,
    most_rows=MOST_LIMITS + 1,
    later=True,
)

CORRELATION_SUMMARY = TableLayout(
    "CorrelationSummary",
    "Correlation",
    (
        Column("Measure", "Of the contracts shown", width=26),
        Column("Value", "In the window", "see note", MIXED, 28),
        Column("Note", "Unit and meaning", width=10, reach=4),
    ),
    measures=(
        Measure("Contracts shown", "those that bring most of the target's variance", COUNT),
        Measure("Contracts left out", "held or wanted, with less of it", COUNT),
        Measure("Variance of those shown", "share of the target's", PERCENT),
        Measure("Mean correlation", "of all pairs shown", RATIO),
        Measure("Closest pair", "move most alike", TEXT),
        Measure("Correlation of the closest", "1 = as one", RATIO),
        Measure("Loosest pair", "move least alike", TEXT),
        Measure("Correlation of the loosest", "below 0: against each other", RATIO),
    ),
    later=True,
)

CORRELATION = TableLayout(
    "Correlation",
    "Correlation",
    (
        Column("Symbol", "The largest risk of the target first", width=26),
        Column("Beta", "To the benchmark", "beta", BETA, 13),
        Column("Volatility", "A year", "a year", WHOLE_PERCENT, 10),
    ),
    free=Column("Contract", "", "", RATIO, 12.5),
    header_row=20,
    most_rows=MOST_CORRELATED,
    later=True,
)

POSITION_BARS = TableLayout(
    "PositionBars",
    "Positions",
    (
        Column("Position", "Of the chart: the largest, and the others in one bar", width=22),
        Column("OpenProfit", "As in Positions", "USDT", MONEY, 13),
        Column("AfterFunding", "As in Positions; 0 where funding is not known", "USDT", MONEY, 13),
    ),
    first_column=20,
    most_rows=LARGEST + 1,
    later=True,
)

POSITIONS_SUMMARY = TableLayout(
    "PositionsSummary",
    "Positions",
    (
        Column("Measure", "Of the positions held now", width=26),
        Column("Value", "At Price", "see note", MIXED, 16),
        Column("Note", "Unit and meaning", width=13, reach=3),
    ),
    measures=(
        Measure("Open profit", "USDT, where the entry price is known", MONEY),
        Measure("Funding paid", "USDT since entry, where EntryTime is known; - = received", MONEY),
        Measure("Open profit after funding", "USDT, of those that have both", MONEY),
        Measure("Without an entry price", "positions whose EntryPrice is blank", COUNT),
        Measure("Nearest to liquidation", "move of one price alone that liquidates; blank = none does", PERCENT),
        Measure("Nearest is", "the contract", TEXT),
        Measure("Without a stop", "contracts held whose Stop is blank", COUNT),
        Measure("P&L at the stops", "USDT, all filled where they stand", MONEY),
    ),
    later=True,
)

POSITIONS = TableLayout(
    "Positions",
    "Positions",
    (
        Column("Symbol", "Largest first", width=26),
        Column("Book", "core, or the overlay", width=16),
        Column("Position", "Held now", "contracts", QUANTITY, 13),
        Column("EntryPrice", "From Universe", "USDT", PRICE, 12),
        Column("Price", "Now", "USDT", PRICE, 12),
        Column("Notional", "At Price", "USDT", MONEY, 13),
        Column("OpenProfit", "Since entry, before funding", "USDT", MONEY, 12),
        Column("Return", "On the entry notional", "return", PERCENT, 10),
        Column("FundingPaid", "Since EntryTime; + = paid", "USDT", MONEY, 12),
        Column("AfterFunding", "Profit less funding", "USDT", MONEY, 12.5),
        Column("LiquidationPrice", "Of the account, the others unmoved; on the tick", "USDT", PRICE, 15),
        Column("ToLiquidation", "From Price", "return", PERCENT, 13),
        Column("StopPrice", "Stop of Universe, on the tick", "USDT", PRICE, 12),
        Column("ToStop", "From Price", "return", PERCENT, 10),
        Column("PnLAtStop", "From now to the stop", "USDT", MONEY, 12),
        Column("ClosesFirst", "When this price moves alone", width=12),
        Column("Note", "What is not known", width=46, wrap=True),
    ),
    header_row=18,
    later=True,
)
