"""Ctrl-C, in whatever form it comes out of the libraries below."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.errors import PerpDeskError

__all__ = ["interruptible"]


@contextmanager
def interruptible() -> Iterator[None]:
    """Raises KeyboardInterrupt for each Ctrl-C, also for one that falls into the loading of a compiled loop.

    There numba and LLVM lose the exception in the middle, and fail later with a SystemError or a RuntimeError. An
    error with a sentence of ours stays: it says where the work was stopped.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = False

    def hear(number: int, frame: FrameType | None) -> None:
        nonlocal heard
        heard = True
        before(number, frame)

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    except PerpDeskError:
        raise
    except Exception as error:
        if heard:
            raise KeyboardInterrupt from error
        raise
    finally:
        signal.signal(signal.SIGINT, before)
