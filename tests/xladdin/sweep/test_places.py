"""Wherever a sweep runs, and whatever dies meanwhile, its table is the same to the last bit."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pyarrow
import pytest

from core.errors import ArgumentError, DeskError
from xladdin.sweep.packed_desk import PackedDesk, keep, opened
from xladdin.sweep.places import Here, Processes
from xladdin.sweep.store import opened_store
from xladdin.sweep.sweep import place_named, sweep
from xladdin.sweep.task import Sweeping, Task, run_task, versions


def swept(plan, path, place=None, moved=None) -> pyarrow.Table:
    with opened_store(path, plan.header) as store:
        sweep(plan, store, place, moved)
        return store.table().sort_by("Key")


@pytest.fixture
def here(plan, tmp_path) -> pyarrow.Table:
    return swept(plan, tmp_path / "here.parquet", Here())


def test_this_process_and_several_give_the_same_table(plan, here, tmp_path) -> None:
    assert here.num_rows == 8
    assert swept(plan, tmp_path / "two.parquet", Processes(2)).equals(here)


def test_a_worker_that_is_killed_loses_nothing(plan, here, tmp_path) -> None:
    killed = []

    def kill_one(doing: str, done: int, of: int) -> None:
        workers = multiprocessing.active_children()
        if 0 < done < of and workers and not killed:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    assert swept(plan, tmp_path / "killed.parquet", Processes(2), kill_one).equals(here)
    assert killed


def test_a_task_that_no_worker_takes_any_more_is_run_by_the_next(plan, here, tmp_path, monkeypatch) -> None:
    """A worker may have died before its death is told with an answer."""
    submit, asked = ProcessPoolExecutor.submit, []

    def refuse_the_second(pool, *words):
        asked.append(words)
        if len(asked) == 2:
            raise BrokenProcessPool("a child process terminated abruptly")
        return submit(pool, *words)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse_the_second)
    assert swept(plan, tmp_path / "refused.parquet", Processes(2)).equals(here)
    assert len(asked) > 2


def test_workers_that_die_again_and_again_end_it_and_the_file_goes_on(plan, here, tmp_path, monkeypatch) -> None:
    class Deadly(Processes):
        def run(self, sweeping, desk, pending):
            monkeypatch.setattr("xladdin.sweep.places._begin", os.abort)
            return super().run(sweeping, desk, pending)

    path = tmp_path / "deadly.parquet"
    with pytest.raises(DeskError, match="ended 3 times before a task was done"):
        swept(plan, path, Deadly(1))
    monkeypatch.undo()
    assert swept(plan, path, Here()).equals(here)


def test_a_sweep_that_was_stopped_goes_on_where_it_was(plan, here, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("xladdin.sweep.pending.GROWTH", 1)  # a configuration a task
    path, told = tmp_path / "stopped.parquet", []

    def stop(doing: str, done: int, of: int) -> None:
        if done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swept(plan, path, Here(), stop)
    assert swept(plan, path, Here(), lambda doing, done, of: told.append(done)).equals(here)
    assert 3 <= told[0] < 8
    assert told[-1] == 8


def test_what_all_has_run_does_not_run_again(plan, here, tmp_path) -> None:
    with opened_store(tmp_path / "here.parquet", plan.header) as store:
        assert sweep(plan, store) == "all had run before"


def test_a_task_of_other_versions_is_refused_by_the_worker(plan) -> None:
    others = (("perpdesk", "0.0"), *versions()[1:])
    with pytest.raises(DeskError, match="runs on other versions than this sweep"):
        run_task(Task(Sweeping("00", 240, others), plan.configurations[:1]))


def test_a_desk_that_is_not_what_its_hash_says_is_not_opened(plan, tmp_path) -> None:
    packed = PackedDesk.of(plan.desk)
    path = packed.write(tmp_path)
    path.write_bytes(packed.content + b"more")
    keep({packed.digest: path})
    opened.cache_clear()
    with pytest.raises(DeskError, match="is not the one that was sent"):
        opened(packed.digest)


def test_places_are_named_as_they_are_typed() -> None:
    assert place_named(None) is None
    assert isinstance(place_named("serial"), Here)
    assert place_named("3").name == "3 processes"


@pytest.mark.parametrize("word", ["0", "-2", "dask", "localhost:8786", "2.5"])
def test_a_wrong_place_is_refused(word) -> None:
    with pytest.raises(ArgumentError, match="write serial, a number of processes, or an address"):
        place_named(word)


def test_a_cluster_that_does_not_answer_is_named(monkeypatch) -> None:
    monkeypatch.setattr("xladdin.sweep.cluster.PATIENCE", 0.5)
    with pytest.raises(DeskError, match=r"no Dask cluster with a worker answers at tcp://127\.0\.0\.1:1 "):
        place_named("tcp://127.0.0.1:1")
