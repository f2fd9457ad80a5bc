"""Charts as drawings inside the page: lines over time, bars that lie, and a waterfall. No script, nothing from outside.

A drawing is as wide as the page and says in its title what it shows; every bar carries its figure in words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime

from core.records import dataclass

from .markup import Element, element
from .scale import date_ticks, power_ticks, round_ticks

__all__ = ["AMBER", "GREY", "NAVY", "RED", "TEAL", "Bar", "Line", "bars", "lines", "waterfall"]

NAVY, TEAL, AMBER, GREY, RED = "#24476B", "#2A9D8F", "#C98A1B", "#8A94A3", "#C4523E"
INK, SLATE, RULE = "#1F2D3D", "#5B6673", "#DDE3EA"

WIDTH = 720
LEFT, RIGHT, TOP, BOTTOM = 64, 14, 30, 26
"""Room around a chart of lines: for the labels of its axes, and above for the legend."""

NAMES, FIGURES, ROW, THICK = 226, 92, 22, 13
"""Of lying bars: room for their names and figures, the height of a row and of a bar in it."""

TENFOLD = 10.0
LONGEST_NAME = 38
"""Letters that the room for names holds."""

Label = Callable[[float], str]


@dataclass(frozen=True)
class Line:
    """One line: its name, its colour, and its values, None where there is none."""

    name: str
    colour: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    """One lying bar from `start` to `end`, with its name and the figure beside it."""

    name: str
    start: float
    end: float
    figure: str
    colour: str


def lines(
    title: str,
    times: Sequence[datetime],
    drawn: Sequence[Line],
    label: Label,
    height: int,
    *,
    filled: bool = False,
) -> Element:
    """Lines over time, `filled` down from zero where depth is what counts.

    What grows beyond tenfold is drawn on a logarithmic scale, on which equal shares are equal lengths, and it is said.
    """
    values = [value for line in drawn for value in line.values if value is not None]
    by_powers = min(values) > 0 and max(values) > TENFOLD * min(values)
    ticks = power_ticks(min(values), max(values)) if by_powers else round_ticks(min(values), max(values))
    measured: Callable[[float], float] = math.log10 if by_powers else float
    lowest, highest = measured(ticks[0]), measured(ticks[-1])
    bottom, top = height - BOTTOM, TOP
    seconds = [(moment - times[0]).total_seconds() for moment in times]
    span = seconds[-1] or 1.0

    def across(second: float) -> float:
        return LEFT + second / span * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return bottom - (measured(value) - lowest) / (highest - lowest) * (bottom - top)

    parts = [*_legend(drawn)]
    for tick in ticks:
        parts += [
            _rule(LEFT, up(tick), WIDTH - RIGHT, up(tick)),
            _text(LEFT - 8, up(tick) + 4, label(tick), anchor="end"),
        ]
    for moment, name in date_ticks(times[0], times[-1]):
        x = across((moment - times[0]).total_seconds())
        if x < WIDTH - RIGHT - 12:
            parts += [_rule(x, bottom, x, bottom + 4), _text(x, bottom + 18, name)]
    for line in reversed(drawn):
        for stretch in _stretches(seconds, line.values):
            points = [(across(second), up(value)) for second, value in stretch]
            if filled:
                zero = up(min(max(0.0, ticks[0]), ticks[-1]))
                outline = [(points[0][0], zero), *points, (points[-1][0], zero)]
                parts.append(element("polygon", points=_points(outline), fill=line.colour, fill_opacity="0.16"))
            parts.append(
                element("polyline", points=_points(points), fill="none", stroke=line.colour, stroke_width="1.6")
            )
    return _drawing(f"{title}, logarithmic scale" if by_powers else title, height, parts)


def bars(title: str, drawn: Sequence[Bar]) -> Element:
    """Bars that lie, the first on top, about a common zero; a waterfall where they do not begin there."""
    ends = [value for bar in drawn for value in (bar.start, bar.end)]
    low, high = min(*ends, 0.0), max(*ends, 0.0)
    span = (high - low) or 1.0
    height = len(drawn) * ROW + 12

    def across(value: float) -> float:
        return NAMES + (value - low) / span * (WIDTH - NAMES - FIGURES)

    parts = [_rule(across(0.0), 4, across(0.0), height - 6)]
    for row, bar in enumerate(drawn):
        middle = 8 + row * ROW + ROW / 2
        left, right = sorted((across(bar.start), across(bar.end)))
        parts += [
            _text(NAMES - 10, middle + 4, _cut(bar.name, LONGEST_NAME), anchor="end", colour=INK),
            element(
                "rect",
                x=f"{left:.1f}",
                y=f"{middle - THICK / 2:.1f}",
                width=f"{max(right - left, 0.8):.1f}",
                height=THICK,
                fill=bar.colour,
            ),
            _text(right + 6, middle + 4, bar.figure, anchor="start", colour=INK),
        ]
    return _drawing(title, height, parts)


def waterfall(title: str, steps: Sequence[tuple[str, float]], whole: tuple[str, float], label: Label) -> Element:
    """Steps that each begin where the last one ended, and at the end the whole, from zero."""
    drawn, reached = [], 0.0
    for name, change in steps:
        drawn.append(Bar(name, reached, reached + change, label(change), TEAL if change >= 0 else RED))
        reached += change
    name, total = whole
    return bars(title, [*drawn, Bar(name, 0.0, total, label(total), NAVY)])


def _drawing(title: str, height: float, parts: Sequence[Element]) -> Element:
    """The drawing in its frame; what it shows stands above it and is told to readers of the screen."""
    picture = element(
        "svg",
        element("title", title),
        parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height:g}",
        role="img",
        font_size="11",
    )
    return element("figure", element("figcaption", title), picture)


def _legend(drawn: Sequence[Line]) -> list[Element]:
    """The names of several lines above them; one line needs none."""
    if len(drawn) < 2:
        return []
    parts, x = [], float(LEFT)
    for line in drawn:
        parts += [
            element("rect", x=f"{x:.0f}", y="8", width="14", height="3", fill=line.colour),
            _text(x + 20, 14, line.name, anchor="start", colour=INK),
        ]
        x += 20 + 6.4 * len(line.name) + 22
    return parts


def _stretches(seconds: Sequence[float], values: Sequence[float | None]) -> list[list[tuple[float, float]]]:
    """The stretches of a line without a gap."""
    found: list[list[tuple[float, float]]] = [[]]
    for second, value in zip(seconds, values, strict=True):
        if value is not None:
            found[-1].append((second, value))
        elif found[-1]:
            found.append([])
    return [stretch for stretch in found if stretch]


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _rule(x1: float, y1: float, x2: float, y2: float) -> Element:
    return element("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", stroke=RULE)


def _text(x: float, y: float, words: str, anchor: str = "middle", colour: str = SLATE) -> Element:
    return element("text", words, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor, fill=colour)


def _cut(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
