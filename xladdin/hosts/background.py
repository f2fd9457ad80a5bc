"""A process that lives long loads the compiled loops beside its work, so that nobody waits and everybody has them.

numpy answers first, in milliseconds. After the third answer, or five seconds of life, a thread of its own goes to work:

1. another process makes sure that the machine code is on disk (`compiled_loops`): compiling is never done here;
2. numba is imported, with a rest after each of its few hundred modules that is twice as long as the work was;
3. the loops are loaded, a few at a time, and only when nobody has asked anything for a tenth of a second;
4. from then on loops answer.

A call that comes meanwhile is answered by numpy and waits for none of it. The command line never does this: it is gone
before it would gain anything.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

from core.numeric.compiled import loaded, loading

from . import compiled_loops

__all__ = ["Loader", "answered", "rests_between_imports", "start"]

ANSWERS = 3
"""After so many answers the loading begins: whoever asks once is served before it."""

SECONDS = 5.0
"""After so long it begins even where nobody asks."""

QUIET = 0.1
"""Seconds without a question after which it is quiet enough to load a loop, which holds everybody up for a moment."""

REST = 2.0
"""Seconds of rest for a second in which importing kept a processor busy."""

LOW_PRIORITY = getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Flags by which Windows starts a process that takes only what others leave, and shows no window."""


class Loader(threading.Thread):
    """The thread that loads; `answered` tells it of every answer that its process gives."""

    def __init__(self, seconds: float = SECONDS) -> None:
        super().__init__(name="compiled loops", daemon=True)
        self._seconds = seconds
        self._due = threading.Event()
        self._answers = 0
        self._last_answer = time.monotonic()

    def answered(self) -> None:
        """Somebody has just had an answer."""
        self._answers += 1
        self._last_answer = time.monotonic()
        if self._answers >= ANSWERS:
            self._due.set()

    def run(self) -> None:
        """Wait until it is due, then load; where another process cannot compile the loops, numpy goes on answering."""
        self._due.wait(self._seconds)
        if not _machine_code_on_disk():
            return
        with rests_between_imports():
            import_module("numba")
        with loading():
            for meet in compiled_loops.meetings():
                self._wait_for_quiet()
                meet()
        loaded()

    def _wait_for_quiet(self) -> None:
        while (left := self._last_answer + QUIET - time.monotonic()) > 0:
            time.sleep(left)


_loaders: list[Loader] = []
"""That of this process, once it has been started."""


def start() -> None:
    """This process lives long: load the loops beside its work."""
    _loaders.append(Loader())
    _loaders[0].start()


def answered() -> None:
    """Somebody has just had an answer; in a process that loads nothing it matters to nobody."""
    for loader in _loaders:
        loader.answered()


def _machine_code_on_disk() -> bool:
    """Another process meets every loop once; what is on disk already it only loads."""
    command = [sys.executable, "-m", compiled_loops.__name__]
    project = Path(__file__).parents[2]
    return subprocess.run(command, cwd=project, check=False, creationflags=LOW_PRIORITY).returncode == 0


@contextmanager
def rests_between_imports() -> Iterator[None]:
    """Inside it, importing rests before each further module, in the thread that entered and in no other."""
    rests = _Rests(threading.get_ident())
    sys.meta_path.insert(0, rests)
    try:
        yield
    finally:
        sys.meta_path.remove(rests)


class _Rests:
    """Asked first where a module may be found, it says nothing, and takes its time."""

    def __init__(self, thread: int) -> None:
        self._thread = thread
        self._since = time.thread_time()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """No module is found here."""
        if threading.get_ident() == self._thread:
            time.sleep(REST * (time.thread_time() - self._since))
            self._since = time.thread_time()
