"""Stress of desks drawn by chance (kinds, margins, stops, tiers, overlays, shocks) agrees with its second opinion."""

from __future__ import annotations

import random

import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.xladdin.desk.conftest import NOW
from xladdin.books.workbook import CellValue, Workbook
from xladdin.desk import jobs
from xladdin.desk.day import stressing
from xladdin.second_opinion.opinion import second_opinion


def drawn(content, seed: int) -> Workbook:
    """The sample desk with positions of all kinds, larger than it is used to."""
    book, dice = MemoryWorkbook(*content), random.Random(seed)
    universe, scenarios = book.table("Universe"), book.table("Scenarios")
    rows = [dict(zip(universe.header, row, strict=True)) for row in universe.rows]
    for row in rows:
        row.update(_contract(dice, float(str(row["Price"]))))
    book.write_table("Universe", [[row[name] for name in universe.header] for row in rows])
    shocks = [dict(zip(scenarios.header, row, strict=True)) for row in scenarios.rows]
    for shock in shocks:
        shock["MarketShock"] = dice.uniform(-0.9, 0.9)
        shock["FundingShock"] = dice.choice([0.0, dice.uniform(-0.05, 0.05)])
        shock["CorrelationToOne"] = dice.choice([None, 0.5, 1.0])
    book.write_table("Scenarios", [[shock[name] for name in scenarios.header] for shock in shocks], scenarios.header)
    edges = ((0.0, 2e5, 0.004, 50.0), (2e5, 1e6, 0.01, 25.0), (1e6, None, 0.05, 10.0))
    symbols = ("BTCUSDT", "SOLUSDT")
    tiers = [[symbol, low, high, rate, None, most] for symbol in symbols for low, high, rate, most in edges]
    book.write_table("Tiers", tiers)
    book.write_value("BookBasis", "current")
    book.write_value("Equity", dice.choice([8e6, 3e7, 9e7]))
    return book


def _contract(dice: random.Random, price: float) -> dict[str, CellValue]:
    """Terms of one contract: nothing held, or long or short, linear or inverse, with what may stand behind it."""
    inverse, isolated = dice.random() < 0.2, dice.random() < 0.4
    unit = 1.0 if inverse else price
    size = dice.choice([0.0, 1.0, 1.0, -1.0, -1.0]) * dice.uniform(1e4, 4e6)
    overlay = dice.choice([0.0, 0.0, 0.0, 1.0, -1.0]) * dice.uniform(1e3, 5e5)
    return {
        "Contract": "inverse" if inverse else "linear",
        "Position": size / unit,
        "EntryPrice": dice.choice([None, price * dice.uniform(0.9, 1.1)]),
        "OverlayPosition": overlay / unit,
        "OverlayEntry": dice.choice([None, price * dice.uniform(0.9, 1.1)]),
        "MarginMode": "isolated" if isolated else "cross",
        "Collateral": dice.choice([0.2, 0.4, 0.8]) * (abs(size) + abs(overlay)) + 1e3 if isolated else None,
        "Stop": dice.choice([None, 0.001, 0.02, 0.05, 0.1, 0.3, 0.8]),
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_agrees(desk_content, monkeypatch, seed):
    monkeypatch.setattr(stressing, "SIMULATED_DAYS", 100)
    book = drawn(desk_content, seed)
    jobs.stress(book, NOW)
    assert {row[0] for row in book.table("Safeguards").rows}
    figures = (each for each in second_opinion(book) if each.verdict == "differs")
    differing = [(each.name, each.cell, each.desk, each.second) for each in figures]
    assert differing == []
