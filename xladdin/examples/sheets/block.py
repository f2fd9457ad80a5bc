"""One example on its sheet: what the function does, what goes in, the formula, the answer and what it must be."""

from __future__ import annotations

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from core.records import dataclass

from ...desk.template.styles import grey_errors, traffic_rules
from ...reasons import WHICH_CELL
from ...results import Listing, Portfolios, Table
from ..example import Answer, Asked, Example, Input
from ..looks import Given
from ..past import Past
from .lines import Line, lines
from .places import (
    EXPECTED_COLUMN,
    LABEL_COLUMN,
    LAST_COLUMN,
    ROOM_BESIDE,
    UNIT_COLUMN,
    VALUE_COLUMN,
    WORDS_COLUMN,
    link,
    put,
    raise_row,
)
from .verdict import verdict, verdict_of_reason

__all__ = ["Drawn", "draw_example"]

NOTE_HEIGHT = 40
LONG_TEXT = 40
"""Letters of an answer beside which nothing else has room."""


@dataclass(frozen=True)
class Drawn:
    """Where an example stands: its first row, the cells of the answer, its verdict, and the row after it."""

    top: int
    answer: str
    verdict: str
    end: int


def draw_example(worksheet: Worksheet, top: int, example: Example, guide: str) -> Drawn:
    """Draw an example from row `top` on; `guide` is where its function is explained."""
    answer = example.answer()
    for column in range(LABEL_COLUMN, LAST_COLUMN + 1):
        worksheet.cell(top, column).style = "Desk group"
    worksheet.row_dimensions[top].height = 22
    put(worksheet, top, LABEL_COLUMN, example.function, "Desk group")
    put(worksheet, top, VALUE_COLUMN, example.slip or None, "Desk group")
    link(worksheet, top, WORDS_COLUMN, f"Guide: {example.function}", guide)
    words = example.shows[""].words if example.slip else example.spec.summary
    put(worksheet, top + 1, LABEL_COLUMN, words, "Desk text")
    formula_row = top + 2
    row, places = _draw_inputs(worksheet, top + 3, example)
    formula = f"={example.function}({','.join(places)})"
    put(worksheet, formula_row, LABEL_COLUMN, "Formula", "Desk unit")
    shown = put(worksheet, formula_row, VALUE_COLUMN, formula, "Desk text")
    shown.data_type, shown.quotePrefix = "s", True
    if example.source:
        put(worksheet, row, LABEL_COLUMN, "Source of the figures", "Desk unit")
        put(worksheet, row, VALUE_COLUMN, example.source, "Desk text")
        row += 1
    live, expected, row = _draw_answer(worksheet, row, example, answer, formula)
    why: tuple[str, ...] = ()
    if example.slip:
        why = _draw_reason(worksheet, row - 1, live.partition(":")[0], answer.why)
        row += 1
    cell = f"{get_column_letter(UNIT_COLUMN)}{top}"
    of_reason = any(isinstance(given, Asked) for given in example.inputs.values())
    check = verdict_of_reason(live, expected) if of_reason else verdict(live, expected, why)
    _draw_verdict(worksheet, cell, ArrayFormula(cell, check) if ":" in live else check)
    return Drawn(top, live, cell, row)


def _draw_inputs(worksheet: Worksheet, row: int, example: Example) -> tuple[int, list[str]]:
    """The inputs below their heading; returns the row after them, and what stands for each in the formula."""
    arguments = example.arguments()
    if not arguments:
        return row, []
    _heading(worksheet, row, "Input", ())
    row += 1
    places = []
    for argument, given in zip(example.spec.args, arguments, strict=False):
        if given is None:
            places.append("")
            continue
        heads = given.heads if isinstance(given, Given) else ()
        if len(given.rows[0]) == len(example.across) > 1 and not isinstance(given, Past):
            heads = heads or (example.across if argument is example.spec.args[0] else ())
        if heads:
            for offset, head in enumerate(heads):
                put(worksheet, row, VALUE_COLUMN + offset, head, "Desk unit", "right")
            row += 1
        put(worksheet, row, LABEL_COLUMN, argument.name, "Desk text")
        put(worksheet, row, WORDS_COLUMN, argument.help, "Desk text")
        raise_row(worksheet, row, argument.help)
        places.append(_draw_input(worksheet, row, given))
        row += 1 if isinstance(given, Past) else len(given.rows)
    return row, places


