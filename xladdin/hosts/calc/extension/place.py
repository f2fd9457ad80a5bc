r"""Where the extension finds the Python that answers: in a record that `perpdesk calc install` leaves for the user.

Linux    $XDG_DATA_HOME/PerpDesk/calc.json, by default ~/.local/share/PerpDesk
macOS    ~/Library/Application Support/PerpDesk/calc.json
Windows  %LOCALAPPDATA%\PerpDesk\calc.json

Where an administrator has installed it for every user, the record lies beside this file. PERPDESK_CALC_RECORD names
another one.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

__all__ = ["RECORD_INSIDE", "Serving", "folder", "record_file", "serving", "user_record"]

RECORD = "PERPDESK_CALC_RECORD"

NAME = "calc.json"
RECORD_INSIDE = f"pythonpath/perpdesk_calc/{NAME}"
"""The record in an extension that an administrator has installed for every user."""

INSTALL = "run `perpdesk calc install` again, or install/install.sh of the PerpDesk that you unpacked"


class Serving(NamedTuple):
    """The Python that answers, and the folder with the project's code."""

    python: str
    project: str

    @property
    def command(self) -> list[str]:
        """What is started: isolated from the folder of the moment and from the variables of another Python."""
        begin = "import sys; sys.path.insert(0, sys.argv[1]); from xladdin.hosts.calc.worker import main; main()"
        return [self.python, "-I", "-X", "utf8", "-c", begin, self.project]


def folder(variables: Mapping[str, str] = os.environ, system: str = sys.platform) -> Path:
    """PerpDesk's folder in that of the user."""
    if system == "win32":
        return Path(variables["LOCALAPPDATA"]) / "PerpDesk"
    if system == "darwin":
        return Path.home() / "Library" / "Application Support" / "PerpDesk"
    return Path(variables.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "PerpDesk"


def user_record(variables: Mapping[str, str] = os.environ) -> Path:
    """The record of this user's installation."""
    named = variables.get(RECORD)
    return Path(named) if named else folder(variables) / NAME


def record_file(variables: Mapping[str, str] = os.environ) -> Path:
    """The record that counts: the user's, else that of the administrator's installation, else the user's to be."""
    own, beside = user_record(variables), Path(__file__).with_name(NAME)
    return beside if beside.is_file() and not own.is_file() and not variables.get(RECORD) else own


def serving(record: Path) -> Serving:
    """What the record names. Raises LookupError with the reason and the way out."""
    try:
        read = json.loads(record.read_text(encoding="utf-8"))
        found = Serving(read["python"], read["project"])
    except FileNotFoundError:
        raise LookupError(f"PerpDesk's Python is not installed for Calc: there is no {record}; {INSTALL}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LookupError(f"{record} cannot be read ({error}); {INSTALL}") from error
    for path in found:
        if not Path(path).exists():
            raise LookupError(f"{path} is gone, which answered for Calc; {INSTALL}")
    return found
