"""What two spreadsheets of other makers compute from the desk's formulas is the same, before any job and after all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from tests import onlyoffice, render
from tests.calc_office import Office
from tests.xladdin.desk.conftest import NOW
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.desk.template.monitor import FIGURES

pytestmark = [
    pytest.mark.calc,
    pytest.mark.filterwarnings("ignore:.*:UserWarning:openpyxl"),  # only values are read of what the two have saved
]

UNKNOWN = ("#NAME?", "#N/A")
"""What the two show for a function that neither has: one says so, the other that there is no value."""


@pytest.mark.parametrize("worked", [False, True], ids=["as it ships", "after a day"])
def test_every_formula_shows_the_same_in_libreoffice_and_onlyoffice(
    plain_office: Office, desk_file: Path, tmp_path: Path, worked: bool
) -> None:
    if worked:
        work_a_day(desk_file)
    computed = render.recalculated(plain_office, desk_file, tmp_path / "libreoffice")
    by_office = openpyxl.load_workbook(computed, data_only=True)
    by_other = openpyxl.load_workbook(onlyoffice.recalculated(desk_file, tmp_path / "onlyoffice"), data_only=True)
    compared, known_to_neither, different = 0, set[str](), {}
    for sheet, address in formulas(openpyxl.load_workbook(desk_file)):
        one, other = by_office[sheet][address].value, by_other[sheet][address].value
        compared += 1
        if (one, other) == UNKNOWN:
            known_to_neither.add(f"{sheet}!{address}")
        elif one != (pytest.approx(other, rel=1e-12, abs=1e-12) if isinstance(other, float) else other):
            different[f"{sheet}!{address}"] = (one, other)
    assert compared > 100
    assert {place.split("!")[0] for place in known_to_neither} <= {"Monitor"}
    assert len(known_to_neither) <= len(FIGURES), "the add-in's own functions, and nothing else"
    told_apart = {place.replace("!E", "!H") for place in known_to_neither}
    assert {place: values for place, values in different.items() if place not in told_apart} == {}


def formulas(book: Workbook) -> Iterator[tuple[str, str]]:
    """Sheet and address of each cell that is computed."""
    for worksheet in book:
        for row in worksheet.iter_rows():
            yield from ((worksheet.title, cell.coordinate) for cell in row if cell.data_type == "f")


def work_a_day(desk: Path) -> None:
    """All jobs whose results the formulas look at."""
    for job in (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check):
        with FileBook.open(desk) as book:
            job(book, NOW)
            book.commit()
