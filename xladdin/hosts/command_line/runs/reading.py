"""What stands in a workbook, read without a job."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ....books.file_book import FileBook
from ....books.workbook import CellValue
from ....desk.read.older import as_declared
from .results import naming

__all__ = ["values_in"]


def values_in(path: Path, names: Iterable[str]) -> dict[str, CellValue]:
    """The named cells of a desk; what an older one lacks is its default. Raises BookError."""
    with naming(path), FileBook.open(path) as book:
        desk = as_declared(book, quietly=True)
        return {name: desk.value(name).value for name in names}
