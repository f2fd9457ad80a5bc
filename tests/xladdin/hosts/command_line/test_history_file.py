"""The history in a file beside the workbook: the same desk, told about, and never half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.errors import BookError
from tests.memory_workbook import MemoryWorkbook
from xladdin.books import beside, file_book
from xladdin.books.file_book import FileBook
from xladdin.desk import history_file
from xladdin.desk.day.refresh import history as refresh_history
from xladdin.desk.history_file import KeptHistory, filed_series, kept_name
from xladdin.desk.layout.sheets import SETTINGS, TABLES
from xladdin.hosts.jobs import on_open_book

SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT"
BARS = 900


@pytest.fixture
def long_history(tmp_path):
    """900 hours of three contracts; settlements each 8 hours, one price missing."""
    rng, folder = np.random.default_rng(11), tmp_path / "long"
    folder.mkdir()
    times = np.datetime64("2024-03-01T00:00") + np.arange(BARS) * np.timedelta64(1, "h")
    for symbol in SYMBOLS.split(","):
        closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, BARS)))
        rates = [f"{rate:.7f}" if hour % 8 == 0 else "" for hour, rate in enumerate(rng.normal(1e-4, 1e-5, BARS))]
        rows = zip(times, closes.tolist(), rates, strict=True)
        lines = "\n".join(f"{time},{close!r},{rate}" for time, close, rate in rows)
        (folder / f"{symbol}.csv").write_text(f"time,close,funding_rate\n{lines}\n")
    return folder


@pytest.fixture
def refreshed(run, desk, long_history):
    """`refreshed("--history-file")`: the desk with that history."""

    def refresh(*options, book=desk):
        code, out, err = run("refresh", book, "--from", long_history, "--symbols", SYMBOLS, *options)
        assert code == 0, err
        return out

    return refresh


def named(book_file: Path) -> str:
    with FileBook.open(book_file) as book:
        return str(book.value("HistoryFile").value)


def columns(book_file: Path, *tables: str) -> list[object]:
    with FileBook.open(book_file) as book:
        return [book.table(name).rows for name in tables]


def test_the_same_desk_with_its_history_in_a_file(run, desk, refreshed, tmp_path):
    cells, filed = tmp_path / "cells.xlsx", tmp_path / "filed.xlsx"
    for book in (cells, filed):
        shutil.copy(desk, book)
    refreshed(book=cells)
    out = refreshed("--history-file", book=filed)
    name = named(filed)
    content = (tmp_path / name).read_bytes()
    assert name == f"filed.history-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    assert f"the history is in {name} beside the workbook: keep the two together" in out.replace("\n", "")
    with FileBook.open(cells) as whole, FileBook.open(filed) as short:
        for table in ("Prices", "Funding"):
            every, last = whole.series(table), short.series(table)
            kept = filed_series(short, table, name)
            assert len(every.times) == BARS
            assert len(last.times) == 721
            assert np.array_equal(last.numbers, every.numbers[-721:], equal_nan=True)
            assert np.array_equal(kept.numbers, every.numbers, equal_nan=True)
            assert np.array_equal(kept.times, every.times)
            assert dict(kept.odd) == dict(every.odd)
    for job in ("rebalance", "hedge", "stress", "backtest"):
        for book in (cells, filed):
            assert run(job, book, "--set", "Window=720")[2] == "", (job, book)
    results = [path.with_name(f"{path.stem}.results.xlsx") for path in (cells, filed)]
    tables = ("Estimates", "Weights", "Hedge", "Stress", "Backtest", "Attribution")
    assert columns(results[0], *tables) == columns(results[1], *tables)
    code, out, err = run("verify", results[1])
    assert code == 0, err
    assert "none differs" in out
    with FileBook.open(results[1]) as book:
        runs = book.table("Runs")
        assert all(f"history_file={name}" in text for text in runs.column("Parameters")[1:5])


def test_the_next_refresh_keeps_to_the_file_and_the_old_one_stays_for_the_backup(desk, refreshed, tmp_path):
    refreshed("--history-file")
    first = named(desk)
    out = refreshed("--bars", "750")
    second = named(desk)
    assert first != second
    assert f"{first}, stays for the backup" in out
    shutil.copy(desk.with_name("desk.xlsx.bak"), tmp_path / "old.xlsx")
    for book_file, bars in ((desk, 751), (tmp_path / "old.xlsx", BARS)):
        with FileBook.open(book_file) as book:
            assert len(filed_series(book, "Prices", kept_name(book)).times) == bars
    refreshed("--no-history-file")
    with FileBook.open(desk) as book:
        assert book.value("HistoryFile").value is None
        assert len(book.series("Prices").times) == BARS


def test_a_word_in_the_cell_asks_for_a_file(desk, refreshed):
    with FileBook.open(desk) as book:
        book.write_value("HistoryFile", "yes")
        book.commit()
    refreshed()
    assert named(desk).startswith("desk.history-")


def test_a_copy_without_its_file_is_told_and_can_work_with_the_last_bars(run, desk, refreshed, tmp_path):
    refreshed("--history-file")
    name = named(desk)
    (tmp_path / "mailed").mkdir()
    copy = shutil.copy(desk, tmp_path / "mailed" / "desk.xlsx")
    code, _, err = run("rebalance", copy)
    assert code == 1
    assert f"desk.xlsx keeps its history in {name}, which is not beside it; copy that file there too" in err
    assert "blank HistoryFile on Settings" in err
    assert run("rebalance", copy, "--set", "HistoryFile=")[0] == 0


def test_results_in_another_folder_get_the_file_too(run, desk, refreshed, tmp_path):
    refreshed("--history-file")
    (tmp_path / "out").mkdir()
    for _ in range(2):
        code, _, err = run("rebalance", desk, "--out", tmp_path / "out" / "a.xlsx")
        assert code == 0, err
        assert (tmp_path / "out" / named(desk)).exists()
        (tmp_path / "out" / named(desk)).unlink()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9] + b"tampered!"), "is not what Refresh wrote"),
        (lambda path: path.write_bytes(b""), "is not what Refresh wrote"),
        (lambda path: (path.unlink(), path.mkdir()), "is no ordinary file"),
        (lambda path: (path.rename(path.with_name("x")), path.symlink_to(path.with_name("x"))), "is no ordinary file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "is no ordinary file"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="links and pipes are POSIX")
def test_another_file_in_its_place_is_refused(run, desk, refreshed, spoil, words):
    refreshed("--history-file")
    spoil(desk.with_name(named(desk)))
    code, _, err = run("check", desk)
    assert code == 1
    assert words in err


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../a.history-0123456789ab.parquet", "is no name of a file beside"),
        ("/etc/a.history-0123456789ab.parquet", "is no name of a file beside"),
        ("c:\\a.history-0123456789ab.parquet", "is no name of a file beside"),
        ("passwd", "which is no history file"),
        ("a.parquet", "which is no history file"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(run, desk, name, words):
    code, _, err = run("rebalance", desk, "--set", f"HistoryFile={name}")
    assert code == 1
    assert words in err


def test_a_file_of_the_right_hash_that_holds_something_else_is_refused(run, desk):
    content = b"PAR1 and no more"
    name = f"desk.history-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
    desk.with_name(name).write_bytes(content)
    code, _, err = run("rebalance", desk, "--set", f"HistoryFile={name}")
    assert code == 1
    assert f"{name} is no history file" in err


def test_a_file_of_too_many_values_is_refused_unread(run, desk, refreshed, monkeypatch):
    refreshed("--history-file")
    history_file._unpacked.cache_clear()
    monkeypatch.setattr(history_file, "LARGEST", 1000)
    assert "holds more than 1,000 values" in run("rebalance", desk)[2]


def test_a_job_that_cannot_write_the_book_leaves_the_old_pair_and_no_stray_file(run, desk, refreshed, monkeypatch):
    refreshed("--history-file")
    before = {path.name: path.read_bytes() for path in desk.parent.iterdir() if path.is_file()}

    def full(*_: object, **__: object) -> None:
        raise BookError("the disk is full")

    monkeypatch.setattr(file_book.Target, "write", full)
    code, _, err = run("refresh", desk, "--from", desk.parent / "long", "--symbols", SYMBOLS, "--bars", "760")
    assert (code, "the disk is full" in err) == (1, True)
    assert {path.name: path.read_bytes() for path in desk.parent.iterdir() if path.is_file()} == before


def test_much_history_in_cells_is_told_and_the_file_offered(refreshed, monkeypatch):
    monkeypatch.setattr(refresh_history, "MANY_CELLS", 5_000)
    assert "hold 7,200 cells" in refreshed()
    assert "--history-file" in refreshed()
    assert "cells" not in refreshed("--history-file").partition("note")[0]


def test_what_is_kept_comes_back_to_the_bit():
    rng = np.random.default_rng(3)
    times = np.datetime64("2024-01-01T00:00:00", "s") + np.arange(50) * np.timedelta64(3600, "s")
    prices, funding = np.exp(rng.normal(size=(2, 50, 3)) * 8)
    prices[4, 1] = funding[7, 2] = funding[9, 0] = np.nan
    unread = np.zeros((50, 3), dtype=bool)
    unread[7, 2] = True
    kept = KeptHistory(times, ("A", "b:C", "Ü"), prices, funding, unread)
    content = kept.packed()
    assert content == kept.packed(), "equal histories are equal files"
    back = history_file._unpacked(content, "x")
    assert back.symbols == kept.symbols
    assert back.times.tolist() == times.tolist()
    for mine, theirs in ((prices, back.prices), (funding, back.funding), (unread, back.unread)):
        assert np.array_equal(mine, theirs, equal_nan=mine.dtype == float)
    assert dict(back.series("Funding", "x").odd) == {(7, 3): "n/a"}
    assert back.series("Prices", "x").address(0, "A") == "x!B2"


def test_without_pyarrow_it_says_what_to_install(run, desk, refreshed, monkeypatch):
    monkeypatch.setattr(history_file.importlib.util, "find_spec", lambda _: None)
    code, _, err = run("refresh", desk, "--from", desk.parent / "long", "--symbols", SYMBOLS, "--history-file")
    assert code == 1
    assert "a history file needs pyarrow; install it (pip install pyarrow)" in err


def test_an_open_workbook_keeps_its_file_in_its_folder(desk, tmp_path):
    with FileBook.open(desk) as book:
        names = [*(setting.name for setting in SETTINGS), "DataSource"]
        memory = MemoryWorkbook([book.table(name) for name in TABLES], [book.value(name) for name in names])
    folder = tmp_path / "opened"
    folder.mkdir()

    def work(watched: object, _: object) -> None:
        watched.write_beside("a.parquet", b"content")
        assert watched.beside("a.parquet") == b"content"

    from xladdin.hosts import jobs

    jobs.JOBS["test"] = work
    try:
        on_open_book("test", memory, folder, lambda _: None)
        assert (folder / "a.parquet").read_bytes() == b"content"
        (folder / "b.parquet").write_bytes(b"there")
        jobs.JOBS["test"] = lambda watched, _: watched.beside("b.parquet")
        assert on_open_book("test", memory, folder, lambda _: None) == b"there"
        with (
            pytest.raises(BookError, match="lies in no folder of this machine"),
            beside.landed_beside(None, {"a": b""}, "b"),
        ):
            pass
    finally:
        del jobs.JOBS["test"]
