"""The parts that the desk's charts are made of: bars, lines and points bound to a table, in the desk's quiet look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines, TextAxis
from openpyxl.chart.data_source import StrRef
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import Legend
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import Series as SeriesBase
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties, RegularTextRun
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from core.records import dataclass

from ..layout.fields import TableLayout

__all__ = [
    "AMBER",
    "GREY",
    "INK",
    "LINE",
    "NAVY",
    "RED",
    "SKY",
    "TEAL",
    "AnyChart",
    "Chart",
    "Dot",
    "bars",
    "cells",
    "clear",
    "framed",
    "line",
    "lying",
    "over_time",
    "point",
    "points",
    "stacked",
]

Chart = BarChart | LineChart | ScatterChart
AnyChart = TypeVar("AnyChart", BarChart, LineChart, ScatterChart)

NAVY, TEAL, AMBER, GREY, RED, SKY = "24476B", "2A9D8F", "E0A030", "A9B2BE", "C4523E", "7FB3D5"
INK, SLATE, GRID = "1F2D3D", "5B6673", "E3E8EE"

WIDTH, HEIGHT = 17.0, 8.6
"""Centimetres."""


@dataclass(frozen=True)
class Dot:
    """How a point is marked."""

    colour: str
    symbol: Literal["circle", "diamond", "square", "triangle"]
    size: int
    label: Literal["r", "l", "t", "b"] = "r"
    """Where its name stands: right, left, above, below."""


HAIR, LINE = 6350, 19050
"""Widths of lines: half a point and a point and a half."""


def bars(
    book: Workbook, table: TableLayout, rows: int, categories: str, columns: Sequence[tuple[str, str]]
) -> BarChart:
    """Standing bars, a group for each row."""
    chart = BarChart(gapWidth=70, overlap=-5)
    chart.type = "col"
    for name, colour in columns:
        series = Series(cells(book, table, table.header.index(name), rows, header=True), title_from_data=True)
        series.graphicalProperties = GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))
        series.invertIfNegative = False
        chart.series.append(series)
    chart.set_categories(cells(book, table, table.header.index(categories), rows))
    return chart


def over_time(
    book: Workbook, table: TableLayout, rows: int, columns: Sequence[tuple[str, str]], legends: Mapping[str, str]
) -> LineChart:
    """Lines over the column Time; `legends` say what a column is called where its heading does not do."""
    chart = LineChart()
    for name, colour in columns:
        chart.series.append(line(book, table, rows, name, colour, called=legends.get(name)))
    chart.set_categories(cells(book, table, table.header.index("Time"), rows))
    # Left automatic, Excel would take the times for whole days and fold the hours of a day into one point.
    chart.x_axis = TextAxis(auto=False, crossAx=100)
    return chart


def line(
    book: Workbook,
    table: TableLayout,
    rows: int,
    name: str,
    colour: str,
    across: str | None = None,
    called: str | None = None,
) -> SeriesBase:
    """One line without markers, named by its heading unless it is `called` something else."""
    offset = table.header.index(name)
    values = cells(book, table, offset, rows, header=called is None)
    places = cells(book, table, table.header.index(across), rows) if across else None
    series: SeriesBase = Series(values, places, title=called, title_from_data=called is None)
    series.marker = Marker("none")
    series.smooth = False
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=colour, w=LINE))
    return series


def points(book: Workbook, table: TableLayout, rows: int, where: tuple[str, str], colour: str) -> SeriesBase:
    """Each row of a table as a small dot; `where` names the columns across and up."""
    across, up = (cells(book, table, table.header.index(name), rows) for name in where)
    return _scattered(up, across, Dot(colour, "circle", 4))


def point(book: Workbook, table: TableLayout, row: int, where: tuple[str, str], dot: Dot) -> SeriesBase:
    """One row of a table (0 = first) as a point that bears the name in the first column."""
    sheet, at = book[table.sheet], table.body_row + row
    across, up = (Reference(sheet, min_col=table.first_column + table.header.index(each), min_row=at) for each in where)
    series = _scattered(up, across, dot)
    series.tx = SeriesLabel(strRef=StrRef(f=f"'{table.sheet}'!${get_column_letter(table.first_column)}${at}"))
    series.dLbls = DataLabelList(
        dLblPos=dot.label, txPr=_text(900 if dot.size > 6 else 800, INK if dot.size > 6 else SLATE), showSerName=True
    )
    for other in ("showVal", "showLegendKey", "showCatName", "showPercent", "showBubbleSize"):
        setattr(series.dLbls, other, False)
    return series


def _scattered(up: Reference, across: Reference, dot: Dot) -> SeriesBase:
    series: SeriesBase = Series(up, across)
    series.marker = Marker(dot.symbol, size=dot.size, spPr=_filled(dot.colour))
    series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    return series


def _filled(colour: str) -> GraphicalProperties:
    return GraphicalProperties(solidFill=colour, ln=LineProperties(noFill=True))


def cells(book: Workbook, table: TableLayout, offset: int, rows: int, *, header: bool = False) -> Reference:
    """The body of a column (0 = first), with its heading where that names a series."""
    column = table.first_column + offset
    top = table.header_row
    return Reference(book[table.sheet], min_col=column, min_row=top + (not header), max_row=top + max(rows, 1))


def framed(
    chart: AnyChart,
    title: str,
    x: tuple[str, str],
    y: tuple[str, str],
    *,
    legend: bool = True,
    height: float = HEIGHT,
    width: float = WIDTH,
) -> AnyChart:
    """The chart with its title, size, legend and axes (title and number format each), in the desk's quiet look."""
    chart.title = _title(title, 1200, INK, bold=True)
    chart.width, chart.height = float(width), float(height)  # type: ignore[assignment]
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


def stacked(chart: BarChart) -> BarChart:
    """Bars on top of each other."""
    chart.grouping, chart.overlap = "stacked", 100
    return chart


def clear(chart: BarChart) -> BarChart:
    """The first of its series unseen: it only carries the others."""
    chart.series[0].graphicalProperties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    return chart


def lying(chart: BarChart) -> BarChart:
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
