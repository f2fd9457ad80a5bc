"""A job is killed, as `kill -9` or a power cut does it, anywhere between its first read and its last rename.

Afterwards the file holds what it held or what the job wrote, whole; a backup, where there is one, is a whole book too;
and the next job goes through.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from pathlib import Path

from .campaign import Campaign, Tally
from .desks import members, worked
from .forks import finish, start

__all__ = ["CAMPAIGN"]


def _job(path: Path, equity: float) -> None:
    """What a job does with its file, without the arithmetic: read, write tables and cells, commit."""
    from xladdin.books.file_book import FileBook

    with FileBook.open(path) as book:
        runs = book.table("Runs")
        book.write_table("Weights", book.table("Weights").rows)
        book.append_rows("Runs", [runs.rows[-1]])
        book.write_value("Equity", equity)
        book.commit()


def _run(cases: int, seed: int) -> Tally:
    chance, tally = random.Random(seed), Tally()
    with tempfile.TemporaryDirectory() as place:
        begun = worked(Path(place) / "begun.xlsx")
        path = Path(place) / "work" / "desk.xlsx"
        path.parent.mkdir()
        shutil.copy(begun, path)
        _job(path, 1.0)  # loads what the forks need
        clock = time.monotonic()
        _job(path, 2.0)
        whole = 1.3 * (time.monotonic() - clock)
        for case in range(cases):
            known = [path.read_bytes(), path.with_name("desk.xlsx.bak").read_bytes()]
            running = start(lambda equity=10.0 + case: _job(path, equity))
            time.sleep(chance.uniform(0.0, whole))
            os.kill(running.pid, signal.SIGKILL)
            ended = finish(running)
            tally.case(ended.seconds, ended.megabytes)
            tally.counts["killed at work" if ended.code == -signal.SIGKILL else "were done"] += 1
            _judge(tally, f"seed {seed}, case {case}", path, known, 10.0 + case)
    if not tally.counts["killed at work"]:
        tally.fault(f"seed {seed}", "no job was killed at work")
    return tally


def _judge(tally: Tally, where: str, path: Path, known: list[bytes], equity: float) -> None:
    backup = path.with_name("desk.xlsx.bak")
    if path.read_bytes() != known[0]:
        tally.counts["replaced"] += 1
        if _equity(path) != equity:
            tally.fault(where, "the file is neither the old nor the new one")
    if backup.read_bytes() not in known:
        tally.fault(where, "the backup is neither the old one nor what the job found")
    try:
        members(path)
        members(backup_as_book(backup))
        _job(path, 5.0)
    except Exception as error:
        tally.fault(where, f"{type(error).__name__}: {error}")
    if left := [each.name for each in path.parent.iterdir() if each.suffix == ".tmp"]:
        tally.fault(where, f"the next job leaves {left[0]}")


def backup_as_book(backup: Path) -> Path:
    """The backup under a name that opens, read by the reader of workbooks too."""
    copy = Path(shutil.copy(backup, backup.with_name("backup.xlsx")))
    _equity(copy)
    return copy


def _equity(path: Path) -> object:
    from xladdin.books.file_book import FileBook

    with FileBook.open(path) as book:
        return book.value("Equity").value


CAMPAIGN = Campaign(_run, 30, 1_000, "0 corrupt, the backup whole")
