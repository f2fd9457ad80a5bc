"""Under what names Windows, Excel and xlwings know PerpDesk; they stay the same in every version.

Excel asks Windows for `PROGRAM_ID`, Windows looks up `CLASS_ID`, starts `SERVER_MODULE` with the Python that the
installer registered, and hands Excel the object on which the add-in calls `CallUDF`.
"""

from __future__ import annotations

__all__ = ["ADDIN_FILE", "CLASS_ID", "MAC_LAUNCHER", "PROGRAM_ID", "SERVER_MODULE", "SERVER_TITLE"]

PROGRAM_ID = "PerpDesk.Server"
"""What the add-in asks for: `CreateObject("PerpDesk.Server")`."""

CLASS_ID = "{6F1C1E2A-1B7E-4B60-9E43-7B7B6C6C0A01}"
"""What Windows keeps it under, in HKEY_CURRENT_USER\\Software\\Classes\\CLSID."""

SERVER_TITLE = "PerpDesk calculation server"

SERVER_MODULE = "xladdin.hosts.excel.server"
"""What Windows starts: `pythonw.exe -m xladdin.hosts.excel.server`."""

ADDIN_FILE = "PerpDesk.xlam"
"""The add-in's file, in `workbooks` of the project and in Excel's start folder once installed."""

MAC_LAUNCHER = "Library/Application Support/PerpDesk/python"
"""On macOS, below the user's folder: the script that starts PerpDesk's Python (`exec /path/to/python "$@"`)."""
