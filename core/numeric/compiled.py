"""The switch between numpy and compiled loops.

A recursion that numpy cannot vectorise is written twice: with numpy, and as a plain loop that numba compiles. The
compiled one is far faster, but importing numba takes most of a second, and nobody must wait for it unasked. So

    the loop answers    when the loops are loaded, or when numpy would be slower than loading them: with this work, or
                        with all that it has done in a job (`counting`), as a backtest that asks a thousand times
    numpy answers       otherwise

A process that lives long loads them beside its work (`loading`) and says at the end that they are there (`loaded`).
Until then it answers by numpy: a package that is half imported is in `sys.modules` already, and waits for nobody.
Where numba has no build, as in a browser, numpy answers whatever the work.
Both give the same numbers (tests hold them together), so nobody can tell from a result which one answered.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.util import find_spec
from types import CodeType, FunctionType
from typing import Any

from numpy.typing import NDArray

from ..records import dataclass

__all__ = ["Loops", "compiled", "counting", "in_rows", "loaded", "loading", "loops", "worth_compiling"]

WORTH_LOADING = 500_000_000
"""Array elements that pass through numpy in about the time that numba takes to import."""


@dataclass
class Loops:
    """Whether the compiled loops of this process are there, for everything that it computes."""

    there: bool = False
    by_numpy: float = -math.inf
    """Array elements that have passed through numpy in their place in this job; minus infinity outside of one."""


loops = Loops()
"""Those of this process."""

_asked_for: ContextVar[bool] = ContextVar("asked_for", default=False)


def worth_compiling(elements: int) -> bool:
    """Whether the compiled loop should answer, for work that numpy would do on so many array elements.

    What numpy does in a job is added up, so that nobody waits for it much longer than for the better of the two.
    """
    if loops.there or elements > WORTH_LOADING or _asked_for.get():
        return _can_compile()
    loops.by_numpy += elements
    return loops.by_numpy > WORTH_LOADING and _can_compile()


@functools.cache
def _can_compile() -> bool:
    return find_spec("numba") is not None


@contextmanager
def loading() -> Iterator[None]:
    """Inside it the thread that entered works by compiled loops, and so loads them; the others do not wait for it."""
    token = _asked_for.set(True)
    try:
        yield
    finally:
        _asked_for.reset(token)


@contextmanager
def counting() -> Iterator[None]:
    """Inside it what numpy does is added up: a job is done for somebody who waits for nothing else."""
    loops.by_numpy = 0.0
    try:
        yield
    finally:
        loops.by_numpy = -math.inf


def loaded() -> None:
    """From here on compiled loops answer, whoever asks."""
    loops.there = True


@functools.cache
def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as machine code, kept on disk where that can be written; the same numbers, only quicker.

    Functions that it calls by a name of its module are compiled with it, those that the module imports too. A division
    by zero gives inf or NaN, as in numpy: the check for it would keep loops from running side by side. Without numba it
    is the loop as it is written.
    """
    if not _can_compile():
        return loop
    import numba

    if not _asked_for.get():  # great work has waited for numba; now all may use it
        loaded()
    loop = _with_parts_compiled(loop)
    try:
        return numba.njit(cache=True, error_model="numpy")(loop)
    except RuntimeError:  # no folder for the cache can be written: compile in memory, once a process
        return numba.njit(error_model="numpy")(loop)


def _with_parts_compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """The loop as it is written, but that it calls its compiled parts; its name tells what it is made of.

    numba keeps machine code by that name, and makes it anew where the file of the loop has changed: it knows nothing of
    parts and numbers that the loop has from other files, and looks for a part where it stood when it was compiled.
    """
    parts = {name: compiled(part) for name, part in _globals(loop, FunctionType).items()}
    known = {**loop.__globals__, **parts}
    whole = FunctionType(loop.__code__, known, loop.__name__, loop.__defaults__, loop.__closure__)
    functools.update_wrapper(whole, loop)
    whole.__qualname__ += f"_{hashlib.sha256(repr(_made_of(loop)).encode()).hexdigest()[:16]}"
    return whole


def _made_of(loop: Callable[..., Any]) -> tuple[Any, ...]:
    """What the loop does: its code, the numbers that it names, and the same of each part, with where that stands."""
    numbers = sorted(_globals(loop, int | float | str).items())
    parts = [(name, part.__module__, _made_of(part)) for name, part in sorted(_globals(loop, FunctionType).items())]
    return *_steps(loop.__code__), numbers, parts


def _steps(code: CodeType) -> tuple[Any, ...]:
    """The code in what does not change from process to process."""
    constants = [_steps(each) if isinstance(each, CodeType) else each for each in code.co_consts]
    return code.co_code, code.co_names, code.co_varnames, constants


def _globals(loop: Callable[..., Any], kind: Any) -> dict[str, Any]:
    """What of that kind the loop has from its module, by the names that it uses."""
    known = {name: loop.__globals__.get(name) for name in loop.__code__.co_names}
    return {name: each for name, each in known.items() if isinstance(each, kind)}


def in_rows(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
    """The arrays in rows and writable, the one form a loop is compiled for; copies only of those that are not."""
    return [array if (flags := array.flags).c_contiguous and flags.writeable else array.copy() for array in arrays]
