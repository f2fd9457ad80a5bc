"""A Dask cluster that runs already, by the address of its scheduler.

The desk goes to every worker as a plugin, which the scheduler also hands to each that joins or is started anew: no
worker is the only one to hold anything. Before a task is sent all workers are asked for their versions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, KilledWorker, WorkerPlugin, as_completed

from core.errors import DeskError, listed, say

from .grid import Configuration
from .packed_desk import PackedDesk, keep
from .pending import Pending
from .places import AHEAD, DEATHS
from .task import Done, Sweeping, Task, processor, run_task, versions

__all__ = ["Cluster"]

PATIENCE = 10.0
"""Seconds to wait for a scheduler, and for its first worker."""

LOOK_AGAIN = 5.0
"""Seconds after which workers are counted again: they come and go."""


class Cluster:
    """The cluster of a scheduler. Raises DeskError where it does not answer, or has no worker."""

    def __init__(self, address: str) -> None:
        self.address = address
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise DeskError(
                f"no Dask cluster with a worker answers at {address} ({error}); start one, as docs/sweep.md tells, or "
                "leave out --on"
            ) from None

    @property
    def name(self) -> str:
        """`4 workers at tcp://host:8786`."""
        return f"{self._workers()} workers at {self.address}"

    def close(self) -> None:
        """Leave the cluster, which runs on."""
        self._client.close()

    def run(self, sweeping: Sweeping, desk: PackedDesk, pending: Pending) -> Iterator[Done]:
        """As `places.Place` has it."""
        self._refuse_other_versions(sweeping)
        plugin = f"perpdesk-{desk.digest[:16]}"
        self._client.register_plugin(_Desk(desk), name=plugin)
        running: dict[str, tuple[Future, tuple[Configuration, ...]]] = {}
        try:
            yield from self._run(sweeping, pending, running)
        finally:
            self._client.cancel([future for future, _ in running.values()], reason="stopped")
            self._client.unregister_worker_plugin(plugin)

    def _run(self, sweeping: Sweeping, pending: Pending, running: dict[str, Any]) -> Iterator[Done]:
        coming, deaths = as_completed(loop=self._client.loop), 0
        workers, looked = self._workers(), time.monotonic()
        while True:
            if time.monotonic() - looked > LOOK_AGAIN:
                workers, looked = self._workers(), time.monotonic()
            while len(running) < AHEAD * workers and (chosen := pending.take(workers)):
                future = self._client.submit(run_task, Task(sweeping, chosen), pure=False)
                running[future.key] = future, chosen
                coming.add(future)
            if not running:
                return
            future = next(coming)
            _, chosen = running.pop(future.key)
            try:
                done: Done = future.result()
            except KilledWorker:
                deaths += 1
                pending.put_back(chosen)
                if deaths >= DEATHS:
                    raise DeskError(
                        f"workers of {self.address} ended again and again at the same configurations, the first of "
                        f"them {chosen[0].text}; look into their logs: most often it is memory"
                    ) from None
            except CancelledError:
                raise DeskError(f"the cluster at {self.address} has gone; start it, then sweep again") from None
            else:
                deaths = 0
                pending.measured(len(chosen), done.seconds)
                yield done

    def _workers(self) -> int:
        """Threads that take tasks; at least 1, for whoever waits for a worker to come back."""
        threads: dict[str, int] = self._client.nthreads()
        return max(sum(threads.values()), 1)

    def _refuse_other_versions(self, sweeping: Sweeping) -> None:
        """Raises DeskError that names who differs from this process."""
        found = self._client.run(versions, on_error="return")
        wrong = []
        for worker, theirs in found.items():
            if isinstance(theirs, Exception):
                wrong.append(f"{worker} has no PerpDesk of this kind ({theirs})")
                continue
            differing = [
                f"{name} {version} and not {own}"
                for (name, own), (_, version) in zip(sweeping.versions, theirs, strict=False)
                if version != own
            ]
            if differing:
                wrong.append(f"{worker} has {' and '.join(differing)}")
        if wrong:
            raise DeskError(f"{listed(wrong, between='; ')}; install the same there, then sweep again")
        kinds = set(self._client.run(processor).values()) | {processor()}
        if len(kinds) > 1:
            say(f"the workers compute on processors of several kinds ({listed(sorted(kinds))}): last digits may differ")


class _Desk(WorkerPlugin):  # type: ignore[misc]
    """Lays the desk down on each worker."""

    def __init__(self, desk: PackedDesk) -> None:
        self.desk = desk

    def setup(self, worker: Any) -> None:
        """As a worker takes it up."""
        folder = Path(worker.local_directory)
        folder.mkdir(parents=True, exist_ok=True)
        keep({self.desk.digest: self.desk.write(folder)})
