"""A desk as a file, an hourly history, and `perpdesk` run in this process."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.command_line import perpdesk
from tests.sample_file import sample_file
from xladdin.books.file_book import FileBook

BARS = 1_000
"""The window of the sample desk and some decisions of a backtest: a command reads and proves half as many cells."""


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    path = sample_file(tmp_path_factory.mktemp("sample") / "desk.xlsx")
    with FileBook.open(path) as book:
        for name in ("Prices", "Funding", "Factors"):
            past = book.series(name)
            book.write_series(name, past.times[-BARS:], past.numbers[-BARS:], past.header)
        return book.commit(tmp_path_factory.mktemp("built") / "desk.xlsx")


@pytest.fixture(scope="session")
def after_day(built):
    """A desk after its day."""
    path = built.with_name("after.xlsx")
    shutil.copy(built, path)
    assert perpdesk("day", path, "--out", path).exit_code == 0
    return path


@pytest.fixture
def built_day(after_day, tmp_path):
    return Path(shutil.copy(after_day, tmp_path / "day.xlsx"))


@pytest.fixture
def desk(built, tmp_path):
    return Path(shutil.copy(built, tmp_path / "desk.xlsx"))


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run `perpdesk ...`: its exit code, and what it said on both streams."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        said = perpdesk(*arguments)
        return said.exit_code, said.stdout, said.stderr

    return invoke


HISTORY = "time,BTCUSDT,ETHUSDT,SOLUSDT\n"


@pytest.fixture
def history(tmp_path):
    """200 hours of three contracts in one CSV file."""
    rng = np.random.default_rng(5)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (200, 3)), axis=0))
    times = np.datetime64("2024-06-01T00:00") + np.arange(200) * np.timedelta64(1, "h")
    path = tmp_path / "history.csv"
    lines = [",".join([str(time), *map(str, row)]) for time, row in zip(times, closes, strict=True)]
    path.write_text(HISTORY + "\n".join(lines) + "\n")
    return path
