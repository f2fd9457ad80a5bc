"""The charts of the sheets Risk and Positions: who brings the risk of either book, what may be lost, what is open."""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.chart.series import SeriesLabel
from openpyxl.workbook import Workbook

from ..layout.sheets import TABLES
from .chart_parts import GREY, NAVY, TEAL, Chart, bars, framed

__all__ = ["RISK_CHARTS"]

MONEY = "#,##0"


def shares_chart(book: Workbook, rows: int) -> Chart:
    """Who brings how much of the variance of the book held and of the target."""
    columns = [("HeldShare", GREY), ("TargetShare", NAVY)]
    chart = bars(book, TABLES["TopRisks"], rows, "Symbol", columns)
    for series, called in zip(chart.series, ("Held", "Target"), strict=True):
        series.tx = SeriesLabel(v=called)
    title = "Who brings the risk: share of variance, held and target"
    return framed(chart, title, ("", "@"), ("Of variance", "0%"), width=25.6, height=7.5)


def profits_chart(book: Workbook, rows: int) -> Chart:
    """Profit of each position since entry, and after its funding where that is known."""
    columns = [("OpenProfit", NAVY), ("AfterFunding", TEAL)]
    chart = bars(book, TABLES["PositionBars"], rows, "Position", columns)
    for series, called in zip(chart.series, ("Open profit", "After funding"), strict=True):
        series.tx = SeriesLabel(v=called)
    title = "Open profit, and after funding where that is known"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), width=20.0, height=5.6)


RISK_CHARTS: dict[str, tuple[tuple[str, Callable[[Workbook, int], Chart], str], ...]] = {
    "Risk": (("TopRisks", shares_chart, "I5"),),
    "Positions": (("PositionBars", profits_chart, "H5"),),
}
"""The charts of each sheet, with the table that each is bound to and the cell of its corner."""
