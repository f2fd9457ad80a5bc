"""LibreOffice computes the workbook of examples from scratch: each formula is what Python says, each check passes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from core.numeric.compiled import loops
from tests.calc_office import Document, Office
from tests.source_tree import ROOT
from xladdin import call
from xladdin.cells import is_error
from xladdin.examples.collected import CATEGORIES, examples
from xladdin.examples.sheets.build import EXAMPLES_FILE
from xladdin.reasons import WHICH_CELL

pytestmark = pytest.mark.calc

WORKBOOK = ROOT / "workbooks" / EXAMPLES_FILE
RELATIVE, ABSOLUTE = 1e-12, 1e-15


@pytest.fixture(scope="module")
def document(calc_office: Office) -> Iterator[Document]:
    opened = calc_office.open(WORKBOOK)
    opened.recalculate()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def values(document: Document) -> dict[str, list[list[Any]]]:
    return {sheet: cells for sheet, (cells, _) in document.everything().items()}


@pytest.fixture(scope="module")
def book() -> Workbook:
    return openpyxl.load_workbook(WORKBOOK)


def formulas(book: Workbook) -> Iterator[tuple[str, str, str]]:
    """Sheet, range and text of each formula of ours that reads cells or nothing."""
    for worksheet in book:
        for row in worksheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, ArrayFormula) and cell.value.text.startswith("=PERP_"):
                    yield worksheet.title, cell.value.ref, cell.value.text


def block(rows: list[list[Any]], area: str) -> list[list[Any]]:
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    return [row[left - 1 : right] for row in rows[top - 1 : bottom]]


def sent(book: Workbook, sheet: str, argument: str) -> Any:
    """The cells of an argument as a spreadsheet sends them, read from the file."""
    if not argument:
        return None
    if "$" not in argument:
        return float(argument)
    place, _, area = argument.rpartition("!")
    left, top, right, bottom = range_boundaries(area.replace("$", ""))
    worksheet = book[place or sheet]
    cells = worksheet.iter_rows(top, bottom, left, right, values_only=True)
    rows = [tuple(float(cell) if type(cell) is int else cell for cell in row) for row in cells]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def answers(monkeypatch: pytest.MonkeyPatch, name: str, cells: list[Any]) -> Iterator[Any]:
    """What Python says by numpy, then by compiled loops: Calc's worker has those once it has lived for a while."""
    for there in (False, True):
        monkeypatch.setattr(loops, "there", there)
        yield call(name, *cells)


def shows(cells: list[list[Any]], answer: Any) -> bool:
    """Whether a range shows an answer, all of it and nothing else."""
    rows = answer if isinstance(answer, list) else [[answer]]
    return [list(row) for row in cells] == [
        [pytest.approx(each, RELATIVE, ABSOLUTE) if isinstance(each, float) else each for each in row] for row in rows
    ]


def test_every_formula_shows_what_python_says(
    book: Workbook, values: dict[str, list[list[Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    count, wrong = 0, {}
    for sheet, area, text in formulas(book):
        name, _, arguments = text.lstrip("=").rstrip(")").partition("(")
        if name == "PERP_WHY":
            assert block(values[sheet], area) == [[WHICH_CELL]]
            continue
        cells = [sent(book, sheet, each) for each in arguments.split(",") if arguments]
        shown = block(values[sheet], area)
        if not any(shows(shown, answer) for answer in answers(monkeypatch, name, cells)):
            wrong[f"{sheet}!{area} {text}"] = (shown, call(name, *cells))
        count += 1
    assert wrong == {}
    assert count >= sum(len(examples(sheet)) for sheet in CATEGORIES)


def test_every_check_passes(values: dict[str, list[list[Any]]]) -> None:
    verdicts = [row[3] for row in values["Contents"] if str(row[1]).startswith("PERP_")]
    assert verdicts == ["OK"] * sum(len(examples(sheet)) for sheet in CATEGORIES)
    assert {cells[2][1] for cells in values.values()} == {"OK"}


def test_an_error_stands_only_where_one_is_expected(book: Workbook, values: dict[str, list[list[Any]]]) -> None:
    expected = set()
    for sheet, area, text in formulas(book):
        name, _, arguments = text.lstrip("=").rstrip(")").partition("(")
        answer = call(name, *(sent(book, sheet, each) for each in arguments.split(",") if arguments))
        left, top, _, _ = range_boundaries(area)
        rows = answer if isinstance(answer, list) else [[answer]]
        expected |= {
            (sheet, top + down, left + across)
            for down, row in enumerate(rows)
            for across, cell in enumerate(row)
            if is_error(cell)
        }
    errors = {
        (sheet, row, column)
        for sheet, cells in values.items()
        for row, line in enumerate(cells, start=1)
        for column, cell in enumerate(line, start=1)
        if isinstance(cell, str) and (is_error(cell) or cell.startswith("Err:"))
    }
    words = {place for place in errors if _typed(book, *place)}
    assert errors - words == expected


def _typed(book: Workbook, sheet: str, row: int, column: int) -> bool:
    """Whether a cell holds the name of an error as a word, as where it says what must be."""
    return isinstance(book[sheet].cell(row, column).value, str)


def test_a_changed_input_shows_in_its_check_and_in_the_master_check(calc_office: Office, tmp_path: Path) -> None:
    copy = tmp_path / "Beispiele für Übung.xlsx"
    copy.write_bytes(WORKBOOK.read_bytes())
    document = calc_office.open(copy)
    sheet = document.everything()["Beta"][0]
    row = next(number for number, line in enumerate(sheet, start=1) if line[1] == "betas")
    document.write("Beta", f"D{row}", [[1.4000001]])
    cells = document.everything()
    assert cells["Sizing"][0][2][1] == "1 failed"
    assert [line[9] for line in cells["Beta"][0] if line[1] == "PERP_BETA_PORTFOLIO"] == ["differs"]
    document.close()


def test_each_mistake_is_told_by_why(calc_office: Office) -> None:
    """In cells of their own, one after the other: Calc has no reason for each cell, PERP_WHY() knows the last call."""
    document = calc_office.new()
    slips = [example for sheet in CATEGORIES for example in examples(sheet) if example.slip]
    for number, example in enumerate(slips):
        name, places, row = f"Slip {number}", [], 1
        document.add_sheet(name)
        for given in example.arguments():
            if given is None:
                places.append("")
                continue
            document.write(name, f"A{row}", given.rows)
            last = f"{get_column_letter(len(given.rows[0]))}{row + len(given.rows) - 1}"
            places.append(last if last == f"A{row}" else f"A{row}:{last}")
            row += len(given.rows)
        answer = example.answer()
        shown = document.formula(name, "J1", f"={example.function}({';'.join(places)})")
        assert shown == (answer.rows[0][0] if isinstance(shown, str) else pytest.approx(answer.rows[0][0], rel=1e-12))
        assert document.formula(name, "J2", "=PERP_WHY()") == answer.why
    document.close()
