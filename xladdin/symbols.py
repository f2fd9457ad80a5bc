"""Symbols, read the same way by every job; and text from outside, made safe for a terminal and for a cell.

A symbol is upper case, of letters, digits and - _ / : . only, and begins with a letter or a digit: so none can be a
formula, move a cursor or differ from another by a space that nobody sees.
"""

from __future__ import annotations

import re
import unicodedata

from core.errors import ArgumentError

__all__ = ["as_cell_text", "printable", "read_symbol"]

SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9\-_/:.]*")
LONGEST = 40

SHOWN = 60
"""Characters of a text from outside that a message shows."""


def read_symbol(text: object) -> str:
    """The symbol that a cell, a heading, a file's name or an option gives. Raises ArgumentError."""
    given = unicodedata.normalize("NFKC", "" if text is None else str(text))
    symbol = "".join(letter for letter in given if unicodedata.category(letter) != "Cf").strip().upper()
    if not symbol:
        raise ArgumentError("a symbol is blank; give the contract's name, such as BTCUSDT")
    if len(symbol) > LONGEST or not SYMBOL.fullmatch(symbol):
        raise ArgumentError(
            f"'{printable(text)}' is no symbol; it begins with a letter or digit and has letters, digits and - _ / : . "
            f"only, at most {LONGEST}"
        )
    return symbol


def printable(text: object, most: int = SHOWN) -> str:
    """A text from outside as a message may show it: one line without control characters, cut when it is long."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in str(text))
    return shown if len(shown) <= most else f"{shown[:most]}..."


def as_cell_text(text: str) -> str:
    """A text from outside for a cell: one that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text
