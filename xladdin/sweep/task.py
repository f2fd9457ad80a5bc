"""A task: some configurations, judged one after the other in whatever process it reaches.

Each process computes with one thread and by compiled loops, whichever place it is, so the figures of a configuration
are the same to the last bit wherever it ran.
"""

from __future__ import annotations

import os
import platform
import socket
import threading
import time
from typing import NamedTuple

from core.errors import DeskError
from core.numeric.compiled import loading
from core.records import dataclass

from ..version import __version__
from .grid import Configuration
from .packed_desk import opened
from .verdict import Row, judge

__all__ = ["Done", "Sweeping", "Task", "here", "processor", "run_task", "versions"]


@dataclass(frozen=True)
class Sweeping:
    """What all tasks of a sweep share.

    digest      the hash of the desk
    first       row from which configurations are judged
    versions    of the programs that it runs on
    """

    digest: str
    first: int
    versions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Task:
    """Some configurations of a sweep."""

    sweeping: Sweeping
    configurations: tuple[Configuration, ...]


class Done(NamedTuple):
    """The rows of a task, and the seconds that it took."""

    rows: list[Row]
    seconds: float


_one_at_a_time = threading.Lock()
"""Warnings and loops belong to the whole process: a second thread of a worker waits."""


def versions() -> tuple[tuple[str, str], ...]:
    """What must be the same wherever a sweep runs."""
    import numpy

    return (("perpdesk", __version__), ("numpy", numpy.__version__), ("python", platform.python_version()))


def processor() -> str:
    """The kind of processor that numpy's products of matrices are made for here: it decides their last digits.

    Other packages may bring a library of linear algebra of their own, made for another kind.
    """
    from threadpoolctl import threadpool_info

    libraries = [each for each in threadpool_info() if each["user_api"] == "blas"]
    own = [each for each in libraries if "numpy" in each["filepath"]] or libraries
    return str(own[0].get("architecture")) if own else "unknown"


def here() -> str:
    """This process, as a refusal names it."""
    return f"{socket.gethostname()} (process {os.getpid()})"


def run_task(task: Task) -> Done:
    """Judge the configurations. Raises DeskError on other versions than the sweep's, or without its desk."""
    if versions() != task.sweeping.versions:
        raise DeskError(f"{here()} runs on other versions than this sweep; install the same there, then sweep again")
    from threadpoolctl import threadpool_limits

    with _one_at_a_time, threadpool_limits(1), loading():
        begun = time.perf_counter()
        desk = opened(task.sweeping.digest)
        rows = []
        for configuration in task.configurations:
            benchmark = dict(configuration.values).get("Benchmark", desk.desk.settings.benchmark)
            rows.append(judge(desk.desk, configuration, task.sweeping.first, desk.past(str(benchmark))))
        return Done(rows, time.perf_counter() - begun)
