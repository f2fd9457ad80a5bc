"""xlwings as on Windows, and PerpDesk's modules that stand on it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.xladdin.hosts.excel.fake_win32 import windows

OURS = tuple(f"xladdin.hosts.excel.{name}" for name in ("udfs", "buttons", "server"))


@contextmanager
def as_on_windows() -> Iterator[SimpleNamespace]:
    """xlwings over a stand-in of pywin32; our modules are imported anew on it, and forgotten afterwards."""
    kept = {name: sys.modules.pop(name) for name in OURS if name in sys.modules}
    with windows() as found:
        yield found
    for name in OURS:
        sys.modules.pop(name, None)
    sys.modules.update(kept)


@pytest.fixture(scope="module")
def windows_xlwings() -> Iterator[SimpleNamespace]:
    """xlwings as on Windows, for the tests of one file."""
    with as_on_windows() as found:
        yield found
