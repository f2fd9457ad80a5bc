"""A desk as a file, an hourly history, and `perpdesk` run in this process."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from xladdin.desk.template.build import sample_book
from xladdin.hosts.command_line import console
from xladdin.hosts.command_line.cli import main


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("built") / "desk.xlsx"
    with sample_book() as book:
        book.commit(path)
    return path


@pytest.fixture
def desk(built, tmp_path):
    return Path(shutil.copy(built, tmp_path / "desk.xlsx"))


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Run `perpdesk ...`; the result has exit_code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        with CliRunner().isolation() as (out, err, _):
            monkeypatch.setattr(console.out, "_file", sys.stdout)
            monkeypatch.setattr(console.err, "_file", sys.stderr)
            monkeypatch.setattr(sys, "argv", ["perpdesk", *map(str, arguments)])
            with pytest.raises(SystemExit) as left:
                main()
            return left.value.code, out.getvalue().decode(), err.getvalue().decode()

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
