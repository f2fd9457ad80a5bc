"""The add-in's VBA in an interpreter: an Excel in memory, and a server of which a test says what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from pyopenvba.apps.excel import ExcelApplication
from pyopenvba.interpreter import (
    EMPTY,
    MISSING,
    VBAArray,
    VBAErrorValue,
    VBAInt,
    VBAObject,
    VBARuntimeError,
    member,
    method,
)

from xladdin.hosts.excel.addin.build import VBA

GONE, BROKE_OFF, NOBODY_THERE = 462, -2147023170, -2147023174


class Server(VBAObject):
    """What CreateObject gives: it notes each question, and answers or fails as its test wants."""

    vba_type_name = "Server"

    def __init__(self, answer: Callable[..., object]) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str, list[object]]] = []

    @method
    def CallUDF(self, module: object, name: object, arguments: object) -> object:
        sent = plain(arguments)
        self.asked.append((str(module), str(name), sent))
        found = self.answer(*sent)
        if isinstance(found, int) and not isinstance(found, bool):
            raise VBARuntimeError(found, "the server is gone")
        return found if not isinstance(found, list) else block(found)


class Button(VBAObject):
    """The first button of Excel's own bar, which is off while the function wizard is open."""

    on = True

    @member
    def Enabled(self) -> object:
        return Button.on

    @member
    def Controls(self, index: object) -> object:
        return self


class Excel(type(ExcelApplication().application)):
    """Excel with what the interpreter's own model of it leaves out."""

    caller: object = EMPTY
    described: ClassVar[list[tuple[str, ...]]] = []

    @member
    def Caller(self) -> object:
        return Excel.caller

    @member
    def CommandBars(self, name: object) -> object:
        return Button()

    @method
    def MacroOptions(
        self,
        Macro: object = MISSING,
        Description: object = MISSING,
        Category: object = MISSING,
        ArgumentDescriptions: object = MISSING,
    ) -> object:
        helps = () if ArgumentDescriptions is MISSING else tuple(plain(ArgumentDescriptions))
        Excel.described.append((str(Macro), str(Description), str(Category), *helps))
        return EMPTY


class AddIn:
    """The add-in, loaded in an Excel in memory, with the servers that CreateObject is to give, one after the other."""

    def __init__(self, *servers: Server | str) -> None:
        self.excel = ExcelApplication()
        self.excel.add_workbook()
        self.excel.application.__class__ = Excel
        Excel.caller, Button.on, Excel.described = EMPTY, True, []
        for path in sorted(VBA.glob("*.bas")):
            self.excel.add_module(path.read_text(encoding="utf-8"), name=path.stem)
        self.started: list[str] = []
        self._servers = list(servers)
        self.excel.interpreter.create_com = self._create

    def _create(self, program: str) -> object:
        self.started.append(program)
        return self.made(program)

    def made(self, program: str) -> object:
        """What CreateObject gives for a program, or its failure."""
        server = self._servers.pop(0) if self._servers else "no more servers"
        if isinstance(server, str):
            raise VBARuntimeError(429, server)
        return server

    def range(self, address: str) -> Any:
        """Cells of the first sheet."""
        return self.excel.interpreter.host.application.vba_get("Range", [address])

    def formula(self, at: str, name: str, *arguments: object) -> Any:
        """What the cell at that address would show for the function."""
        Excel.caller = self.range(at)
        return shown(self.excel.interpreter.run(name, list(arguments)))


def plain(value: object) -> Any:
    """A VBA value as Python has it, arrays as (nested) lists, objects as they are."""
    if isinstance(value, VBAArray):
        if value.dimensions == 1:
            return [plain(each) for each in value.elements()]
        (top, bottom), (left, right) = value.bounds
        return [
            [plain(value.get([row, column])) for column in range(left, right + 1)] for row in range(top, bottom + 1)
        ]
    return None if value is EMPTY else float(value) if isinstance(value, VBAInt) else value


def shown(value: object) -> Any:
    """A result as a test compares it: errors as `error 2015`."""
    if isinstance(value, VBAErrorValue):
        return f"error {value.number}"
    if isinstance(value, VBAArray):
        return shown(plain(value))
    return [shown(each) for each in value] if isinstance(value, list) else plain(value)


def block(rows: list[Any]) -> VBAArray:
    """Rows as a COM server hands them over: bounds from zero; a lone row has one dimension."""
    if not isinstance(rows[0], list):
        return VBAArray([(0, len(rows) - 1)], items=list(rows))
    found = VBAArray([(0, len(rows) - 1), (0, len(rows[0]) - 1)])
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            found.set([i, j], cell)
    return found
