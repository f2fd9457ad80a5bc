"""Scripts of xlwings Lite on what the add-in sends of a desk: the figures of the job on the file, cell for cell.

What a script asks for is then carried out on the file, as Excel would, which must end as the job on the file ends.
"""

from __future__ import annotations

import copy
import datetime as dt
import math
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lite_host import remote_book, script
from tests.lite_payload import carried_out, payload
from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Workbook
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.hosts.lite import scripts
from xladdin.hosts.lite.book import LiteBook

NOW = dt.datetime(2026, 1, 1)
JOBS = (jobs.rebalance, jobs.hedge, jobs.stress, jobs.check)

Job = Callable[..., jobs.Report]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copy(ROOT / "workbooks" / "PerpDesk.xlsx", tmp_path_factory.mktemp("desk") / "desk.xlsx"))


@pytest.fixture(scope="module")
def sent(desk: Path) -> dict[str, Any]:
    """The workbook as a script of ours asks for it."""
    return payload(desk, include=scripts.DESK)


@pytest.fixture(scope="module")
def on_file(desk: Path) -> Iterator[FileBook]:
    with FileBook.open(desk) as book:
        yield book


def by_name(sent: dict[str, Any], name: str) -> dict[str, Any]:
    """A sheet of what is sent."""
    found: dict[str, Any] = next(each for each in sent["sheets"] if each["name"] == name)
    return found


def cells_of(book: Workbook) -> dict[tuple[str, int, int], Any]:
    """Every cell of every table, with its heading row."""
    found = {}
    for name in TABLES:
        block = book.table(name)
        for row, values in zip((0, *block.row_numbers), (block.header, *block.rows), strict=True):
            found.update({(name, row, column): value for column, value in enumerate(values)})
    return found


def differing(first: dict[Any, Any], second: dict[Any, Any]) -> dict[Any, tuple[Any, Any]]:
    """The cells that two workbooks do not share, figures to their last digits."""
    pairs = {place: (first.get(place), second.get(place)) for place in {*first, *second}}
    return {place: pair for place, pair in pairs.items() if not _same(*pair)}


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return bool(one == other)


def test_every_job_ends_as_the_job_on_the_file_does(sent: dict[str, Any], on_file: FileBook, desk: Path) -> None:
    book = remote_book(copy.deepcopy(sent))
    lite = LiteBook(book)
    for job in JOBS:
        ours, theirs = job(lite, now=NOW), job(on_file, now=NOW)
        assert ours == theirs
        assert len(cells_of(lite)) > 10_000
        assert differing(cells_of(lite), cells_of(on_file)) == {}
    lite.commit()

    played = Path(shutil.copy(desk, desk.with_name("played.xlsx")))
    carried_out(played, book.json()["actions"])
    with FileBook.open(played) as after:
        assert differing(cells_of(after), cells_of(on_file)) == {}


@pytest.mark.parametrize("name", ["rebalance", "hedge", "stress", "check"])
def test_a_script_writes_a_block_a_table_after_the_size_of_the_table_and_says_what_came_of_it(
    sent: dict[str, Any], name: str
) -> None:
    actions = script(scripts, name, remote_book(copy.deepcopy(sent)))
    assert actions[-1]["func"] == "alert"
    assert actions[-1]["args"][0].startswith(f"{name.capitalize()}: ")
    last = {each["sheet_position"]: place for place, each in enumerate(actions) if each["func"] == "setValues"}
    for place, action in enumerate(actions):
        if action["func"] == "resizeTable":
            assert place < last.get(action["sheet_position"], len(actions))
    written = [each for each in actions if each["func"] == "setValues"]
    assert written
    assert not any(isinstance(cell, dt.datetime) for each in written for row in each["values"] for cell in row)


def test_a_job_that_is_refused_asks_for_nothing_but_the_message(sent: dict[str, Any]) -> None:
    broken = copy.deepcopy(sent)
    universe = by_name(broken, "Universe")
    universe["values"] = [["" if cell == "Symbol" else cell for cell in row] for row in universe["values"]]
    [only] = script(scripts, "rebalance", remote_book(broken))
    assert only["func"] == "alert"
    assert "Rebalance stopped, nothing was written" in only["args"][0]


def test_a_sheet_that_was_renamed_is_named_and_nothing_is_taken_for_blank(sent: dict[str, Any]) -> None:
    renamed = copy.deepcopy(sent)
    by_name(renamed, "Prices")["values"] = [[]]
    [only] = script(scripts, "rebalance", remote_book(renamed))
    assert "was not given the cells of sheet 'Prices'" in only["args"][0]


def test_refresh_reads_files_of_the_store_and_names_a_place_where_there_are_none(
    sent: dict[str, Any], tmp_path: Path
) -> None:
    symbols = [row[1] for row in by_name(sent, "Universe")["values"][6:] if row[1]]
    hours = [dt.datetime(2026, 1, 1) + dt.timedelta(hours=each) for each in range(80)]
    rows = [f"{hour:%Y-%m-%d %H:%M:%S}" + f",{100 + (k * k) % 7}" * len(symbols) for k, hour in enumerate(hours)]
    (tmp_path / "prices.csv").write_text("\n".join([",".join(["time", *symbols]), *rows]))
    actions = script(scripts, "refresh", remote_book(copy.deepcopy(sent)), str(tmp_path))
    assert actions[-1]["args"][0].startswith(f"Refresh: 79 bars of {len(symbols)} contracts")
    prices = [sheet["name"] for sheet in sent["sheets"]].index("Prices")
    block = next(each for each in actions if each["func"] == "setValues" and each["sheet_position"] == prices)
    assert block["values"][0] == [pytest.approx(46023 + 1 / 24), *[100.0] * len(symbols)], "times are serial numbers"
    assert block["values"][80][0] == ""
    [only] = script(scripts, "refresh", remote_book(copy.deepcopy(sent)), "/nowhere")
    assert "/nowhere does not exist" in only["args"][0]


def test_why_tells_of_the_selected_cell(sent: dict[str, Any]) -> None:
    from tests.lite_host import called, main_module

    called(main_module(), "PERP_VOL", [["x"]], caller="[desk.xlsx]About!B7")
    chosen = copy.deepcopy(sent)
    chosen["book"]["selection"] = "B7"
    [said] = script(scripts, "why", remote_book(chosen))
    assert said["args"][0] == "returns holds no number; select the cells that hold it"
    chosen["book"]["selection"] = None
    [said] = script(scripts, "why", remote_book(chosen))
    assert said["args"][0].startswith("no cell is selected")
