"""The first sheet: how to use an example, the functions with their links and verdicts, and the tolerances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openpyxl.worksheet.worksheet import Worksheet

from ...desk.layout.fields import RESIDUAL
from ...desk.layout.sheets import NOTE_ROW
from ...desk.template.styles import traffic_rules
from ..example import Example
from ..past import HISTORIES
from .block import Drawn
from .places import link, put

__all__ = ["Place", "draw_contents", "master_check"]

Place = tuple[Example, Drawn]

WIDTHS = {"B": 30.0, "C": 112.0, "D": 18.0}
USE = (
    "Copy the cells of an answer to your own sheet, or retype its formula there; point its arguments at your cells.",
    "Blue on yellow is yours to change: the answer follows, and its check then says that it differs from what it was.",
    "A block is one array formula: select as many cells as it shall fill, type it, and end with Ctrl+Shift+Enter.",
    'Calc hands no block with #N/A from one function to the next: blank it there, as in IFERROR(PERP_RETURNS(...),"").',
    "Without PerpDesk in the spreadsheet program the answers show #NAME?; what they must be stands there all the same.",
)


def draw_contents(
    worksheet: Worksheet, places: Mapping[str, Sequence[Place]], tolerances: Sequence[tuple[str, float]]
) -> tuple[list[str], list[str]]:
    """Fill the sheet below its band; returns the cells of the tolerances and those of the verdicts."""
    for letter, width in WIDTHS.items():
        worksheet.column_dimensions[letter].width = width
    row = _group(worksheet, NOTE_ROW, "How to use it")
    for line in USE:
        put(worksheet, row, 2, line, "Desk text")
        row += 1
    cells = []
    row = _group(worksheet, row, "How far an answer may be from what it must be")
    for words, value in tolerances:
        put(worksheet, row, 2, "Tolerance", "Desk text")
        put(worksheet, row, 3, words, "Desk text")
        put(worksheet, row, 4, value, "Desk input", "right").number_format = RESIDUAL
        cells.append(f"$D${row}")
        row += 1
    verdicts = []
    for sheet, examples in places.items():
        row = _group(worksheet, row, "", sheet)
        for example, drawn in examples:
            target = f"'{sheet}'!B{drawn.top}"
            link(worksheet, row, 2, example.function, target)
            words = f"Mistake on purpose: {example.slip[0].lower()}{example.slip[1:]}." if example.slip else ""
            put(worksheet, row, 3, words or example.spec.summary, "Desk unit" if words else "Desk text")
            put(worksheet, row, 4, f"='{sheet}'!{drawn.verdict}", "Desk link")
            verdicts.append(f"$D${row}")
            row += 1
    for rule in traffic_rules(("OK", "differs")):
        worksheet.conditional_formatting.add(f"D{NOTE_ROW}:D{row}", rule)
    row = _group(worksheet, row, "Histories that the examples read")
    for sheet, words in HISTORIES.items():
        link(worksheet, row, 2, sheet, f"'{sheet}'!B{NOTE_ROW}")
        put(worksheet, row, 3, words, "Desk text")
        row += 1
    return cells, verdicts


def master_check(sheet: str, verdicts: Sequence[str]) -> str:
    """What the band of every sheet shows: OK, or how many examples differ, or that nothing answers."""
    area = f"{sheet}!{verdicts[0]}:{verdicts[-1]}"
    return (
        f'=IF(COUNTIF({area},"add-in not loaded")>0,"add-in not loaded",'
        f'IF(COUNTIF({area},"OK")={len(verdicts)},"OK",{len(verdicts)}-COUNTIF({area},"OK")&" failed"))'
    )


def _group(worksheet: Worksheet, row: int, words: str, sheet: str = "") -> int:
    """A group heading below one low row, a link where it is a sheet's; returns the row after it."""
    worksheet.row_dimensions[row].height = 10
    for column in range(2, 5):
        worksheet.cell(row + 1, column).style = "Desk group"
    worksheet.row_dimensions[row + 1].height = 20
    if sheet:
        link(worksheet, row + 1, 2, sheet, f"'{sheet}'!B{NOTE_ROW}").style = "Desk group"
    else:
        put(worksheet, row + 1, 2, words, "Desk group")
    return row + 2
