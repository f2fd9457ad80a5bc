"""One thread for the linear algebra of programs: they are too small to be shared out among processors.

The library under numpy shares out every product of some ten thousand numbers and more, and waits for the slowest
share. On an idle machine that gains little at this size; beside a processor that is busy each product waits for its
turn there, and an optimum of a hundred contracts takes a hundred times as long. So they are held to one thread, in
processes that have not been started with one, and given back the others afterwards.

Source: the interface of OpenBLAS (openblas_set_num_threads), through threadpoolctl.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field
from typing import Any

from ..records import dataclass

__all__ = ["SETTINGS", "SHARED", "alone", "one_thread"]

SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""By what the environment says how many threads a process has; read as numpy loads."""

SHARED = 60
"""Rows of a square matrix from which on products with it are shared out."""


@dataclass
class _Holders:
    """Who holds the libraries: nobody needs to in a process of one thread, which is `alone`.

    `inside` has an entry for each who does at the moment, whichever its thread; `before` is how many threads each
    library had before the first of them.
    """

    alone: bool = False
    inside: list[None] = field(default_factory=list)
    before: list[int] = field(default_factory=list)


_holders = _Holders()


def alone() -> None:
    """This process was started with one thread for linear algebra: nobody looks for libraries to hold."""
    _holders.alone = True


def one_thread(rows: int) -> AbstractContextManager[None]:
    """Inside it products with matrices of so many rows use one thread; where they do so by themselves, nothing is done.

    Whatever else the process computes meanwhile uses one thread as well.
    """
    return nullcontext() if _holders.alone or rows < SHARED else _held()


@contextmanager
def _held() -> Iterator[None]:
    libraries = _libraries()
    _holders.inside.append(None)
    if len(_holders.inside) == 1:
        _holders.before = [library.num_threads for library in libraries]
        for library in libraries:
            library.set_num_threads(1)
    try:
        yield
    finally:
        _holders.inside.pop()
        if not _holders.inside:
            for library, threads in zip(libraries, _holders.before, strict=False):
                library.set_num_threads(threads)
            _holders.before = []


@functools.cache
def _libraries() -> tuple[Any, ...]:
    """The libraries of linear algebra that have more threads than one; looked for once, in a few milliseconds."""
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # a build without threads, as in a browser
        return ()
    found = ThreadpoolController().lib_controllers
    return tuple(library for library in found if library.user_api == "blas" and library.num_threads > 1)
