"""Formulas that follow a table by its addresses, as .ods keeps them, when the table gets more rows or fewer.

Excel's files name a column of a table (`Estimates[Beta]`), and LibreOffice makes the name follow. In .ods there are no
such names: it writes `$Estimates.$D$7:$D$14`, which stays where it is unless somebody moves its end.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.records import dataclass

from ..xlsx.areas import Area

__all__ = ["Resized", "followed", "keeps_addresses"]

_RANGE = re.compile(
    r"(?P<sheet>\$?(?:'(?:[^']|'')+'|[^\W\d]\w*)\.)(?P<first>\$?[A-Z]{1,3}\$?[0-9]{1,7}):(?P<last>\$?[A-Z]{1,3}\$?)"
    r"(?P<row>[0-9]{1,7})(?![\w(.])"
)
_QUOTED = re.compile(r'("(?:[^"]|"")*")')


@dataclass(frozen=True)
class Resized:
    """A table that stood in one area of its sheet and will stand in another, which begins at the same cell."""

    sheet: str
    old: Area
    new: Area


def keeps_addresses(name: str) -> bool:
    """Whether the file of a document keeps addresses in place of the names of columns."""
    return name.lower().endswith((".ods", ".fods", ".ots"))


def followed(formula: str, resized: Sequence[Resized]) -> str:
    """The formula with the end of each range moved that reached from a table's header or first row to its last."""

    def end_moved(match: re.Match[str]) -> str:
        sheet = match["sheet"].lstrip("$").removesuffix(".")
        named = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
        area = Area.parse(f"{match['first']}:{match['last']}{match['row']}".replace("$", ""))
        for each in resized:
            old = each.old
            columns = old.left <= area.left and area.right <= old.right
            if named == each.sheet and columns and area.top in (old.top, old.top + 1) and area.bottom == old.bottom:
                return f"{match['sheet']}{match['first']}:{match['last']}{each.new.bottom}"
        return match[0]

    parts = _QUOTED.split(formula)
    return "".join(part if part.startswith('"') else _RANGE.sub(end_moved, part) for part in parts)
