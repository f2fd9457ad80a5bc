"""What formulas of a spreadsheet point at: columns of tables (`Prices[BTC]`, `[@Price]`) and plain addresses."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["column_named", "has_addresses"]

_RELATIVE = re.compile(r"(?<![\w.\]])\$?[A-Z]{1,3}\$?[0-9]{1,7}(?![\w(])")
_QUOTED = re.compile(r"\"[^\"]*\"|\[(?:[^\[\]]|\[[^\]]*\])*\]")


def has_addresses(formula: str) -> bool:
    """Whether a formula names cells by address (`C7`), so that it means something else one row further down."""
    return _RELATIVE.search(_QUOTED.sub("", formula)) is not None


def column_named(formula: str, table: str, headings: Collection[str]) -> str | None:
    """The first of the headings (in small letters) that a formula names as a column of `table`, if any."""
    structured = re.compile(rf"(?<![\w.]){re.escape(table)}(\[(?:[^\[\]]|\[[^\]]*\])*\])", re.IGNORECASE)
    for reference in structured.findall(formula):
        for item in re.findall(r"\[([^\[\]]+)\]", reference):
            if item.replace("'", "").lower() in headings:
                return str(item)
    return None
