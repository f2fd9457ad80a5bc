"""How far a longer run is: on the error stream, after a second, and only where somebody watches."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Moved", "progress"]

PATIENCE = 1.0
"""Seconds that a person waits without a word."""

Moved = Callable[[str, int, int], None]
"""Told what is done, how much of it is done and of how much."""


@contextmanager
def progress(doing: str) -> Iterator[Moved | None]:
    """What a run may tell of itself while it lasts; None in a pipe, where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    counted = (MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("[dim]left"), TimeRemainingColumn())
    columns = (TextColumn("[dim]... {task.description}"), BarColumn(), *counted)
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bars.add_task(doing, total=None)
    late = threading.Timer(PATIENCE, bars.start)
    late.daemon = True
    late.start()
    try:
        yield lambda doing, done, of: bars.update(task, description=doing, completed=done, total=of)
    finally:
        late.cancel()
        late.join()
        bars.stop()
