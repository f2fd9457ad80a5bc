"""`perpdesk positions`: the account onto the desk, from a venue on the loopback and from files; the key nowhere."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.command_line import Said, perpdesk
from tests.recorded.accounts import Held
from tests.recorded.server import Fault, running
from tests.recorded.tape import Tape
from tests.xladdin.feeds.account.conftest import NAME, SECRET, There, answering
from tests.xladdin.feeds.venue.conftest import FIRST, NOW, listed
from xladdin.books.file_book import FileBook


@pytest.fixture
def bybit(monkeypatch, tmp_path):
    """An account at Bybit on the loopback, and the key for it in the environment."""
    with running(answering("bybit"), Tape(listed("bybit"), FIRST, NOW)) as exchange:
        monkeypatch.setenv("PERPDESK_BASE_URL", exchange.url)
        monkeypatch.setenv("PERPDESK_BYBIT_KEY", NAME)
        monkeypatch.setenv("PERPDESK_BYBIT_SECRET", SECRET)
        monkeypatch.setenv("PERPDESK_STORE", str(tmp_path / "store"))
        monkeypatch.setattr("time.time", lambda: NOW)
        monkeypatch.setattr("xladdin.feeds.venue.client.FIRST_PAUSE", 0.0)
        yield There("bybit", exchange)


def universe(path: Path) -> dict[str, dict[str, object]]:
    with FileBook.open(path) as book:
        block = book.table("Universe")
        return {str(row[0]): dict(zip(block.header, row, strict=True)) for row in block.rows}


def typed(path: Path, symbol: str, **cells: object) -> None:
    with FileBook.open(path) as book:
        block = book.table("Universe")
        rows = [dict(zip(block.header, row, strict=True)) for row in block.rows]
        for row in rows:
            if row["Symbol"] == symbol:
                row.update(cells)
        book.write_table("Universe", [list(row.values()) for row in rows])
        book.commit()


def read(desk: Path, *words: object) -> Said:
    return perpdesk("positions", desk, "--venue", "bybit", *words)


def held_at(there: There) -> None:
    there.holds(
        Held("BTC", 0.25, 61_000.5),
        Held("SOL", -40.0, 99.5),
        Held("NEW", 7.0, 50.0),
        dollars=123_456.789,
    )


def test_positions_and_equity_land_on_the_desk_and_what_is_closed_is_set_to_0(bybit, desk) -> None:
    held_at(bybit)
    before = universe(desk)
    open_before = [symbol for symbol, row in before.items() if row["Position"]]
    done = read(desk, "-v")
    assert done.exit_code == 0, done.stderr
    after = universe(desk)
    assert (after["BTCUSDT"]["Position"], after["BTCUSDT"]["EntryPrice"]) == (0.25, 61_000.5)
    assert (after["SOLUSDT"]["Position"], after["SOLUSDT"]["EntryPrice"]) == (-40.0, 99.5)
    closed = [symbol for symbol in open_before if symbol not in ("BTCUSDT", "SOLUSDT")]
    assert closed
    assert all((after[symbol]["Position"], after[symbol]["EntryPrice"]) == (0.0, None) for symbol in closed)
    assert "not held any more, and set to 0: " + closed[0] in done.stdout
    assert "held and not on Universe, so no job counts it: NEWUSDT 7" in done.stdout
    assert "Equity is 123,456.79 USD now, and was " in done.stdout
    assert "3 positions of Bybit, worth 123,456.79 USD" in done.stdout
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == 123_456.79
        runs = book.table("Runs")
        assert runs.column("Job")[-1] == "positions"
        assert runs.column("Parameters")[-1] == "source=Bybit; positions=3"


def test_an_entry_that_is_nowhere_near_the_price_is_told(bybit, desk, tmp_path) -> None:
    prices = {symbol: row["Price"] for symbol, row in universe(desk).items()}
    for entry, told in (
        (prices["BTCUSDT"] / 9, False),
        (prices["BTCUSDT"] / 1000, True),
        (prices["BTCUSDT"] * 11, True),
    ):
        export = tmp_path / "export.csv"
        export.write_text(f"symbol,quantity,entry\nBTCUSDT,1,{entry}\n")
        done = perpdesk("positions", desk, "--file", export, "--dry-run")
        assert done.exit_code == 0, done.stderr
        assert ("entry far from the price of Universe: BTCUSDT" in done.stdout) == told


def test_open_profit_of_the_venue_stands_beside_ours(bybit, desk) -> None:
    held_at(bybit)
    marks = {base: Held(base, 1.0, 1.0).mark(bybit.tape) for base in ("BTC", "SOL")}
    theirs = 0.25 * (marks["BTC"] - 61_000.5) - 40 * (marks["SOL"] - 99.5)
    here = {symbol: row["Price"] for symbol, row in universe(desk).items()}
    ours = 0.25 * (here["BTCUSDT"] - 61_000.5) - 40 * (here["SOLUSDT"] - 99.5)
    said = read(desk).stdout
    assert f"open profit is {theirs:,.2f} at the venue's prices, as it says, and {theirs:,.2f} as reckoned" in said
    assert f"{ours:,.2f} at Universe's prices" in said
    assert "reckoned otherwise" not in said


def test_open_profit_that_speaks_of_another_unit_is_told(bybit, desk) -> None:
    held_at(bybit)

    def tenfold(path: str, answer: dict) -> dict:
        if path.endswith("position/list"):
            for row in answer["result"]["list"]:
                row["unrealisedPnl"] = str(10 * float(row["unrealisedPnl"]))
        return answer

    bybit.exchange.change = tenfold
    assert "open profit of these is reckoned otherwise there: BTCUSDT (" in read(desk).stdout


def test_what_is_no_number_does_not_stay_for_a_contract_that_is_not_held(bybit, desk) -> None:
    typed(desk, "ETHUSDT", Position="many")
    held_at(bybit)
    assert read(desk).exit_code == 0
    assert universe(desk)["ETHUSDT"]["Position"] == 0.0


def test_a_second_reading_changes_nothing_but_runs(bybit, desk) -> None:
    held_at(bybit)
    read(desk)
    before = universe(desk)
    again = read(desk, "--json")
    said = json.loads(again.stdout)
    assert said["headline"].endswith("all as the desk had it")
    assert universe(desk) == before


def test_results_of_another_book_are_emptied_and_the_backtest_stays(bybit, built_day) -> None:
    assert perpdesk("backtest", built_day, "--out", built_day).exit_code in (0, 1)
    held_at(bybit)
    read(built_day)
    with FileBook.open(built_day) as book:
        for name in ("Weights", "Hedge", "Stress"):
            assert not any(cell is not None for row in book.table(name).rows for cell in row), name
        assert book.table("BacktestPath").rows


def test_a_dry_run_writes_nothing_and_says_what_it_would(bybit, desk) -> None:
    held_at(bybit)
    before = desk.read_bytes()
    said = json.loads(read(desk, "--dry-run", "--json").stdout)
    assert desk.read_bytes() == before
    assert "Universe" in {change["table"] for change in said["changes"]}
    assert any("set to 0" in warning for warning in said["warnings"])


def test_isolated_positions_bring_their_collateral_and_cross_ones_clear_it(bybit, desk) -> None:
    typed(desk, "SOLUSDT", MarginMode="isolated", Collateral=123.0, EntryTime=None)
    bybit.holds(Held("BTC", 0.25, 61_000.5, isolated=True, posted=3_000.0))
    read(desk)
    after = universe(desk)
    assert (after["BTCUSDT"]["MarginMode"], after["BTCUSDT"]["Collateral"]) == ("isolated", 3_000.0)
    assert after["SOLUSDT"]["Collateral"] is None
    bybit.holds(Held("BTC", 0.25, 61_000.5))
    read(desk)
    after = universe(desk)
    assert (after["BTCUSDT"]["MarginMode"], after["BTCUSDT"]["Collateral"]) == ("cross", None)


def test_the_overlay_s_part_is_taken_off_unless_it_lies_in_another_account(bybit, desk) -> None:
    typed(desk, "BTCUSDT", OverlayPosition=-0.5, OverlayEntry=60_000.0)
    bybit.holds(Held("BTC", 0.25, 61_000.5))
    said = read(desk, "--dry-run").stdout
    assert "BTCUSDT: -0.5 of it is the overlay book's, so Position is 0.75 of 0.25" in said
    read(desk, "--out", desk.with_name("one.xlsx"))
    one = universe(desk.with_name("one.xlsx"))["BTCUSDT"]
    assert one["Position"] == 0.75
    assert one["EntryPrice"] == pytest.approx((0.25 * 61_000.5 + 0.5 * 60_000.0) / 0.75, rel=1e-12)
    read(desk, "--overlay-apart")
    assert universe(desk)["BTCUSDT"]["Position"] == 0.25


def test_an_entry_time_leaves_with_its_position(bybit, desk) -> None:
    from datetime import datetime

    opened = datetime(2024, 6, 1)
    typed(desk, "BTCUSDT", Position=0.25, EntryTime=opened)
    typed(desk, "SOLUSDT", Position=-39.0, EntryTime=opened)
    held_at(bybit)
    said = read(desk).stdout
    after = universe(desk)
    assert after["BTCUSDT"]["EntryTime"] == opened
    assert after["SOLUSDT"]["EntryTime"] is None
    assert "SOLUSDT: EntryTime was cleared, as the position is another one" in said


def test_a_contract_of_another_kind_is_refused_by_its_cell(bybit, desk) -> None:
    typed(desk, "BTCUSDT", Contract="inverse")
    held_at(bybit)
    before = desk.read_bytes()
    done = read(desk)
    assert done.exit_code == 1
    assert "BTCUSDT is inverse there and linear at Bybit, which counts otherwise; correct Contract" in done.stderr
    assert "Universe!" in done.stderr
    assert desk.read_bytes() == before


def test_an_account_of_nothing_is_refused(bybit, desk) -> None:
    bybit.holds(dollars=0.0)
    done = read(desk)
    assert (done.exit_code, "the account is worth 0.00 USD at Bybit" in done.stderr) == (1, True)


def test_a_file_says_what_is_held_and_leaves_equity(desk, run, tmp_path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("symbol,positionSide,positionAmt,entryPrice\nBTC/USDT:USDT,BOTH,-2,60000\nXYZUSDT,BOTH,5,0.5\n")
    with FileBook.open(desk) as book:
        equity = book.value("Equity").value
    code, said, _ = run("positions", desk, "--file", file)
    assert code == 0
    assert universe(desk)["BTCUSDT"]["Position"] == -2.0
    assert "export.csv does not say what the account is worth; Equity stays as it was typed" in said
    assert "held and not on Universe, so no job counts it: XYZUSDT 5" in said
    with FileBook.open(desk) as book:
        assert book.value("Equity").value == equity
    code, _, _ = run("positions", desk, "--file", file, "--set", "Equity=250000")
    with FileBook.open(desk) as book:
        assert (code, book.value("Equity").value) == (0, 250_000)


def test_a_file_in_contracts_is_read_by_the_sizes_in_the_store(desk, run, tmp_path, monkeypatch) -> None:
    from xladdin.feeds.store.documents import keep_document
    from xladdin.feeds.store.store import Store

    monkeypatch.setenv("PERPDESK_STORE", str(tmp_path / "store"))
    file = tmp_path / "export.csv"
    file.write_text("instId,pos,avgPx\nBTC-USDT-SWAP,25,61000\n")
    _, _, said = run("positions", desk, "--file", file, "--venue", "okx")
    assert "the store has no contracts of OKX; refresh from it first" in said
    terms = {"symbol": "BTCUSDT", "unified": "BTC/USDT:USDT", "venue_id": "BTC-USDT-SWAP", "size": 0.01}
    keep_document(Store(tmp_path / "store"), "okx", "terms", {"BTCUSDT": terms}, 1)
    assert run("positions", desk, "--file", file, "--venue", "okx")[0] == 0
    assert universe(desk)["BTCUSDT"]["Position"] == 0.25


def test_a_file_that_says_nothing_of_margin_leaves_what_was_typed_and_asks_for_it(desk, run, tmp_path) -> None:
    typed(desk, "BTCUSDT", Position=2.0, MarginMode="isolated", Collateral=123.0, EntryTime=None)
    file = tmp_path / "export.csv"
    for quantity, asked in ((2, False), (3, True)):
        file.write_text(f"symbol,quantity,entry\nBTCUSDT,{quantity},60000\n")
        code, said, _ = run("positions", desk, "--file", file)
        assert code == 0
        row = universe(desk)["BTCUSDT"]
        assert (row["Position"], row["MarginMode"], row["Collateral"]) == (quantity, "isolated", 123.0)
        assert ("BTCUSDT: its Collateral is as it was typed; enter what is posted for it now" in said) == asked


def test_what_no_venue_lends_is_told(desk, run, tmp_path) -> None:
    """Dollars for coins, or thousands of a comma that was lost: nothing else in the file may tell."""
    file = tmp_path / "export.csv"
    price = universe(desk)["BTCUSDT"]["Price"]
    with FileBook.open(desk) as book:
        equity = book.value("Equity").value
    for times in (100, 200):
        file.write_text(f"symbol,quantity,entry\nBTCUSDT,{times * equity / price},60000\n")
        _, said, _ = run("positions", desk, "--file", file, "--dry-run")
        assert ("export.csv holds is 200 times Equity, most of it BTCUSDT" in said) == (times > 125)


def test_a_name_of_another_kind_is_refused_and_leads_to_the_page_of_positions(desk, run, tmp_path) -> None:
    file = tmp_path / "export.csv"
    file.write_text("symbol,side,contracts,contractSize\nBTC/USDT:BTC,long,5,1\n")
    code, _, said = run("positions", desk, "--file", file)
    assert (code, "BTCUSDT is linear there and inverse at export.csv, which counts otherwise" in said) == (1, True)
    file.write_text("symbol,side,size,contracts\nBTCUSDT,long,0.25,25\n")
    code, _, said = run("positions", desk, "--file", file)
    assert said.startswith("perpdesk: export.csv line 2 has 0.25 as size and 25 as contracts")
    assert said.endswith("(see docs/positions.md)\n")


def test_without_a_venue_it_is_told_where_to_name_one(desk, run) -> None:
    code, _, said = run("positions", desk)
    assert (code, "name the venue there, or give --venue or --file" in said) == (1, True)


def every_text_of(folder: Path) -> str:
    """All that lies in a folder, unpacked, as text."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            found.append(path.read_bytes().decode("latin-1"))
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found += [archive.read(name).decode("latin-1") for name in archive.namelist()]
    return "\n".join(found)


@pytest.mark.parametrize(
    "fault",
    [
        None,
        Fault("position", 401, f'{{"retCode": 10003, "retMsg": "bad {NAME} {SECRET}"}}', times=99),
        Fault("query-api", 200, f'{{"retCode": 33004, "retMsg": "expired {NAME}"}}', times=99),
        Fault("wallet", 500, f"{NAME}{SECRET}", times=99),
        Fault("position", cut=0.3, times=99),
    ],
)
def test_the_key_is_in_no_file_and_no_word(bybit, desk, tmp_path, fault) -> None:
    held_at(bybit)
    if fault is not None:
        bybit.exchange.faults.append(fault)
    said = [read(desk, *words) for words in (("--json",), ("-v",))]
    assert [done.exit_code for done in said] == ([0, 0] if fault is None else [1, 1])
    signed = {headers["X-Bapi-Sign"] for headers in map(titled, bybit.exchange.headers) if "X-Bapi-Sign" in headers}
    assert signed
    told = "".join(done.stdout + done.stderr for done in said) + every_text_of(tmp_path)
    for hidden in (NAME, SECRET, *signed):
        assert hidden not in told


def titled(headers: dict[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}
