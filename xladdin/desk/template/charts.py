"""The desk's native charts, each bound to the body of one table and standing at one cell.

A result table is empty when the workbook is built, so a chart is told how many rows its table is expected to hold;
a host that resizes the table resizes the chart's ranges with it. What has a row a contract is drawn from the table of
its largest, so that every label can be read at any number of contracts.
"""

from __future__ import annotations

from collections.abc import Callable

from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.marker import Marker
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.workbook import Workbook

from ..layout.page_tables import LARGEST
from ..layout.sheets import TABLES, body_range
from .chart_parts import (
    AMBER,
    GREY,
    INK,
    LINE,
    NAVY,
    RED,
    SKY,
    TEAL,
    Chart,
    Dot,
    bars,
    cells,
    clear,
    framed,
    line,
    lying,
    over_time,
    point,
    points,
    stacked,
)
from .risk_charts import RISK_CHARTS

__all__ = ["CHARTS", "Chart"]

DATE, MONEY, MULTIPLE = "d mmm yy", "#,##0", "0.0##"
"""Of accounts and axes of any size; with conditions in a format LibreOffice would drop the minus sign."""

LEGENDS = {
    "EqualWeight": "Equal weight",
    "Unhedged": "Unhedged, where hedged",
    "Drawdown": "Policy",
    "EqualDrawdown": "Equal weight",
    "UnhedgedDrawdown": "Unhedged, where hedged",
}
"""What a legend calls a column; a legend stays when its line is blank, so it says when there is one."""

WIDE, NARROW, TALL = 24.5, 16.6, 11.5
"""Centimetres: below a table of the largest, below the figures beside it, and how high either may be."""

NAMED_BOOKS = {2: Dot(TEAL, "triangle", 9, "l"), 4: Dot(INK, "square", 8, "b"), 5: Dot(AMBER, "diamond", 10, "t")}
"""Rows of FrontierPoints (0 = first) that bear their names: largest Sharpe, current book, target."""
CAPITAL_LINE, FIRST_CONTRACT = (1, 3), 6
"""And those of the capital line, and of the first contract."""


def betas_chart(book: Workbook, rows: int) -> Chart:
    """Beta of each contract with its standard error."""
    table = TABLES["EstimatesLargest"]
    chart = bars(book, table, rows, "Symbol", [("Beta", NAVY)])
    errors = NumDataSource(numRef=NumRef(f=body_range(table, table.header.index("BetaError"), rows)))
    whiskers = ErrorBars(errBarType="both", errValType="cust", plus=errors, minus=errors)
    whiskers.spPr = GraphicalProperties(ln=LineProperties(solidFill=AMBER, w=LINE))
    chart.series[0].errBars = whiskers
    title = "Beta to the benchmark, with its standard error"
    return framed(chart, title, ("", "@"), ("Beta", MULTIPLE), legend=False, width=WIDE, height=TALL)


def returns_chart(book: Workbook, rows: int) -> Chart:
    """What a long of each contract is expected to earn, and the funding it pays."""
    columns = [("Premium", GREY), ("FundingAnnual", AMBER), ("ExpectedReturn", NAVY)]
    chart = bars(book, TABLES["EstimatesLargest"], rows, "Symbol", columns)
    title = "Of a long: premium, funding paid, expected return"
    return framed(chart, title, ("", "@"), ("A year", "0%"), width=NARROW, height=TALL)


def weights_chart(book: Workbook, rows: int) -> Chart:
    """Weights now, as mean-variance wants them, and as they end."""
    columns = [("Current", GREY), ("Baseline", AMBER), ("Final", NAVY)]
    chart = bars(book, TABLES["WeightsLargest"], rows, "Symbol", columns)
    title = "Weights: current, baseline, final"
    return framed(chart, title, ("", "@"), ("Share of equity", "0%"), width=WIDE, height=TALL)


def trades_chart(book: Workbook, rows: int) -> Chart:
    """What is bought and sold."""
    chart = bars(book, TABLES["WeightsLargest"], rows, "Symbol", [("Trade", TEAL)])
    title = "Trades: final less current"
    return framed(chart, title, ("", "@"), ("Share of equity", "0%"), legend=False, width=NARROW, height=TALL)


def hedge_trades_chart(book: Workbook, rows: int) -> Chart:
    """What is traded in each contract that hedges."""
    chart = bars(book, TABLES["HedgeLargest"], rows, "Hedge", [("TradeNotional", NAVY)])
    title = "Trades of the hedge"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, width=13.4, height=10.5)


