"""Where a sweep runs: in this process, or in several of this machine.

A place takes tasks from what is pending and gives back their rows as they come. What a worker that died was at runs
again elsewhere; only where workers die time after time, and nothing comes back, is that an end.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from core.errors import DeskError
from core.numeric.one_thread import SETTINGS

from .grid import Configuration
from .packed_desk import PackedDesk, keep
from .pending import Pending
from .task import Done, Sweeping, Task, run_task

__all__ = ["Here", "Place", "Processes", "processors"]

AHEAD = 2
"""Tasks a worker has at most, the one it is at included: so that it never waits."""

DEATHS = 3
"""Times in a row that workers may die before a task comes back."""


Running = dict[Future[Done], tuple[Configuration, ...]]
"""What was sent and has not come back."""


class Place(Protocol):
    """Where tasks run."""

    @property
    def name(self) -> str:
        """As a person is told."""

    def run(self, sweeping: Sweeping, desk: PackedDesk, pending: Pending) -> Iterator[Done]:
        """Run all that is pending; rows in the order in which they come. Raises DeskError."""

    def close(self) -> None:
        """Leave the place."""


class Here:
    """This process, one task after the other."""

    name = "one process"

    def run(self, sweeping: Sweeping, desk: PackedDesk, pending: Pending) -> Iterator[Done]:
        """As `Place` has it."""
        with tempfile.TemporaryDirectory(prefix="perpdesk-") as folder:
            keep({desk.digest: desk.write(Path(folder))})
            while configurations := pending.take():
                done = run_task(Task(sweeping, configurations))
                pending.measured(len(configurations), done.seconds)
                yield done

    def close(self) -> None:
        """There is nothing to leave."""


class Processes:
    """So many processes of this machine, each fresh: a copy of one that has threads would stand still."""

    def __init__(self, count: int) -> None:
        self.count = count

    @property
    def name(self) -> str:
        """`4 processes`."""
        return f"{self.count} processes"

    def run(self, sweeping: Sweeping, desk: PackedDesk, pending: Pending) -> Iterator[Done]:
        """As `Place` has it."""
        with tempfile.TemporaryDirectory(prefix="perpdesk-") as folder:
            files = {desk.digest: desk.write(Path(folder))}
            deaths = 0
            while len(pending):
                running: Running = {}
                try:
                    for done in self._run(sweeping, files, pending, running):
                        deaths = 0
                        yield done
                except BrokenProcessPool:
                    deaths += 1
                    for configurations in running.values():
                        pending.put_back(configurations)
                    if deaths >= DEATHS:
                        raise DeskError(
                            f"the processes of the sweep ended {deaths} times before a task was done, as they do "
                            "where memory runs out; run fewer at once, or lift the limit"
                        ) from None

    def close(self) -> None:
        """They end with the run."""

    def _run(self, sweeping: Sweeping, files: dict[str, Path], pending: Pending, running: Running) -> Iterator[Done]:
        """Until all is done, or a worker has died; `running` is what it was at."""
        from multiprocessing import get_context

        with _one_thread():
            pool = ProcessPoolExecutor(self.count, get_context("spawn"), _begin, (files,))
            try:
                while True:
                    while len(running) < AHEAD * self.count and (chosen := pending.take(self.count)):
                        try:
                            running[pool.submit(run_task, Task(sweeping, chosen))] = chosen
                        except BrokenProcessPool:  # a worker has died since the last answer
                            pending.put_back(chosen)
                            raise
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        done = future.result()
                        pending.measured(len(running.pop(future)), done.seconds)
                        yield done
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _begin(files: dict[str, Path]) -> None:
    """As a worker begins: it knows where the desk lies, leaves Ctrl-C to its parent, and goes when that has gone."""
    import multiprocessing
    import signal
    from multiprocessing.connection import wait as wait_for

    keep(files)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (wait_for([parent.sentinel]), os._exit(1)), daemon=True).start()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Inside it processes are started that compute with one thread each: a worker has one processor."""
    before = {name: os.environ.get(name) for name in SETTINGS}
    os.environ.update(dict.fromkeys(SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
