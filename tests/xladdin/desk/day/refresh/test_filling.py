"""What a source says fills Universe and Tiers, and never a cell that somebody typed."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from core.errors import BookError
from core.market.panel import Panel
from tests.memory_workbook import MemoryWorkbook
from xladdin.books.workbook import Workbook
from xladdin.desk.day.refresh.contracts import update_contracts
from xladdin.desk.day.refresh.filling import Offer
from xladdin.desk.going_on import take_inputs
from xladdin.desk.read.older import as_declared

AT = datetime(2024, 7, 1, 0, 30)
TERMS = {
    "Lot": 0.001,
    "Tick": 0.1,
    "TakerFeeBps": 5.5,
    "DailyVolume": 9e9,
    "MaxLeverage": 100.0,
    "MaintenanceRate": 0.005,
}
TIERS = ((0.0, 2e6, 0.005, 100.0), (2e6, np.nan, 0.01, 50.0))


def panel(*symbols: str) -> Panel:
    times = np.datetime64("2024-06-01T00") + np.arange(4) * np.timedelta64(1, "h")
    return Panel(times, symbols, np.full((4, len(symbols)), 100.0), np.zeros((4, len(symbols))), 1.0)


def offer(*symbols: str, source: str = "bybit", tiers=TIERS, without=(), **changes: float) -> Offer:
    figures = {name: value for name, value in {**TERMS, **changes}.items() if name not in without}
    return Offer(
        source,
        source.title(),
        AT,
        AT.replace(minute=0),
        dict.fromkeys(symbols, figures),
        dict.fromkeys(symbols, "linear"),
        dict.fromkeys(symbols, tiers),
    )


def rows(book: Workbook, name: str = "Universe") -> dict[object, dict[str, object]]:
    block = book.table(name)
    return {row[0]: dict(zip(block.header, row, strict=True)) for row in block.rows}


def terms(row: dict[str, object]) -> dict[str, object]:
    return {name: row[name] for name in TERMS}


@pytest.fixture
def desk(book: Workbook) -> Workbook:
    """A desk without any contract."""
    for name in ("Universe", "Tiers", "Terms"):
        book.write_table(name, [])
    return book


def refreshed(book: Workbook, *symbols: str, **changes) -> list[str]:
    return update_contracts(book, panel(*symbols), symbols, offer(*symbols, **changes))


def typed(book: Workbook, symbol: str, name: str, value: object, table: str = "Universe") -> None:
    block = book.table(table)
    place = block.index(name)
    book.write_table(
        table, [[*row[:place], value, *row[place + 1 :]] if row[0] == symbol else list(row) for row in block.rows]
    )


def test_a_new_contract_has_the_terms_and_tiers_of_its_source(desk: Workbook) -> None:
    said = refreshed(desk, "BTCUSDT", "ETHUSDT")
    for symbol in ("BTCUSDT", "ETHUSDT"):
        assert terms(rows(desk)[symbol]) == TERMS
        assert rows(desk)[symbol]["Assumed"] == "N"
        assert terms(rows(desk, "Terms")[symbol]) == TERMS
        assert rows(desk, "Terms")[symbol]["Typed"] is None
    block = desk.table("Tiers")
    assert [row[:4] for row in block.rows[:2]] == [("BTCUSDT", 0.0, 2e6, 0.005), ("BTCUSDT", 2e6, None, 0.01)]
    assert len(block.rows) == 4
    assert "SlippageBps 2.0" in said[0]
    assert "MaxLeverage" not in said[0]
    assert said[1] == (
        "filled as Bybit has it: Lot, Tick, TakerFeeBps, MaxLeverage, MaintenanceRate, Tiers of BTCUSDT, ETHUSDT; "
        "fees are before any discount of yours"
    )


def test_the_second_time_nothing_is_told_and_nothing_moves(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT")
    before = [desk.table(name).rows for name in ("Universe", "Tiers", "Terms")]
    assert refreshed(desk, "BTCUSDT") == []
    assert [desk.table(name).rows for name in ("Universe", "Tiers", "Terms")] == before


@pytest.mark.parametrize("name", [name for name in TERMS if name != "DailyVolume"])
def test_what_the_source_changes_is_taken_and_told(desk: Workbook, name: str) -> None:
    refreshed(desk, "BTCUSDT")
    said = refreshed(desk, "BTCUSDT", **{name: TERMS[name] * 2})
    assert rows(desk)["BTCUSDT"][name] == TERMS[name] * 2
    assert said == [
        "Bybit has other terms than were filled before, taken: "
        f"BTCUSDT {name} {TERMS[name]:,.6g} -> {TERMS[name] * 2:,.6g}"
    ]


def test_the_volume_follows_without_a_word(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT")
    assert refreshed(desk, "BTCUSDT", DailyVolume=1e9) == []
    assert rows(desk)["BTCUSDT"]["DailyVolume"] == 1e9


@pytest.mark.parametrize("name", TERMS)
def test_what_was_typed_stays_and_a_difference_is_told_each_time(desk: Workbook, name: str) -> None:
    refreshed(desk, "BTCUSDT")
    own = TERMS[name] / 2
    typed(desk, "BTCUSDT", name, own)
    told = f"typed and kept, in brackets what Bybit says: BTCUSDT {name} {own:,.6g} ({TERMS[name]:,.6g})"
    for _ in range(2):
        assert refreshed(desk, "BTCUSDT") == [told]
        assert rows(desk)["BTCUSDT"][name] == own
        assert rows(desk, "Terms")["BTCUSDT"]["Typed"] == name
        assert rows(desk, "Terms")["BTCUSDT"][name] == TERMS[name]


def test_what_was_typed_stays_where_the_source_came_to_say_the_same_for_a_time(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT")
    typed(desk, "BTCUSDT", "MaxLeverage", 50.0)
    refreshed(desk, "BTCUSDT")
    assert refreshed(desk, "BTCUSDT", MaxLeverage=50.0) == []
    refreshed(desk, "BTCUSDT", MaxLeverage=25.0)
    assert rows(desk)["BTCUSDT"]["MaxLeverage"] == 50.0


def test_a_typed_cell_that_is_blanked_is_filled_again(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT")
    typed(desk, "BTCUSDT", "MaxLeverage", 50.0)
    refreshed(desk, "BTCUSDT")
    typed(desk, "BTCUSDT", "MaxLeverage", None)
    refreshed(desk, "BTCUSDT")
    assert rows(desk)["BTCUSDT"]["MaxLeverage"] == 100.0
    assert rows(desk, "Terms")["BTCUSDT"]["Typed"] is None


def test_a_row_that_somebody_typed_whole_stays_whole(desk: Workbook) -> None:
    own = {"Lot": 1.0, "Tick": 0.5, "TakerFeeBps": 2.0, "DailyVolume": 1.0, "MaxLeverage": 3.0, "MaintenanceRate": 0.1}
    header = desk.table("Universe").header
    more = {"Symbol": "BTCUSDT", "Include": "Y", "Contract": "linear", "Assumed": "N"}
    desk.write_table("Universe", [[{**own, **more}.get(name) for name in header]])
    said = refreshed(desk, "BTCUSDT")
    assert terms(rows(desk)["BTCUSDT"]) == own
    assert sum(note.count("BTCUSDT ") for note in said if note.startswith("typed and kept")) == len(own)


def test_a_text_in_a_cell_is_left_for_check_to_find(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT")
    typed(desk, "BTCUSDT", "Lot", "one")
    assert refreshed(desk, "BTCUSDT") == ["typed and kept, in brackets what Bybit says: BTCUSDT Lot 'one' (0.001)"]


def test_fifteen_digits_of_a_spreadsheet_are_the_same_value(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT", DailyVolume=1.2345678901234567e9)
    typed(desk, "BTCUSDT", "DailyVolume", 1.23456789012346e9)
    assert refreshed(desk, "BTCUSDT", DailyVolume=2e9) == []
    assert rows(desk)["BTCUSDT"]["DailyVolume"] == 2e9


def test_what_moves_with_each_refresh_is_no_term_of_the_venue_before(desk: Workbook) -> None:
    refreshed(desk, "BTCUSDT", ImpliedVol=0.5)
    said = refreshed(desk, "BTCUSDT", source="okx", without=("DailyVolume", "Tick"))
    row = rows(desk)["BTCUSDT"]
    assert (row["ImpliedVol"], row["DailyVolume"], row["Assumed"]) == (0.5, TERMS["DailyVolume"], "N")
    assert said == ["Okx does not say, and what the source before said stands: Tick of BTCUSDT"]


def test_a_column_of_terms_that_was_moved_is_refused(desk: Workbook) -> None:
    header = desk.table("Terms").header
    desk.write_table("Terms", [], (header[1], header[0], *header[2:]))
    with pytest.raises(BookError, match="'Source' where 'Symbol' belongs; put its columns back in their order"):
        refreshed(desk, "BTCUSDT")


class TestAssumed:
    def test_what_the_source_does_not_say_stays_assumed_and_is_told(self, desk: Workbook) -> None:
        said = refreshed(desk, "BTCUSDT", tiers=(), without=("MaxLeverage", "MaintenanceRate"))
        row = rows(desk)["BTCUSDT"]
        assert (row["Assumed"], row["MaxLeverage"], row["Lot"]) == ("Y", 20.0, 0.001)
        assert said[0] == (
            "added to Universe with assumed terms, please correct them: BTCUSDT (SlippageBps 2.0, MaxLeverage 20.0, "
            "MaintenanceRate 0.01, MinWeight 0.0, MaxWeight 0.5)"
        )
        assert said[-1] == "Bybit does not say without a key, please enter: MaxLeverage, MaintenanceRate of BTCUSDT"

    def test_entering_them_ends_it(self, desk: Workbook) -> None:
        refreshed(desk, "BTCUSDT", tiers=(), without=("MaxLeverage", "MaintenanceRate"))
        typed(desk, "BTCUSDT", "MaxLeverage", 75.0)
        typed(desk, "BTCUSDT", "MaintenanceRate", 0.004)
        assert refreshed(desk, "BTCUSDT", tiers=(), without=("MaxLeverage", "MaintenanceRate")) == []
        assert rows(desk)["BTCUSDT"]["Assumed"] == "N"

    def test_the_sample_s_terms_give_way(self, book: Workbook) -> None:
        typed(book, "BTCUSDT", "Assumed", "Y")
        refreshed(book, "BTCUSDT")
        assert {**terms(rows(book)["BTCUSDT"]), "DailyVolume": 9e9} == TERMS
        assert rows(book)["BTCUSDT"]["Assumed"] == "N"

    def test_terms_of_another_venue_before_are_told_and_assumed(self, desk: Workbook) -> None:
        refreshed(desk, "BTCUSDT")
        said = refreshed(
            desk, "BTCUSDT", source="binance", tiers=(), without=("MaxLeverage", "MaintenanceRate"), Lot=0.01
        )
        row = rows(desk)["BTCUSDT"]
        assert (row["Lot"], row["MaxLeverage"], row["Assumed"]) == (0.01, 100.0, "Y")
        assert said[-1] == (
            "Binance does not say, and what the source before said stands: MaxLeverage, MaintenanceRate, Tiers "
            "of BTCUSDT"
        )
        refreshed(desk, "BTCUSDT", MaxLeverage=75.0)
        assert (rows(desk)["BTCUSDT"]["MaxLeverage"], rows(desk)["BTCUSDT"]["Assumed"]) == (75.0, "N")

    def test_files_say_volumes_alone_and_leave_the_terms_to_who_said_them(self, desk: Workbook) -> None:
        refreshed(desk, "BTCUSDT")
        without = [name for name in TERMS if name != "DailyVolume"]
        refreshed(desk, "BTCUSDT", source="history", tiers=(), without=without, DailyVolume=5.0)
        row, kept = rows(desk)["BTCUSDT"], rows(desk, "Terms")["BTCUSDT"]
        assert (row["DailyVolume"], row["MaxLeverage"], row["Assumed"]) == (5.0, 100.0, "N")
        assert (kept["Source"], kept["MaxLeverage"], kept["DailyVolume"]) == ("bybit", 100.0, 5.0)


class TestTiers:
    def test_typed_ones_stay_and_are_told(self, desk: Workbook) -> None:
        own = ("BTCUSDT", 0.0, None, 0.02, None, 10.0)
        desk.write_table("Tiers", [own])
        said = refreshed(desk, "BTCUSDT", "ETHUSDT")
        assert [row for row in desk.table("Tiers").rows if row[0] == "BTCUSDT"] == [own]
        assert "typed and kept, in brackets what Bybit says: BTCUSDT Tiers (others)" in said
        assert rows(desk, "Terms")["BTCUSDT"]["Typed"] == "Tiers"

    @pytest.mark.parametrize(("place", "value"), [(2, 3e6), (3, 0.006), (4, 100.0), (5, 90.0)])
    def test_a_row_that_was_touched_is_typed(self, desk: Workbook, place: int, value: float) -> None:
        refreshed(desk, "BTCUSDT")
        first, *rest = desk.table("Tiers").rows
        desk.write_table("Tiers", [[*first[:place], value, *first[place + 1 :]], *rest])
        assert "BTCUSDT Tiers (others)" in refreshed(desk, "BTCUSDT")[0]
        assert desk.table("Tiers").rows[0][place] == value

    def test_changed_ones_are_taken_and_other_charges_are_told(self, desk: Workbook) -> None:
        refreshed(desk, "BTCUSDT")
        moved = ((0.0, 3e6, 0.005, 100.0), (3e6, np.nan, 0.01, 50.0))
        assert refreshed(desk, "BTCUSDT", tiers=moved) == [], "edges follow a price"
        assert desk.table("Tiers").rows[0][2] == 3e6
        dearer = ((0.0, 3e6, 0.005, 100.0), (3e6, np.nan, 0.02, 25.0))
        assert refreshed(desk, "BTCUSDT", tiers=dearer) == [
            "Bybit has other terms than were filled before, taken: BTCUSDT Tiers"
        ]

    def test_those_of_other_contracts_stay_in_their_order(self, desk: Workbook) -> None:
        others = [("XRPUSDT", 0.0, None, 0.02, None, 10.0), ("AAVEUSDT", 0.0, None, 0.03, None, 5.0)]
        desk.write_table("Tiers", others)
        refreshed(desk, "BTCUSDT")
        assert list(desk.table("Tiers").rows[:2]) == others

    def test_beyond_what_the_sheet_takes_they_are_told(self, desk: Workbook) -> None:
        said = refreshed(desk, "BTCUSDT", tiers=((0.0, np.nan, 0.001, 500.0),), MaxLeverage=500.0)
        assert desk.table("Tiers").rows == ()
        assert "Bybit says what the desk does not take: BTCUSDT MaxLeverage 500, BTCUSDT Tiers" in said


def test_on_a_desk_without_the_sheet_terms_volumes_follow_and_what_stands_is_typed(desk_content) -> None:
    tables, cells = desk_content
    book = as_declared(MemoryWorkbook([table for table in tables if table.name != "Terms"], cells), quietly=True)
    book.write_table("Universe", [])
    refreshed(book, "BTCUSDT")
    assert terms(rows(book)["BTCUSDT"]) == TERMS
    said = refreshed(book, "BTCUSDT", DailyVolume=1e9, MaxLeverage=75.0)
    assert rows(book)["BTCUSDT"]["DailyVolume"] == 1e9
    assert said == ["typed and kept, in brackets what Bybit says: BTCUSDT MaxLeverage 100 (75)"]


def test_a_results_book_that_goes_on_knows_what_was_filled(desk: Workbook, desk_content) -> None:
    refreshed(desk, "BTCUSDT")
    results = MemoryWorkbook(*desk_content)
    assert "Terms" in take_inputs(results, desk)[0]
    refreshed(results, "BTCUSDT", MaxLeverage=75.0)
    assert rows(results)["BTCUSDT"]["MaxLeverage"] == 75.0