def hedge_chart(book: Workbook, rows: int) -> Chart:
    """Beta of the book before and after the hedge, beside its target: three bars, however many contracts hedge."""
    table = TABLES["HedgeSummary"]
    first = table.body_row
    chart = BarChart(gapWidth=70)
    chart.type = "col"
    column = table.first_column + table.header.index("Value")
    series = Series(Reference(book[table.sheet], min_col=column, min_row=first, max_row=first + 2), title="Beta")
    series.graphicalProperties = GraphicalProperties(solidFill=NAVY, ln=LineProperties(noFill=True))
    series.invertIfNegative = False
    chart.series.append(series)
    names = table.first_column + table.header.index("Measure")
    chart.set_categories(Reference(book[table.sheet], min_col=names, min_row=first, max_row=first + 2))
    title = "Beta of the book: before, after, target"
    return framed(chart, title, ("", "@"), ("Beta", "0.00"), legend=False, width=15.6, height=10.5)


def orders_chart(book: Workbook, rows: int) -> Chart:
    """What is bought and sold of each contract, by who wants it."""
    columns = [("Rebalance", NAVY), ("Hedge", AMBER)]
    chart = stacked(bars(book, TABLES["OrderBars"], rows, "Symbol", columns))
    return framed(chart, "Orders by contract: rebalance and hedge", ("", "@"), ("USDT", MONEY), width=24.8, height=10.4)


def hedge_costs_chart(book: Workbook, rows: int) -> Chart:
    """What a tenth of beta costs by each hedge alone."""
    chart = bars(book, TABLES["HedgeChoice"], rows, "Instrument", [("CostOfTenth", NAVY)])
    title = "0.1 of beta by each alone: cost until the horizon; below zero it earns"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, width=20.2, height=9.4)


def hedge_worst_chart(book: Workbook, rows: int) -> Chart:
    """What each position does in the worst scenario of the hedged book."""
    chart = bars(book, TABLES["HedgeChoice"], rows, "Instrument", [("WorstPnL", TEAL)])
    title = "Each position in the worst scenario of the hedged book"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, width=21.6, height=9.4)


def stress_chart(book: Workbook, rows: int) -> Chart:
    """Profit or loss of each scenario, the first on top."""
    chart = bars(book, TABLES["Stress"], rows, "Scenario", [("TotalPnL", NAVY)])
    money = ("USDT", MONEY)
    return lying(framed(chart, "Profit or loss by scenario", ("", "@"), money, legend=False, width=17.9, height=9.0))


def waterfall_chart(book: Workbook, rows: int) -> Chart:
    """The worst scenario, contract by contract: what is lost, what the hedge earns, what it comes to."""
    columns = [("Base", "FFFFFF"), ("Loss", RED), ("Gain", TEAL)]
    chart = clear(stacked(bars(book, TABLES["WaterfallBars"], rows, "Step", columns)))
    title = "The worst scenario, contract by contract"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, width=23.5, height=TALL)


def frontier_chart(book: Workbook, rows: int) -> Chart:
    """Return against risk: the frontier, the capital line, the books of the desk and each contract held alone."""
    table, on_chart = TABLES["Frontier"], TABLES["FrontierPoints"]
    chart = ScatterChart(scatterStyle="lineMarker")
    where = ("Volatility", "Return")
    chart.series.append(points(book, on_chart, 1, where, GREY))
    for row in range(FIRST_CONTRACT, FIRST_CONTRACT + LARGEST):
        chart.series.append(point(book, on_chart, row, where, Dot(SKY, "circle", 6)))
    first, last = (on_chart.body_row + row for row in CAPITAL_LINE)
    across, up = (
        Reference(book[on_chart.sheet], min_col=on_chart.first_column + at, min_row=first, max_row=last)
        for at in map(on_chart.header.index, where)
    )
    straight = Series(up, across, title="Capital line")
    straight.marker = Marker("none")
    straight.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=TEAL, w=LINE, prstDash="dash"))
    chart.series.append(straight)
    chart.series.append(line(book, table, rows, "Return", NAVY, across="Volatility", called="Frontier"))
    for row, dot in NAMED_BOOKS.items():
        chart.series.append(point(book, on_chart, row, where, dot))
    chart.x_axis.scaling.min = 0
    risk, reward = ("Volatility a year", "0%"), ("Expected return a year", "0%")
    title = "Efficient frontier, the books and the contracts"
    return framed(chart, title, risk, reward, legend=False, width=33.0, height=10.4)


def equity_chart(book: Workbook, rows: int) -> Chart:
    """Equity of the policy, of the books beside it and of the benchmark."""
    columns = [("Benchmark", GREY), ("EqualWeight", AMBER), ("Unhedged", TEAL), ("Policy", NAVY)]
    chart = over_time(book, TABLES["BacktestPath"], rows, columns, LEGENDS)
    return framed(chart, "Equity after all costs, hypothetical", ("", DATE), ("USDT", MONEY), height=8.6)


def drawdown_chart(book: Workbook, rows: int) -> Chart:
    """How far below its last peak each book stood."""
    columns = [("EqualDrawdown", AMBER), ("UnhedgedDrawdown", TEAL), ("Drawdown", RED)]
    chart = over_time(book, TABLES["BacktestPath"], rows, columns, LEGENDS)
    title = "Drawdown: deepest since the point before"
    return framed(chart, title, ("", DATE), ("Below the peak", "0%"), height=7.0)


