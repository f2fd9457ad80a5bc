"""Checks of the terms of the contracts: those in play are the venue's, not assumed."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import listed

from ....books.workbook import Workbook
from ...read.inputs import Desk
from .found import Check, caution

__all__ = ["check_terms"]


def check_terms(book: Workbook, desk: Desk) -> Iterator[Check]:
    """That no contract in play has terms which Refresh assumed and nobody has confirmed."""
    block = book.table("Universe")
    marks = zip(block.column("Symbol"), block.column("Assumed"), strict=True)
    assumed = [symbol for symbol, mark in marks if mark == "Y" and symbol in desk.universe.symbols]
    remedy = f"Enter lot, cost, leverage and maintenance of {listed(assumed)} as your venue has them; set Assumed to N"
    yield caution("No contract has assumed terms", not assumed, len(assumed), 0.0, remedy)
