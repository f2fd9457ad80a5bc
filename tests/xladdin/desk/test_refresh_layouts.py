"""Refresh over one folder a layout: the same three closes on the desk, whoever published the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import BookError
from tests.xladdin.feeds.conftest import fill
from tests.xladdin.feeds.test_layouts import FOLDERS, FUNDING_FILES, PRICES, SETTLED
from xladdin.books.workbook import Workbook
from xladdin.desk import jobs


@pytest.mark.parametrize("layout", FOLDERS)
def test_refresh_loads_a_folder_of_any_layout(book: Workbook, tmp_path: Path, layout: str) -> None:
    report = jobs.refresh(book, fill(tmp_path / "data", FOLDERS[layout]), ["btcusdt "])
    assert report.headline.startswith("2 bars of 1 contract")
    assert report.headline.endswith("to 2024-01-01 03:00 UTC")
    prices = book.table("Prices")
    assert prices.header == ("Time", "BTCUSDT")
    assert [row[1] for row in prices.rows] == [101, 102, 103]


@pytest.mark.parametrize("layout", FUNDING_FILES)
def test_refresh_loads_the_funding_beside_it(book: Workbook, tmp_path: Path, layout: str) -> None:
    jobs.refresh(book, fill(tmp_path / "data", {"BTCUSDT.csv": PRICES, **FUNDING_FILES[layout]}), ["BTCUSDT"])
    rates = [row[1] for row in book.table("Funding").rows if row[1] is not None]
    assert rates == pytest.approx(list(SETTLED.values()), rel=1e-15)


@pytest.mark.parametrize(
    ("desk", "mark", "price"), [(58_000.0, ".", 61_250.0), (61.0, ".", 61.25), (58_000.0, ",", 61_250)]
)
def test_the_price_on_universe_settles_what_a_file_leaves_open(
    book: Workbook, tmp_path: Path, desk, mark, price
) -> None:
    block = book.table("Universe")
    rows = [list(row) for row in block.rows]
    place = list(block.column("Symbol")).index("BTCUSDT")
    rows[place][block.index("Symbol")], rows[place][block.index("Price")] = " btcusdt", desk
    book.write_table("Universe", rows)
    text = f"time;close\n2024-01-01;61{mark}250\n2024-01-02;61{mark}300\n"
    report = jobs.refresh(book, fill(tmp_path / "data", {"BTCUSDT.csv": text}), ["BTCUSDT"])
    assert book.table("Prices").rows[0][1] == price
    told = f"BTCUSDT.csv: '61{mark}250' is read as {price:g}, as the price of BTCUSDT on the desk is {desk:g}"
    assert any(told in note for note in report.warnings)


def test_a_file_whose_name_is_a_formula_is_no_formula_on_the_desk(book: Workbook, tmp_path: Path) -> None:
    jobs.refresh(book, fill(tmp_path / "=1+1", {"BTCUSDT.csv": PRICES}), ["BTCUSDT"])
    assert str(book.value("DataSource").value).startswith("'=1+1: ")


@pytest.mark.parametrize("typed", ["btcusdt", " BTCUSDT ", "BTCUSDT\u00a0"])
def test_a_symbol_as_somebody_typed_it_is_the_same_contract(book: Workbook, tmp_path: Path, typed: str) -> None:
    block = book.table("Universe")
    rows = [list(row) for row in block.rows]
    place = [row[block.index("Symbol")] for row in rows].index("BTCUSDT")
    rows[place][block.index("Symbol")] = typed
    book.write_table("Universe", rows)
    jobs.refresh(book, fill(tmp_path / "data", {"BTCUSDT.csv": PRICES}), ["BTCUSDT"])
    assert list(book.table("Universe").column("Symbol")).count("BTCUSDT") == 1


def test_a_blank_symbol_is_named_by_its_cell(book: Workbook, tmp_path: Path) -> None:
    block = book.table("Universe")
    rows = [list(row) for row in block.rows]
    rows[1][block.index("Symbol")] = " "
    book.write_table("Universe", rows)
    with pytest.raises(BookError, match=r"Universe!\w+: a symbol is blank; give the contract's name"):
        jobs.refresh(book, fill(tmp_path / "data", {"BTCUSDT.csv": PRICES}))
