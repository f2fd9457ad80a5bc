"""Work in a process of its own that starts warm: what it said, what it cost, and how it ended, whatever it did.

The campaign's own process has one thread and has loaded what the work needs; a fork of it costs milliseconds where a
new interpreter costs a second. CPU is that of the fork alone, MB are all of it, the loaded packages included.
"""

from __future__ import annotations

import os
import pickle
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Ended", "command", "finish", "start", "work"]

UNCAUGHT = 70
"""Exit code for an exception that reached the top."""

PATIENCE = 120.0
"""Seconds before work is called hung and is ended."""


@dataclass(frozen=True)
class Ended:
    """How a fork ended: exit code (negative: by that signal), its words, its answer, seconds of CPU, MB at its peak."""

    code: int
    words: str
    answer: Any
    seconds: float
    megabytes: float

    @property
    def uncaught(self) -> bool:
        """Whether an exception, or a signal that nobody sent, ended it."""
        return self.code == UNCAUGHT or self.code < 0 or "Traceback (most recent call last)" in self.words


@dataclass(frozen=True)
class Running:
    """A fork that is at work."""

    pid: int
    said: Path


def start(action: Callable[[], Any]) -> Running:
    """Begin `action` in a fork; what it returns can be pickled."""
    handle, place = tempfile.mkstemp(prefix="perpdesk-fork-")
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(handle)
        return Running(pid, Path(place))
    code, answer = 0, None
    try:
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
        answer = action()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    except BaseException:
        traceback.print_exc()
        code = UNCAUGHT
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        peak = int(re.search(r"VmHWM:\s*(\d+)", Path("/proc/self/status").read_text())[1])
        Path(f"{place}.answer").write_bytes(pickle.dumps((answer, peak / 1024)))
        os._exit(code)


def finish(running: Running, patience: float = PATIENCE) -> Ended:
    """Wait for a fork; one that takes longer than its patience is killed."""
    until, status, used = time.monotonic() + patience, None, None
    while status is None:
        pid, found, used = os.wait4(running.pid, os.WNOHANG)
        if pid:
            status = found
        elif time.monotonic() > until:
            os.kill(running.pid, signal.SIGKILL)
            until = float("inf")
        else:
            time.sleep(0.002)
    words = running.said.read_text(errors="replace")
    told = running.said.with_name(f"{running.said.name}.answer")
    answer, peak = pickle.loads(told.read_bytes()) if told.exists() and told.stat().st_size else (None, 0.0)
    running.said.unlink()
    told.unlink(missing_ok=True)
    return Ended(os.waitstatus_to_exitcode(status), words, answer, used.ru_utime + used.ru_stime, peak)


def work(action: Callable[[], Any], patience: float = PATIENCE) -> Ended:
    """Do `action` in a fork and wait for it."""
    return finish(start(action), patience)


def command(*words: str | Path) -> Ended:
    """One `perpdesk` command in a fork."""
    from xladdin.hosts.command_line.cli import main

    return work(lambda: main([str(word) for word in words]))
