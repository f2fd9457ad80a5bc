"""Several contracts at a time: while one answer is on its way the next is asked for, at the pace of the venue."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future
from typing import TypeVar

__all__ = ["together"]

THREADS = 6
"""Questions on their way at once: an answer takes a tenth of a second, and no venue is asked 60 times in one."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def together(work: Callable[[Item], Result], items: Sequence[Item]) -> Generator[Result]:
    """The results of `work` in the order of the items, each when it is there; an error comes in its place.

    Whoever takes no more of them leaves undone what has not begun. The threads are daemons: a process that ends does
    not wait for an answer.
    """
    futures: list[Future[Result]] = [Future() for _ in items]
    left = deque(zip(items, futures, strict=True))

    def run() -> None:
        while left:
            try:
                item, future = left.popleft()
            except IndexError:  # another thread took the last one
                return
            try:
                future.set_result(work(item))
            except BaseException as error:
                future.set_exception(error)

    for _ in range(min(THREADS, len(items))):
        threading.Thread(target=run, daemon=True).start()
    try:
        for future in futures:
            yield future.result()
    finally:
        left.clear()
