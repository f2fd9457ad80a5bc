"""The functions that Excel calls, over xlwings: one door for the add-in, and one function per entry of the catalogue.

`answer` is all that the add-in needs: it says which cell asks, so that PERP_WHY can tell of each cell, and a sheet
function's file is imported when it is first asked for. The others (`udfs.PERP_BETA` ...) are for people who import
functions into a workbook of their own with xlwings; they are made when somebody looks for them.

Cells come raw (xlwings converts nothing): an error cell stays the integer that says which error it shows.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import xlwings as xw

from ... import catalog
from ...catalog import FunctionSpec
from ...cells import CellResult
from .. import background
from .names import vba_name

__all__ = ["answer"]

Rows = list[list[float | str]]


def answer(where: str, name: str, *cells: object) -> Rows:
    """What the cell at `where` shows for the sheet function `name` with these cells, in rows."""
    shown = catalog.call(name, *cells, caller=where)
    background.answered()
    return _in_rows(shown)


def _in_rows(shown: CellResult) -> Rows:
    """xlwings takes the length of what a function returns, also of a single figure."""
    return shown if isinstance(shown, list) else [[shown]]


def _door(function: Callable[..., Rows], helps: dict[str, str], category: str) -> Callable[..., Rows]:
    """The function as xlwings offers it; `xw.func` comes last, because it resets what stands on it."""
    for argument, help_text in helps.items():
        function = xw.arg(argument, "raw", doc=help_text)(function)
    return xw.func(category=category, call_in_wizard=False)(xw.ret("raw")(function))


def _own_function(spec: FunctionSpec) -> Callable[..., Rows]:
    """One entry of the catalogue, with its name, arguments and defaults as xlwings reads them."""

    def own(*cells: object) -> Rows:
        return _in_rows(catalog.call(spec.name, *cells))

    own.__name__ = own.__qualname__ = spec.name
    own.__doc__ = spec.summary
    own.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                vba_name(argument.name),
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=None if argument.optional else inspect.Parameter.empty,
            )
            for argument in spec.args
        ]
    )
    return _door(own, {vba_name(argument.name): argument.help for argument in spec.args}, spec.category)


def __getattr__(name: str) -> Any:
    """`udfs.PERP_BETA`, made when it is first asked for."""
    if not name.startswith("PERP_"):
        raise AttributeError(name)
    globals()[name] = _own_function(catalog.function(name))
    return globals()[name]


def __dir__() -> list[str]:
    """The names that an import of functions into a workbook goes through."""
    return ["answer", *(spec.name for spec in catalog.functions())]


answer = _door(answer, {"where": "The cell that asks.", "name": "The sheet function.", "*cells": "Its cells."}, "Perp")
