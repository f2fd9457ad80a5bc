"""Just enough of pywin32 for xlwings' own server and converters to be imported and run where there is no Windows.

What runs over it is xlwings itself: `com_server.XLPython.CallUDF`, `udfs.call_udf`, the decorators, the converters,
`generate_vba_wrapper`. What it cannot show is how Windows brings cells across processes; tests on Windows do.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime as dt
import sys
import types
from collections.abc import Iterator
from unittest import mock

NAMES = (
    "pythoncom",
    "pywintypes",
    "win32api",
    "win32con",
    "win32event",
    "win32gui",
    "win32process",
    "win32timezone",
    "win32com",
    "win32com.client",
    "win32com.server",
    "win32com.server.util",
    "win32com.server.policy",
    "win32com.server.dispatcher",
)

MISSING = -2147352572
"""What Excel sends for an argument that is left out (DISP_E_PARAMNOTFOUND)."""


class ComError(Exception):
    """An HRESULT that a call came back with."""

    @property
    def hresult(self) -> int:
        return self.args[0]


class Dispatch:
    """Stands for an object of another process."""


class StandIn(types.ModuleType):
    """A module of which every attribute that nobody has set can be called and gives nothing."""

    def __getattr__(self, name: str) -> mock.MagicMock:
        if name.startswith("__"):
            raise AttributeError(name)
        return mock.MagicMock(name=f"{self.__name__}.{name}")


def modules() -> dict[str, StandIn]:
    """The modules of pywin32 that xlwings imports."""
    found = {name: StandIn(name) for name in NAMES}
    for name, module in found.items():
        parent, _, last = name.rpartition(".")
        if parent:
            setattr(found[parent], last, module)
    types_, com, client = found["pywintypes"], found["pythoncom"], found["win32com.client"]
    types_.TimeType, types_.com_error, types_.error = dt.datetime, ComError, OSError
    types_.IID = str.upper
    com.__file__ = "pythoncom.dll"
    com.com_error = com.ole_error = ComError
    com.IID_IDispatch, com.TypeIIDs = "IDispatch", {"IDispatch": type("PyIDispatch", (), {})}
    com.CoInitialize = lambda *_: None
    client.CDispatch = client.CoClassBaseClass = client.DispatchBaseClass = Dispatch
    client.Dispatch = lambda found, *_, **__: found
    found["win32com.server.util"].unwrap = _not_wrapped
    return found


def _not_wrapped(value: object) -> None:
    raise ComError(-1)


@contextlib.contextmanager
def windows() -> Iterator[types.SimpleNamespace]:
    """Inside it xlwings is as on Windows: `xlwings`, `udfs` and `com_server`, with decorators that do something."""
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "xlwings"}
    for name in kept:
        del sys.modules[name]
    stand_ins = modules()
    with (
        mock.patch.dict(sys.modules, stand_ins),
        mock.patch.object(ctypes, "PyDLL", mock.MagicMock()),
        mock.patch.object(ctypes, "oledll", mock.MagicMock(), create=True),
        mock.patch.object(ctypes, "windll", mock.MagicMock(), create=True),
        mock.patch("atexit.register"),
    ):
        import xlwings
        from xlwings import _xlwindows, com_server, udfs

        xlwings._xlwindows = _xlwindows
        xlwings.engines.add(xlwings.Engine(impl=_xlwindows.engine))
        xlwings.func, xlwings.arg, xlwings.ret, xlwings.sub = udfs.xlfunc, udfs.xlarg, udfs.xlret, udfs.xlsub
        yield types.SimpleNamespace(xlwings=xlwings, udfs=udfs, com_server=com_server)
    for name in [name for name in sys.modules if name.split(".")[0] == "xlwings"]:
        del sys.modules[name]
    sys.modules.update(kept)
