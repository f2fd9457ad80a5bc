"""A desk workbook to work on: the sample desk, built once and copied for each test."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from xladdin.books.file_book import FileBook
from xladdin.books.workbook import CellValue
from xladdin.desk.template.build import sample_book

NOW = datetime(2024, 7, 1, 12)


def digest(path: Path) -> str:
    """What a file holds, as a short text to compare."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="session")
def built_desk(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("built") / "desk.xlsx"
    with sample_book() as book:
        book.commit(path)
    return path


@pytest.fixture
def desk(built_desk, tmp_path) -> Path:
    """The sample desk before any job has run."""
    return Path(shutil.copy(built_desk, tmp_path / "desk.xlsx"))


@pytest.fixture
def edit(desk) -> Callable[..., Path]:
    """Type into the desk: `edit("Universe", 2, "Price", None)` for a cell, `edit("Window", 100.0)` for a setting."""

    def type_in(name: str, *place: CellValue) -> Path:
        with FileBook.open(desk) as book:
            if len(place) == 1:
                book.write_value(name, place[0])
            else:
                row, column, value = place
                block = book.table(name)
                rows = [list(cells) for cells in block.rows]
                rows[int(row)][block.index(str(column))] = value
                book.write_table(name, rows, block.header if name in ("Prices", "Funding") else None)
            book.commit()
        return desk

    return type_in
