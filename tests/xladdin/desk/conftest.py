"""A desk workbook to work on: the sample desk, drawn once; in memory for most tests, as a file for some."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.memory_workbook import MemoryWorkbook
from tests.sample_file import sample_file
from xladdin.books.file_book import FileBook
from xladdin.books.workbook import Block, CellValue, NamedCell, Workbook
from xladdin.desk.layout.sheets import SETTINGS, TABLES

NOW = datetime(2024, 7, 1, 12)

CELLS = (*(setting.name for setting in SETTINGS), "DataSource")
"""The named cells that jobs read or write."""

on_a_file = pytest.mark.parametrize("book", ["file"], indirect=True)
"""For tests of a job that work on a real file instead of the workbook in memory."""


def digest(path: Path) -> str:
    """What a file holds, as a short text to compare."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def built_desk(tmp_path_factory) -> Path:
    return sample_file(tmp_path_factory.mktemp("built") / "desk.xlsx")


@pytest.fixture(scope="session")
def desk_content(built_desk) -> tuple[list[Block], list[NamedCell]]:
    """All that stands on the sample desk before any job has run."""
    with FileBook.open(built_desk) as book:
        return [book.table(name) for name in TABLES], [book.value(name) for name in CELLS]


@pytest.fixture
def desk_file(built_desk, tmp_path) -> Path:
    """The sample desk before any job has run, as a file."""
    return Path(shutil.copy(built_desk, tmp_path / "desk.xlsx"))


@pytest.fixture
def book(request, desk_content) -> Iterator[Workbook]:
    """The sample desk before any job has run, in memory or, with `on_a_file`, as an open file."""
    if getattr(request, "param", "memory") == "memory":
        yield MemoryWorkbook(*desk_content)
        return
    with FileBook.open(request.getfixturevalue("desk_file")) as opened:
        yield opened


@pytest.fixture
def edit(book) -> Callable[..., Workbook]:
    """Type into the desk: `edit("Universe", 2, "Price", None)` for a cell, `edit("Window", 100.0)` for a setting."""

    def type_in(name: str, *place: CellValue) -> Workbook:
        if len(place) == 1:
            book.write_value(name, place[0])
        else:
            row, column, value = place
            block = book.table(name)
            rows = [list(cells) for cells in block.rows]
            rows[int(row)][block.index(str(column))] = value
            book.write_table(name, rows, block.header if name in ("Prices", "Funding") else None)
        book.commit()
        return book

    return type_in
