"""`perpdesk sweep`: killed in the middle and begun again it has the table of one that ran through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook

RATES = [f"{rate / 400:g}" for rate in range(60)]
TRIED = ("Window=120,240", f"RiskFree={','.join(RATES)}", "DecideEvery=120", "Model=min_variance")
SWEEP = ["sweep", "desk.xlsx", *(word for tried in TRIED for word in ("--try", tried)), "--on", "serial"]

HEADING, ROWS = 5_000, 2_500
"""Bytes that a file begins with, and of the first rows that come."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    assert answered(folder, "new", "desk.xlsx")[0] == 0
    return folder


def begun(folder: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "xladdin.hosts.command_line.cli", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


def answered(folder: Path, *words: str) -> tuple[int, str, str]:
    process = begun(folder, *words)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def stopped(folder: Path, results: str, number: int) -> tuple[int, str]:
    """A sweep that was sent a signal once rows of it are written; its exit code and what it said."""
    part = folder / f"{results}.part"
    enough = (part.stat().st_size if part.exists() else HEADING) + ROWS
    process = begun(folder, *SWEEP, "--results", results)
    while process.poll() is None and not (part.exists() and part.stat().st_size > enough):
        time.sleep(0.02)
    process.send_signal(number)
    _, err = process.communicate(timeout=300)
    return process.returncode, err


@pytest.mark.usefixtures("hearing_ctrl_c")
def test_killed_in_the_middle_and_begun_again_the_table_is_the_same(folder) -> None:
    code, out, err = answered(folder, *SWEEP)
    assert (code, err) == (0, "")
    assert "desk.sweep.parquet" in out
    whole = parquet.read_table(folder / "desk.sweep.parquet")

    code, _ = stopped(folder, "killed.parquet", signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert not (folder / "killed.parquet").exists()
    code, err = stopped(folder, "killed.parquet", signal.SIGINT)
    assert code == 1
    assert "are in killed.parquet.part; run the same command again to go on" in err
    code, _, _ = answered(folder, *SWEEP, "--results", "killed.parquet")
    assert code == 0
    assert parquet.read_table(folder / "killed.parquet").equals(whole)
    assert not (folder / "killed.parquet.part").exists()

    with FileBook.open(folder / "desk.results.xlsx") as book:
        assert len(book.table("Sweep").rows) == 120
        assert book.table("Sweep").column("Configuration")[0] == whole["Configuration"][0].as_py()


def test_wrong_words_are_refused_before_anything_runs(folder) -> None:
    code, _, err = answered(folder, "sweep", "desk.xlsx", "--try", "Windwo=120", "--results", "none.parquet")
    assert (code, err.count("\n")) == (1, 1)
    assert "nearest: Window" in err
    assert not list(folder.glob("none*"))
    assert answered(folder, "sweep", "desk.xlsx")[0] == 1
    assert "name a .parquet file" in answered(folder, *SWEEP, "--results", "none.csv")[2]
