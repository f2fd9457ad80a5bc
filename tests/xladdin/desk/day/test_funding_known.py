"""How much of the funding is known stands on Estimates, and a check warns of the rest."""

from __future__ import annotations

import pytest

from tests.xladdin.desk.conftest import NOW
from xladdin.desk import jobs


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
