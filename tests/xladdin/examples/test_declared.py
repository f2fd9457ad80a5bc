"""Every function has an example that uses only what it declares, and every figure of an answer has its words."""

from __future__ import annotations

import pytest

from xladdin.catalog import functions
from xladdin.cells import is_error
from xladdin.examples.collected import CATEGORIES, example_of, examples
from xladdin.examples.example import Example
from xladdin.examples.sheets.lines import labels, lines
from xladdin.results import Listing, Portfolios, Table

EVERY = [example for sheet in CATEGORIES for example in examples(sheet)]
GOOD = [example for example in EVERY if not example.slip]
SLIPS = [example for example in EVERY if example.slip]


def name(example: Example) -> str:
    return example.slip or example.function


def test_every_function_has_one_example_in_the_order_of_the_contract() -> None:
    assert [example.function for example in GOOD] == [spec.name for spec in functions()]


def test_an_example_stands_on_the_sheet_of_its_category() -> None:
    for sheet in CATEGORIES:
        assert {example.spec.category for example in examples(sheet)} == {f"Perp {sheet}"}
    assert example_of("PERP_BETA").spec.name == "PERP_BETA"
    assert example_of("PERP_NONE") is None


def test_every_category_that_can_fail_shows_a_mistake_on_purpose() -> None:
    assert {example.spec.category for example in SLIPS} == {spec.category for spec in functions()} - {"Perp Help"}
    assert {example.answer().rows[0][0] for example in SLIPS} >= {"#VALUE!", "#N/A", "#NUM!"}


@pytest.mark.parametrize("example", EVERY, ids=name)
def test_the_inputs_are_arguments_in_the_order_of_the_function(example: Example) -> None:
    arguments = [argument.name for argument in example.spec.args]
    assert list(example.inputs) == [each for each in arguments if each in example.inputs]
    required = {argument.name for argument in example.spec.args if not argument.optional}
    assert required <= set(example.inputs)


@pytest.mark.parametrize("example", GOOD, ids=name)
def test_an_example_has_an_answer_and_no_reason_to_doubt_it(example: Example) -> None:
    rows = example.answer().rows
    assert not is_error(rows[0][0]) or len(rows) > 1
    figures = [cell for row in rows for cell in row]
    assert not {"#VALUE!", "#NUM!"} & {cell for cell in figures if isinstance(cell, str)}


@pytest.mark.parametrize("example", SLIPS, ids=name)
def test_a_slip_is_one_cell_and_has_its_reason(example: Example) -> None:
    answer = example.answer()
    assert len(answer.rows) == len(answer.rows[0]) == 1
    assert len(answer.why) > 20
    assert not answer.why.startswith("No failure")


@pytest.mark.parametrize("example", EVERY, ids=name)
def test_every_figure_of_an_answer_has_its_words_and_no_others(example: Example) -> None:
    answer = example.answer()
    assert list(example.shows) == ([""] if example.slip else labels(example, answer))
    assert all(shown.words.endswith((".", ":")) for shown in example.shows.values())
    told = [line.told for line in lines(example, answer) if line.told is not None]
    by_column = isinstance(example.spec.returns, (Listing, Portfolios)) and not example.slip
    assert len(told) == (0 if by_column else len(example.shows))


@pytest.mark.parametrize("example", GOOD, ids=name)
def test_what_a_vector_is_across_is_named(example: Example) -> None:
    if "" in example.shows and not isinstance(example.spec.returns, Table):
        width = len(example.answer().rows[0])
        assert width == 1 or len(example.across) == width


def test_an_answer_is_asked_anew_and_the_same() -> None:
    assert all(example.answer() == example.answer() for example in EVERY if example.function != "PERP_BETA_FORECAST")
