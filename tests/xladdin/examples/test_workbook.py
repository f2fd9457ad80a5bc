"""The workbook of examples as a file: links that lead somewhere, nothing hidden, formulas that fill whole ranges."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from xladdin.examples.collected import CATEGORIES
from xladdin.examples.past import HISTORIES
from xladdin.examples.sheets.build import build_examples


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path: Path = tmp_path_factory.mktemp("examples") / "Examples.xlsx"
    build_examples(path, "functions.html#{name}")
    return openpyxl.load_workbook(path)


def test_the_sheets_are_contents_categories_and_histories_and_none_is_hidden(book: Workbook) -> None:
    assert book.sheetnames == ["Contents", *CATEGORIES, *HISTORIES]
    assert {worksheet.sheet_state for worksheet in book} == {"visible"}
    assert not [key for sheet in book for key, column in sheet.column_dimensions.items() if column.hidden]
    assert all(worksheet.freeze_panes and worksheet.print_title_rows for worksheet in book)


def test_links_lead_to_sheets_that_exist_and_to_the_guide_of_the_function(book: Workbook) -> None:
    links = [cell.hyperlink for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert {link.location.split("!")[0].strip("'") for link in links if link.location} == {*CATEGORIES, *HISTORIES}
    guides = {link.display: link.target for link in links if link.target}
    assert guides["Guide: PERP_BETA"] == "functions.html#perp_beta"


def test_every_call_is_an_array_formula_over_the_whole_answer(book: Workbook) -> None:
    for worksheet in book:
        for row in worksheet.iter_rows():
            for cell in row:
                text = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                if cell.data_type == "f" and "PERP_" in re.sub('"[^"]*"', "", str(text)):
                    assert isinstance(cell.value, ArrayFormula), f"{worksheet.title}!{cell.coordinate}"
                if cell.data_type == "s" and str(text).startswith("="):
                    assert cell.quotePrefix, "words that begin with = stay words when a person edits them"
