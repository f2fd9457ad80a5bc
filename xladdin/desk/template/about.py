"""The About sheet: what the desk is, its five steps, its signs, where its guide is, its colours, a link a sheet."""

from __future__ import annotations

from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from ...version import __version__
from ..layout.sheets import HEADER_ROW, SHEETS
from .styles import CELL_STYLES

__all__ = ["write_about"]

PURPOSE = (
    "PerpDesk estimates beta, volatility and expected return of perpetual futures, chooses a book inside your limits,",
    "hedges it to a target beta and tries it against falls of the market. Funding, lots, fees and margin always count.",
)

STEPS = (
    ("1  Fill in", "Universe, Limits, Settings, Scenarios: every blue cell on yellow is yours.", "Universe"),
    ("2  Refresh", "Load closes and funding of the contracts from files.", "Prices"),
    ("3  Rebalance", "Estimate, optimise, round to lots: target weights and the orders that lead there.", "Weights"),
    (
        "4  Hedge, Stress",
        "Bring beta and factors to their targets; see what each scenario does, who is liquidated first, what would do.",
        "Stress",
    ),
    ("5  Check", "The master check says OK, or counts: read what warns before you trade, mend what failed.", "Checks"),
)

SIGNS = (
    ("Quantity", "Positive = long, negative = short. A trade above zero is a buy."),
    (
        "Funding rate",
        "Positive = longs pay shorts. Funding in a result is positive when the book pays, unless the column says P&L.",
    ),
    ("Weight", "Notional / equity. Weights need not sum to 1: cash is the collateral."),
    ("Rates", "Decimals shown as percent; returns and volatilities a year of 365 days unless the unit says otherwise."),
    ("Blank", "A blank price is a missing bar: its returns are left out, never read as zero."),
    ("Time", "UTC, the close of the bar."),
)

GUIDE = (
    ("Open it", "Help on the ribbon, or in Calc's menu PerpDesk; among PerpDesk's files it is the folder docs."),
    ("Begin", "docs/start.md, five minutes on the sample; docs/day.md, the desk's day; docs/files.md, what is read."),
    (
        "Look up",
        "docs/settings.md, sheets.md, limits.md (each with its formula), functions.md, checks.md, glossary.md.",
    ),
    ("Trust", "docs/methods; docs/limits-of-the-models.md, what no figure tells; docs/verification.md, who checked."),
)

COLOURS = (
    ("input", "Input", "Typed by you; validated, with a note when the cell is selected."),
    ("data", "Data", "Loaded by Refresh."),
    ("result", "Result", "Written by a job or computed by a formula."),
    ("link", "Link", "Taken from another sheet."),
)

WIDTHS = {"B": 18, "C": 90, "D": 11, "E": 3, "F": 18, "G": 88, "H": 8}


def write_about(worksheet: Worksheet) -> None:
    """Fill the sheet, from the heading band down."""
    for letter, width in WIDTHS.items():
        worksheet.column_dimensions[letter].width = width
    row = _heading(worksheet, 4, "What it is")
    for line in PURPOSE:
        worksheet.cell(row, 2, line).style = "Desk text"
        row += 1
    row = _heading(worksheet, row, "Five steps")
    for step, words, target in STEPS:
        worksheet.cell(row, 2, step).style = "Desk text"
        worksheet.cell(row, 3, words).style = "Desk text"
        _link(worksheet, row, 4, target)
        row += 1
    row = _heading(worksheet, row, "Signs and units")
    for name, words in SIGNS:
        worksheet.cell(row, 2, name).style = "Desk text"
        worksheet.cell(row, 3, words).style = "Desk text"
        row += 1
    row = _heading(worksheet, row, "Guide")
    for name, words in GUIDE:
        worksheet.cell(row, 2, name).style = "Desk text"
        worksheet.cell(row, 3, words).style = "Desk text"
        row += 1
    row = _heading(worksheet, row, "Colours")
    for kind, name, words in COLOURS:
        worksheet.cell(row, 2, name).style = CELL_STYLES[kind]
        worksheet.cell(row, 3, words).style = "Desk text"
        row += 1
    row = _heading(worksheet, row, "Version")
    worksheet.cell(row, 2, "PerpDesk").style = "Desk text"
    worksheet.cell(row, 3, __version__).style = "Desk text"
    _write_sheets(worksheet)


def _write_sheets(worksheet: Worksheet) -> None:
    """Right of all that, a link to each sheet with its purpose."""
    row = _heading(worksheet, 4, "Sheets", first=6)
    for sheet in SHEETS[1:]:
        _link(worksheet, row, 6, sheet.name)
        worksheet.cell(row, 7, sheet.purpose).style = "Desk text"
        worksheet.cell(row, 8, sheet.kind).style = "Desk unit"
        row += 1


def _heading(worksheet: Worksheet, row: int, words: str, *, first: int = 2) -> int:
    """A group heading over three columns; returns the row after it."""
    for number in range(first, first + 3):
        worksheet.cell(row + 1, number).style = "Desk group"
    worksheet.cell(row + 1, first).value = words
    return row + 2


def _link(worksheet: Worksheet, row: int, column: int, sheet: str) -> None:
    cell = worksheet.cell(row, column, sheet)
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{sheet}'!B{HEADER_ROW}", display=sheet)
    cell.style = "Desk link"
