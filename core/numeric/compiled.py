"""The switch between numpy and compiled loops.

A recursion that numpy cannot vectorise is written twice: with numpy, and as a plain loop that numba compiles. The
compiled one is far faster, but importing numba takes most of a second, and a fresh process must not wait for it. So

    the loop answers    when numba is loaded already, or when numpy would be slower than that import
    numpy answers       otherwise

Both give the same numbers (tests hold them together), so nobody can tell from a result which one answered.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

from numpy.typing import NDArray

__all__ = ["compiled", "in_rows", "worth_compiling"]

WORTH_LOADING = 500_000_000
"""Array elements that pass through numpy in about the time that numba takes to import."""


def worth_compiling(elements: int) -> bool:
    """Whether the compiled loop should answer, for work that numpy would do on so many array elements."""
    return "numba" in sys.modules or elements > WORTH_LOADING


@functools.cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as machine code, kept on disk where that can be written; the same numbers, only quicker.

    Functions of its own module that it calls are compiled with it. A division by zero gives inf or NaN, as in numpy:
    the check for it would keep loops from running side by side.
    """
    import numba

    loop = _with_parts_compiled(loop)
    try:
        return numba.njit(cache=True, error_model="numpy")(loop)
    except RuntimeError:  # no folder for the cache can be written: compile in memory, once a process
        return numba.njit(error_model="numpy")(loop)


def _with_parts_compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as it is written, but that it calls the compiled parts of its module."""
    known = loop.__globals__
    parts = {
        name: compiled(known[name])
        for name in loop.__code__.co_names
        if isinstance(known.get(name), FunctionType) and known[name].__module__ == loop.__module__
    }
    if not parts:
        return loop
    return functools.wraps(loop)(FunctionType(loop.__code__, {**known, **parts}, loop.__name__, loop.__defaults__))


def in_rows(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
    """The arrays in rows and writable, the one form a loop is compiled for; copies only of those that are not."""
    return [array if (flags := array.flags).c_contiguous and flags.writeable else array.copy() for array in arrays]