def gross_chart(book: Workbook, rows: int) -> Chart:
    """How much was held."""
    chart = over_time(book, TABLES["BacktestPath"], rows, [("Gross", GREY), ("Net", NAVY)], LEGENDS)
    return framed(chart, "What the policy held", ("", DATE), ("x equity", MULTIPLE), height=5.4)


def attribution_chart(book: Workbook, rows: int) -> Chart:
    """From part to part to the whole result."""
    columns = [("Base", "FFFFFF"), ("Loss", RED), ("Gain", TEAL)]
    chart = clear(stacked(bars(book, TABLES["AttributionBars"], rows, "Part", columns)))
    title = "Where the result came from, hypothetical"
    return framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, height=8.6)


def months_chart(book: Workbook, rows: int) -> Chart:
    """The parts of each month on top of each other."""
    columns = [("Market", NAVY), ("Alpha", TEAL), ("Hedge", SKY), ("Funding", AMBER), ("Fees", RED)]
    columns += [("Slippage", GREY), ("Liquidation", INK)]
    chart = stacked(bars(book, TABLES["AttributionMonths"], rows, "Month", columns))
    return framed(chart, "By month", ("", "@"), ("USDT", MONEY), height=7.0)


def quarters_chart(book: Workbook, rows: int) -> Chart:
    """The beta of each quarter with its band."""
    table = TABLES["AttributionBetas"]
    chart = LineChart()
    for name, colour in (("Lower", GREY), ("Upper", GREY), ("Beta", NAVY)):
        chart.series.append(line(book, table, rows, name, colour))
        dot = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        chart.series[-1].marker = Marker("circle", size=6, spPr=dot)  # a single quarter is no line
    chart.set_categories(cells(book, table, table.header.index("Quarter"), rows))
    title = "Realised beta by quarter, with its 95 % band"
    return framed(chart, title, ("", "@"), ("Beta", MULTIPLE), height=5.4)


def learning_chart(book: Workbook, rows: int) -> Chart:
    """What the trained policy made over its base on rows that it had not learned from."""
    chart = over_time(book, TABLES["LearningPath"], rows, [("Excess", NAVY)], {"Excess": "Excess"})
    title = "Trained policy over its base, where it had not learned"
    return framed(chart, title, ("", DATE), ("Log growth", "0%"), legend=False, width=15.4, height=8.4)


def learned_weights_chart(book: Workbook, rows: int) -> Chart:
    """Weights of the base, and as the trained policy tilts them."""
    chart = bars(book, TABLES["LearningWeights"], rows, "Symbol", [("Base", GREY), ("Tilted", NAVY)])
    title = "Weights: base and tilted, the largest tilts"
    return framed(chart, title, ("", "@"), ("Share of equity", "0%"), width=14.4, height=8.4)


def importance_chart(book: Workbook, rows: int) -> Chart:
    """What each feature brings, where the model had not learned."""
    chart = lying(bars(book, TABLES["LearningImportance"], rows, "Feature", [("Brings", NAVY)]))
    title = "What each feature brings where the model had not learned: R2 of premia, then of betas"
    return framed(chart, title, ("", "@"), ("R2", "0.000"), legend=False, width=31.0, height=TALL)


CHARTS: dict[str, tuple[tuple[str, Callable[[Workbook, int], Chart], str], ...]] = {
    **RISK_CHARTS,
    "Estimates": (("EstimatesLargest", betas_chart, "B22"), ("EstimatesLargest", returns_chart, "N22")),
    "Weights": (("WeightsLargest", weights_chart, "B22"), ("WeightsLargest", trades_chart, "N22")),
    "Hedge": (("HedgeLargest", hedge_trades_chart, "F23"), ("HedgeSummary", hedge_chart, "L23")),
    "HedgeChoice": (("HedgeChoice", hedge_costs_chart, "B6"), ("HedgeChoice", hedge_worst_chart, "J6")),
    "Orders": (("OrderBars", orders_chart, "J5"),),
    "Stress": (("Stress", stress_chart, "I5"),),
    "Liquidation": (("WaterfallBars", waterfall_chart, "J24"),),
    "Frontier": (("Frontier", frontier_chart, "G5"),),
    "Backtest": (
        ("BacktestPath", equity_chart, "B6"),
        ("BacktestPath", drawdown_chart, "B24"),
        ("BacktestPath", gross_chart, "B39"),
    ),
    "Attribution": (
        ("AttributionBars", attribution_chart, "B6"),
        ("AttributionMonths", months_chart, "B24"),
        ("AttributionBetas", quarters_chart, "B39"),
    ),
    "Learning": (
        ("LearningPath", learning_chart, "B14"),
        ("LearningWeights", learned_weights_chart, "D14"),
        ("LearningImportance", importance_chart, "B32"),
    ),
}
"""The charts of each sheet, with the table that each is bound to and the cell of its corner."""
