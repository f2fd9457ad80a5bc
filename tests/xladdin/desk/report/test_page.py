"""The report: sound HTML with nothing from outside, every figure that of the workbook, nothing empty unexplained."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from xladdin.desk.layout.settings import SETTINGS
from xladdin.desk.layout.sheets import SHEETS, TABLES, tables_on
from xladdin.desk.report.page import report_page
from xladdin.desk.report.sections import LEFT_OUT, SECTIONS
from xladdin.desk.report.shown import heading_of
from xladdin.desk.write.display import shown_value


def rows_of(tree, name):
    """The rows of a table, as texts by column."""
    table = tree.find(f".//table[@id='{name}']")
    names = ["".join(cell.itertext()) for cell in table.find("thead/tr")]
    return [
        dict(zip(names, ("".join(cell.itertext()) for cell in row), strict=True)) for row in table.findall("tbody/tr")
    ]


def text_of(tree):
    return " ".join("".join(tree.itertext()).split())


SHOWN = [
    table
    for section in SECTIONS
    for name in section.sheets
    for table in TABLES.values()
    if table.sheet == name and table.name not in LEFT_OUT and f"{table.name}Largest" not in TABLES
]


@pytest.mark.parametrize("table", SHOWN, ids=lambda table: table.name)
def test_every_figure_is_that_of_the_table(day, page_of, table):
    block, tree = day.table(table.name), page_of(day)
    if not block.rows:
        return
    formats = {each.name: each.format for beside in tables_on(table.sheet) for each in beside.measures}
    shown = rows_of(tree, table.name)
    assert len(shown) == len(block.rows)
    assert len(shown[0]) >= 2
    for row, told in zip(block.rows, shown, strict=True):
        for heading, words in told.items():
            column = next(each for each in table.columns if heading_of(each.name) == heading)
            value = row[block.index(column.name)]
            expected = {shown_value(value, column.format)}
            expected |= {shown_value(value, formats[word]) for word in map(str, row[:2]) if word in formats}
            assert words in expected


def test_every_result_table_is_shown_drawn_or_left_out_for_a_reason():
    results = {
        table.name
        for table in TABLES.values()
        if next(each for each in SHEETS if each.name == table.sheet).waiting and table.name not in LEFT_OUT
    }
    results -= {name.removesuffix("Largest") for name in results if name.endswith("Largest")}
    assert results == {table.name for table in SHOWN}


def test_a_desk_without_a_table_of_the_largest_shows_the_whole_one(day, desk_content, page_of):
    _, cells = desk_content
    older = MemoryWorkbook([day.table(name) for name in TABLES if name != "WeightsLargest"], cells)
    assert len(rows_of(page_of(older), "Weights")) == len(day.table("Weights").rows)


def test_the_page_needs_nothing_from_outside_and_runs_nothing(day):
    page = report_page(day, NOW).decode()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(
        r"<(script|link|img|iframe|object|embed|base|form)\b|\bsrc=|\bhref=|url\(|@import|\bon\w+=", page
    )
    assert set(re.findall(r"https?://[^\"' <]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in page


def test_the_same_desk_gives_the_same_page_at_the_same_time(day):
    assert report_page(day, NOW) == report_page(day, NOW)


def test_stamp_settings_basis_and_log(day, page_of):
    tree = page_of(day)
    words = text_of(tree)
    for row in day.table("Runs").rows:
        runs = day.table("Runs")
        assert str(row[runs.index("InputsHash")]) in words
    assert "Hypothetical, not traded." in words
    assert "at the close at which they were decided" in words
    assert "fee 5 bp" in words
    assert "what was delisted is not in the history" in words
    for setting in SETTINGS:
        assert setting.label in words
        assert setting.note in words
    assert "each contract stands on its own rows" in words  # what rebalance said of missing returns
    assert "seed" in words


def test_what_has_not_run_is_said(book, page_of):
    words = text_of(page_of(book))
    assert "No job has run on this desk." in words
    assert "Checks: not run" in words
    for job in ("Backtest", "Rebalance", "Hedge", "Stress", "Check"):
        assert f"Not run: {job} has not run on this desk." in words


HOSTILE = "</td><script>alert(1)</script><img src=x onerror=y> & \"'\x07\u202e\x00 ="


def test_the_text_of_cells_is_data(worked, page_of):
    stress, checks, runs = (worked.table(name) for name in ("Stress", "Checks", "Runs"))
    for block, column in ((stress, "Scenario"), (checks, "Remedy"), (runs, "Warnings")):
        rows = [list(row) for row in block.rows]
        rows[0][block.index(column)] = HOSTILE
        worked.write_table(block.name, rows)
    worked.write_value("DataSource", HOSTILE)
    worked.name = f"{HOSTILE}.xlsx"
    page = report_page(worked, NOW).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert not set("\x07\u202e\x00") & set(page)
    tree = page_of(worked)
    assert rows_of(tree, "Stress")[0]["Scenario"].startswith("</td><script>alert(1)</script>")
    assert "</td><script>alert(1)</script>" in tree.find(".//title").text


def test_a_check_that_fails_colours_the_head(worked, page_of):
    checks = worked.table("Checks")
    rows = [list(row) for row in checks.rows]
    rows[0][checks.index("Status")] = "FAIL"
    worked.write_table("Checks", rows)
    mark = page_of(worked).find(".//header/span")
    assert mark.get("class") == "master status bad"
    assert mark.text.startswith(f"Checks: {len(rows)}, 1 failed")


def test_only_what_differs_of_the_second_opinion_is_shown(worked, page_of):
    verification = worked.table("Verification")
    row = dict.fromkeys(verification.header)
    agreeing = row | {"Figure": "Weights.Final", "Verdict": "agrees", "Cells": 8.0}
    differing = row | {"Figure": "Stress.PnL", "Verdict": "differs", "Cells": 13.0}
    worked.write_table("Verification", [list(each.values()) for each in (differing, agreeing)])
    tree = page_of(worked)
    assert "by other means: 1 differs, 1 agrees." in text_of(tree)
    assert tree.find(".//header/span").get("class") == "master status bad"
    assert "Stress.PnL" in text_of(tree)
    assert "Weights.Final" not in text_of(tree)


def test_a_long_log_shows_its_end(worked, page_of):
    row = list(worked.table("Runs").rows[0])
    worked.append_rows("Runs", [row] * 40)
    assert "The latest 30 of 46 runs" in text_of(page_of(worked))


def test_drawings_say_what_they_show(day):
    tree = etree.fromstring(report_page(day, NOW), etree.HTMLParser(encoding="utf-8"))
    drawn = tree.findall(".//svg")
    assert len(drawn) == 5
    for drawing in drawn:
        assert drawing.get("role") == "img"
        assert drawing.find("title").text == drawing.getparent().find("figcaption").text
