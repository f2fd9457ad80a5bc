"""One thread for the linear algebra of programs: they are too small to be shared out among processors.

The library under numpy shares out every product of some ten thousand numbers and more, and waits for the slowest
share. On an idle machine that gains little at this size; beside a processor that is busy each product waits for its
turn there, and an optimum of a hundred contracts takes a hundred times as long. So they are held to one thread, in
processes that have not been started with one, and given back the others afterwards.

Source: the interface of OpenBLAS (openblas_set_num_threads), through threadpoolctl.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

__all__ = ["SETTINGS", "one_thread"]

SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Where the environment says how many threads there are; read as numpy loads."""

SHARED = 60
"""Rows of a square matrix from which on products with it are shared out."""


@dataclass
class _Holders:
    """How many are inside at the moment, in all threads, and how many threads each library had before the first."""

    inside: int = 0
    before: list[int] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


_holders = _Holders()


@contextmanager
def one_thread(rows: int) -> Iterator[None]:
    """Inside it products with matrices of so many rows use one thread; where they do so by themselves, nothing is done.

    Whatever else the process computes meanwhile uses one thread as well.
    """
    libraries = _libraries() if rows >= SHARED else ()
    with _holders.lock:
        if libraries and not _holders.inside:
            _holders.before = [library.num_threads for library in libraries]
            for library in libraries:
                library.set_num_threads(1)
        _holders.inside += bool(libraries)
    try:
        yield
    finally:
        with _holders.lock:
            _holders.inside -= bool(libraries)
            if libraries and not _holders.inside:
                for library, threads in zip(libraries, _holders.before, strict=True):
                    library.set_num_threads(threads)


@functools.cache
def _libraries() -> tuple[Any, ...]:
    """The libraries of linear algebra that have more threads than one; looked for once, in a few milliseconds."""
    if "1" in (os.environ.get(name) for name in SETTINGS):
        return ()
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # a build without threads, as in a browser
        return ()
    found = ThreadpoolController().lib_controllers
    return tuple(library for library in found if library.user_api == "blas" and library.num_threads > 1)
