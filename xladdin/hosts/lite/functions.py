"""The functions that xlwings Lite offers in cells: one of each entry of the catalogue.

Its `main.py` says

    from xladdin.hosts.lite.functions import publish
    publish(globals())

and xlwings then finds them there, with names, arguments, dropdowns and help. Cells come and go raw: Office.js sends an
error cell as an object and a blank one as null, and takes an error back as an object; a converter of xlwings would look
at every cell once more, and would show what is not defined as #NUM!.

xlwings itself is never part of PerpDesk here: the add-in brings its own.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

import xlwings.server as xlwings

from ... import catalog
from ...catalog import Argument, FunctionSpec
from ...cells import CellResult
from ...kinds import Choice

__all__ = ["ERROR_TYPES", "answer", "publish"]

ERROR_TYPES = {
    "#DIV/0!": "Div0",
    "#N/A": "NotAvailable",
    "#NAME?": "Name",
    "#NULL!": "Null",
    "#NUM!": "Num",
    "#REF!": "Ref",
    "#VALUE!": "Value",
}
"""What Office.js calls the errors that a cell shows."""

CALLER = "calling_cell"
"""The argument that xlwings fills and Excel does not see; no sheet function has one of this name."""

ADDRESS = re.compile(r"(?:.+!)?\$?[A-Z]{1,3}\$?[0-9]{1,7}", re.IGNORECASE)

BY_ADDRESS = (
    "The add-in is told what a cell shows and not which one it is; ask by its address, as in "
    'PERP_WHY(CELL("address",B21)) or PERP_WHY("B21"), or select the cell and run the script Why?'
)
"""What PERP_WHY says where it is handed what a cell holds."""

Wire = float | str | dict[str, str]
"""What a cell of a custom function's answer can be."""


def publish(module: dict[str, Any]) -> list[str]:
    """Put a function for each entry of the catalogue into `module`, the globals of `main.py`; returns their names."""
    for spec in catalog.functions():
        module[spec.name] = _offered(spec)
    return [spec.name for spec in catalog.functions()]


def answer(name: str, caller: Any, *cells: object) -> list[list[Wire]]:
    """What the cell shows for a sheet function and the cells that Office.js sends, in rows; it never raises."""
    where = f"[{caller.book_name}]{caller.sheet_name}!{caller.address}" if caller is not None else None
    received = [_received(each) for each in cells]
    if name == "PERP_WHY" and received[:1] != [None] and not ADDRESS.fullmatch(str(received[0] if received else "A1")):
        return [[BY_ADDRESS]]
    return _on_the_wire(catalog.call(name, *received, caller=where))


def _offered(spec: FunctionSpec) -> Callable[..., list[list[Wire]]]:
    """One entry, with its name, arguments, defaults and help as xlwings reads them."""

    def own(*cells: object) -> list[list[Wire]]:
        sent = cells[: len(spec.args)]
        return answer(spec.name, cells[len(spec.args)] if len(cells) > len(spec.args) else None, *sent)

    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        inspect.Parameter(each.name, keyword, default=None if each.optional else inspect.Parameter.empty)
        for each in spec.args
    ]
    own.__name__ = own.__qualname__ = spec.name
    own.__doc__ = spec.summary
    own.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*parameters, inspect.Parameter(CALLER, keyword, default=None)]
    )
    own.__annotations__ = {each.name: _hint(each) for each in spec.args} | {CALLER: xlwings.Caller | None}
    offered = xlwings.func(xlwings.ret("raw")(own))
    for each in spec.args:
        # A dropdown is told by its type, which drops what else that says: an error cell would read as left out.
        offered = xlwings.arg(each.name, "raw", err_to_str=True)(offered)
    return offered


def _hint(argument: Argument) -> Any:
    kind = Literal[argument.kind.options] if isinstance(argument.kind, Choice) else list
    return Annotated[kind, {"doc": argument.help}]


def _received(sent: Any) -> Any:
    """An argument as `xladdin.cells` reads it; xlwings hands over a single cell or row without its brackets."""
    if not isinstance(sent, list | tuple):
        return _cell(sent)
    rows = sent if sent and isinstance(sent[0], list | tuple) else [sent]
    return [[each if type(each) is float else _cell(each) for each in row] for row in rows]


def _cell(sent: Any) -> Any:
    """A cell as the value that it shows: None where it is blank, an error as its text."""
    if isinstance(sent, dict):
        return sent.get("basicValue")
    return None if sent == "" or type(sent).__name__ == "JsNull" else sent


def _on_the_wire(shown: CellResult) -> list[list[Wire]]:
    rows = shown if isinstance(shown, list) else [[shown]]
    return [[each if type(each) is float else _entered(each) for each in row] for row in rows]


def _entered(shown: float | str) -> Wire:
    if isinstance(shown, str) and shown in ERROR_TYPES:
        return {"type": "Error", "errorType": ERROR_TYPES[shown]}
    return shown
