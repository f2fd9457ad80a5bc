"""Contracts of the desk that a venue does not list, or lists no more: told, and what is known of them is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataWarning, FeedError
from tests.memory_workbook import MemoryWorkbook
from tests.recorded.server import Fault
from tests.recorded.tape import HOUR
from tests.xladdin.desk.conftest import CELLS
from tests.xladdin.feeds.venue.conftest import DAY, NOW, Bench, Opened
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Workbook
from xladdin.desk import jobs
from xladdin.desk.day.refresh.loaded import VenueSource
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.template.build import build_empty_desk


@pytest.fixture
def there(bench: Opened, monkeypatch: pytest.MonkeyPatch) -> Bench:
    found = bench("bybit")
    monkeypatch.setenv("PERPDESK_STORE", str(found.store.root))
    monkeypatch.setenv("PERPDESK_BASE_URL", found.exchange.url)
    monkeypatch.setattr("time.time", lambda: found.tape.now)
    monkeypatch.setattr("xladdin.feeds.venue.client.FIRST_PAUSE", 0.001)
    return found


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> tuple[list, list]:
    path = tmp_path_factory.mktemp("empty") / "desk.xlsx"
    build_empty_desk(path)
    with FileBook.open(path) as book:
        return [book.table(name) for name in TABLES], [book.value(name) for name in CELLS]


@pytest.fixture
def book(content: tuple[list, list]) -> Workbook:
    return MemoryWorkbook(*content)


def refreshed(book: Workbook, symbols: str | None = None, bars: int = 100, **source: str) -> str:
    """What a refresh says."""
    asked = symbols.split(",") if symbols else None
    return "; ".join(jobs.refresh(book, VenueSource(**{"venue": "bybit", **source}), asked, bars=bars).warnings)


def delist(there: Bench, base: str) -> None:
    there.tape.contracts = tuple(each for each in there.tape.contracts if each.base != base)


def column(book: Workbook, name: str, table: str = "Universe") -> list[object]:
    return list(book.table(table).column(name))


def test_a_symbol_of_universe_that_the_venue_does_not_list_is_told_and_set_aside(there: Bench, book: Workbook) -> None:
    refreshed(book, "BTCUSDT,SOLUSDT")
    block = book.table("Universe")
    stranger = ["FOOUSDT", *block.rows[1][1:]]
    book.write_table("Universe", [*block.rows, stranger])
    said = refreshed(book)
    assert "Bybit does not list these, left out: FOOUSDT" in said
    assert "set aside for want of history: FOOUSDT" in said
    assert column(book, "Include") == ["Y", "Y", "N"]
    assert column(book, "Lot")[2] == stranger[block.index("Lot")]
    assert "FOOUSDT" not in refreshed(book), "one that is not in play is not asked for"


def test_one_that_was_asked_for_by_name_is_refused(there: Bench, book: Workbook) -> None:
    with pytest.raises(FeedError, match=r"Bybit has no perpetual 'SOLUSD' \(did you mean 'SOLUSDT'\?\)"):
        refreshed(book, "BTCUSDT,SOLUSD")


def test_the_benchmark_is_never_left_out(there: Bench, book: Workbook) -> None:
    refreshed(book, "BTCUSDT,SOLUSDT")
    delist(there, "BTC")
    with pytest.raises(FeedError, match="Bybit has no perpetual 'BTCUSDT'"):
        refreshed(book)


def test_the_history_of_one_that_was_delisted_is_that_of_the_store_on_the_line_and_off_it(
    there: Bench, book: Workbook, content: tuple[list, list]
) -> None:
    refreshed(book, "BTCUSDT,SOLUSDT")
    delist(there, "SOL")
    there.tape.now += DAY
    told = "Bybit lists these no more, and their history is what the store has: SOLUSDT (last bar 2024-07-01 00:00)"
    assert told in refreshed(book)
    sheets = [book.table(name).rows for name in ("Universe", "Terms", "Tiers")]
    there.tape.now += HOUR / 2
    prices = book.series("Prices")
    assert prices.header[1:] == ("BTCUSDT", "SOLUSDT")
    assert column(book, "Include") == ["Y", "Y"]
    check = {row[0]: row for row in jobs_checked(book)}["Every price is of the last bar"]
    assert check[1] == "WARN"
    there.exchange.faults.append(Fault("", 503, "", times=1000))
    assert "the store answered" in refreshed(book)
    assert [book.table(name).rows for name in ("Universe", "Terms", "Tiers")] == sheets
    assert book.series("Prices").numbers.tolist().__repr__() == prices.numbers.tolist().__repr__()


def jobs_checked(book: Workbook) -> tuple[tuple[object, ...], ...]:
    jobs.check(book)
    return book.table("Checks").rows


def test_one_that_was_delisted_before_the_window_is_left_out_on_the_line_and_off_it(
    there: Bench, book: Workbook
) -> None:
    refreshed(book, "BTCUSDT,SOLUSDT", 20)
    block = book.table("Universe")
    place = block.index("Position")
    held = [[*row[:place], 2.0, *row[place + 1 :]] for row in block.rows]
    book.write_table("Universe", held)
    delist(there, "SOL")
    there.tape.now += 3 * DAY
    said = refreshed(book, bars=20)
    assert "SOLUSDT (last bar 2024-07-01 00:00); what was held of them was settled there: clear its Position" in said
    assert "set aside for want of history: SOLUSDT" in said
    assert column(book, "Position") == [2.0, 2.0]
    there.exchange.faults.append(Fault("", 503, "", times=1000))
    assert "the store has no bars of these of Bybit in the window, left out: SOLUSDT" in refreshed(book, bars=20)


def test_as_of_a_time_what_had_not_been_read_by_then_is_left_out(there: Bench, book: Workbook) -> None:
    refreshed(book, "BTCUSDT")
    as_of = str(column(book, "Parameters", "Runs")[-1]).split("as-of=")[1].split(";")[0]
    there.tape.now = NOW + HOUR
    refreshed(book, "BTCUSDT,SOLUSDT")
    assert "the store has no bars of these of Bybit in the window, left out: SOLUSDT" in refreshed(book, as_of=as_of)
    assert book.series("Prices").header[1:] == ("BTCUSDT",)


def test_one_that_does_not_trade_now_is_read_and_told(bench: Opened, tmp_path: Path) -> None:
    there = bench("bybit")

    def halted(path: str, answer: dict) -> dict:
        for each in answer["result"].get("list", []) if "instruments-info" in path else ():
            if each["symbol"] == "SOLUSDT":
                each["status"] = "Closed"
        return answer

    there.exchange.change = halted
    with pytest.warns(DataWarning, match="Bybit does not trade these now: SOLUSDT"):
        panel, _ = there.read("BTCUSDT", "SOLUSDT", bars=30)
    assert panel.symbols == ("BTCUSDT", "SOLUSDT")
