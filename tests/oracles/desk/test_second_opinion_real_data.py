"""The second opinion on desks of real history: 30 days of June 2024, SOL with its missing hours, LUNA on eight."""

from __future__ import annotations

import pytest

from tests.sample_file import sample_file
from tests.xladdin.desk.conftest import NOW
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.second_opinion.opinion import second_opinion

THREE = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
EIGHT = [*THREE, "ADAUSDT", "ATOMUSDT", "DOTUSDT", "LINKUSDT", "LTCUSDT"]


@pytest.mark.parametrize(
    ("source", "symbols", "end", "bars"),
    [
        ("perp_1h", THREE, "2024-06-30", 720),
        ("perp_1h", THREE, "2022-04-10", 1200),
        ("perp_8h_binance_8coins.csv.gz", EIGHT, "2022-06-30", 363),
    ],
    ids=["June 2024", "SOL with missing hours", "LUNA 2022"],
)
def test_the_day_on_real_history_agrees(shared_data, tmp_path, source, symbols, end, bars):
    with FileBook.open(sample_file(tmp_path / "desk.xlsx")) as book:
        jobs.refresh(book, shared_data / source, symbols, end, bars, NOW)
        book.write_value("Window", float(bars))
        for job in (jobs.rebalance, jobs.hedge, jobs.stress):
            job(book, NOW)
        figures = second_opinion(book)
    assert [figure for figure in figures if figure.verdict == "differs"] == []
    assert sum(figure.cells for figure in figures if figure.verdict == "agrees") > 400
