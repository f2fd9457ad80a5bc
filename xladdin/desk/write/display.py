"""A figure as the workbook shows it, for doors that print: the layout's number formats in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ...books.workbook import Block, CellValue
from ..layout import fields
from ..layout.fields import TableLayout

__all__ = ["VIEWS", "shown_rows", "shown_value"]

VIEWS = {
    "Universe": ("Symbol", "Include", "Price", "MinWeight", "MaxWeight", "Position", "Hedge"),
    "Estimates": ("Symbol", "Price", "Beta", "Volatility", "Premium", "FundingAnnual", "ExpectedReturn", "MissingBars"),
    "Market": ("Measure", "Value", "Note"),
    "Weights": ("Symbol", "Final", "Current", "Trade", "Contracts", "Notional", "Cost", "Side"),
    "WeightsSummary": ("Measure", "Value", "Note"),
    "RiskLosses": ("Measure", "Held", "HeldNormal", "Target", "TargetNormal"),
    "RiskLimits": ("Limit", "Contract", "Price", "InWords"),
    "Hedge": ("Hedge", "Beta", "TradeNotional", "TradeContracts", "Cost", "BetaBefore", "BetaAfter", "Due"),
    "Orders": (
        "Symbol",
        "Side",
        "Contracts",
        "Notional",
        "LimitPrice",
        "Reason",
        "ReduceOnly",
        "Fee",
        "Slippage",
        "Note",
    ),
    "OrdersSummary": ("Measure", "Value", "Note"),
    "HedgeChoice": (
        *("Instrument", "Kind", "Beta", "Trade", "BetaBought", "Fee", "Carry", "Decay", "CostOfTenth", "WorstPnL"),
    ),
    "Stress": ("Scenario", "MarketShock", "TotalPnL", "EquityAfter", "MarginRatio", "FirstLiquidated", "Verdict"),
    "StressSummary": ("Measure", "Value", "Note"),
    "Ladder": ("Symbol", "Position", "Price", "LiquidationPrice", "Distance", "DailySigmas"),
    "Backtest": ("Measure", "Policy", "Unhedged", "EqualWeight", "Note"),
    "BacktestComparison": ("Against", "Figure", "Difference", "Lower", "Upper", "Verdict"),
    "BacktestAnswers": ("Model", "Decisions", "Share", "First", "Last"),
    "Attribution": ("Part", "PnL", "Contribution", "AYear", "T"),
    "SweepSummary": ("Measure", "Value", "Note"),
    "Sweep": ("Rank", "Configuration", "Sharpe", "DeflatedSharpe", "AnnualReturn", "MaxDrawdown", "Turnover"),
    "Learning": ("Model", "Followed", "Excess", "Lower", "Upper", "T", "NeededT", "R2", "Judged"),
    "Verification": ("Figure", "Cell", "Cells", "Desk", "SecondOpinion", "Difference", "Tolerance", "Verdict"),
    "Checks": ("Check", "Status", "Value", "Limit", "Remedy"),
}
"""The columns of each result table that fit a terminal; the workbook has them all."""

_PATTERNS = {
    fields.PERCENT: "{:.2%}",
    fields.WHOLE_PERCENT: "{:.0%}",
    fields.RATE: "{:.4%}",
    fields.MONEY: "{:,.0f}",
    fields.HEAT: "{:,.0f}",
    fields.PRICE: "{:,.6g}",
    fields.BETA: "{:.3f}",
    fields.RATIO: "{:.2f}",
    fields.TIMES: "{:.2f}x",
    fields.BASIS_POINTS: "{:.1f} bp",
    fields.COUNT: "{:,.0f}",
    fields.RESIDUAL: "{:.1e}",
}


def shown_value(value: CellValue, number_format: str) -> str:
    """One figure as text, in its column's number format; blank for a blank cell."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return value
    text = _PATTERNS.get(number_format, "{:.6g}").format(value)
    if number_format == fields.QUANTITY:  # three decimals at least, and as many as a finer lot needs
        whole, decimals = f"{value:,.6f}".split(".")
        text = f"{whole}.{decimals[:3]}{decimals[3:].rstrip('0')}"
    return text if any(digit in text for digit in "123456789") else text.removeprefix("-")


def shown_rows(block: Block, table: TableLayout, columns: Sequence[str] | None = None) -> list[list[str]]:
    """Columns of a table as text, by default those of its view; each row of a list of measures in its own format."""
    formats = {measure.name: measure.format for measure in table.measures}
    positions = [(name, block.index(name)) for name in columns or VIEWS[table.name]]
    return [
        [
            shown_value(
                row[i],
                formats[str(row[0])]
                if formats and table.column(name).format == fields.MIXED
                else table.column(name).format,
            )
            for name, i in positions
        ]
        for row in block.rows
    ]