def _draw_input(worksheet: Worksheet, row: int, given: Input) -> str:
    """The cells of one input; returns where they stand."""
    if isinstance(given, Past):
        link(worksheet, row, VALUE_COLUMN, given.words, given.cells.replace("$", ""))
        return given.cells
    letter = get_column_letter(VALUE_COLUMN)
    if isinstance(given, Asked):
        here = f"{letter}{row}"
        put(worksheet, row, VALUE_COLUMN, ArrayFormula(here, given.formula), "Desk result", "right")
        return f"${letter}${row}"
    assert isinstance(given, Given)
    put(worksheet, row, UNIT_COLUMN, given.unit, "Desk unit")
    for down, cells in enumerate(given.rows):
        for across, (value, look) in enumerate(zip(cells, given.formats, strict=True)):
            side = "left" if isinstance(value, str) and len(given.rows) == 1 else "right"
            cell = put(worksheet, row + down, VALUE_COLUMN + across, value, "Desk input", side)
            cell.number_format = look
    last = f"${get_column_letter(VALUE_COLUMN + len(given.formats) - 1)}${row + len(given.rows) - 1}"
    first = f"${letter}${row}"
    return first if first == last else f"{first}:{last}"


def _draw_answer(
    worksheet: Worksheet, row: int, example: Example, answer: Answer, formula: str
) -> tuple[str, str, int]:
    """The live answer and what is expected; returns the cells of both and the row after them."""
    told = lines(example, answer)
    width = len(answer.rows[0])
    tabular = isinstance(example.spec.returns, Table) and not example.slip
    long_text = any(isinstance(cell, str) and len(cell) > LONG_TEXT for cell in answer.rows[0])
    beside = width <= ROOM_BESIDE and not long_text
    named = not ("" in example.shows and width < ROOM_BESIDE)
    column = LABEL_COLUMN if named else VALUE_COLUMN
    by_column = isinstance(example.spec.returns, (Listing, Portfolios)) and not example.slip
    _heading(worksheet, row, "Answer", () if named or example.slip else example.across[:width], told=not by_column)
    if beside:
        put(worksheet, row, EXPECTED_COLUMN, "Must be", "Desk header", "right")
    if named and "" in example.shows:
        row += 1
        for offset, head in enumerate(example.across):
            put(worksheet, row, column + offset, head, "Desk unit", "right" if offset else "left")
    row += 1
    if by_column:
        _draw_notes(worksheet, row, example, answer, column)
        row += 2
    first, last = row, row + len(told) - 1
    live = _area(first, column, last, column + width - 1)
    _draw_lines(worksheet, first, column, told, words=True)
    corner = worksheet.cell(first, column)
    corner.value = ArrayFormula(live, formula)
    skipped = int(tabular)
    if beside:
        _draw_lines(worksheet, first, EXPECTED_COLUMN, told, skipped=skipped)
        expected = _area(first, EXPECTED_COLUMN, last, EXPECTED_COLUMN + width - skipped - 1)
        compared = _area(first, column + skipped, last, column + width - 1)
    else:
        _heading(worksheet, last + 1, "Must be", (), told=False)
        first, last = last + 2, last + 1 + len(told)
        _draw_lines(worksheet, first, column, told)
        expected, compared = _area(first, column, last, column + width - 1), live
    worksheet.conditional_formatting.add(live, grey_errors(live.partition(":")[0]))
    return (live if example.slip else compared), expected, last + 1


