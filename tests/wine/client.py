"""A client of the calculation server that does what the add-in's VBA does: connect, `CallUDF`, connect again.

By the class that Windows knows (`CreateObject`), or by xlwings' DLL, the add-in's second way. On Windows' Python only.
"""

from __future__ import annotations

import ctypes
import time
from ctypes import byref
from pathlib import Path
from typing import Any

import comtypes
import comtypes.automation
import win32api
import win32process
from variants import Variant, arguments, value_of

from xladdin.hosts.excel.identity import PROGRAM_ID
from xladdin.hosts.excel.install.programs import DOOR

METHOD = 1


class CallError(Exception):
    """The call did not come through; the text begins with the code that VBA would see."""


class Client:
    """One connection, as one workbook's."""

    def __init__(self, dll: Path | None = None, command: str = "") -> None:
        self.dll = ctypes.WinDLL(str(dll)) if dll else None
        self.command = command
        self.last = 0.0
        self.server: Any = None
        self.connect()

    def connect(self) -> None:
        """Let go of a connection that may be dead, then make another, as VBA's `Set server = Nothing` does."""
        self.server = None
        self.server = self._activated() if self.dll else self._created()
        self.call_id = self.server.GetIDsOfNames("CallUDF")[0]

    def _created(self) -> Any:
        """VBA's `CreateObject`."""
        return comtypes.CoCreateInstance(
            comtypes.GUID.from_progid(PROGRAM_ID),
            interface=comtypes.automation.IDispatch,
            clsctx=comtypes.CLSCTX_LOCAL_SERVER,
        )

    def _activated(self) -> Any:
        out = comtypes.automation.VARIANT()
        assert self.dll is not None
        code = self.dll.XLPyDLLActivateAuto(byref(out), ctypes.c_char_p(self.command.encode()), 1)
        if code:
            raise CallError(f"{code:#x} {out.value}")
        return getattr(out.value, "_comobj", out.value)

    def __call__(self, name: str, *cells: Any, where: str = "Sheet1!A1") -> Any:
        """What a cell shows."""
        module, door = DOOR
        given = (comtypes.automation.VARIANT * 3)()
        packed = arguments((where, name, *cells))
        ctypes.memmove(byref(given[0]), byref(packed), ctypes.sizeof(Variant))
        given[1].value, given[2].value = door, module
        sent = comtypes.automation.DISPPARAMS()
        sent.rgvarg, sent.cArgs = given, 3
        result, info, wrong = comtypes.automation.VARIANT(), comtypes.automation.EXCEPINFO(), ctypes.c_uint()
        began = time.perf_counter()
        try:
            self.server._IDispatch__com_Invoke(
                self.call_id, byref(comtypes.GUID()), 0, METHOD, byref(sent), byref(result), byref(info), byref(wrong)
            )
        except comtypes.COMError as error:
            raise CallError(f"{error.hresult & 0xFFFFFFFF:#x} {info.bstrDescription or ''}") from None
        self.last = time.perf_counter() - began
        received = Variant()
        ctypes.memmove(byref(received), byref(result), ctypes.sizeof(Variant))
        return value_of(received)


def processes(program: str) -> list[int]:
    """Those that run a program, the youngest last."""
    found = []
    for process in win32process.EnumProcesses():
        try:
            path = win32process.GetModuleFileNameEx(win32api.OpenProcess(0x0410, False, process), 0)
        except win32api.error:
            continue
        if Path(path).name.lower() == program:
            found.append(process)
    return found


def kill(process: int) -> None:
    """End it as the task manager does."""
    win32api.TerminateProcess(win32api.OpenProcess(1, False, process), 1)


def crash(process: int) -> None:
    """Have it end itself at once, whatever it is doing, as a fault in a library makes it.

    Wine remembers for good what a process offered that was killed from outside; Windows does not.
    """
    handle = win32api.OpenProcess(0x1FFFFF, False, process)
    exit_process = win32api.GetProcAddress(win32api.GetModuleHandle("kernel32"), "ExitProcess")
    win32process.CreateRemoteThread(handle, None, 0, exit_process, 3, 0)


def memory(process: int) -> float:
    """MiB that a process has asked for."""
    handle = win32api.OpenProcess(0x0410, False, process)
    return float(win32process.GetProcessMemoryInfo(handle)["PagefileUsage"]) / 2**20
