"""Under what names LibreOffice knows the functions; documents keep them, so they stay the same in every version.

In a cell, in the function wizard and in .xlsx files a function has Excel's name, `PERP_BETA`. LibreOffice's interfaces
allow no underscore, so the method behind it is `perpBeta`, which .ods files keep, and the argument `assetReturns`.
"""

from __future__ import annotations

__all__ = ["ADDIN", "COMMANDS", "EXTENSION", "EXTENSION_FILE", "PROTOCOL", "joined"]

EXTENSION = "org.perpdesk.calc"
"""The extension."""

ADDIN = f"{EXTENSION}.Functions"
"""Its component with the functions."""

COMMANDS = f"{EXTENSION}.Commands"
"""Its component with the commands of the menu."""

PROTOCOL = f"{EXTENSION}:"
"""How an address of a command begins."""

EXTENSION_FILE = "PerpDesk.oxt"
"""The file, in `workbooks` of the project."""


def joined(name: str) -> str:
    """A name in words with underscores as an interface has it: PERP_BETA is perpBeta."""
    first, *others = name.lower().split("_")
    return first + "".join(word.capitalize() for word in others)
