"""A sweep from beginning to end: what is left to run, where, and how it comes into the results file.

    plan = planned(book, desk, tried_values(["Window=360,720", "Model=classical,hybrid"]))
    with opened_store(path, plan.header) as store:
        place = sweep(plan, store, place_named("4"))
        found = ended(plan, store, place)

What the results file holds already does not run again, so a sweep that was stopped goes on where it was, on whatever
machines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.errors import ArgumentError

from .packed_desk import PackedDesk
from .pending import Pending
from .places import Here, Place, Processes, processors
from .plan import Plan
from .store import Store
from .task import Done, Sweeping, versions

__all__ = ["Moved", "place_named", "sweep"]

Moved = Callable[[str, int, int], None]
"""Told what is done, how many configurations are, and of how many."""

WORTH_PROCESSES = 2.0
"""Seconds of work from which on processes are started: they take about one until they begin."""

FEWEST_MEASURED = 2
"""Tasks before the time of the rest is judged: the first one also loads what it computes with."""


def place_named(word: str | None) -> Place | None:
    """Where to run: `serial`, a number of processes, the address of a Dask scheduler; None: wherever it is quickest.

    Raises ArgumentError, and DeskError where a cluster does not answer.
    """
    if word is None:
        return None
    if word == "serial":
        return Here()
    if word.isdecimal() and int(word) >= 1:
        return Processes(int(word))
    if "://" not in word:
        raise ArgumentError(f"--on {word}: write serial, a number of processes, or an address as tcp://host:8786")
    try:
        from .cluster import Cluster
    except ImportError:
        raise ArgumentError(
            f"--on {word} needs dask's distributed; install it with pip install perpdesk[cluster], or leave out --on"
        ) from None
    return Cluster(word)


def sweep(plan: Plan, store: Store, place: Place | None = None, moved: Moved | None = None) -> str:
    """Run what the results file does not hold yet, and add it there task by task; where it ran.

    Raises DeskError where a place gives up; what had come by then is in the file.
    """
    left = [each for each in plan.configurations if each.key not in store.keys]
    count, pending = len(plan.configurations), Pending(left)
    tell = moved or (lambda doing, done, of: None)
    tell("configurations", count - len(left), count)
    packed = PackedDesk.of(plan.desk)
    sweeping = Sweeping(packed.digest, store.header.first, versions())
    done, where = count - len(left), "all had run before"
    for at, task in _tasks(sweeping, packed, pending, place):
        store.add(task.rows)
        done, where = done + len(task.rows), at
        tell("configurations", done, count)
    return where


def _tasks(sweeping: Sweeping, packed: PackedDesk, pending: Pending, place: Place | None) -> Iterator[tuple[str, Done]]:
    """What comes back, and from where; without a place from here, until it is seen that processes are worth it."""
    if place is not None:
        yield from ((place.name, task) for task in place.run(sweeping, packed, pending))
        return
    here, count = Here(), processors()
    for number, task in enumerate(here.run(sweeping, packed, pending), start=1):
        yield here.name, task
        if count > 1 and number >= FEWEST_MEASURED and len(pending) * pending.seconds_each > WORTH_PROCESSES:
            break
    if len(pending):
        processes = Processes(count)
        yield from ((processes.name, task) for task in processes.run(sweeping, packed, pending))
