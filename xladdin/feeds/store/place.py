r"""Where the store lies: one folder for each user, unless an option or PERPDESK_STORE names another.

Linux    $XDG_DATA_HOME/PerpDesk/store, by default ~/.local/share/PerpDesk/store
macOS    ~/Library/Application Support/PerpDesk/store
Windows  %LOCALAPPDATA%\PerpDesk\store
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["STORE_VARIABLE", "store_folder"]

STORE_VARIABLE = "PERPDESK_STORE"


def store_folder(asked: Path | None = None) -> Path:
    """The folder of the store: `asked`, that of the environment, or the user's own; it need not exist yet."""
    named = os.environ.get(STORE_VARIABLE)
    if asked is not None or named:
        return (asked or Path(str(named))).expanduser().absolute()
    return _own_folder(sys.platform) / "store"


def _own_folder(platform: str) -> Path:
    if platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "PerpDesk"
    if platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "PerpDesk"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "PerpDesk"
