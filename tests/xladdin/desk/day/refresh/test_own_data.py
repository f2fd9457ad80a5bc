"""Refresh with data of one's own: nothing of the sample stays behind as if it were the desk's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError, DataWarning
from tests.xladdin.desk.conftest import NOW
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.desk.day.refresh.contracts import included_symbols
from xladdin.desk.layout.sample_universe import SAMPLE_SOURCE
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.template.build import build_empty_desk
from xladdin.desk.template.scenarios import SCENARIOS

SYMBOLS = ("BTCUSDT", "ETHUSDT", "AVAXUSDT")


def history(path: Path, hours: int = 1, rows: int = 200) -> Path:
    """Closes of three contracts, one of them unknown to the sample."""
    rng = np.random.default_rng(5)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (rows, len(SYMBOLS))), axis=0))
    times = np.datetime64("2024-06-01T00:00") + np.arange(rows) * np.timedelta64(hours, "h")
    lines = [",".join([str(time), *map(str, row)]) for time, row in zip(times, closes, strict=True)]
    path.write_text("time," + ",".join(SYMBOLS) + "\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def source(tmp_path):
    return history(tmp_path / "history.csv")


def rows(book, name="Universe"):
    block = book.table(name)
    return {row[0]: dict(zip(block.header, row, strict=True)) for row in block.rows}


def check(book, name):
    return rows(book, "Checks")[name]


class TestTheSampleLeaves:
    def test_its_figures_factors_and_runs_are_cleared_and_it_is_said(self, book, source):
        jobs.rebalance(book, NOW)
        report = jobs.refresh(book, source, SYMBOLS, now=NOW)
        universe = rows(book)
        assert list(universe) == list(SYMBOLS)
        for name in ("Position", "EntryPrice", "DailyVolume", "ImpliedVol", "View"):
            assert universe["BTCUSDT"][name] is None
        assert book.table("Factors").header == ("Time", "Factor")
        assert book.table("Runs").column("Job") == ["refresh"]
        assert any("cleared what was the sample's" in note and "1 rows of Runs" in note for note in report.warnings)
        assert any("left Universe: SOLUSDT, BNBUSDT" in note for note in report.warnings)

    def test_what_the_analyst_has_typed_stays(self, book, edit, source):
        edit("Universe", 0, "Position", 3.5)
        edit("Universe", 2, "Position", 7.0)
        edit("Universe", 1, "Lot", 0.01)
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        universe = rows(book)
        assert universe["BTCUSDT"]["Position"] == 3.5
        assert universe["SOLUSDT"]["Position"] == 7.0
        assert (universe["ETHUSDT"]["Lot"], universe["ETHUSDT"]["Assumed"]) == (0.01, "N")

    def test_on_a_desk_of_ones_own_nothing_is_cleared(self, book, edit, source):
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert book.value("DataSource").value != SAMPLE_SOURCE
        edit("Universe", 0, "Position", 60.0)
        report = jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert rows(book)["BTCUSDT"]["Position"] == 60.0
        assert not any("sample" in note for note in report.warnings)
        assert book.table("Runs").column("Job") == ["refresh", "refresh"]

    def test_an_empty_desk_has_settings_and_scenarios_and_takes_the_first_data(self, tmp_path, source):
        path = tmp_path / "empty.xlsx"
        build_empty_desk(path)
        with FileBook.open(path) as book:
            assert [name for name in TABLES if book.table(name).rows and not TABLES[name].measures] == ["Scenarios"]
            assert len(book.table("Scenarios").rows) == len(SCENARIOS)
            jobs.refresh(book, source, SYMBOLS, bars=150, now=NOW)
            assert jobs.rebalance(book, NOW).passed
            assert all(isinstance(price, float) for price in book.table("Prices").column("AVAXUSDT"))
            assert set(rows(book)) == set(SYMBOLS)
            book.commit(path)


class TestNewContracts:
    def test_assumed_terms_are_said_in_the_row_and_in_a_check_until_they_are_confirmed(self, book, source):
        jobs.refresh(book, source, SYMBOLS, bars=150, now=NOW)
        assert [row["Assumed"] for row in rows(book).values()] == ["Y", "Y", "Y"]
        jobs.rebalance(book, NOW)
        found = check(book, "No contract has assumed terms")
        assert (found["Status"], found["Value"]) == ("WARN", 3.0)
        assert "BTCUSDT, ETHUSDT, AVAXUSDT" in found["Remedy"]
        block = book.table("Universe")
        place = block.index("Assumed")
        book.write_table("Universe", [[*row[:place], "N", *row[place + 1 :]] for row in block.rows])
        report = jobs.check(book, NOW)
        assert check(book, "No contract has assumed terms")["Status"] == "OK"
        assert check(book, "Weights belong to today's inputs")["Status"] == "OK"
        assert report.passed

    @pytest.mark.parametrize("name", ["Limits", "Scenarios"])
    def test_limits_and_scenarios_have_a_column_for_each_contract(self, book, source, name):
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert book.table(name).header == (*TABLES[name].header, *SYMBOLS)

    def test_the_moves_of_contracts_that_stay_are_kept(self, book, source):
        before = rows(book, "Scenarios")["2022-11-08 FTX"]
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        after = rows(book, "Scenarios")["2022-11-08 FTX"]
        assert (after["ETHUSDT"], after["AVAXUSDT"]) == (before["ETHUSDT"], None)

    def test_a_column_with_a_value_is_never_dropped_from_a_desk_of_ones_own(self, book, source):
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        header = (*TABLES["Limits"].header, *SYMBOLS, "OLDUSDT", "GONEUSDT")
        book.write_table("Limits", [["max_weight", None, 0.2, 0.2, 0.2, 0.1, None]], header)
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert book.table("Limits").header == header[:-1]
        assert book.table("Limits").rows[0][-1] == 0.1

    def test_a_contract_that_the_analyst_has_excluded_stays_so_unless_it_is_asked_for(self, book, edit, source):
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        edit("Universe", 1, "Include", "N")
        edit("Universe", 1, "Position", 2.0)
        jobs.refresh(book, source, now=NOW)
        assert rows(book)["ETHUSDT"]["Include"] == "N"
        assert "ETHUSDT" in book.table("Prices").header
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert rows(book)["ETHUSDT"]["Include"] == "Y"


class TestTheWindow:
    def test_bars_asked_for_are_the_window(self, book, source):
        report = jobs.refresh(book, source, SYMBOLS, bars=150, now=NOW)
        assert book.value("Window").value == 150.0
        assert any("Window is now the 150 bars" in note for note in report.warnings)

    def test_other_bars_scale_what_is_counted_in_bars(self, book, tmp_path):
        report = jobs.refresh(book, history(tmp_path / "eight.csv", hours=8), SYMBOLS, now=NOW)
        assert (book.value("Window").value, book.value("BetaHalflife").value) == (100.0, 21.0)
        assert "Window is 100 bars and not 90, which are too few" in "; ".join(report.warnings)
        assert "bars are 8 h now and were 1 h" in "; ".join(report.warnings)
        assert "Window 720 -> 90, BetaHalflife 168 -> 21" in "; ".join(report.warnings)

    def test_a_new_desk_on_daily_bars_can_be_rebalanced(self, book, tmp_path):
        jobs.refresh(book, history(tmp_path / "daily.csv", hours=24), SYMBOLS, now=NOW)
        jobs.rebalance(book, NOW)
        assert {row["Observations"] for row in rows(book, "Estimates").values()} == {100.0}

    def test_equal_bars_leave_the_window_alone(self, book, source):
        jobs.refresh(book, source, SYMBOLS, now=NOW)
        assert book.value("Window").value == 720.0


def test_a_refresh_asks_for_the_benchmark_as_every_symbol_is_read(book):
    plain = included_symbols(book)
    book.write_value("Benchmark", " btcusdt ")
    assert included_symbols(book) == plain


def test_a_refresh_without_a_benchmark_names_its_cell(book):
    book.write_value("Benchmark", None)
    with pytest.raises(BookError, match=r"Settings!C\d+: a symbol is blank"):
        included_symbols(book)


def test_an_unknown_benchmark_names_its_cell_in_settings(book):
    book.write_value("Benchmark", "BTCUSD")
    with pytest.raises(BookError, match=r"Settings!C\d+: Prices has no column for the benchmark BTCUSD"):
        read_desk(book)


class TestFundingThatIsMissing:
    def test_it_stays_missing_on_its_sheet_and_does_not_become_none_settled(self, book, tmp_path):
        lines = history(tmp_path / "prices.csv").read_text().splitlines()
        times = [line.split(",")[0] for line in lines[1:]]
        closes = [line.split(",")[1] for line in lines[1:]]
        rows = [
            f"{time},{close},{'#N/A' if row == 150 else '0.0001' if row % 8 == 0 else ''}"
            for row, (time, close) in enumerate(zip(times, closes, strict=True))
        ]
        file = tmp_path / "BTCUSDT.csv"
        file.write_text("time,close,funding_rate\n" + "\n".join(rows) + "\n")
        report = jobs.refresh(book, file, ("BTCUSDT",), bars=150, now=NOW)
        assert any("BTCUSDT.csv line 152 has '#N/A' as funding" in note for note in report.warnings)
        assert book.table("Funding").column("BTCUSDT")[100] == "n/a"
        assert book.table("Funding").column("BTCUSDT")[101] is None
        with pytest.warns(DataWarning, match="holds 'n/a': that funding is missing"):
            desk = read_desk(book)
        assert desk.panel.unread().sum() == 1
