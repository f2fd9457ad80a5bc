"""What all sheets of a workbook share: its parts, its calendar, its table of strings, its cell styles."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property, lru_cache

from .cell_values import EPOCH_1900, EPOCH_1904, text_of
from .markup import parsed, tag
from .package import Package
from .styles import Styles

__all__ = ["Shared", "Strings", "strings_in"]

MOST_REMEMBERED = 4_096

_ROOT = re.compile(rb"<((?:[\w.\-]+:)?)sst(?:\s[^>]*)?>")
_OTHER_CODING = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["'](?!utf-8|us-ascii)""", re.IGNORECASE)


class Shared:
    """Read once, on first use; `part` is the workbook part of `package`."""

    def __init__(self, package: Package, part: str) -> None:
        self.package, self.part = package, part

    @cached_property
    def epoch(self) -> datetime:
        """Day 0 of this book's calendar."""
        properties = self.package.xml(self.part).find(tag("workbookPr"))
        return EPOCH_1904 if properties is not None and properties.get("date1904") in ("1", "true") else EPOCH_1900

    @cached_property
    def strings(self) -> Sequence[str]:
        """The table of shared strings."""
        parts = self.package.related(self.part, "sharedStrings")
        if not parts:
            return ()
        data = self.package.data(parts[0])
        with self.package.naming(parts[0]):
            return strings_in(data)

    @cached_property
    def styles(self) -> Styles:
        """The cell styles."""
        parts = self.package.related(self.part, "styles")
        if not parts:
            return Styles(None, lambda: self.package.xml(self.part))
        return Styles(self.package.xml(parts[0]), lambda: self.package.edit(parts[0]))

    def forget_calculation_order(self) -> None:
        """Drop the list of formula cells, which Excel makes anew; it must not name a cell that lost its formula."""
        for part in self.package.related(self.part, "calcChain"):
            if part not in self.package.dropped:
                self.package.drop(part, self.part)


class Strings(Sequence[str]):
    """Shared strings of which the places are noted; only those that a cell names are parsed.

    `root` is the opening tag of the table, `prefix` what stands before its names.
    """

    def __init__(self, data: bytes, root: bytes, prefix: bytes) -> None:
        self._data, self._root, self._close = data, root, b"</" + prefix + b"sst>"
        item = re.compile(b"<" + re.escape(prefix) + rb"si(?:\s[^>]*)?/?>")
        self._starts = array("q", (found.start() for found in item.finditer(data)))
        self._starts.append(data.rfind(self._close))
        self._text = lru_cache(maxsize=MOST_REMEMBERED)(self._parsed)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, place: int) -> str:  # type: ignore[override]  # a cell names one string
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._text(place)

    def _parsed(self, place: int) -> str:
        item = self._data[self._starts[place] : self._starts[place + 1]]
        return text_of(parsed(self._root + item + self._close)[0])


def strings_in(data: bytes) -> Sequence[str]:
    """The shared strings of a part: by their places, or all at once where comments stand among them."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    root = _ROOT.search(data)
    plain = b"<!" not in data and b"<?" not in data[2:] and not _OTHER_CODING.match(data)
    if root is not None and plain:
        return Strings(data, root[0], root[1])
    return [text_of(item) for item in parsed(data).iterchildren(tag("si"))]
