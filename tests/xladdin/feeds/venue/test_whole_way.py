"""The whole way, from the exchange to the orders, gives every figure that the same data in files give."""

from __future__ import annotations

import csv
import re
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import perpdesk
from tests.recorded.tape import HOUR
from tests.xladdin.feeds.venue.conftest import Bench, Opened
from xladdin.books.file_book import FileBook
from xladdin.desk.template.build import build_empty_desk

BARS = 800
SYMBOLS = ("BTC", "1000PEPE", "SOL")
TABLES = ("Universe", "Tiers", "Estimates", "Market", "Weights", "WeightsSummary")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "desk.xlsx"
    build_empty_desk(path)
    return path


@pytest.fixture
def there(bench: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    found = bench("bybit")
    monkeypatch.setenv("PERPDESK_STORE", str(found.store.root))
    monkeypatch.setenv("PERPDESK_BASE_URL", found.exchange.url)
    monkeypatch.setattr("time.time", lambda: found.tape.now)
    monkeypatch.chdir(tmp_path)
    return found


def files_of(bench: Bench, folder: Path) -> Path:
    """The tape as the files that people download: a CSV of klines and one of settlements for each contract."""
    folder.mkdir()
    for base in SYMBOLS:
        contract = bench.tape.contract(base, inverse=False)
        ended = [bar for bar in bench.tape.bars(contract) if bar.time + HOUR <= bench.tape.now]
        with (folder / f"{base}USDT_1h.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["open_time", "open", "high", "low", "close", "volume"])
            rows.writerows([bar.time * 1000, *bar.prices, bar.volume] for bar in ended)
        with (folder / f"{base}USDT_funding.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["funding_time", "funding_rate"])
            rows.writerows((at * 1000, rate) for at, rate in bench.tape.settlements(contract))
    return folder


def worked(book: Path, *words: str) -> Path:
    """The desk refreshed so and rebalanced."""
    symbols = ",".join(f"{base}USDT" for base in SYMBOLS)
    for command in (
        ["refresh", str(book), *words, "--symbols", symbols, "--bars", str(BARS)],
        ["rebalance", str(book)],
    ):
        done = perpdesk(*command)
        assert done.exit_code in (0, 1), done.stderr
        assert not done.stderr, done.stderr
    return book.with_name(f"{book.stem}.results.xlsx")


def dearer(path: str, answer: Any) -> Any:
    """What the venue answers once it asks for more margin."""
    if "risk-limit" in path:
        for tier in answer["result"]["list"]:
            tier["maxLeverage"] = "20.00"
    return answer


def figures(book: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    with FileBook.open(book) as desk:
        for name in TABLES:
            block = desk.table(name)
            assert block.rows, name
            found[name] = (block.header, [list(row) for row in block.rows])
        for name in ("Prices", "Funding"):
            series = desk.series(name)
            found[name] = (series.header, series.times.tolist(), series.numbers.tolist().__repr__())
        found["BarHours"], found["Window"] = desk.value("BarHours").value, desk.value("Window").value
    return found


def test_from_the_venue_from_files_from_the_export_and_as_of_are_the_same_to_the_digit(
    there: Bench, empty: Path, tmp_path: Path
) -> None:
    """Files say no terms: their desks have those that the venue filled."""
    books = {name: tmp_path / f"{name}.xlsx" for name in ("live", "files", "export", "as_of")}
    for name in ("live", "as_of"):
        shutil.copy(empty, books[name])
    live = figures(worked(books["live"], "--venue", "bybit"))
    for name in ("files", "export"):
        shutil.copy(books["live"], books[name])
    assert figures(worked(books["files"], "--from", str(files_of(there, tmp_path / "downloads")))) == live
    perpdesk("store", "export", "--to", str(tmp_path / "export"))
    assert figures(worked(books["export"], "--from", str(tmp_path / "export"))) == live
    stamp = datetime.fromtimestamp(there.tape.now, UTC).isoformat()
    there.tape.now += 50 * HOUR
    there.exchange.change = dearer
    worked(shutil.copy(empty, tmp_path / "later.xlsx"), "--venue", "bybit")
    asked = len(there.exchange.asked)
    assert figures(worked(books["as_of"], "--venue", "bybit", "--as-of", stamp)) == live
    assert len(there.exchange.asked) == asked


def test_settings_name_the_venue_and_the_run_log_says_what_was_read(there: Bench, empty: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    done = perpdesk("refresh", book, "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100")
    assert done.exit_code == 1
    assert "is blank; name the venue there, or give --venue or --from" in done.stderr
    with FileBook.open(book) as desk:
        desk.write_value("Venue", "bybit")
        desk.commit()
    done = perpdesk("refresh", book, "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100")
    assert done.exit_code == 0, done.stderr
    assert "read from Bybit and kept: 2" in done.stdout
    with FileBook.open(book) as desk:
        said = str(desk.table("Runs").column("Parameters")[-1])
        assert said.startswith("source=bybit; symbols=BTCUSDT, SOLUSDT; end=last; bar-hours=1; as-of=2024-07-01T00:30:")
        assert said.endswith("; bars=100")
        assert str(desk.value("DataSource").value).startswith("bybit: 2 contracts, 100 bars to 2024-07-01 00:00 UTC")


def test_the_button_reads_the_venue_of_settings_and_tells_how_far_it_is(
    there: Bench, empty: Path, tmp_path: Path
) -> None:
    from xladdin.hosts.jobs import on_open_book

    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    perpdesk("refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100")
    there.tape.now += HOUR
    steps: list[str] = []
    with FileBook.open(book) as desk:
        desk.write_value("Venue", "bybit")
        report = on_open_book("refresh", desk, tmp_path, steps.append)
    assert report.headline == "100 bars of 2 contracts, to 2024-07-01 01:00 UTC"
    assert "reading SOLUSDT, 1 of 2 contracts" in steps


def test_the_venue_fills_the_terms_and_what_is_typed_stays(there: Bench, empty: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    words = ["refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100"]
    said = " ".join(perpdesk(*words).stdout.split())
    assert "filled as Bybit has it: Lot, Tick, TakerFeeBps, DailyVolume" not in said
    assert (
        "filled as Bybit has it: Lot, Tick, TakerFeeBps, MaxLeverage, MaintenanceRate, Tiers of BTCUSDT, SOLUSDT"
        in said
    )
    with FileBook.open(book) as desk:
        block = desk.table("Universe")
        place = block.index("MaxLeverage")
        assert block.column("MaxLeverage") == [100.0, 100.0]
        assert block.column("Assumed") == ["N", "N"]
        assert len(desk.table("Tiers").rows) == 4
        desk.write_table("Universe", [[*row[:place], 50.0, *row[place + 1 :]] for row in block.rows])
        desk.commit()
    told = "typed and kept, in brackets what Bybit says: BTCUSDT MaxLeverage 50 (100), SOLUSDT MaxLeverage 50 (100)"
    assert told in " ".join(perpdesk(*words).stdout.split())
    with FileBook.open(book) as desk:
        assert desk.table("Universe").column("MaxLeverage") == [50.0, 50.0]
        assert told in str(desk.table("Runs").column("Warnings")[-1])


def test_without_a_line_the_desk_is_refreshed_from_the_store_and_says_so(
    there: Bench, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.recorded.server import Fault

    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    words = ["refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100"]
    perpdesk(*words)
    with FileBook.open(book) as desk:
        filled = desk.table("Universe").rows
        desk.write_table("Universe", [])
        desk.commit()
    there.tape.now += 5 * HOUR
    monkeypatch.setattr("xladdin.feeds.venue.client.FIRST_PAUSE", 0.001)
    there.exchange.faults.append(Fault("", 503, "", times=1000))
    done = perpdesk(*words)
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert re.search(r"the store answered, whose last bar closed 2024-07-01 00:00 UTC, \d+ days ago", said)
    with FileBook.open(book) as desk:
        assert "the store answered" in str(desk.table("Runs").column("Warnings")[-1])
        assert desk.table("Universe").rows == filled


def test_a_source_is_given_once(there: Bench, empty: Path) -> None:
    done = perpdesk("refresh", empty, "--venue", "bybit", "--from", "x")
    assert done.exit_code == 2


def test_no_address_or_store_is_written_into_the_workbook(there: Bench, empty: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    perpdesk("refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bars", "100")
    with zipfile.ZipFile(book) as parts:
        content = b"".join(parts.read(name) for name in parts.namelist())
    assert b"127.0.0.1" not in content
    assert str(there.store.root).encode() not in content


def test_an_inverse_contract_is_inverse_on_universe_and_a_difference_is_told(
    there: Bench, empty: Path, tmp_path: Path
) -> None:
    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    words = ["refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,BTCUSD", "--bars", "100"]
    assert perpdesk(*words).exit_code == 0
    with FileBook.open(book) as desk:
        block = desk.table("Universe")
        assert list(zip(block.column("Symbol"), block.column("Contract"), strict=True)) == [
            ("BTCUSDT", "linear"),
            ("BTCUSD", "inverse"),
        ]
        rows = [[*row[:2], "linear", *row[3:]] for row in block.rows]
        desk.write_table("Universe", rows)
        desk.commit()
    said = perpdesk(*words).stdout
    assert "Universe has BTCUSD as linear and it settles as inverse: correct Contract" in said


def test_without_a_number_of_bars_it_is_a_year_or_since_the_listing(there: Bench, empty: Path, tmp_path: Path) -> None:
    book = Path(shutil.copy(empty, tmp_path / "desk.xlsx"))
    done = perpdesk("refresh", book, "--venue", "bybit", "--symbols", "BTCUSDT,SOLUSDT", "--bar-hours", "24")
    assert done.exit_code == 0, done.stderr
    assert "Refresh  59 bars of 2 contracts, to 2024-07-01 00:00 UTC" in done.stdout
    asked = there.exchange.asked_for("market/kline")
    assert min(int(each["start"]) for each in asked) == (1_719_792_000 - 366 * 86_400) * 1000


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--bar-hours", "0"], "a bar of 0 h is none; give its hours"),
        (["--bar-hours", "nan"], "a bar of nan h is none"),
        (["--also", "premium"], "there are no bars of 'premium' prices: Bybit has mark and index"),
        (["--as-of", "yesterday"], "'yesterday' is no date"),
        (["--store", "/dev/null/store"], "give another folder with --store"),
        (["--base-url", "nonsense"], "give scheme and host only"),
    ],
)
def test_what_no_refresh_can_be_made_of_is_refused_in_one_sentence(
    there: Bench, empty: Path, words: list[str], reason: str
) -> None:
    before = empty.read_bytes()
    done = perpdesk("refresh", empty, "--venue", "bybit", "--symbols", "BTCUSDT", "--bars", "30", *words)
    assert done.exit_code == 1
    assert reason in done.stderr
    assert empty.read_bytes() == before


@pytest.mark.parametrize(
    ("columns", "amount", "held"), [("instId,pos,avgPx", 25, 0.25), ("symbol,quantity,entry", 3, 3.0)]
)
def test_positions_that_come_along_count_contracts_of_the_venue(
    bench: Opened, empty: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, columns: str, amount: int, held: float
) -> None:
    """A line in contracts by the size that OKX lists; one in coins, as one writes oneself, stays as it is."""
    found = bench("okx")
    monkeypatch.setenv("PERPDESK_STORE", str(found.store.root))
    monkeypatch.setenv("PERPDESK_BASE_URL", found.exchange.url)
    monkeypatch.setattr("time.time", lambda: found.tape.now)
    book, file = Path(shutil.copy(empty, tmp_path / "desk.xlsx")), tmp_path / "export.csv"
    file.write_text(f"{columns}\n{'BTC-USDT-SWAP' if 'inst' in columns else 'BTCUSDT'},{amount},61000\n")
    said = perpdesk("refresh", book, "--venue", "okx", "--symbols", "BTCUSDT", "--bars", 200, "--positions", file)
    assert said.exit_code == 0, said.stderr
    told = "export.csv counts contracts, of these sizes: BTC-USDT-SWAP 0.01" in said.stdout
    assert told == (held != amount)
    with FileBook.open(book) as after:
        universe = after.table("Universe")
        assert dict(zip(universe.column("Symbol"), universe.column("Position"), strict=True))["BTCUSDT"] == held
