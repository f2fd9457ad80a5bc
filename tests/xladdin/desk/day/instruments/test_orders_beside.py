"""Orders tells what Hedge trades beside the contracts of Universe, which a list of these does not have."""

from __future__ import annotations

import pytest

from tests.xladdin.desk.conftest import NOW
from tests.xladdin.desk.day.instruments.conftest import PUT, SPOT, of
from xladdin.desk import jobs
from xladdin.second_opinion.opinion import second_opinion


@pytest.mark.parametrize("basis", ["current", "target"])
def test_instruments_that_are_traded_too_are_counted_and_named(desk_with, edit, basis):
    book = desk_with(PUT, {**SPOT, "Hedge": "N"}, HedgeHorizonDays=1.0, BookBasis=basis)
    for row in range(2):
        edit("Universe", row, "TakerFeeBps", 900.0)
    if basis == "target":
        jobs.rebalance(book, NOW)
    report = jobs.hedge(book, NOW)
    assert of(book, "HedgeChoice", "BTC put", "Trade") > 0
    assert of(book, "OrdersSummary", "Beside this list", "Value") == 1
    assert any("trade BTC put of Hedges too" in said for said in report.warnings)
    assert "BTC put" not in book.table("Orders").column("Symbol")
    wrong = [each.name for each in second_opinion(book) if each.verdict == "differs"]
    assert [name for name in wrong if name.startswith("Order")] == []


def test_without_any_nothing_stands_beside(desk_with):
    book = desk_with()
    report = jobs.hedge(book, NOW)
    assert of(book, "OrdersSummary", "Beside this list", "Value") == 0
    assert not any("of Hedges too" in said for said in report.warnings)
