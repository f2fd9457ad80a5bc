"""`perpdesk orders`: what it tells, what it hands out, and what it keeps back."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from tests.xladdin.hosts.command_line.conftest import after_day, built, built_day, desk, run
from xladdin.books.file_book import FileBook
from xladdin.desk.write.ordered.upload import UPLOAD

__all__ = ["after_day", "built", "built_day", "desk", "run"]


def typed_in(path, table, row, column, value):
    with FileBook.open(path) as book:
        block = book.table(table)
        rows = [list(cells) for cells in block.rows]
        rows[row][block.index(column)] = value
        book.write_table(table, rows)
        book.commit()


def table(path, name):
    with FileBook.open(path) as book:
        return book.table(name)


def test_the_rows_are_those_of_the_sheet_in_the_words_of_a_venue(run, built_day):
    code, out, _ = run("orders", built_day, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    orders = table(built_day, "Orders")
    assert code == 0
    assert tuple(rows[0]) == UPLOAD
    for name, heading in (("symbol", "Symbol"), ("side", "Side")):
        assert [row[name] for row in rows] == orders.column(heading)
    for name, heading in (("quantity", "Contracts"), ("price", "LimitPrice")):
        assert [float(row[name]) for row in rows] == pytest.approx(orders.column(heading), rel=1e-12)
        assert all(re.fullmatch(r"\d+(\.\d*[1-9])?", row[name]) for row in rows)
    assert [row["reduceOnly"] == "true" for row in rows] == [flag == "Y" for flag in orders.column("ReduceOnly")]
    assert {(row["type"], row["timeInForce"]) for row in rows} == {("LIMIT", "GTC")}
    ids = [row["newClientOrderId"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]{1,32}", each) for each in ids)
    assert run("orders", built_day, "--csv")[1] == out, "an order that is sent twice has the same id"


def test_a_file_is_written_once_and_replaced_only_by_force(run, built_day, tmp_path):
    file = tmp_path / "send.csv"
    code, out, _ = run("orders", built_day, "--out", file)
    first = file.read_bytes()
    assert code == 0
    assert "none was sent" in out
    code, _, said = run("orders", built_day, "--out", file)
    assert code == 1
    assert "send.csv exists" in said
    file.write_text("mine")
    assert run("orders", built_day, "--out", file, "--force")[0] == 0
    assert file.read_bytes() == first
    assert (tmp_path / "send.csv.bak").read_text() == "mine"
    assert "end it in .csv" in run("orders", built_day, "--out", tmp_path / "send.xlsx")[2]
    assert "leave out --json" in run("orders", built_day, "--out", file, "--json")[2]


def test_the_workbook_stays_as_it_is(run, built_day):
    before = built_day.read_bytes()
    for words in ([], ["--json"], ["--csv"]):
        assert run("orders", built_day, *words)[0] == 0
    assert built_day.read_bytes() == before


def test_orders_that_would_be_traded_twice_are_kept_back(run, built_day, tmp_path):
    typed_in(built_day, "Universe", 0, "Position", 1.0)
    code, out, said = run("orders", built_day, "--csv")
    assert (code, out) == (1, "")
    assert "would be traded twice" in said
    assert "--anyway" in said
    assert run("orders", built_day, "--out", tmp_path / "no.csv")[0] == 1
    assert not (tmp_path / "no.csv").exists()
    code, out, said = run("orders", built_day, "--csv", "--anyway")
    assert code == 0
    assert out.startswith("symbol,side")
    assert "would be traded twice" in said
    code, out, _ = run("orders", built_day)
    assert code == 1
    assert "would be traded twice" in out


def test_positions_of_the_desk_that_the_results_come_from_count_too(run, desk):
    assert run("day", desk, "-q")[0] == 0
    results = desk.with_name("desk.results.xlsx")
    assert run("orders", results, "--csv")[0] == 0
    typed_in(desk, "Universe", 0, "Position", 1.0)
    code, out, said = run("orders", results, "--csv")
    assert (code, out) == (1, "")
    assert "desk.xlsx holds other positions than these orders start from (BTCUSDT)" in said


def test_a_desk_without_a_day_says_where_orders_may_be(run, desk):
    code, _, said = run("orders", desk)
    assert code == 1
    assert "no job has ordered anything in it; run Rebalance, then Hedge" in said


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Side", "=1+1", "is no side of an order"),
        ("Contracts", None, "no size or price"),
        ("LimitPrice", -1.0, "no size"),
    ],
)
def test_an_order_that_was_spoilt_by_hand_is_refused_by_its_cell(run, built_day, column, value, said):
    typed_in(built_day, "Orders", 0, column, value)
    code, out, told = run("orders", built_day, "--csv", "--anyway")
    assert (code, out) == (1, "")
    assert said in told
    assert "Orders!" in told


def test_a_symbol_that_looks_like_a_formula_is_made_safe(run, built_day):
    typed_in(built_day, "Orders", 0, "Symbol", "=HYPERLINK(1)")
    out = run("orders", built_day, "--csv", "--anyway")[1]
    assert out.splitlines()[1].startswith("'=HYPERLINK(1),")


def test_programs_get_the_list_its_sums_and_what_to_send(run, built_day):
    said = json.loads(run("orders", built_day, "--json")[1])
    assert said["passed"] is True
    assert [row["symbol"] for row in said["upload"]] == [row["Symbol"] for row in said["tables"]["Orders"]]
    assert {row["Measure"] for row in said["tables"]["OrdersSummary"]} >= {"Fee", "Left out as dust"}
