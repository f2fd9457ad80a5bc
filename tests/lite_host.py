"""What stands in for xlwings Lite: xlwings' own code for custom functions and scripts, called as the add-in calls it.

That code is in `xlwings.pro`, under the PolyForm Noncommercial licence or a paid one. It is installed for development
alone, PerpDesk is no commercial project, and nothing of it is part of what PerpDesk ships.
"""

from __future__ import annotations

import asyncio
import os
import sys
from types import ModuleType
from typing import Any

__all__ = ["CALLER", "called", "described", "main_module", "remote_book", "script", "server"]

CALLER = "[PerpDesk-Lite.xlsx]Weights!B21"

os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")


class JsNull:
    """What a blank cell is in Pyodide."""


def _as_in_pyodide() -> None:
    """The one name that xlwings asks Pyodide for at every cell."""
    ffi = ModuleType("pyodide.ffi")
    ffi.JsNull = JsNull  # type: ignore[attr-defined]
    package = ModuleType("pyodide")
    package.ffi = ffi  # type: ignore[attr-defined]
    sys.modules.setdefault("pyodide", package)
    sys.modules.setdefault("pyodide.ffi", ffi)


_as_in_pyodide()

import xlwings as xw  # noqa: E402
import xlwings.server as server  # noqa: E402
from xlwings.pro import _xlofficejs, _xlremote  # noqa: E402

for each in (_xlremote.engine, _xlofficejs.engine):
    if each.name not in [engine.name for engine in xw.engines]:
        xw.engines.add(xw.Engine(impl=each))


def main_module() -> ModuleType:
    """The `main.py` of a workbook, loaded."""
    from xladdin.hosts.lite.functions import publish

    module = ModuleType("main")
    publish(module.__dict__)
    return module


def described(module: ModuleType) -> dict[str, Any]:
    """What the add-in registers with Excel: the functions and their dropdowns."""
    return server.custom_functions_meta(module)


def called(module: ModuleType, name: str, *args: Any, caller: str | None = CALLER) -> Any:
    """What Excel gets for a function and its arguments as Office.js sends them."""
    count = len(getattr(module, name).__xlfunc__["args"])
    data = {
        "func_name": name,
        "args": [*args, *[None] * (count - len(args))],
        "caller_address": caller,
        "version": xw.__version__,
        "client": "Office.js",
        "runtime": "1.4",
        "date_format": None,
        "culture_info_name": "en-US",
        "session_id": "one",
    }
    where = None if caller is None else server.caller_from_address(caller)
    return asyncio.run(server.custom_functions_call(data, module, typehint_to_value={server.Caller: where}))


def remote_book(payload: dict[str, Any]) -> xw.Book:
    """The workbook as a script gets it, from what the add-in sends of it."""
    return xw.Book(json=payload)


def script(module: Any, name: str, book: xw.Book, *args: Any) -> list[dict[str, Any]]:
    """Run a script of a module on a workbook; what it asks Excel to do."""
    asyncio.run(server.custom_scripts_call(module, name, typehint_to_value={xw.Book: book}, args=list(args)))
    actions: list[dict[str, Any]] = book.json()["actions"]
    return actions
