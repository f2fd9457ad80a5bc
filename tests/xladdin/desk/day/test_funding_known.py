"""How much of the funding is known stands on Estimates; checks warn of the rest, and of what hardly settled so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.load_panel import load_panel
from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs
from xladdin.desk.read.doubts.funding import doubts_of_funding


def test_the_share_of_the_window_with_funding_is_shown_and_checked(book):
    block = book.table("Funding")
    place = block.index("ETHUSDT")
    rows = [list(row) for row in block.rows]
    for row in rows[:-180]:
        row[place] = None
    book.write_table("Funding", rows, block.header)
    jobs.rebalance(book, NOW)
    estimates, checks = book.table("Estimates"), book.table("Checks")
    known = dict(zip(estimates.column("Symbol"), estimates.column("FundingKnown"), strict=True))
    assert known["BTCUSDT"] == pytest.approx(1.0)
    assert known["ETHUSDT"] == pytest.approx(23 * 8 / 720), "23 settlements of 8 hours in a window of 720"
    row = checks.rows[checks.column("Check").index("Funding is known for the window")]
    assert row[checks.index("Status")] == "WARN"
    assert "ETHUSDT 26%" in row[checks.index("Remedy")]


def retyped(book: MemoryWorkbook, symbol: str, column: np.ndarray) -> None:
    """The funding of one contract as somebody typed it; None where the bar has none."""
    block = book.table("Funding")
    place = block.index(symbol)
    rows = [list(row) for row in block.rows]
    for row, rate in zip(rows, column.tolist(), strict=True):
        row[place] = None if np.isnan(rate) else rate
    book.write_table("Funding", rows, block.header)


def funding_of(book: MemoryWorkbook, symbol: str) -> np.ndarray:
    return np.array([np.nan if rate is None else rate for rate in book.table("Funding").column(symbol)], dtype=float)


def filled_forward(rates: np.ndarray) -> np.ndarray:
    last = np.maximum.accumulate(np.where(np.isfinite(rates), np.arange(len(rates)), 0))
    return rates[last]


def checked(book: MemoryWorkbook) -> tuple[str, str]:
    """Status and remedy of the check, by the job that only checks."""
    jobs.check(book, NOW)
    checks = book.table("Checks")
    row = checks.rows[checks.column("Check").index("Funding is as it settled")]
    return str(row[checks.index("Status")]), str(row[checks.index("Remedy")])


def test_rates_that_are_carried_forward_are_told_with_how_often_they_count(book):
    assert checked(book)[0] == "OK"
    annual = dict(rebalanced(book))
    retyped(book, "ETHUSDT", filled_forward(funding_of(book, "ETHUSDT")))
    report = jobs.rebalance(book, NOW)
    assert any("carried forward" in warning and "ETHUSDT (8 times)" in warning for warning in report.warnings)
    assert dict(rebalanced(book))["ETHUSDT"] == pytest.approx(8 * annual["ETHUSDT"], rel=0.02), "as it stands, said so"
    status, remedy = checked(book)
    assert status == "WARN"
    assert "ETHUSDT (8 times)" in remedy
    assert "BTCUSDT" not in remedy


def rebalanced(book: MemoryWorkbook) -> list[tuple[str, float]]:
    jobs.rebalance(book, NOW)
    estimates = book.table("Estimates")
    return list(zip(estimates.column("Symbol"), estimates.column("FundingAnnual"), strict=True))


def test_rates_in_per_cent_are_told(book):
    retyped(book, "SOLUSDT", 100 * funding_of(book, "SOLUSDT"))
    status, remedy = checked(book)
    assert status == "WARN"
    assert "SOLUSDT (" in remedy
    assert "divide them by 100" in remedy
    assert "ETHUSDT" not in remedy


@pytest.mark.parametrize("rows", [720, 2160])
def test_no_real_month_is_doubted_and_each_is_when_it_is_filled_forward(shared_data, rows):
    panel, _ = load_panel(shared_data / "perp_1h")
    for start in range(0, len(panel.times) - rows, rows):
        month = panel.over(slice(start, start + rows))
        assert list(doubts_of_funding(month)) == []
        moves = [np.unique(rates[np.isfinite(rates)]).size > 1 for rates in month.funding.T]  # else nothing can be seen
        carried = np.apply_along_axis(filled_forward, 0, month.funding)
        (told,) = doubts_of_funding(replace(month, funding=carried))
        assert told.count(" times)") == sum(moves)
