"""A workbook over another: it reads as a file would after the same changes, and the file below never changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError
from xladdin.books.file_book import FileBook
from xladdin.desk import jobs
from xladdin.desk.layout.sheets import TABLES
from xladdin.desk.watch.scratch import ScratchBook

TIMES = np.datetime64("2024-06-01T00:00:00", "s") + np.arange(4) * np.timedelta64(3600, "s")
NUMBERS = np.array([[1.0, np.nan], [2.0, 5.0], [np.nan, np.nan], [4.0, 7.0]])


@pytest.fixture
def both(desk_file):
    """The same file twice: to be changed in memory, and to be changed itself."""
    with FileBook.open(desk_file) as below:
        yield ScratchBook(below), below, desk_file


def changed(book) -> None:
    universe = book.table("Universe")
    book.write_table("Universe", [list(row) for row in universe.rows[:2]])
    book.write_series("Prices", TIMES, NUMBERS, ("Time", "BTCUSDT", "ETHUSDT"), {(2, 2): "n/a"})
    book.write_value("Equity", 5_000.0)
    book.append_rows("Runs", [[None, "watch", *[None] * (len(book.table("Runs").header) - 2)]])


def test_what_is_written_reads_as_from_a_file(both, tmp_path: Path) -> None:
    scratch, below, _ = both
    changed(scratch)
    tables = {name: scratch.table(name) for name in ("Universe", "Prices", "Runs")}
    series, equity = scratch.series("Prices"), scratch.value("Equity")
    changed(below)
    for name, table in tables.items():
        written = below.table(name)
        assert (table.header, table.rows) == (written.header, written.rows), name
    written = below.series("Prices")
    assert (series.times == written.times).all()
    assert np.array_equal(series.numbers, written.numbers, equal_nan=True)
    assert dict(series.odd) == dict(written.odd)
    assert equity == below.value("Equity")


def test_the_file_below_stays_as_it_was(both) -> None:
    scratch, below, path = both
    before = {name: below.table(name) for name in TABLES}
    content = path.read_bytes()
    changed(scratch)
    scratch.write_beside("history.parquet", b"x")
    assert {name: below.table(name) for name in TABLES} == before
    assert path.read_bytes() == content
    assert scratch.beside("history.parquet") == b"x"
    with pytest.raises(BookError, match="is for looking at only, and lands nowhere"):
        scratch.commit()


def test_a_job_finds_there_what_it_finds_in_the_file(both) -> None:
    scratch, below, _ = both
    jobs.rebalance(scratch)
    here = {name: scratch.table(name).rows for name in ("Weights", "Estimates", "Checks")}
    jobs.rebalance(below)
    assert here == {name: below.table(name).rows for name in here}


def test_a_book_that_was_let_go_can_still_be_read(desk_file) -> None:
    opened = FileBook.open(desk_file)
    opened.close()
    with FileBook.open(desk_file, wait=0.0) as other:
        assert opened.table("Universe") == other.table("Universe")
        assert ScratchBook(opened).value("Equity") == other.value("Equity")
