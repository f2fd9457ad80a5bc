"""A plugin of pytest: native solvers, compiled loops, threads and processes are not there, as in a browser.

    python -m pytest -p tests.block_native tests/core/numeric tests/core/decide tests/xladdin/functions

It stands in for Pyodide, where numpy and scipy are the same and these packages have no build. A test that starts a
process of its own looks at how a fresh desktop process behaves, and is skipped; so is one whose peer is not there.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Generator
from pathlib import Path
from typing import Any, NoReturn

import pytest

BLOCKED = ("daqp", "piqp", "numba", "llvmlite", "cvxpy", "filelock")
"""Packages without a build for Pyodide."""

ABOUT_THEM = ("test_compiled.py",)
"""Files that test how these packages are used."""

os.environ["LOKY_MAX_CPU_COUNT"] = "1"  # scikit-learn's joblib would start a process to count processors

sys.modules.update(dict.fromkeys(BLOCKED))  # type: ignore[arg-type]  # None is how Python says: not to be found


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if collection_path.name in ABOUT_THEM else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """A test that itself asks for one of them holds us to it; what our code asks for must do without."""
    try:
        return (yield)
    except ModuleNotFoundError as error:
        asking = traceback.extract_tb(error.__traceback__)[-1].filename
        if error.name in BLOCKED and Path(__file__).parent in Path(asking).parents:
            pytest.skip(f"{error.name} is the peer of this test")
        raise


def no_thread(*_: Any, **__: Any) -> NoReturn:
    raise RuntimeError("can't start new thread")


def no_process(*_: Any, **__: Any) -> NoReturn:
    asking = sys._getframe(1)
    while asking is not None and "core" not in asking.f_globals.get("__name__", "").split(".")[:1]:
        asking = asking.f_back
    if asking is None:
        pytest.skip("starts a process of its own")
    raise OSError(138, "emscripten does not support processes.")


threading.Thread.start = no_thread  # type: ignore[method-assign]
os.fork = no_process
subprocess.Popen.__init__ = no_process  # type: ignore[method-assign]
subprocess.Popen.__del__ = lambda _: None  # type: ignore[attr-defined]
