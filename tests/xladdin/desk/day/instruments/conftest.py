"""The sample desk that looks at what it holds (60 BTC, 900 ETH, 12,000 SOL), with rows on the sheet Hedges."""

from __future__ import annotations

from datetime import datetime

import pytest

from xladdin.desk.day import stressing
from xladdin.desk.layout.sheets import TABLES

SPOT = {"Instrument": "BTC spot", "Kind": "spot", "Underlying": "BTCUSDT", "FeeBps": 10.0, "CarryAnnual": 0.05}
PERP = {"Instrument": "BTC perp elsewhere", "Kind": "perp", "Underlying": "BTCUSDT", "FeeBps": 6.0}
PUT = {
    **{"Instrument": "BTC put", "Kind": "option", "Underlying": "BTCUSDT", "FeeBps": 4.0, "Strike": 60_000.0},
    **{"Expiry": datetime(2025, 5, 1), "OptionType": "put", "ImpliedVol": 0.55},
}
USDC = {"Instrument": "USDC", "Kind": "stablecoin", "FeeBps": 1.0, "CarryAnnual": -0.04}


@pytest.fixture(autouse=True)
def few_days(monkeypatch):
    monkeypatch.setattr(stressing, "SIMULATED_DAYS", 300)


@pytest.fixture
def desk_with(book, edit):
    """Rows of Hedges by heading, each of which may be traded unless it says N; and cells of Settings."""

    def typed(*instruments, **settings):
        edit("BookBasis", "current")
        for name, value in settings.items():
            edit(name, value)
        rows = [[{"Hedge": "Y", **each}.get(name) for name in TABLES["Hedges"].header] for each in instruments]
        book.write_table("Hedges", rows)
        return book

    return typed


def of(book, table, row, column):
    """A figure by the name of its row."""
    block = book.table(table)
    return block.column(column)[block.column(block.header[0]).index(row)]
