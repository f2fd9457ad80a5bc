"""What all sheets of a workbook share: its parts, its calendar, its table of strings, its cell styles."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from .cell_values import EPOCH_1900, EPOCH_1904, text_of
from .package import Package, tag
from .styles import Styles

__all__ = ["Shared"]


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
    def strings(self) -> list[str]:
        """The table of shared strings."""
        parts = self.package.related(self.part, "sharedStrings")
        return [text_of(item) for item in self.package.xml(parts[0]).iterchildren(tag("si"))] if parts else []

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
