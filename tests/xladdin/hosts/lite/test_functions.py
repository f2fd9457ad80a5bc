"""Cells of xlwings Lite show what `xladdin.call` says: its own code for custom functions calls ours.

That code is under a licence for noncommercial use; it is installed for development and shipped nowhere (`lite_host`).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import xladdin
from tests.lite_host import JsNull, called, described, main_module
from tests.source_tree import ROOT
from xladdin import cells
from xladdin.catalog import functions
from xladdin.examples.collected import CATEGORIES, examples
from xladdin.examples.example import Asked
from xladdin.hosts.lite.functions import ERROR_TYPES, answer
from xladdin.kinds import Choice

TEXT_OF = {kind: text for text, kind in ERROR_TYPES.items()}

RECORDED = ("test_answers_portfolio", "test_answers_sizing", "test_answers_margin", "test_bad_input")
"""Files of tests of functions whose calls are sent: numbers, texts, blocks, blanks, and what is wrong with them."""


@pytest.fixture(scope="module")
def module() -> ModuleType:
    return main_module()


def as_sent(value: Any) -> Any:
    """An argument as Office.js sends it: always rows; a blank cell is null, an error an object."""
    if value is None:
        return None
    rows = value if isinstance(value, tuple) else ((value,),)
    return [[_cell(each) for each in row] for row in rows]


def _cell(value: Any) -> Any:
    if (error := cells.is_error(value)) is not None:
        return {"type": "Error", "basicValue": error, "errorType": ERROR_TYPES.get(error, "Other")}
    if value is None:
        return JsNull()
    if isinstance(value, str | bool):
        return value
    return float(value) if not hasattr(value, "year") else cells.excel_serial(value)


def scalars(module: ModuleType, name: str, args: list[Any]) -> list[Any]:
    """Excel sends a cell of a dropdown without its brackets."""
    spec = getattr(module, name).__xlfunc__["args"]
    return [
        arg[0][0] if arg is not None and "enum" in told["options"] and len(arg) == len(arg[0]) == 1 else arg
        for arg, told in zip(args, spec, strict=False)
    ]


def shown(answered: list[list[Any]]) -> list[list[Any]]:
    return [[TEXT_OF[each["errorType"]] if isinstance(each, dict) else each for each in row] for row in answered]


def sendable(args: tuple[Any, ...]) -> bool:
    """A sheet has no infinite number, and no NaN."""
    flat = [cell for arg in args for row in (arg if isinstance(arg, tuple) else ((arg,),)) for cell in row]
    return all(not isinstance(cell, float) or np.isfinite(cell) for cell in flat)


def test_what_the_tests_of_the_functions_ask_is_answered_alike(module: ModuleType, tmp_path: Path) -> None:
    files = [f"tests/xladdin/functions/{name}.py" for name in RECORDED]
    record = tmp_path / "calls.pickle"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.wine.recorder", *files]
    recording = {**os.environ, "PERPDESK_RECORD": str(record)}
    run = subprocess.run(command, cwd=ROOT, env=recording, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    calls = [each for each in pickle.loads(record.read_bytes()) if sendable(each[1])]
    assert len(calls) > 300
    for name, args, _ in calls:
        expected = xladdin.call(name, *args)
        sent = scalars(module, name, [as_sent(arg) for arg in args])
        rows = expected if isinstance(expected, list) else [[expected]]
        assert shown(called(module, name, *sent)) == rows, (name, args)


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_example_is_answered_as_it_says(module: ModuleType, category: str) -> None:
    for example in examples(category):
        if any(isinstance(given, Asked) for given in example.inputs.values()):
            continue
        args = [None if given is None else as_sent(given.rows) for given in example.arguments()]
        answered = called(module, example.function, *scalars(module, example.function, args))
        assert tuple(map(tuple, shown(answered))) == example.answer().rows, example


def test_every_function_of_the_catalogue_is_told_with_arguments_help_and_choices(module: ModuleType) -> None:
    told = described(module)
    by_name = {each["name"]: each for each in told["functions"]}
    choices = {each["id"]: [value["stringValue"] for value in each["values"]] for each in told["enums"]}
    assert list(by_name) == sorted(spec.name for spec in functions())
    for spec in functions():
        each = by_name[spec.name]
        assert each["description"] == spec.summary
        assert each["options"]["requiresAddress"]
        assert [(p["name"], p["description"], p.get("optional", False)) for p in each["parameters"]] == [
            (argument.name, argument.help, argument.optional) for argument in spec.args
        ]
        for argument, parameter in zip(spec.args, each["parameters"], strict=True):
            if isinstance(argument.kind, Choice):
                assert choices[parameter["customEnumId"]] == list(argument.kind.options)


def test_an_error_cell_in_place_of_a_choice_is_refused_and_not_read_as_left_out(module: ModuleType) -> None:
    returns = [[0.01], [0.02], [-0.01], [0.03]]
    error = {"type": "Error", "basicValue": "#N/A", "errorType": "NotAvailable"}
    assert called(module, "PERP_BETA", returns, returns, error) == [[{"type": "Error", "errorType": "Value"}]]
    assert called(module, "PERP_WHY") == [["method shows #N/A; mend that cell first"]]


@pytest.mark.parametrize("cell", ["$C$3", "C3", "'My Sheet'!$C$3", "[Book 1.xlsx]My Sheet!$C$3"])
def test_why_completes_an_address_from_the_cell_that_asks(module: ModuleType, cell: str) -> None:
    called(module, "PERP_VOL", [["x"]], caller="[Book 1.xlsx]'My Sheet'!C3")
    called(module, "PERP_VOL", [[2.0]], caller="[Book 1.xlsx]Other!C3")
    [[reason]] = called(module, "PERP_WHY", [[cell]], caller="[Book 1.xlsx]'My Sheet'!D9")
    assert reason == "returns holds no number; select the cells that hold it"


@pytest.mark.parametrize(
    "held", [{"type": "Error", "basicValue": "#VALUE!", "errorType": "Value"}, 1.5, "a sentence", True]
)
def test_why_says_how_to_ask_where_it_is_handed_what_a_cell_holds(module: ModuleType, held: Any) -> None:
    [[said]] = called(module, "PERP_WHY", [[held]])
    assert 'PERP_WHY(CELL("address",B21))' in said


def test_a_call_without_a_calling_cell_is_answered_too(module: ModuleType) -> None:
    assert called(module, "PERP_BETA_PORTFOLIO", [[0.5, 0.5]], [[1.0, 1.4]], caller=None) == [[1.2]]


def test_an_error_inside_a_block_is_an_error_there(module: ModuleType) -> None:
    rows = called(module, "PERP_RETURNS", [[100.0], [JsNull()], [110.0], [121.0]])
    assert [row[0] if isinstance(row[0], dict) else round(row[0], 9) for row in rows] == [
        *[{"type": "Error", "errorType": "NotAvailable"}] * 2,
        0.1,
    ]


@pytest.mark.parametrize("odd", [{}, {"type": "Entity"}, [], [[]], [{}], object(), [["#BUSY!"]], [[None]]])
def test_nothing_that_is_sent_raises(odd: Any) -> None:
    [[shown]] = answer("PERP_VOL", None, odd)
    assert shown in ({"type": "Error", "errorType": "Value"}, {"type": "Error", "errorType": "NotAvailable"})
