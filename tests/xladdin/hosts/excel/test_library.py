"""The second way to the server, run by an interpreter; calls into xlwings' library become procedures that note them."""

from __future__ import annotations

import re

import pytest
from pyopenvba.interpreter import VBAObject, VBARuntimeError, method

from tests.xladdin.hosts.excel.vba_runner import GONE, AddIn, Server
from xladdin.hosts.excel.addin.build import VBA
from xladdin.hosts.excel.identity import CLASS_ID, PROGRAM_ID, SERVER_MODULE

FOLDER = r"C:\Users\Jörg O'Neill\PerpDesk\1.0"
COMMAND = rf'"{FOLDER}\pythonw.exe" -m {SERVER_MODULE}'
LIBRARY = r"\xlwings64-0.37.8.dll"

IN_PLACE_OF_THE_LIBRARY = """
Private Function LoadLibraryW(ByVal path As String) As Long
    On Error GoTo NotThere
    CreateObject "load " & path
    LoadLibraryW = 1
NotThere:
End Function

Private Function ActivateBy64(ByRef server As Variant, ByVal command As String, ByVal mode As Long) As Long
    On Error GoTo Failed
    Set server = CreateObject("mode " & mode & " " & command)
    Exit Function
Failed:
    server = Err.Description
    ActivateBy64 = 1
End Function
"""


class Shell(VBAObject):
    """The registry, as WScript.Shell reads it."""

    def __init__(self, entries: dict[str, str]) -> None:
        self.entries = entries

    @method
    def RegRead(self, name: object) -> object:
        if str(name) not in self.entries:
            raise VBARuntimeError(-2147024894, "no such key")
        return self.entries[str(name)]


class WithLibrary(AddIn):
    """The add-in where Windows does not know the server by name."""

    def __init__(self, *servers: Server | str, registered: bool = True, beside_python: bool = True) -> None:
        super().__init__(*servers)
        key = rf"HKCU\Software\Classes\CLSID\{CLASS_ID}\LocalServer32" + "\\"
        self.shell = Shell({key: COMMAND} if registered else {})
        self.beside_python = beside_python
        source = (VBA / "PerpLibrary.bas").read_text(encoding="utf-8").replace("StrPtr(", "CStr(")
        source = re.sub(r"Private Declare [^\n]*?(?: _\n[^\n]*)?\n", "", source)
        declarations, last, procedures = source.partition("Private lastCommand As String\n")
        source = f"{declarations}{last}{IN_PLACE_OF_THE_LIBRARY}{procedures}"
        self.excel.add_module(source, name="PerpLibrary")

    def made(self, program: str) -> object:
        if program == "WScript.Shell":
            return self.shell
        if program == f"load {FOLDER}{LIBRARY}" and not self.beside_python:
            raise VBARuntimeError(429, "not there")
        if program == PROGRAM_ID:
            raise VBARuntimeError(429, "class not registered")
        if program.startswith(("load", "mode -1")):
            return self.shell
        return super().made(program)


def commands(addin: AddIn) -> list[str]:
    return [program for program in addin.started if program.startswith("mode")]


def test_the_registered_command_is_started_by_the_library_that_lies_beside_python() -> None:
    addin = WithLibrary(Server(lambda *_: 1.5))
    assert addin.formula("A1", "PERP_VERSION") == 1.5
    assert f"load {FOLDER}{LIBRARY}" in addin.started
    assert commands(addin) == [f"mode 1 {COMMAND} $(CLSID) #1"]


def test_in_a_virtual_environment_the_library_lies_one_folder_above() -> None:
    addin = WithLibrary(Server(lambda *_: 1.5), beside_python=False)
    assert addin.formula("A1", "PERP_VERSION") == 1.5
    above = FOLDER.rpartition("\\")[0]
    assert f"load {above}{LIBRARY}" in addin.started


def test_a_dead_process_is_ended_and_the_next_one_has_the_next_number() -> None:
    addin = WithLibrary(Server(lambda *_: GONE), Server(lambda *_: 2.5))
    assert addin.formula("A1", "PERP_VERSION") == 2.5
    assert commands(addin) == [f"mode {mode} {COMMAND} $(CLSID) #{n}" for mode, n in ((1, 1), (-1, 1), (1, 2))]


@pytest.mark.parametrize(
    ("registered", "reason"),
    [(False, "PerpDesk is not installed for this user"), (True, "no Python there")],
)
def test_what_both_ways_say_is_the_reason(registered: bool, reason: str) -> None:
    addin = WithLibrary("no Python there", registered=registered)
    addin.started.clear()
    assert addin.formula("A1", "PERP_VERSION") == "error 2015"
    why = addin.formula("B1", "PERP_WHY", addin.range("A1"))
    assert why.startswith(f"PerpDesk's Python does not start (class not registered; {reason}).")
