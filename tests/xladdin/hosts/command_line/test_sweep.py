"""`perpdesk sweep`: killed in the middle and begun again it has the table of one that ran through."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tests.shipped_desk import shipped_desk
from tests.source_tree import ROOT
from xladdin.books.file_book import FileBook

RATES = [f"{rate / 400:g}" for rate in range(15)]
TRIED = ("Window=120,240", f"RiskFree={','.join(RATES)}", "DecideEvery=120", "Model=min_variance")
SWEEP = ["sweep", "desk.xlsx", *(word for tried in TRIED for word in ("--try", tried)), "--on", "serial"]

PERPDESK = ("-m", "xladdin.hosts.command_line.cli")

STOPPED = """
import os, sys
from xladdin.hosts.command_line.cli import main
from xladdin.sweep.store import Store

number, add, tasks = int(sys.argv.pop(1)), Store.add, []

def add_and_stop(store, rows):
    add(store, rows)
    tasks.append(rows)
    if len(tasks) == 2:
        os.kill(os.getpid(), number)

Store.add = add_and_stop
main()
"""
"""`perpdesk`, which a signal reaches when two tasks of a sweep are written, however busy the machine is."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    shipped_desk(folder / "desk.xlsx")
    return folder


def answered(folder: Path, *words: str, program: Sequence[str] = PERPDESK) -> tuple[int, str, str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *program, *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True, timeout=600
    )
    return done.returncode, done.stdout, done.stderr


def stopped(folder: Path, results: str, number: int) -> tuple[int, str]:
    """A sweep that was sent a signal in the middle: its exit code and what it said."""
    code, _, err = answered(folder, *SWEEP, "--results", results, program=("-c", STOPPED, str(number)))
    return code, err


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
        assert len(book.table("Sweep").rows) == 30
        assert book.table("Sweep").column("Configuration")[0] == whole["Configuration"][0].as_py()


def test_wrong_words_are_refused_before_anything_runs(folder) -> None:
    code, _, err = answered(folder, "sweep", "desk.xlsx", "--try", "Windwo=120", "--results", "none.parquet")
    assert (code, err.count("\n")) == (1, 1)
    assert "nearest: Window" in err
    assert not list(folder.glob("none*"))
    assert answered(folder, "sweep", "desk.xlsx")[0] == 1
    assert "name a .parquet file" in answered(folder, *SWEEP, "--results", "none.csv")[2]
