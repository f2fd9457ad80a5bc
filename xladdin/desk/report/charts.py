"""The charts of the page, each drawn from the rows of one table; none where the table is empty or has other columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ...books.workbook import Block, Workbook
from ..layout.fields import MONEY
from ..write.display import shown_value
from .drawing import AMBER, GREY, NAVY, RED, TEAL, Bar, Line, bars, lines, waterfall
from .markup import Element
from .shown import heading_of, worded

__all__ = ["CHARTS", "charts_of"]

Chart = Callable[[Block], Element | None]

MILLION = 1e6


def equity_chart(block: Block) -> Element | None:
    """What became of the first equity, and of the same money in what it is compared with."""
    drawn = _lines(block, {"Policy": NAVY, "Unhedged": TEAL, "EqualWeight": AMBER, "Benchmark": GREY})
    return _over_time("Equity in USDT, after all costs, hypothetical", block, drawn, _money)


def drawdown_chart(block: Block) -> Element | None:
    """How far below its last peak the policy stood."""
    drawn = _lines(block, {"Drawdown": RED})
    return _over_time(
        "Drawdown of the policy: below its last peak", block, drawn, lambda share: f"{share:.0%}", 150, filled=True
    )


def attribution_chart(block: Block) -> Element | None:
    """From part to part to the whole result."""
    return _waterfall("Where the result came from, in USDT, hypothetical", block, "Part")


def stress_chart(block: Block) -> Element | None:
    """Profit or loss of each scenario, funding included."""
    if not {"Scenario", "TotalPnL"} <= set(block.header):
        return None
    pairs = list(zip(block.column("Scenario"), block.column("TotalPnL"), strict=True))
    drawn = [
        Bar(worded(name), 0.0, value, _plain_money(value), TEAL if value >= 0 else RED)
        for name, value in pairs
        if isinstance(value, float)
    ]
    return bars("Profit or loss of the book by scenario, in USDT", drawn) if drawn else None


def liquidation_chart(block: Block) -> Element | None:
    """The worst scenario, contract by contract."""
    return _waterfall("The worst scenario, contract by contract, in USDT", block, "Step")


CHARTS: dict[str, tuple[tuple[str, Chart], ...]] = {
    "Stress": (("Stress", stress_chart),),
    "Liquidation": (("Waterfall", liquidation_chart),),
    "Backtest": (("BacktestPath", equity_chart), ("BacktestPath", drawdown_chart)),
    "Attribution": (("Attribution", attribution_chart),),
}
"""The charts of each sheet, with the table that each is drawn from."""


def charts_of(book: Workbook, sheet: str) -> list[Element]:
    """The charts of a sheet, as far as its tables are filled."""
    found = []
    for name, draw in CHARTS.get(sheet, ()):
        block = book.table(name)
        chart = draw(block) if block.rows else None
        found += [] if chart is None else [chart]
    return found


def _lines(block: Block, colours: dict[str, str]) -> list[Line]:
    """The columns that hold a number anywhere, the first drawn on top."""
    found = [
        Line(heading_of(name), colour, [value if isinstance(value, float) else None for value in block.column(name)])
        for name, colour in colours.items()
        if name in block.header
    ]
    return [line for line in found if any(value is not None for value in line.values)]


def _over_time(
    title: str,
    block: Block,
    drawn: list[Line],
    label: Callable[[float], str],
    height: int = 240,
    *,
    filled: bool = False,
) -> Element | None:
    times = [value for value in block.column("Time") if isinstance(value, datetime)] if "Time" in block.header else []
    if len(times) < 2 or len(times) != len(block.rows) or not drawn:
        return None
    return lines(title, times, drawn, label, height, filled=filled)


def _waterfall(title: str, block: Block, names: str) -> Element | None:
    """A waterfall of the workbook: a row a step, and at last what they come to."""
    if not {names, "PnL"} <= set(block.header):
        return None
    rows = zip(block.column(names), block.column("PnL"), strict=True)
    steps = [(worded(name), money) for name, money in rows if isinstance(money, float)]
    return waterfall(title, steps[:-1], steps[-1], _plain_money) if len(steps) > 1 else None


def _money(value: float) -> str:
    return f"{value / MILLION:,.1f} m" if abs(value) >= MILLION else f"{value:,.0f}"


def _plain_money(value: float) -> str:
    return shown_value(value, MONEY)
