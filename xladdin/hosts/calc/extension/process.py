"""The worker process as the office sees it: started when first asked, watched, started again should it die.

There is one for each office. It ends with the office in any case, because it reads from the office's end of the pipe.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from .messages import BrokenError, Link, receive
from .place import folder, record_file, serving

__all__ = ["LostError", "Worker"]

SECONDS = "PERPDESK_CALC_SECONDS"
"""The variable that grants a call more or less time than SECONDS_A_CALL."""

SECONDS_A_CALL = 60.0

JOB_SECONDS = "PERPDESK_CALC_JOB_SECONDS"
"""The variable that grants a job more or less time than SECONDS_A_JOB."""

SECONDS_A_JOB = 900.0

LOOK = 0.2
"""Seconds between two looks at the clock while somebody waits."""

REST = 5.0
"""Seconds in which a worker that ended before its first answer is not started again, so that no sheet hangs on it."""

FOREIGN = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Variables by which LibreOffice leads its own Python, and would mislead another."""

NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)


class LostError(Exception):
    """No answer, and none to come; the text is a sentence that says why and what to do."""


class Worker:
    """The worker of this office. Whoever asks waits for the answer; `handlers` serve what it asks meanwhile."""

    def __init__(self, handlers: Mapping[str, Callable[..., Any]]) -> None:
        self._handlers = handlers
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: Link | None = None
        self._answered = False
        self._failed = (0.0, "")
        self._deadline: float | None = None
        self._overdue = False

    def call(self, name: str, cells: Any) -> Any:
        """What a cell shows. Raises RefusedError with the worker's reason, LostError where none comes in time."""
        return self._ask(float(os.environ.get(SECONDS, SECONDS_A_CALL)), "call", name, *cells)

    def job(self, name: str, document: str) -> Any:
        """The sentence that a command ends with, and whether it went well. Raises RefusedError and LostError."""
        return self._ask(float(os.environ.get(JOB_SECONDS, SECONDS_A_JOB)), "job", name, document)

    def _ask(self, seconds: float, kind: str, *body: Any) -> Any:
        with self._lock:
            link = self._ready()
            before, self._deadline = self._deadline, time.monotonic() + seconds
            try:
                answer = link.ask(kind, *body)
            except BrokenError as error:
                raise LostError(self._gone(kind, str(body[0]), seconds)) from error
            finally:
                self._deadline = before
            self._answered = True
            return answer

    def _ready(self) -> Link:
        if self._process is not None and self._process.poll() is None and self._link is not None:
            return self._link
        self.end()
        when, why = self._failed
        if why and time.monotonic() - when < REST:
            raise LostError(why)
        try:
            process = self._start()
        except (LookupError, OSError) as error:
            raise self._not_started(str(error)) from error
        assert process.stdin is not None
        assert process.stdout is not None
        incoming = process.stdout
        self._process, self._answered, self._overdue = process, False, False
        self._link = Link(lambda: receive(incoming), process.stdin, self._handlers)
        threading.Thread(target=self._watch, args=(process,), name="PerpDesk watch", daemon=True).start()
        return self._link

    def _start(self) -> subprocess.Popen[bytes]:
        place = serving(record_file())
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        with self.log().open("wb") as log:
            return subprocess.Popen(
                place.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=environment,
                cwd=place.project,
                creationflags=NO_WINDOW,
            )

    @staticmethod
    def log() -> Path:
        """What the worker says beside its answers, since it was last started."""
        path = folder() / "calc-worker.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _not_started(self, why: str) -> LostError:
        self._failed = (time.monotonic(), why)
        return LostError(why)

    def _gone(self, kind: str, name: str, seconds: float) -> str:
        """Why there is no answer, in a sentence; the next question starts another worker."""
        overdue, answered = self._overdue, self._answered
        self.end()
        if overdue and kind == "job":
            return (
                f"{name} took longer than {seconds:g} seconds and was stopped, nothing was written; "
                f"set {JOB_SECONDS} to more seconds before LibreOffice starts"
            )
        if overdue:
            return (
                f"{name} took longer than {seconds:g} seconds and was stopped; select fewer cells, "
                f"or set {SECONDS} to more seconds before LibreOffice starts"
            )
        if not answered:
            why = f"PerpDesk's Python ended before it gave an answer; {self.log()} says why"
            self._failed = (time.monotonic(), why)
            return why
        again = "run it again" if kind == "job" else "recalculate the cell"
        return f"PerpDesk's worker ended in the middle of {name}; the next {kind} starts another: {again}"

    def end(self) -> None:
        """End the worker, if there is one."""
        process, self._process, self._link = self._process, None, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what it was still to be told goes with it
                    pipe.close()
        process.wait()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """End the worker when a call is not answered in time: whoever waits for it then reads the end of the pipe."""
        while process.poll() is None:
            time.sleep(LOOK)
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                self._overdue = True
                process.kill()
