"""How the workbook looks: palette, named cell styles, conditional colours. One place, so a desk can restyle it.

Blue on pale yellow is typed by the analyst, blue on white is loaded by Refresh, black is computed, green links to
another sheet (the colours of FAST and ICAEW's modelling code).
"""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles import Alignment, Border, Color, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import BUILTIN_FORMATS_REVERSE, NumberFormat

from ..layout.fields import COUNT, MONEY, Role, SheetKind

__all__ = [
    "CELL_STYLES",
    "TAB_COLOURS",
    "TRAFFIC_LIGHTS",
    "add_styles",
    "closeness",
    "followed_rules",
    "grey_errors",
    "heat",
    "large_quantities",
    "low_to_high",
    "traffic_rules",
    "verdict_rules",
    "whole_numbers",
]

FONT = "Calibri"
NAVY, INK, SLATE, MIST, HAIRLINE, WHITE = "1F2D3D", "1B1F24", "5B6673", "EDF1F5", "DDE3EA", "FFFFFF"
BLUE, GREEN, PALE_YELLOW = "0000CC", "00703C", "FFFBE6"
GOOD, WARN, BAD = ("DDF2E3", "1E6B3A"), ("FFF0CC", "8A5A00"), ("FBDDD9", "A3261B")

LOW_TO_HIGH = "F3B7AE", "FFFFFF", "8FCBB0"
"""Of a map of figures; the ink on them stays readable."""
LOSS, GAIN, CLOSE = "E58F80", "8CC7B5", "7FA8D1"
"""The deepest colours of a heat map, light enough for black figures to be read on them."""

LARGE = ((10**12, "0.00000E+00;[Red]-0.00000E+00"), (10**7, MONEY))
"""From which quantity on it has no decimals, and from which on a power of ten; the first that fits counts."""

OWN_FORMATS = 300
"""Numbers of formats that no program has of its own and no cell of ours, which count from 164."""

TAB_COLOURS: dict[SheetKind, str] = {"info": "8A94A3", "input": "E9B949", "data": "4A7FC1", "result": "2F8F6B"}

CELL_STYLES: dict[Role | str, str] = {
    "input": "Desk input",
    "data": "Desk data",
    "result": "Desk result",
    "link": "Desk link",
}

TRAFFIC_LIGHTS: dict[str, tuple[str, str]] = {
    "OK": GOOD,
    "ok": GOOD,
    "survives": GOOD,
    "BUY": GOOD,
    "WARN": WARN,
    "margin call": WARN,
    "not run": WARN,
    "Y": WARN,
    "FAIL": BAD,
    "liquidated": BAD,
    "SELL": BAD,
    "differs": BAD,
}
"""Words that colour the cell they stand in, by their exact text; a column says which of them it may hold."""


def add_styles(book: Workbook) -> None:
    """Register the named styles; template code refers to them by name only."""
    hairline = Border(bottom=Side("hair", color=HAIRLINE))
    rule = Border(bottom=Side("thin", color=SLATE))
    middle = Alignment(vertical="center")
    for style in (
        _style("Desk title", Font(FONT, 16, bold=True, color=WHITE), NAVY, middle),
        _style("Desk purpose", Font(FONT, 10, color="C9D3DE"), NAVY, Alignment(vertical="top")),
        _style("Desk status", Font(FONT, 9, color=SLATE), MIST, middle),
        _style(
            "Desk note", Font(FONT, 8, italic=True, color=SLATE), None, Alignment(vertical="bottom", wrap_text=True)
        ),
        _style("Desk unit", Font(FONT, 8, color=SLATE), None, middle),
        _style("Desk header", Font(FONT, 10, bold=True, color=NAVY), MIST, middle, rule),
        _style("Desk group", Font(FONT, 11, bold=True, color=NAVY), None, Alignment(vertical="bottom"), rule),
        _style("Desk text", Font(FONT, 10, color=INK), None, Alignment(vertical="center")),
        _style("Desk input", Font(FONT, 10, color=BLUE), PALE_YELLOW, middle, hairline),
        _style("Desk data", Font(FONT, 10, color=BLUE), None, middle, hairline),
        _style("Desk result", Font(FONT, 10, color=INK), None, middle, hairline),
        _style("Desk link", Font(FONT, 10, color=GREEN), None, middle, hairline),
    ):
        book.add_named_style(style)


