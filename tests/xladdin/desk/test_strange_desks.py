"""Desks that nobody draws and everybody may have: each is refused by its cell, told, or worked out as `verify` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError, DataWarning
from core.market.panel import Panel
from tests.command_line import perpdesk
from tests.synthetic_desk import synthetic_desk
from xladdin.books.workbook import CellValue
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.read.desk import read_desk
from xladdin.desk.template.sample import SampleDesk
from xladdin.desk.template.workbook import build

COLUMNS = TABLES["Universe"].header

REFUSED: dict[str, tuple[tuple[str, CellValue], str]] = {
    "all of it must be kept": (
        ("MaintenanceRate", 1.0),
        "the maintenance rate of BTCUSDT is all of what is held; it must be below 1",
    ),
    "more than anybody holds": (("Position", 1e300), "holds 1e+300, worth "),
    "a tick above its price": (("Tick", 1e6), "the tick of BTCUSDT is 1e+06 and its price "),
    "paid to trade": (("TakerFeeBps", -90.0), "fee and slippage of BTCUSDT come to less than nothing"),
    "another case": (("Symbol", "btcusdt"), "no price of btcusdt (did you mean 'BTCUSDT'?), and it is held"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_by_its_cell(edit, name: str) -> None:
    (column, value), words = REFUSED[name]
    desk = edit("Universe", 0, column, value)
    for job in (jobs.stress, jobs.hedge, jobs.rebalance):
        with pytest.raises(BookError) as caught:
            job(desk)
        assert words in str(caught.value)
        assert str(caught.value).startswith("sheet 'Prices'" if column == "Symbol" else "Universe!")


DOUBTED: dict[str, tuple[tuple[str, CellValue], str]] = {
    "a price of another scale": (
        ("Price", 61.25),
        "the price of BTCUSDT is far from its last close on Prices (61.25 and",
    ),
    "in per cent": (
        ("MaintenanceRate", 0.4),
        r"the MaintenanceRate of BTCUSDT is above its initial margin 1 / MaxLeverage (0.4 and 1 / ",
    ),
    "of another tier": (
        ("MaintenanceAmount", 1e9),
        "the MaintenanceAmount of BTCUSDT takes all of its maintenance margin away",
    ),
}


@pytest.mark.parametrize("name", DOUBTED)
def test_what_is_unlikely_is_told_by_each_job_once(edit, name: str) -> None:
    (column, value), words = DOUBTED[name]
    desk = edit("Universe", 0, column, value)
    for job in (jobs.stress, jobs.rebalance, jobs.hedge):
        told = [warning for warning in job(desk).warnings if "BTCUSDT" in warning or "position 1" in warning]
        assert sum(words in warning for warning in told) == 1
        assert not any("maintenance_rates" in warning for warning in told)


def test_tiers_stand_in_place_of_the_rate_and_the_amount(edit, book) -> None:
    edit("Universe", 0, "MaintenanceAmount", 1e9)
    book.write_table("Tiers", [["BTCUSDT", 0.0, None, 0.01, None, 50.0]])
    assert not any("MaintenanceAmount" in warning for warning in jobs.stress(book).warnings)


@pytest.mark.parametrize(
    ("rate", "leverage", "words"),
    [
        (0.9, 1.0, "the target would be liquidated at once: its maintenance margin at the tiers of Tiers is "),
        (0.3, 1.0, "the venue would refuse some of the target: its initial margin at the leverages of Tiers is "),
        (0.01, 50.0, None),
    ],
)
def test_a_target_that_its_tiers_do_not_carry_is_told(edit, rate: float, leverage: float, words: str | None) -> None:
    edit("GrossMax", 2.0)
    desk = edit("NetTarget", 1.5)
    symbols = [row[0] for row in desk.table("Universe").rows]
    desk.write_table("Tiers", [[symbol, 0.0, None, rate, None, leverage] for symbol in symbols])
    told = [warning for warning in jobs.rebalance(desk).warnings if "of Tiers is" in warning]
    assert len(told) == (words is not None)
    assert words is None or told[0].startswith(words)
    if words is not None:
        needed = float(told[0].removeprefix(words).partition(", and")[0].replace(",", ""))
        prices = dict(zip(symbols, desk.table("Universe").column("Price"), strict=True))
        weights = desk.table("Weights")
        target = zip(weights.column("Symbol"), weights.column("TargetPosition"), strict=True)
        held = sum(abs(contracts) * prices[symbol] for symbol, contracts in target)
        assert needed == pytest.approx(held * (rate if "maintenance" in words else 1 / leverage), abs=0.5)


def test_where_no_tiers_stand_nothing_is_said_of_them(edit) -> None:
    edit("Universe", 0, "MaintenanceRate", 0.9)
    assert not any("of Tiers is" in warning for warning in jobs.rebalance(edit("NetTarget", 1.5)).warnings)


def test_the_tiers_of_an_inverse_contract_are_in_coins(edit) -> None:
    """15 million dollars are far beyond 100,000 of them, and far fewer coins: the first tier carries them."""
    for column, value in (("Contract", "inverse"), ("MinWeight", 1.5), ("MaxWeight", 2.0)):
        edit("Universe", 0, column, value)
    edit("GrossMax", 3.0)
    desk = edit("NetTarget", 2.0)
    desk.write_table("Tiers", [["BTCUSDT", 0.0, 1e5, 0.004, None, 50.0], ["BTCUSDT", 1e5, None, 0.9, None, 1.0]])
    assert not any("of Tiers is" in warning for warning in jobs.rebalance(desk).warnings)
    edit("Universe", 0, "Contract", "linear")
    assert any("would be liquidated at once" in warning for warning in jobs.rebalance(desk).warnings)


def test_a_target_of_nothing_leads_to_what_is_held(edit, book) -> None:
    jobs.rebalance(book)
    weights = book.table("Weights")
    place = weights.index("TargetPosition")
    book.write_table("Weights", [[*row[:place], 0.0, *row[place + 1 :]] for row in weights.rows])
    with pytest.raises(BookError, match="or set BookBasis to current on Settings for the positions held now"):
        jobs.stress(book)
    assert jobs.stress(edit("BookBasis", "current")).headline.startswith("worst of the positions held now")


def test_gaps_in_each_day_are_named_by_sheet_and_contract(book) -> None:
    block = book.table("Prices")
    held = block.index("BTCUSDT")
    rows = [
        [None if column == held and row % 20 == 19 and row < len(block.rows) - 1 else cell for column, cell in each]
        for row, each in enumerate(map(list, map(enumerate, block.rows)))
    ]
    book.write_table("Prices", rows, block.header)
    with pytest.raises(BookError, match=r"sheet 'Prices': no day of the window has every price .* BTCUSDT lacks most"):
        jobs.stress(book)


def test_bars_without_a_price_are_told_in_the_words_of_the_desk(book) -> None:
    block = book.table("Prices")
    rows = [list(row) for row in block.rows]
    rows[-100][block.index("BTCUSDT")] = None
    book.write_table("Prices", rows, block.header)
    assert not any("rows dropped" in warning for warning in jobs.stress(book).warnings)


def test_what_an_account_lacks_is_money(edit) -> None:
    for row in range(2):
        edit("Universe", row, "Position", 1e6)
    [told] = [each for each in jobs.stress(edit("Equity", 1.0)).warnings if "of its maintenance margin" in each]
    assert "e+" not in told


def strange(change: Callable[[dict[str, CellValue], int], None], contracts: int = 4, **panel: object) -> SampleDesk:
    """A synthetic desk of which each row of Universe, a cell by its heading, goes through `change`."""
    desk = synthetic_desk(contracts, bar_hours=1)
    universe = []
    for number, row in enumerate(desk.universe):
        cells = dict(zip(COLUMNS, row, strict=True)) | {"MaxWeight": 1.0}
        change(cells, number)
        universe.append(tuple(cells.values()))
    given = desk.panel
    history = {
        name: panel.get(name, getattr(given, name)) for name in ("times", "symbols", "prices", "funding", "bar_hours")
    }
    settings = {**desk.settings, "BarHours": history["bar_hours"]}
    return replace(desk, universe=tuple(universe), panel=Panel(**history), settings=settings)


def nothing(cells: dict[str, CellValue], number: int) -> None:
    """As it is."""


def overlay_against(cells: dict[str, CellValue], number: int) -> None:
    """As much in the overlay as is held, the other way."""
    if number == 0:
        cells |= {"Position": 5.0, "OverlayPosition": -5.0, "OverlayEntry": 60_000.0}


def stable(cells: dict[str, CellValue], number: int) -> None:
    """The second hedge is a stablecoin."""
    if number == 1:
        cells |= {"Price": 1.0, "Position": 100_000.0, "EntryPrice": 1.0, "Lot": 0.1, "Tick": 0.0001}


def _as_stable() -> SampleDesk:
    prices = synthetic_desk(3).panel.prices.copy()
    prices[:, 1] = 1 + np.random.default_rng(1).normal(0, 1e-4, len(prices))
    prices[-1, 1] = 1.0
    return strange(stable, 3, prices=prices)


def _daily() -> SampleDesk:
    times = synthetic_desk(3).panel.times
    return strange(nothing, 3, times=times[0] + (times - times[0]) * 24, bar_hours=24.0)


VERIFIED: dict[str, Callable[[], SampleDesk]] = {
    "an overlay that cancels the book": lambda: strange(overlay_against),
    "a hedge that does not move": _as_stable,
    "daily bars": _daily,
}


@pytest.mark.parametrize("name", VERIFIED)
def test_a_second_opinion_agrees_on_a_strange_desk(tmp_path: Path, name: str) -> None:
    path = tmp_path / "desk.xlsx"
    build(path, VERIFIED[name]())
    said = {job: perpdesk(job, path) for job in ("rebalance", "hedge", "stress", "verify")}
    assert said["verify"].exit_code == 0, said["verify"].stdout
    if name == "a hedge that does not move":
        told = "is below 0.01 in size, so it cannot hedge and is passed over"
        assert told in said["hedge"].stdout
        assert "position 2" not in said["hedge"].stdout


def test_a_market_that_stands_still_is_refused_and_leaves_nothing_to_verify(tmp_path: Path) -> None:
    path, panel = tmp_path / "desk.xlsx", synthetic_desk(3).panel
    still = np.tile(panel.prices[-1], (len(panel.prices), 1))
    build(path, strange(nothing, 3, prices=still, funding=np.full(still.shape, np.nan)))
    said = perpdesk("stress", path)
    assert said.exit_code == 1
    assert "sheet 'Prices': the benchmark BTCUSDT cannot be read: returns are all zero" in said.stderr
    said = perpdesk("verify", path)
    assert (said.exit_code, said.stderr) == (0, "")


def test_hedges_that_do_not_move_are_refused_by_their_sheet(edit, book) -> None:
    block = book.table("Prices")
    universe = book.table("Universe")
    pairs = zip(universe.column("Symbol"), universe.column("Hedge"), strict=True)
    marked = [str(symbol) for symbol, is_it in pairs if is_it == "Y"]
    other = next(name for name in block.header[1:] if name not in marked)
    edit("Benchmark", other)
    places = [block.index(name) for name in marked]
    book.write_table(
        "Prices",
        [[100.0 if place in places else cell for place, cell in enumerate(row)] for row in block.rows],
        block.header,
    )
    funding = book.table("Funding")
    book.write_table("Funding", [[row[0], *[None] * (len(row) - 1)] for row in funding.rows], funding.header)
    for row, symbol in enumerate(book.table("Universe").column("Symbol")):
        if symbol in marked:
            edit("Universe", row, "Price", 100.0)
            edit("Universe", row, "Tick", 0.0)
    with pytest.raises(BookError, match=r"no contract marked Hedge has a beta of 0\.01 or more in size"):
        jobs.hedge(book)


def test_a_usual_desk_has_no_doubts(book, recwarn) -> None:
    read_desk(book)
    assert not [each for each in recwarn if issubclass(each.category, DataWarning)]
