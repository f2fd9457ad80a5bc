"""What the disk or another process does to the store: killed writers, damaged files, a full disk, two at once."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest

from core.errors import FeedError
from tests.xladdin.feeds.store.conftest import HOURLY, candles, hours, span
from xladdin.feeds.store import upkeep
from xladdin.feeds.store.documents import keep_document, kept_document
from xladdin.feeds.store.key import SeriesKey
from xladdin.feeds.store.store import Store

FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None
needs_fork = pytest.mark.skipif(FORK is None, reason="this system cannot fork")


def keep(store: Store, first: int, count: int, key: SeriesKey = HOURLY, now: int = 1000) -> None:
    store.append(key, hours(first, count), candles(first, count), span(first, count), now)


def write_for_ever(root: Path, tells: Connection) -> None:
    store, first = Store(root), 0
    while True:
        keep(store, first, 7)
        tells.send("kept")
        first += 7


@needs_fork
def test_a_writer_killed_at_any_moment_leaves_a_sound_store_that_goes_on(store: Store) -> None:
    chance = random.Random(1)
    for case in range(12):
        root = store.root / str(case)
        hears, tells = FORK.Pipe(duplex=False)
        writer = FORK.Process(target=write_for_ever, args=(root, tells))
        writer.start()
        for _ in range(case % 4):
            hears.recv()
        time.sleep(chance.uniform(0, 0.03))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        hears.close()
        tells.close()
        left = Store(root)
        rows = left.read(HOURLY)
        count = len(rows.times)
        assert count >= 7 * (case % 4), "what it said that it had kept"
        assert upkeep.verify(left) == []
        assert (rows.values == candles(0, count)).all()
        assert left.missing(HOURLY, span(0, count)) == []
        keep(left, count, 3)
        assert (left.read(HOURLY).values == candles(0, count + 3)).all()
        upkeep.prune(left)
        assert not list(root.rglob("*.tmp"))


def write_some(root: Path, places: list[int]) -> None:
    store = Store(root)
    for first in places:
        keep(store, first, 10)


@needs_fork
def test_two_writers_at_once_lose_nothing_and_keep_nothing_twice(store: Store) -> None:
    blocks = list(range(0, 200, 5))
    writers = [FORK.Process(target=write_some, args=(store.root, order)) for order in (blocks, blocks[::-1])]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        rows = store.read(HOURLY)  # a reader beside them never sees half of a write
        assert (np.diff(rows.times) > np.timedelta64(0, "s")).all()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert (store.read(HOURLY).values == candles(0, 205)).all()
    assert len(store.versions(HOURLY).times) == 205
    assert upkeep.verify(store) == []


@pytest.mark.parametrize("place", [20, 200, -20])
def test_a_flipped_bit_is_found_set_aside_and_read_again(store: Store, place: int) -> None:
    keep(store, 0, 100)
    (file,) = store.folder(HOURLY).glob("*.parquet")
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    (fault,) = upkeep.verify(store)
    assert (fault.path, fault.key) == (file, HOURLY)
    upkeep.repair(store)
    assert upkeep.verify(store) == []
    assert store.missing(HOURLY, span(0, 100)) == [span(0, 100)]
    assert (store.root / "_damaged" / HOURLY.folder / file.name).read_bytes() == bytes(content)
    keep(store, 0, 100)
    assert (store.read(HOURLY).values == candles(0, 100)).all()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"sha256": 1}', b"\xff\xfe"])
def test_a_damaged_list_of_files_is_told_and_made_anew_from_the_files(store: Store, content: bytes) -> None:
    keep(store, 0, 30)
    (store.folder(HOURLY) / "series.json").write_bytes(content)
    with pytest.raises(FeedError, match="store verify --repair"):
        store.read(HOURLY)
    assert len(upkeep.repair(store)) == 1
    assert (store.read(HOURLY).values == candles(0, 30)).all()
    assert store.missing(HOURLY, span(0, 30)) == [span(0, 30)], "what was read to the end, nobody knows any more"


def test_a_file_that_is_gone_is_told(store: Store) -> None:
    keep(store, 0, 30)
    for file in store.folder(HOURLY).glob("*.parquet"):
        file.unlink()
    with pytest.raises(FeedError, match="is gone; perpdesk store verify --repair"):
        store.read(HOURLY)
    assert [fault.what for fault in upkeep.repair(store)] == ["is gone"]
    assert len(store.read(HOURLY).times) == 0


def test_a_segment_that_a_longer_one_replaced_is_not_taken_twice_when_the_list_is_lost(store: Store) -> None:
    keep(store, 0, 30)
    (first,) = store.folder(HOURLY).glob("*.parquet")
    old = first.read_bytes()
    keep(store, 30, 10)
    first.write_bytes(old)
    (store.folder(HOURLY) / "series.json").unlink()
    upkeep.repair(store)
    assert len(store.versions(HOURLY).times) == 40


@pytest.mark.parametrize("flushes", range(4))
def test_a_full_disk_leaves_the_series_as_it_was_and_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch, flushes: int
) -> None:
    keep(store, 0, 30)
    flush, done = os.fsync, iter(range(10))

    def full(handle: int) -> None:
        if next(done) >= flushes:
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(handle)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        with pytest.raises(FeedError, match="No space left on device; what it had before is whole"):
            keep(store, 30, 10)
    assert upkeep.verify(store) == []
    assert len(store.read(HOURLY).times) in (30, 40)
    keep(store, 30, 10)
    assert (store.read(HOURLY).values == candles(0, 40)).all()
    assert not list(store.root.rglob("*.tmp"))


def test_a_store_that_may_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FeedError, match=r"cannot be written: .*give another folder with --store"):
        keep(Store(tmp_path / "file" / "store"), 0, 1)


def test_prune_drops_revised_versions_and_old_rows_and_what_nobody_uses(store: Store) -> None:
    keep(store, 0, 30)
    store.append(HOURLY, hours(5, 1), candles(5, 1, seed=3), span(5, 1), 2000)
    stray = store.folder(HOURLY) / ".000009-x.parquet.abc.tmp"
    stray.write_bytes(b"half")
    assert upkeep.prune(store) == (1, 2), "the revised row; the file that was replaced and the unfinished one"
    assert (store.read(HOURLY).values[5] == candles(5, 1, seed=3)).all()
    assert len(store.read(HOURLY, as_of=1500).times) == 29
    assert upkeep.prune(store, hours(10, 1)[0]) == (10, 1)
    assert (store.read(HOURLY).times == hours(10, 20)).all()
    assert store.missing(HOURLY, span(0, 30)) == [span(0, 10)]
    assert upkeep.prune(store, venue="okx") == (0, 0)
    assert upkeep.verify(store) == []


def test_documents_are_versions_where_they_change_and_a_damaged_one_is_told(store: Store) -> None:
    assert keep_document(store, "bybit", "terms", {"BTCUSDT": {"lot": 0.001}}, 10)
    assert not keep_document(store, "bybit", "terms", {"BTCUSDT": {"lot": 0.001}}, 20)
    assert keep_document(store, "bybit", "terms", {"BTCUSDT": {"lot": 0.01}}, 5), "a clock that went back"
    assert kept_document(store, "bybit", "terms") == ({"BTCUSDT": {"lot": 0.01}}, 11)
    assert kept_document(store, "bybit", "terms", as_of=10) == ({"BTCUSDT": {"lot": 0.001}}, 10)
    assert kept_document(store, "bybit", "terms", as_of=9) is None
    newest = max((store.root / "bybit" / "_documents" / "terms").iterdir())
    newest.write_text("{}")
    with pytest.raises(FeedError, match="is damaged"):
        kept_document(store, "bybit", "terms")
    assert [fault.path for fault in upkeep.repair(store)] == [newest]
    assert kept_document(store, "bybit", "terms") == ({"BTCUSDT": {"lot": 0.001}}, 10)
