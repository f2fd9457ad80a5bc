"""The cell styles of a book: which show a date, which are locked, and a dated twin of one that does not."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

from lxml import etree

from .markup import tag

__all__ = ["Styles", "is_date_format"]

BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)})
"""Number formats of the standard that show a date or a time of day (46, [h]:mm:ss, is a duration)."""

DATE_TIME = 22
"""The standard's own format for date and time, in the user's regional order."""

_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_DURATION = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a number format shows a date or a time of day; a duration like `[h]:mm` is a number."""
    first = code.partition(";")[0]
    return not _DURATION.search(first) and bool(re.search("[dmyhs]", _NOT_CODE.sub("", first), re.IGNORECASE))


class Styles:
    """The styles part of a book, looked up by the index that a cell carries."""

    def __init__(self, root: etree._Element | None, edit: Callable[[], etree._Element]) -> None:
        self._edit = edit
        self._formats = root.find(tag("cellXfs")) if root is not None else None
        codes = (
            {e.get("numFmtId"): e.get("formatCode", "") for e in root.iter(tag("numFmt"))} if root is not None else {}
        )
        self._dates = [self._shows_date(xf, codes) for xf in self._all()]
        self._dated: dict[int, int] = {}
        self.read = len(self._dates)
        """How many styles the file had; those beyond were added."""

    def is_date(self, style: str | None) -> bool:
        """Whether cells of that style show their number as a time."""
        index = int(style or 0)
        return index < len(self._dates) and self._dates[index]

    def is_locked(self, style: str | None) -> bool:
        """Whether cells of that style resist changes once their sheet is protected."""
        formats, index = self._all(), int(style or 0)
        protection = formats[index].find(tag("protection")) if index < len(formats) else None
        return protection is None or protection.get("locked", "1") not in ("0", "false")

    def dated(self, style: str | None) -> str | None:
        """A style that looks the same but shows a date and time; added to the book where it is new."""
        index = int(style or 0)
        if self._formats is None or self.is_date(style) or index >= len(self._formats):
            return style
        if index not in self._dated:
            self._edit()
            twin = copy.deepcopy(self._formats[index])
            twin.set("numFmtId", str(DATE_TIME))
            twin.set("applyNumberFormat", "1")
            self._formats.append(twin)
            self._formats.set("count", str(len(self._formats)))
            self._dates.append(True)
            self._dated[index] = len(self._formats) - 1
        return str(self._dated[index])

    def _all(self) -> list[etree._Element]:
        return list(self._formats) if self._formats is not None else []

    @staticmethod
    def _shows_date(xf: etree._Element, codes: dict[str | None, str]) -> bool:
        number_format = xf.get("numFmtId", "0")
        if number_format in codes:
            return is_date_format(codes[number_format])
        return int(number_format) in BUILT_IN_DATES