def traffic_rules(words: tuple[str, ...]) -> list[Rule]:
    """Conditional formats that colour those of `words` that have a traffic light."""
    return [
        Rule("cellIs", operator="equal", formula=[f'"{word}"'], dxf=_light(TRAFFIC_LIGHTS[word]))
        for word in words
        if word in TRAFFIC_LIGHTS
    ]


def followed_rules(cell: str, words: tuple[str, ...]) -> list[Rule]:
    """Conditional formats that give a cell the traffic light of the word in another `cell`."""
    return [Rule("expression", formula=[f'{cell}="{word}"'], dxf=_light(TRAFFIC_LIGHTS[word])) for word in words]


def verdict_rules(cell: str) -> list[Rule]:
    """Conditional formats of the master check, which counts: red where checks failed, amber where some warn."""
    return [
        Rule("expression", formula=[f'ISNUMBER(SEARCH("{word}",{cell}))'], dxf=_light(colours))
        for word, colours in (("failed", BAD), ("warning", WARN))
    ]


def grey_errors(first_cell: str) -> Rule:
    """A conditional format that greys an error cell; `first_cell` is the top left cell of its range."""
    return Rule(
        "expression",
        formula=[f"ISERROR({first_cell})"],
        dxf=DifferentialStyle(font=Font(color="B5BDC7", italic=True)),
    )


def low_to_high() -> Rule:
    """A conditional format that colours numbers from the lowest over the middle to the highest."""
    low, middle, high = LOW_TO_HIGH
    places = [FormatObject("min"), FormatObject("percentile", 50), FormatObject("max")]
    return Rule("colorScale", colorScale=ColorScale(places, [Color(f"FF{each}") for each in (low, middle, high)]))


def whole_numbers(first_cell: str) -> Rule:
    """A conditional format that shows a count without decimals, among figures that have some.

    What four decimals cannot tell from a whole number is one, but a residual that is nearly nothing is not.
    """
    return Rule(
        "expression",
        formula=[
            f"AND(ISNUMBER({first_cell}),OR({first_cell}=0,AND(ABS({first_cell})>=0.5,"
            f"ABS({first_cell}-ROUND({first_cell},0))<0.00005)))"
        ],
        dxf=DifferentialStyle(numFmt=NumberFormat(BUILTIN_FORMATS_REVERSE[COUNT], COUNT)),
    )


def large_quantities(first_cell: str) -> list[Rule]:
    """Conditional formats of quantities that have no room for decimals, or for all of their digits.

    Without a lot a quantity has decimals however large it is: 20,585,123,456.789123 would stand as ###.
    """
    return [
        Rule(
            "expression",
            formula=[f"AND(ISNUMBER({first_cell}),ABS({first_cell})>={least})"],
            dxf=DifferentialStyle(numFmt=NumberFormat(number, code)),
        )
        for number, (least, code) in enumerate(LARGE, start=OWN_FORMATS)
    ]


def heat() -> Rule:
    """A conditional format that colours losses red and gains green, the larger the deeper, and nothing at nothing."""
    ends = (FormatObject("min"), FormatObject("num", 0), FormatObject("max"))
    return Rule("colorScale", colorScale=ColorScale(ends, [Color(f"FF{each}") for each in (LOSS, WHITE, GAIN)]))


def closeness() -> Rule:
    """A conditional format of correlations: the deeper blue the closer, red for what moves against, white for apart."""
    ends = (FormatObject("num", -1), FormatObject("num", 0), FormatObject("num", 1))
    return Rule("colorScale", colorScale=ColorScale(ends, [Color(f"FF{each}") for each in (LOSS, WHITE, CLOSE)]))


def _light(colours: tuple[str, str]) -> DifferentialStyle:
    """The fill and the ink of a traffic light."""
    fill, ink = colours
    return DifferentialStyle(fill=PatternFill("solid", bgColor=fill), font=Font(color=ink, bold=True))


def _style(name: str, font: Font, fill: str | None, alignment: Alignment, border: Border | None = None) -> NamedStyle:
    style = NamedStyle(name, font=font, alignment=alignment, border=border or Border())
    if fill:
        style.fill = PatternFill("solid", fgColor=fill)
    return style
