"""Whether the user wants a job to stop. Only Windows tells a program of a key while it is busy."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

__all__ = ["escape"]

ESCAPE = 0x1B


def escape() -> Callable[[], bool]:
    """Whether Esc was pressed since the last look, with a window of this office in front."""
    windows: Any = getattr(ctypes, "windll", None)
    if windows is None:
        return lambda: False
    user = windows.user32
    user.GetAsyncKeyState(ESCAPE)  # what was pressed before the job does not count

    def pressed() -> bool:
        owner = ctypes.c_ulong()
        user.GetWindowThreadProcessId(user.GetForegroundWindow(), ctypes.byref(owner))
        return bool(user.GetAsyncKeyState(ESCAPE)) and owner.value == os.getpid()

    return pressed
