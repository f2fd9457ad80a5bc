"""What stands beside the jobs in the pane: the script that writes examples, and the one that enters formulas again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.lite_host import remote_book, script, server
from xladdin.catalog import functions
from xladdin.desk.layout.sheets import SHEETS, TABLES
from xladdin.examples.collected import example_of
from xladdin.hosts.lite import scripts

BLANK = {
    "client": "Office.js",
    "version": "0",
    "book": {"name": "Book1.xlsx", "active_sheet_index": 0, "selection": "A1"},
    "names": [],
}


def blank_book() -> Any:
    return remote_book({**BLANK, "sheets": [{"name": "Sheet1", "values": [[]], "pictures": [], "tables": []}]})


def test_the_pane_has_a_script_for_every_job_and_words_for_each() -> None:
    told = {each["name"]: each for each in server.custom_scripts_meta(scripts)}
    assert list(told) == ["Check", "Connect formulas", "Example", "Hedge", "Rebalance", "Refresh", "Stress", "Why?"]
    for each in told.values():
        assert getattr(scripts, each["function_name"]).__doc__.endswith(".") or "show #NAME?" in each["name"]
    assert set(told["Rebalance"]["include"].split(",")) == {table.sheet for table in TABLES.values()} | {"Settings"}
    assert {each.name for each in SHEETS} - set(scripts.DESK) == {"About", "Monitor"}


@pytest.mark.parametrize("name", [spec.name for spec in functions()])
def test_every_function_writes_its_example_with_a_formula_over_the_cells_it_wrote(name: str) -> None:
    actions = script(scripts, "example", blank_book(), name)
    assert actions[0]["func"] == "addSheet"
    *_, answer = (each for each in actions if each["func"] == "setFormula")
    formula = answer["values"][0][0]
    assert formula.startswith(f"={name}(")
    written = [cell for each in actions if each["func"] == "setValues" for row in each["values"] for cell in row]
    shown = example_of(name)
    assert shown is not None
    for given in shown.inputs.values():
        for cell in (cell for row in given.rows for cell in row if isinstance(cell, float)):
            assert cell in written or "PERP_WHY" in formula


def test_an_example_never_goes_over_a_sheet() -> None:
    book = blank_book()
    script(scripts, "example", book, "PERP_VOL")
    before = len(book.json()["actions"])
    script(scripts, "example", book, "PERP_VOL")
    [only] = book.json()["actions"][before:]
    assert "there is a sheet 'PERP_VOL' already" in only["args"][0]


class Cells:
    """Cells of a workbook that is asked cell by cell, as only the add-in itself can be."""

    def __init__(self, formulas: Any, row: int, column: int, entered: dict[tuple[int, int], str]) -> None:
        self.formulas, self.row, self.column, self._entered = formulas, row, column, entered

    async def get_formula(self) -> Any:
        return self.formulas

    formula = property(fset=lambda self, text: self._entered.update({(self.row, self.column): text}))


class Sheet:
    def __init__(self, formulas: Any) -> None:
        self.entered: dict[tuple[int, int], str] = {}
        self._formulas = formulas

    async def get_used_range(self) -> Cells:
        return Cells(self._formulas, 3, 2, self.entered)

    def range(self, cell: tuple[int, int]) -> Cells:
        return Cells(None, *cell, self.entered)


class Book:
    def __init__(self, *sheets: Sheet) -> None:
        self.sheets, self.app, self.said = sheets, self, ""

    def alert(self, message: str, title: str) -> None:
        self.said = message


def test_every_formula_with_a_function_of_ours_is_entered_again_and_no_other() -> None:
    rows = (
        ("=PERP_VOL(A1:A9)", "=SUM(A1)", "PERP_VOL(A1)", 3.0),
        ("=_xldudf_PERP_BETA(A1,B1)+_xldudf_PERP_VOL(A1)", "", None, ""),
    )
    many, one, none = Sheet(rows), Sheet("=PERP_VERSION()"), Sheet("")
    book = Book(many, one, none)
    asyncio.run(scripts.connect_formulas.__wrapped__(book))
    assert many.entered == {(3, 2): "=PERP_VOL(A1:A9)", (4, 2): "=PERP_BETA(A1,B1)+PERP_VOL(A1)"}
    assert one.entered == {(3, 2): "=PERP_VERSION()"}
    assert none.entered == {}
    assert book.said == "3 formulas with functions of PerpDesk were entered once more"
