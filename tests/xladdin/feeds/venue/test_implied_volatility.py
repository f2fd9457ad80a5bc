"""Deribit's index of implied volatility, through ccxt's own client: a decimal a year with its time, kept and as of."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BookError, DataWarning, FeedError
from tests.command_line import perpdesk
from tests.memory_workbook import MemoryWorkbook
from tests.recorded.server import Fault
from tests.recorded.tape import HOUR
from tests.xladdin.desk.conftest import CELLS
from tests.xladdin.feeds.venue.conftest import NOW, Bench, Opened
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Block, NamedCell, Workbook
from xladdin.desk import jobs
from xladdin.desk.day.refresh.loaded import VenueSource
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.template.build import build_empty_desk
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.venue.implied_volatility import VolatilityIndex

CLOSED = NOW // HOUR * HOUR
ASKED = "get_volatility_index_data"


def index_of(there: Bench, as_of: int | None = None) -> VolatilityIndex:
    return VolatilityIndex(there.feed().client, there.store, as_of)


def at(seconds: float) -> np.datetime64:
    return np.datetime64(int(seconds), "s")


def known(there: Bench, coin: str, hour_ending: int) -> float:
    return there.tape.implied(coin, hour_ending - HOUR)[3] / 100


@pytest.fixture
def there(bench: Opened) -> Bench:
    return bench("deribit")


def test_it_is_the_end_of_the_last_whole_hour_as_a_decimal(there: Bench) -> None:
    index = index_of(there)
    index.read(["BTC", "ETH"], CLOSED, NOW * 1000)
    for coin in ("BTC", "ETH"):
        quote = index.at(coin, at(CLOSED))
        assert (quote.volatility, quote.time) == (pytest.approx(known(there, coin, CLOSED), rel=1e-14), at(CLOSED))
    asked = there.exchange.asked_for(ASKED)
    assert [(each["currency"], each["resolution"]) for each in asked] == [("BTC", "3600"), ("ETH", "3600")]


@pytest.mark.parametrize("later", [0, 9])
def test_an_hour_that_has_not_ended_is_not_taken(there: Bench, later: int) -> None:
    there.tape.now = CLOSED + HOUR + later
    index = index_of(there)
    index.read(["BTC"], CLOSED + HOUR, int(there.tape.now * 1000))
    assert index.at("BTC", at(CLOSED + HOUR)).time == at(CLOSED)


def test_only_what_is_missing_is_read_again(there: Bench) -> None:
    index_of(there).read(["BTC"], CLOSED, NOW * 1000)
    index_of(there).read(["BTC"], CLOSED, NOW * 1000)
    assert len(there.exchange.asked_for(ASKED)) == 1
    there.tape.now += 3 * HOUR
    index_of(there).read(["BTC"], CLOSED + 3 * HOUR, int(there.tape.now * 1000))
    assert int(there.exchange.asked_for(ASKED)[1]["start_timestamp"]) == CLOSED * 1000
    rows = there.store.read(SeriesKey("deribit", "BTC", "implied"))
    assert (np.diff(rows.times) == np.timedelta64(1, "h")).all()


def test_as_of_a_time_it_is_what_had_been_read_by_then(there: Bench) -> None:
    index_of(there).read(["BTC"], CLOSED, NOW * 1000)
    there.tape.now += 5 * HOUR
    index_of(there).read(["BTC"], CLOSED + 5 * HOUR, int(there.tape.now * 1000))
    assert index_of(there, NOW * 1000).at("BTC", at(CLOSED + 5 * HOUR)).time == at(CLOSED)
    assert index_of(there).at("BTC", at(CLOSED + 5 * HOUR)).time == at(CLOSED + 5 * HOUR)
    assert index_of(there, NOW * 1000 - 1).at("BTC", at(CLOSED)) is None


@pytest.mark.parametrize("figure", [0.52, 0.0, -3.0, 52_000.0])
def test_what_is_no_percent_a_year_is_told_and_left_out(there: Bench, figure: float) -> None:
    def odd(path: str, answer: Any) -> Any:
        if ASKED in path:
            answer["result"]["data"][-1][4] = figure
        return answer

    there.exchange.change = odd
    index = index_of(there)
    told = f"1 figures of the volatility of BTC that are no percent a year, such as {figure:g}"
    with pytest.warns(DataWarning, match=re.escape(told)):
        index.read(["BTC"], CLOSED, NOW * 1000)
    assert index.at("BTC", at(CLOSED)).time == at(CLOSED - HOUR)


@pytest.mark.parametrize("data", [None, {"ticks": []}, [[1, 2]], [["x", 1, 2, 3, 4]], [[1, 1, 1, 1, None]]])
def test_an_answer_of_another_shape_is_refused(there: Bench, data: Any) -> None:
    there.exchange.change = lambda path, answer: {**answer, "result": {"data": data}} if ASKED in path else answer
    with pytest.raises(FeedError, match="in another form than is known; enter ImpliedVol by hand"):
        index_of(there).read(["BTC"], CLOSED, NOW * 1000)


def test_real_figures_come_through_as_decimals(there: Bench, shared_data: Path) -> None:
    with (shared_data / "implied_vol" / "dvol_btc_1d_to_2024-06-30.csv").open() as file:
        closes = [float(row["dvol_close_clean"]) for row in csv.DictReader(file) if row["dvol_close_clean"]]
    hours = 26
    for place in range(0, len(closes) - hours, hours):
        part = closes[place : place + hours]

        def real(path: str, answer: Any, part: list[float] = part) -> Any:
            for row, close in zip(answer["result"]["data"] if ASKED in path else (), part, strict=False):
                row[4] = close
            return answer

        there.exchange.change = real
        until = CLOSED - place * HOUR
        index_of(there).read(["BTC"], until, NOW * 1000)
        rows = there.store.read(SeriesKey("deribit", "BTC", "implied"))
        inside = (rows.times > at(until - hours * HOUR)) & (rows.times <= at(until))
        assert rows.values[inside, 0].tolist() == [float(f"{each / 100:.12g}") for each in part]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "desk.xlsx"
    build_empty_desk(path)
    return path


@pytest.fixture(scope="module")
def content(empty: Path) -> tuple[list[Block], list[NamedCell]]:
    """All that stands on an empty desk."""
    with FileBook.open(empty) as book:
        return [book.table(name) for name in TABLES], [book.value(name) for name in CELLS]


class TestOnTheDesk:
    @pytest.fixture
    def beside(self, bench: Opened, there: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
        """Bybit, and Deribit beside it."""
        found = bench("bybit")
        monkeypatch.setenv("PERPDESK_STORE", str(found.store.root))
        monkeypatch.setenv("PERPDESK_BASE_URL", found.exchange.url)
        monkeypatch.setenv("PERPDESK_BASE_URL_DERIBIT", there.exchange.url)
        monkeypatch.setattr("time.time", lambda: found.tape.now)
        return found

    @pytest.fixture
    def book(self, content: tuple[list[Block], list[NamedCell]]) -> Workbook:
        return MemoryWorkbook(*content)

    def refreshed(
        self, book: Workbook, symbols: str = "BTCUSDT,BTCUSD,SOLUSDT", end: str | None = None, **source: Any
    ) -> str:
        """What a refresh says."""
        asked = VenueSource(**{"venue": "bybit", "implied_vol": True, **source})
        return "; ".join(jobs.refresh(book, asked, symbols.split(","), end, bars=100).warnings)

    def column(self, book: Workbook, name: str, table: str = "Universe") -> list[Any]:
        return list(book.table(table).column(name))

    def test_every_contract_of_the_coin_has_it_with_its_time(self, beside: Bench, there: Bench, book: Workbook) -> None:
        said = self.refreshed(book)
        wanted = known(there, "BTC", CLOSED)
        assert self.column(book, "ImpliedVol") == [wanted, wanted, None]
        assert self.column(book, "ImpliedVolTime", "Terms") == [at(CLOSED).item(), at(CLOSED).item(), None]
        assert f"ImpliedVol is Deribit's index: BTC {wanted:.2%} of 2024-07-01 00:00 UTC" in said
        assert "ImpliedVol is Deribit's index" in self.column(book, "Warnings", "Runs")[-1]

    def test_the_setting_or_the_option_asks_for_it_and_nothing_is_asked_without(
        self, beside: Bench, there: Bench, book: Workbook, empty: Path, tmp_path: Path
    ) -> None:
        self.refreshed(book, implied_vol=False)
        assert there.exchange.asked == []
        book.write_value("ImpliedVolSource", "deribit")
        self.refreshed(book, implied_vol=False)
        wanted = known(there, "BTC", CLOSED)
        assert self.column(book, "ImpliedVol")[0] == wanted
        self.refreshed(book, symbols="SOLUSDT,1000PEPEUSDT")
        assert len(there.exchange.asked) == 1, "nothing for coins without an index"
        path = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
        words = ("--venue", "bybit", "--symbols", "BTCUSDT", "--bars", "100", "--implied-vol")
        assert perpdesk("refresh", path, *words).exit_code == 0
        with FileBook.open(path) as desk:
            assert desk.table("Universe").column("ImpliedVol") == [wanted]

    def test_another_source_is_refused(self, beside: Bench, book: Workbook) -> None:
        book.write_value("ImpliedVolSource", "okx")
        with pytest.raises(BookError, match="ImpliedVolSource is one of: deribit"):
            self.refreshed(book)

    def test_at_deribit_it_comes_along(self, there: Bench, beside: Bench, book: Workbook) -> None:
        symbols, url = "BTCUSD,BTCUSDC,SOLUSDC", there.exchange.url
        self.refreshed(book, symbols, venue="deribit", base_url=url, implied_vol=False)
        wanted = known(there, "BTC", CLOSED)
        assert self.column(book, "ImpliedVol") == [wanted, wanted, None]

    def test_a_typed_one_stays_and_the_other_is_told(self, beside: Bench, there: Bench, book: Workbook) -> None:
        self.refreshed(book)
        block = book.table("Universe")
        place = block.index("ImpliedVol")
        first, *rest = block.rows
        book.write_table("Universe", [[*first[:place], 0.6, *first[place + 1 :]], *rest])
        there.tape.now = beside.tape.now = NOW + HOUR
        said = self.refreshed(book)
        wanted = known(there, "BTC", CLOSED + HOUR)
        assert self.column(book, "ImpliedVol") == [0.6, wanted, None]
        assert f"typed and kept, in brackets what Bybit says: BTCUSDT ImpliedVol 0.6 ({wanted:,.6g} at Deribit)" in said

    def test_as_of_and_with_an_end_it_is_that_of_then(
        self, beside: Bench, there: Bench, book: Workbook, content: tuple[list[Block], list[NamedCell]]
    ) -> None:
        self.refreshed(book)
        as_of = self.column(book, "Parameters", "Runs")[-1].split("as-of=")[1].split(";")[0]
        there.tape.now = beside.tape.now = NOW + 30 * HOUR
        self.refreshed(book)
        asked = len(there.exchange.asked) + len(beside.exchange.asked)
        again = MemoryWorkbook(*content)
        self.refreshed(again, as_of=as_of)
        assert self.column(again, "ImpliedVol")[0] == known(there, "BTC", CLOSED)
        assert len(there.exchange.asked) + len(beside.exchange.asked) == asked
        self.refreshed(again, end="2024-06-20T12:00")
        assert self.column(again, "ImpliedVolTime", "Terms")[0] == np.datetime64("2024-06-20T12:00", "s").item()

    def test_without_a_line_the_store_s_is_taken_and_a_stale_one_is_told(
        self, beside: Bench, there: Bench, book: Workbook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("xladdin.feeds.venue.client.FIRST_PAUSE", 0.001)
        self.refreshed(book)
        there.exchange.faults.append(Fault("", 503, "", times=1000))
        told = "older than the prices by over a day, refresh it or clear it: BTCUSDT of 2024-07-01 00:00, BTCUSD of"
        for hours, stale in ((5, False), (30, True)):
            beside.tape.now = NOW + hours * HOUR
            said = self.refreshed(book)
            assert "Deribit did not answer" in said
            assert "implied volatility is what the store has" in said
            assert (told in said) == stale
            assert self.column(book, "ImpliedVol")[0] == known(there, "BTC", CLOSED)

    def test_one_that_was_filled_once_and_is_asked_for_no_more_is_told_when_it_is_stale(
        self, beside: Bench, there: Bench, book: Workbook
    ) -> None:
        self.refreshed(book)
        assert "older than the prices" not in self.refreshed(book, implied_vol=False)
        there.tape.now = beside.tape.now = NOW + 30 * HOUR
        assert "refresh it or clear it: BTCUSDT of 2024-07-01 00:00" in self.refreshed(book, implied_vol=False)

    def test_where_there_is_none_it_is_said(self, beside: Bench, there: Bench, book: Workbook) -> None:
        there.exchange.change = lambda path, answer: (
            {**answer, "result": {"data": [], "continuation": None}} if ASKED in path else answer
        )
        said = self.refreshed(book)
        assert "Deribit and the store have no implied volatility of BTC by 2024-07-01 00:00 UTC" in said
        assert self.column(book, "ImpliedVol") == [None, None, None]
