"""A patched workbook opens in a real spreadsheet application, with the new values and formulas recalculated."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import openpyxl
import pytest

from tests.xladdin.books.conftest import START
from tests.xladdin.books.xlsx.test_patch import bars
from xladdin.books.file_book import FileBook


@pytest.mark.calc
def test_libreoffice_shows_the_values_written(desk: Path, tmp_path: Path, soffice: Path) -> None:
    with FileBook.open(desk) as book:
        book.write_table("Universe", [["=cmd|' /C calc'!A0", 1.5, 0.1, "Y"], ["ETH", 2.5, 0.2, "N"]])
        book.write_table("Prices", bars(9, 4), ["Time", "BTC", "ETH", "ADA", "DOT"])
        book.append_rows("Runs", [[START, "rebalance"]])
        book.write_value("Equity", 123.0)
        book.commit()
    out = tmp_path / "converted"
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for kind in ("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1", "xlsx"):
        command = [str(soffice), profile, "--headless", "--convert-to", kind, "--outdir", str(out), str(desk)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)

    def sheet(name: str) -> list[list[str]]:
        with (out / f"desk-{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    universe, prices, monitor = sheet("Universe"), sheet("Prices"), sheet("Monitor")
    assert [row[1:5] for row in universe[6:9]] == [
        ["=cmd|' /C calc'!A0", "1.5", "0.1", "Y"],
        ["ETH", "2.5", "0.2", "N"],
        ["", "", "", ""],
    ]
    assert prices[5][1:6] == ["Time", "BTC", "ETH", "ADA", "DOT"]
    assert prices[14][1:6] == ["2024-06-01 09:00:00", "8", "9", "10", "11"]
    assert sheet("Runs")[6][1:3] == ["2024-06-01 01:00:00", "rebalance"]
    assert (monitor[1][1], monitor[2][1]) == ("4", "123"), "formulas are calculated from the new cells"

    again = openpyxl.load_workbook(out / "desk.xlsx")
    assert again["Prices"].tables["Prices"].ref == "B6:F15"
    assert len(again["Prices"]._charts[0].series) == 4
