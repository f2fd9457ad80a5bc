"""The desk's native charts, each bound to the body of one table.

A result table is empty when the workbook is built, so a chart is told how many rows its table is expected to hold
(contracts, scenarios, frontier points); a host that resizes the table resizes the chart's ranges with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines, TextAxis
from openpyxl.chart.data_source import NumDataSource, NumRef
from openpyxl.chart.error_bar import ErrorBars
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as SeriesBase
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.workbook import Workbook

from ..layout.fields import TableLayout
from ..layout.sheets import BODY_ROW, HEADER_ROW, TABLES, body_range

__all__ = ["CHARTS", "Chart"]

Chart = BarChart | LineChart | ScatterChart
AnyChart = TypeVar("AnyChart", BarChart, LineChart, ScatterChart)

NAVY, TEAL, AMBER, GREY, RED = "24476B", "2A9D8F", "E0A030", "A9B2BE", "C4523E"
INK, SLATE, GRID = "1F2D3D", "5B6673", "E3E8EE"

SKY = "7FB3D5"

DAY, DATE = "d mmm", "d mmm yy"
PRICE = "[<10]0.0###;#,##0"
MONEY, MULTIPLE = "#,##0", "0.0##"
"""Of accounts and axes of any size; with conditions in a format LibreOffice would drop the minus sign."""
LEGENDS = {
    "EqualWeight": "Equal weight",
    "Unhedged": "Unhedged, where hedged",
    "Drawdown": "Policy",
    "EqualDrawdown": "Equal weight",
    "UnhedgedDrawdown": "Unhedged, where hedged",
}
"""What a legend calls a column; a legend stays when its line is blank, so it says when there is one."""
FIRST_CONTRACT = "first contract"
"""Stands for the column after Time, whichever contract it is."""

WIDTH, HEIGHT, LOW_HEIGHT, TALL_HEIGHT = 17, 8.6, 6.2, 11.5
"""Centimetres."""

HAIR, LINE = 6350, 19050
"""Widths of lines: half a point and a point and a half."""


def estimates_chart(book: Workbook, rows: int) -> Chart:
    """Beta of each contract with its standard error."""
    table = TABLES["Estimates"]
    chart = _bars(book, table, rows, "Symbol", [("Beta", NAVY)])
    errors = NumDataSource(numRef=NumRef(f=body_range(table, table.header.index("BetaError"), rows)))
    bars = ErrorBars(errBarType="both", errValType="cust", plus=errors, minus=errors)
    bars.spPr = GraphicalProperties(ln=LineProperties(solidFill=AMBER, w=LINE))
    chart.series[0].errBars = bars
    return _framed(
        chart, "Beta to the benchmark, with its standard error", ("Contract", "@"), ("Beta", MULTIPLE), legend=False
    )


def weights_chart(book: Workbook, rows: int) -> Chart:
    """Weights now, as mean-variance wants them, and as they end."""
    columns = [("Current", GREY), ("Baseline", AMBER), ("Final", NAVY)]
    chart = _bars(book, TABLES["Weights"], rows, "Symbol", columns)
    return _framed(chart, "Weights: current, baseline, final", ("Contract", "@"), ("Share of equity", "0%"))


def hedge_chart(book: Workbook, rows: int) -> Chart:
    """Beta of the book before and after the hedge, beside its target."""
    columns = [("BetaBefore", GREY), ("BetaAfter", NAVY), ("TargetBeta", AMBER)]
    chart = _bars(book, TABLES["Hedge"], rows, "Hedge", columns)
    return _framed(chart, "Beta of the book: before, after, target", ("Hedge contract", "@"), ("Beta", "0.00"))


def stress_chart(book: Workbook, rows: int) -> Chart:
    """Profit or loss of each scenario, the first on top."""
    chart = _bars(book, TABLES["Stress"], rows, "Scenario", [("TotalPnL", NAVY)])
    money = ("USDT", MONEY)
    return _lying(_framed(chart, "Profit or loss by scenario", ("", "@"), money, legend=False, height=TALL_HEIGHT))


def waterfall_chart(book: Workbook, rows: int) -> Chart:
    """The worst scenario, contract by contract: what is lost, what the hedge earns, what it comes to."""
    columns = [("Base", "FFFFFF"), ("Loss", RED), ("Gain", TEAL)]
    chart = _stacked(_bars(book, TABLES["Waterfall"], rows, "Step", columns))
    chart.series[0].graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    return _framed(chart, "The worst scenario, contract by contract", ("", "@"), ("USDT", MONEY), legend=False)


def ladder_chart(book: Workbook, rows: int) -> Chart:
    """How far each price may move, the others unmoved, before the account is liquidated."""
    chart = _bars(book, TABLES["Ladder"], rows, "Symbol", [("Distance", NAVY)])
    move = ("Return", "0%")
    return _lying(_framed(chart, "Move of one price that liquidates", ("", "@"), move, legend=False, height=LOW_HEIGHT))


def frontier_chart(book: Workbook, rows: int) -> Chart:
    """Expected return against volatility along the frontier, and the final book beside it."""
    table = TABLES["Frontier"]
    chart = ScatterChart(scatterStyle="lineMarker")
    chart.series.append(_line(book, table, rows, "Return", NAVY, across="Volatility"))
    chart.series.append(_final_book(book))
    risk, reward = ("Volatility a year", "0%"), ("Expected return a year", "0%")
    return _framed(chart, "Efficient frontier and the final book", risk, reward, legend=False, height=TALL_HEIGHT)


def equity_chart(book: Workbook, rows: int) -> Chart:
    """Equity of the policy, of the books beside it and of the benchmark."""
    columns = [("Benchmark", GREY), ("EqualWeight", AMBER), ("Unhedged", TEAL), ("Policy", NAVY)]
    chart = _over_time(book, TABLES["BacktestPath"], rows, columns)
    return _framed(chart, "Equity after all costs, hypothetical", ("", DATE), ("USDT", MONEY), height=TALL_HEIGHT)


def drawdown_chart(book: Workbook, rows: int) -> Chart:
    """How far below its last peak each book stood."""
    columns = [("EqualDrawdown", AMBER), ("UnhedgedDrawdown", TEAL), ("Drawdown", RED)]
    chart = _over_time(book, TABLES["BacktestPath"], rows, columns)
    return _framed(chart, "Drawdown: deepest since the point before", ("", DATE), ("Below the peak", "0%"))


def gross_chart(book: Workbook, rows: int) -> Chart:
    """How much was held."""
    chart = _over_time(book, TABLES["BacktestPath"], rows, [("Gross", GREY), ("Net", NAVY)])
    return _framed(chart, "What the policy held", ("", DATE), ("x equity", MULTIPLE), height=LOW_HEIGHT)


def attribution_chart(book: Workbook, rows: int) -> Chart:
    """From part to part to the whole result."""
    columns = [("Base", "FFFFFF"), ("Loss", RED), ("Gain", TEAL)]
    chart = _stacked(_bars(book, TABLES["Attribution"], rows, "Part", columns))
    chart.series[0].graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    title = "Where the result came from, hypothetical"
    return _framed(chart, title, ("", "@"), ("USDT", MONEY), legend=False, height=TALL_HEIGHT)


def months_chart(book: Workbook, rows: int) -> Chart:
    """The parts of each month on top of each other."""
    columns = [("Market", NAVY), ("Alpha", TEAL), ("Hedge", SKY), ("Funding", AMBER), ("Fees", RED)]
    columns += [("Slippage", GREY), ("Liquidation", INK)]
    chart = _stacked(_bars(book, TABLES["AttributionMonths"], rows, "Month", columns))
    return _framed(chart, "By month", ("", "@"), ("USDT", MONEY))


def betas_chart(book: Workbook, rows: int) -> Chart:
    """The beta of each quarter with its band."""
    table = TABLES["AttributionBetas"]
    chart = LineChart()
    for name, colour in (("Lower", GREY), ("Upper", GREY), ("Beta", NAVY)):
        chart.series.append(_line(book, table, rows, name, colour))
        dot = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        chart.series[-1].marker = Marker("circle", size=6, spPr=dot)  # a single quarter is no line
    chart.set_categories(_cells(book, table, table.header.index("Quarter"), rows))
    return _framed(
        chart, "Realised beta by quarter, with its 95 % band", ("", "@"), ("Beta", MULTIPLE), height=LOW_HEIGHT
    )


def price_chart(book: Workbook, rows: int) -> Chart:
    """The close of the first contract on the Prices sheet over the whole history."""
    chart = _over_time(book, TABLES["Prices"], rows, [(FIRST_CONTRACT, NAVY)])
    return _framed(chart, "Close of the first contract", ("Time (UTC)", DAY), ("USDT", PRICE), height=TALL_HEIGHT)


CHARTS: dict[str, tuple[tuple[str, Callable[[Workbook, int], Chart]], ...]] = {
    "About": (("Prices", price_chart),),
    "Estimates": (("Estimates", estimates_chart),),
    "Weights": (("Weights", weights_chart),),
    "Hedge": (("Hedge", hedge_chart),),
    "Stress": (("Stress", stress_chart), ("Waterfall", waterfall_chart), ("Ladder", ladder_chart)),
    "Liquidation": (("Ladder", ladder_chart),),
    "Frontier": (("Frontier", frontier_chart),),
    "Backtest": (("BacktestPath", equity_chart), ("BacktestPath", drawdown_chart), ("BacktestPath", gross_chart)),
    "Attribution": (
        ("Attribution", attribution_chart),
        ("AttributionMonths", months_chart),
        ("AttributionBetas", betas_chart),
    ),
}
"""The charts of each sheet, top to bottom, with the table that each is bound to."""


def _bars(
    book: Workbook, table: TableLayout, rows: int, categories: str, columns: Sequence[tuple[str, str]]
) -> BarChart:
    chart = BarChart(gapWidth=70, overlap=-5)
    chart.type = "col"
    for name, colour in columns:
        series = Series(_cells(book, table, table.header.index(name), rows, header=True), title_from_data=True)
        series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        series.invertIfNegative = False
        chart.series.append(series)
    chart.set_categories(_cells(book, table, table.header.index(categories), rows))
    return chart


def _over_time(book: Workbook, table: TableLayout, rows: int, columns: Sequence[tuple[str, str]]) -> LineChart:
    chart = LineChart()
    for name, colour in columns:
        chart.series.append(_line(book, table, rows, name, colour))
    chart.set_categories(_cells(book, table, table.header.index("Time"), rows))
    # Left automatic, Excel would take the times for whole days and fold the hours of a day into one point.
    chart.x_axis = TextAxis(auto=False, crossAx=100)
    return chart


def _line(
    book: Workbook, table: TableLayout, rows: int, name: str, colour: str, across: str | None = None
) -> SeriesBase:
    """One line without markers; a name that the table does not declare is its first free column."""
    offset = table.header.index(name) if name in table.header else len(table.header)
    called = LEGENDS.get(name)
    values = _cells(book, table, offset, rows, header=called is None)
    places = _cells(book, table, table.header.index(across), rows) if across else None
    series: SeriesBase = Series(values, places, title=called, title_from_data=called is None)
    series.marker = Marker("none")
    series.smooth = False
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=LINE))
    return series


def _final_book(book: Workbook) -> SeriesBase:
    """The book after lots as one point, from the figures beside the weights."""
    summary = TABLES["WeightsSummary"]
    names = [measure.name for measure in summary.measures]
    column = summary.first_column + summary.header.index("Value")
    risk, reward = (
        Reference(book[summary.sheet], min_col=column, min_row=BODY_ROW + names.index(name))
        for name in ("Volatility", "Expected return")
    )
    point: SeriesBase = Series(reward, risk, title="Final book")
    point.marker = Marker("diamond", size=9, spPr=GraphicalProperties(solidFill=AMBER, ln=LineProperties(noFill=True)))
    point.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    return point


def _cells(book: Workbook, table: TableLayout, offset: int, rows: int, *, header: bool = False) -> Reference:
    column = table.first_column + offset
    return Reference(
        book[table.sheet], min_col=column, min_row=HEADER_ROW + (not header), max_row=HEADER_ROW + max(rows, 1)
    )


def _framed(
    chart: AnyChart,
    title: str,
    x: tuple[str, str],
    y: tuple[str, str],
    *,
    legend: bool = True,
    height: float = HEIGHT,
) -> AnyChart:
    """The chart with its title, size, legend and axes (title and number format each), in the desk's quiet look."""
    chart.title = _title(title, 1200, INK, bold=True)
    chart.width, chart.height = WIDTH, height
    for axis, (words, number_format) in ((chart.x_axis, x), (chart.y_axis, y)):
        axis.delete = False
        axis.title = _title(words, 900, SLATE) if words else None
        axis.number_format = number_format
        axis.majorTickMark = axis.minorTickMark = "none"
        axis.tickLblPos = "low"
        axis.txPr = _text(900, SLATE)
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=SLATE, w=HAIR))
    chart.x_axis.majorGridlines = None
    chart.y_axis.majorGridlines = ChartLines(GraphicalProperties(ln=LineProperties(solidFill=GRID, w=HAIR)))
    chart.legend = Legend(legendPos="b", overlay=False, txPr=_text(900, SLATE)) if legend else None
    chart.graphical_properties = GraphicalProperties(solidFill="FFFFFF", ln=LineProperties(solidFill=GRID, w=HAIR))
    chart.display_blanks = "gap"
    chart.roundedCorners = False
    return chart


def _stacked(chart: BarChart) -> BarChart:
    """Bars on top of each other."""
    chart.grouping, chart.overlap = "stacked", 100
    return chart


def _lying(chart: BarChart) -> BarChart:
    """Bars that lie, the first row of the table on top."""
    chart.type = "bar"
    chart.x_axis.scaling.orientation = "maxMin"
    chart.y_axis.crosses, chart.y_axis.tickLblPos = "max", "nextTo"
    return chart


def _title(words: str, size: int, colour: str, *, bold: bool = False) -> Title:
    run = RegularTextRun(t=words, rPr=_font(size, colour, bold=bold))
    title = Title(overlay=False)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=_font(size, colour, bold=bold)), r=[run])
    title.tx = Text(rich=RichText(p=[paragraph]))
    return title


def _text(size: int, colour: str) -> RichText:
    font = _font(size, colour)
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=font), endParaRPr=font)])


def _font(size: int, colour: str, *, bold: bool = False) -> CharacterProperties:
    return CharacterProperties(sz=size, b=bold, solidFill=colour)