def _draw_lines(
    worksheet: Worksheet, row: int, column: int, told: list[Line], *, skipped: int = 0, words: bool = False
) -> None:
    """The rows of an answer; the live one gets its formats, units and words, the expected one its figures."""
    for down, line in enumerate(told):
        for across, (value, look) in enumerate(zip(line.cells[skipped:], line.looks[skipped:], strict=True)):
            text = isinstance(value, str) and not value.startswith("#")
            label = across == 0 and not skipped and (text or column == LABEL_COLUMN)
            style = "Desk unit" if line.heading else "Desk result"
            shown = None if words else value
            cell = put(worksheet, row + down, column + across, shown, style, "left" if label else "right")
            cell.number_format = look.format
        if words and line.told is not None:
            put(worksheet, row + down, UNIT_COLUMN, line.told.look.unit or None, "Desk unit")
            put(worksheet, row + down, WORDS_COLUMN, line.told.words, "Desk text")
            raise_row(worksheet, row + down, line.told.words)


def _draw_notes(worksheet: Worksheet, row: int, example: Example, answer: Answer, column: int) -> None:
    """What each column of a list means, and its unit, above its heading."""
    worksheet.row_dimensions[row].height = NOTE_HEIGHT
    for offset, name in enumerate(answer.rows[0]):
        shown = example.shows[str(name)]
        side = "right" if offset else "left"
        note = put(worksheet, row, column + offset, shown.words, "Desk note", side)
        note.alignment = Alignment(side, "bottom", wrap_text=True)
        put(worksheet, row + 1, column + offset, shown.look.unit or None, "Desk unit", side)


def _draw_reason(worksheet: Worksheet, row: int, cell: str, sentence: str) -> tuple[str, str]:
    """What PERP_WHY says of the answer, and below it what it must say; returns the two cells."""
    letter = get_column_letter(WORDS_COLUMN)
    live, expected = f"{letter}{row}", f"{letter}{row + 1}"
    put(worksheet, row - 1, UNIT_COLUMN, "PERP_WHY", "Desk header")
    put(worksheet, row - 1, WORDS_COLUMN, "Reason", "Desk header")
    put(worksheet, row, UNIT_COLUMN, "says", "Desk unit")
    put(worksheet, row + 1, UNIT_COLUMN, "must say", "Desk unit")
    put(worksheet, row, WORDS_COLUMN, ArrayFormula(live, _asking(cell)), "Desk result")
    put(worksheet, row + 1, WORDS_COLUMN, sentence, "Desk result")
    for each in (row, row + 1):
        raise_row(worksheet, each, sentence)
    return live, expected


def _asking(cell: str) -> str:
    """The formula that asks PERP_WHY of a cell; Calc hands no error on to it, and the cell says so."""
    return f'=IFERROR(PERP_WHY({cell}),"{WHICH_CELL}")'


def _draw_verdict(worksheet: Worksheet, cell: str, formula: str | ArrayFormula) -> None:
    put(worksheet, worksheet[cell].row, UNIT_COLUMN, formula, "Desk group")
    for rule in traffic_rules(("OK", "differs")):
        worksheet.conditional_formatting.add(cell, rule)


def _heading(worksheet: Worksheet, row: int, words: str, heads: tuple[str, ...], *, told: bool = True) -> None:
    """A heading over the whole width: what follows, the columns of values; unit and meaning where they are told."""
    for column in range(LABEL_COLUMN, LAST_COLUMN + 1):
        worksheet.cell(row, column).style = "Desk header"
    put(worksheet, row, LABEL_COLUMN, words, "Desk header")
    for offset, head in enumerate(heads):
        put(worksheet, row, VALUE_COLUMN + offset, head, "Desk header", "right")
    if told:
        put(worksheet, row, UNIT_COLUMN, "Unit", "Desk header")
        put(worksheet, row, WORDS_COLUMN, "Meaning", "Desk header")


def _area(top: int, left: int, bottom: int, right: int) -> str:
    first, last = f"{get_column_letter(left)}{top}", f"{get_column_letter(right)}{bottom}"
    return first if first == last else f"{first}:{last}"
