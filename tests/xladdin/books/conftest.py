"""A small desk built with openpyxl, as the template builds the real one, and surgery on its zip archive."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

START = datetime(2024, 6, 1, 1)
BARS = 6
CONTRACTS = ("BTC", "ETH", "SOL")

Surgery = Callable[[dict[str, bytes]], None]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def operate(path: Path, surgery: Surgery) -> Path:
    """Change parts of a workbook file, as other programs would have written them."""
    parts = members(path)
    surgery(parts)
    return pack(path, parts)


def replaced(part: str, old: bytes, new: bytes) -> Surgery:
    def surgery(parts: dict[str, bytes]) -> None:
        assert old in parts[part], f"{part} does not hold {old!r}"
        parts[part] = parts[part].replace(old, new, 1)

    return surgery


def build_desk(path: Path) -> Path:
    """Sheets: Universe (3 rows), Prices (6 bars x 3, charted), Weights (empty, charted), Settings, Runs, Monitor."""
    book = Workbook()
    universe = book.active
    universe.title = "Universe"
    _lay(
        universe,
        "B6",
        [["Symbol", "Price", "Lot", "Include"], *([c, 10.0 * n, 0.1, "Y"] for n, c in enumerate(CONTRACTS, 1))],
    )
    universe.add_table(Table(displayName="Universe", ref="B6:E9"))
    yes_no = DataValidation(type="list", formula1='"Y,N"')
    yes_no.add("E7:E9")
    universe.add_data_validation(yes_no)
    universe.conditional_formatting.add(
        "C7:C9", CellIsRule(operator="lessThan", formula=["15"], font=Font(color="FF0000"))
    )
    universe["B3"] = "note above"
    universe["H30"] = "note far below"

    prices = book.create_sheet("Prices")
    bars = [[START + timedelta(hours=n), *(100.0 * (k + 1) + n for k in range(len(CONTRACTS)))] for n in range(BARS)]
    _lay(prices, "B6", [["Time", *CONTRACTS], *bars])
    for row in prices["B7:B12"]:
        row[0].number_format = "yyyy-mm-dd hh:mm"
    for row in prices["C7:E12"]:
        for cell in row:
            cell.number_format = "#,##0.00"
    for cell in prices["B6:E6"][0]:
        cell.fill = PatternFill("solid", fgColor="DDDDDD")
    prices.column_dimensions["E"].width = 14
    prices.add_table(Table(displayName="Prices", ref="B6:E12"))
    prices.conditional_formatting.add(
        "C7:E12", CellIsRule(operator="lessThan", formula=["0"], font=Font(color="FF0000"))
    )
    lines = LineChart()
    for column in range(3, 6):
        lines.add_data(Reference(prices, min_col=column, min_row=6, max_row=12), titles_from_data=True)
    lines.set_categories(Reference(prices, min_col=2, min_row=7, max_row=12))
    prices.add_chart(lines, "J3")

    weights = book.create_sheet("Weights")
    _lay(weights, "B6", [["Symbol", "Final", "Trade"], [None, None, None]])
    weights["C7"].number_format = weights["D7"].number_format = "0.00%"
    weights.add_table(Table(displayName="Weights", ref="B6:D7"))
    bar = BarChart()
    bar.append(Series(Reference(weights, min_col=3, min_row=7, max_row=14), title="Final"))
    bar.set_categories(Reference(weights, min_col=2, min_row=7, max_row=14))
    weights.add_chart(bar, "H3")

    settings = book.create_sheet("Settings")
    settings["C7"], settings["C8"], settings["C9"] = 100_000.0, None, "=C7*2"
    settings["C10"] = "max_sharpe"
    book.defined_names["Equity"] = DefinedName("Equity", attr_text="Settings!$C$7")
    book.defined_names["TargetReturn"] = DefinedName("TargetReturn", attr_text="'Settings'!$C$8")
    book.defined_names["Doubled"] = DefinedName("Doubled", attr_text="Settings!$C$9")
    book.defined_names["Objective"] = DefinedName("Objective", attr_text="Settings!$C$10")
    book.defined_names["Lost"] = DefinedName("Lost", attr_text="Settings!#REF!")
    book.defined_names["Closes"] = DefinedName("Closes", attr_text="Prices!$C$7:$E$12")
    book.defined_names["Block"] = DefinedName("Block", attr_text="Settings!$C$7:$C$9")

    runs = book.create_sheet("Runs")
    _lay(runs, "B6", [["Time", "Job"], [None, None]])
    runs["B7"].number_format = "yyyy-mm-dd hh:mm"
    runs.add_table(Table(displayName="Runs", ref="B6:C7"))

    monitor = book.create_sheet("Monitor")
    monitor["B2"] = "=SUM(Universe[Price])"
    monitor["B3"] = "=Settings!C7"
    monitor["B4"] = ArrayFormula("B4:B6", "=Universe[Lot]*2")
    book.save(path)
    return path


def _lay(sheet: object, corner: str, rows: list[list[object]]) -> None:
    first = sheet[corner]  # type: ignore[index]
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            sheet.cell(first.row + down, first.column + right, value)  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_desk(tmp_path_factory.mktemp("desk") / "desk.xlsx")


@pytest.fixture
def desk(_built: Path, tmp_path: Path) -> Path:
    """A fresh copy of the small desk."""
    copy = tmp_path / "desk.xlsx"
    copy.write_bytes(_built.read_bytes())
    return copy
