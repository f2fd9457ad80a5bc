"""Checks of the history that the estimates stand on."""

from __future__ import annotations

from collections.abc import Iterator

from ....books.workbook import Workbook
from ...read.inputs import Desk
from .found import Check, caution

__all__ = ["check_history"]


def check_history(book: Workbook, desk: Desk) -> Iterator[Check]:
    """That no contract in play lacks a bar."""
    missing = desk.panel.missing()
    worst = max(missing, key=missing.__getitem__)
    remedy = f"{worst} lacks most; refresh again, or accept that its rows are left out"
    yield caution("Every bar has a price", not missing[worst], missing[worst], 0.0, remedy)
