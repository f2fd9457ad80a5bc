"""A desk of 24 contracts: its pages show twelve and the others, the whole lists stand beside them, both agree."""

from __future__ import annotations

import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries

from tests.synthetic_desk import book_of
from xladdin.books.file_book import FileBook
from xladdin.desk.layout.page_tables import LARGEST
from xladdin.desk.layout.sheets import SHEETS, TABLES
from xladdin.second_opinion.opinion import second_opinion

CONTRACTS = 24


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return book_of(CONTRACTS, tmp_path_factory.mktemp("many") / "desk.xlsx", backtested=False)


@pytest.fixture(scope="module")
def tables(path):
    with FileBook.open(path) as book:
        return {name: book.table(name) for name in TABLES}


@pytest.fixture(scope="module")
def drawn(path):
    return openpyxl.load_workbook(path)


def test_every_contract_stands_in_the_whole_lists(tables):
    symbols = set(tables["Universe"].column("Symbol"))
    assert len(symbols) == CONTRACTS
    for name in ("Estimates", "Weights"):
        assert set(tables[name].column("Symbol")) == symbols
    assert symbols <= set(tables["Frontier"].header)
    assert symbols < set(tables["FrontierPoints"].column("Point"))


@pytest.mark.parametrize("name", ["EstimatesLargest", "WeightsLargest"])
def test_a_page_shows_twelve_and_counts_the_others(tables, name):
    shown = tables[name].column("Symbol")
    assert len(shown) == LARGEST + 1
    assert shown[-1] == f"{CONTRACTS - LARGEST} others"


@pytest.mark.parametrize("column", ["Final", "Current", "Trade", "Notional", "Cost", "InitialMargin"])
def test_a_page_sums_to_the_whole_list(tables, column):
    assert sum(tables["WeightsLargest"].column(column)) == pytest.approx(sum(tables["Weights"].column(column)))


def test_scenarios_stand_by_their_loss_and_each_contract_has_its_part_of_it(tables):
    losses = tables["Stress"].column("TotalPnL")
    assert losses == sorted(losses)
    block = tables["StressMap"]
    assert block.column("Scenario") == tables["Stress"].column("Scenario")
    contracts = block.header[len(TABLES["StressMap"].header) :]
    assert len(contracts) > LARGEST
    for row in block.rows:
        cells = dict(zip(block.header, row, strict=True))
        parts = [cells[name] for name in contracts]
        assert sum(parts) == pytest.approx(cells["InAll"], abs=1e-6)
        assert sum(parts[LARGEST:]) == pytest.approx(cells["Others"], abs=1e-6)
    worst = [min(block.column(name)) for name in contracts]
    assert worst == sorted(worst), "the largest losses first"


def test_funding_is_told_where_it_bites_alone(tables):
    block = tables["StressMap"]
    paid = {name: value for name, value in zip(block.column("Scenario"), block.column("Funding"), strict=True) if value}
    assert list(paid) == ["Funding spike: 3 x 0.30 % in a day"]


def test_the_points_of_the_frontier_are_those_that_the_chart_names(tables):
    points = tables["FrontierPoints"]
    names = points.column("Point")
    assert names[:6] == ["Least risk", "Cash", "Largest Sharpe", "Capital line", "Current book", "Target"]
    sharpes = points.column("Sharpe")
    assert sharpes[2] == pytest.approx(sharpes[3]) == max(tables["Frontier"].column("Sharpe"))
    summary = dict(
        zip(tables["WeightsSummary"].column("Measure"), tables["WeightsSummary"].column("Value"), strict=True)
    )
    assert points.column("Volatility")[5] == summary["Volatility"]
    alone = dict(zip(names, points.column("Return"), strict=True))
    expected = dict(
        zip(tables["Estimates"].column("Symbol"), tables["Estimates"].column("ExpectedReturn"), strict=True)
    )
    assert {name: alone[name] for name in expected} == pytest.approx(expected)


def test_a_waterfall_holds_what_it_may(tables):
    steps = tables["Waterfall"].column("Step")
    assert len(steps) == LARGEST + 3 == TABLES["Waterfall"].most_rows
    assert steps[-2:] == ["Funding", "In all"]
    assert "others" in steps[-3]


def test_the_second_opinion_agrees(path):
    with FileBook.open(path) as book:
        figures = second_opinion(book)
    assert [each for each in figures if each.verdict not in ("agrees", "as good", "not covered")] == []


def test_pages_are_printed_as_they_were_drawn_however_long_the_lists_are(drawn):
    """A print area follows what ends where it ends; a page keeps its own edges."""
    for sheet in SHEETS:
        if sheet.page is not None and sheet.page.last_row is not None:
            assert drawn[sheet.name].print_area.endswith(f"${sheet.page.last_column}${sheet.page.last_row}")
    foot = drawn["Stress"].tables["Stress"].ref.split(":T")[1]
    assert int(foot) > TABLES["Stress"].body_row
    assert drawn["Stress"].print_area.endswith(f"$O${foot}"), "it grows with the table at its foot"


def test_heat_reaches_every_contract(drawn):
    area = next(str(cells.sqref) for cells in drawn["StressMap"].conditional_formatting if "E7" in str(cells.sqref))
    table = drawn["StressMap"].tables["StressMap"].ref
    assert range_boundaries(area)[2] == range_boundaries(table)[2] > LARGEST + len(TABLES["StressMap"].header)


def test_a_chart_of_the_largest_ends_with_the_others(drawn):
    (chart, _) = drawn["Weights"]._charts
    assert {series.val.numRef.f.split("$")[-1] for series in chart.series} == {str(6 + LARGEST + 1)}
