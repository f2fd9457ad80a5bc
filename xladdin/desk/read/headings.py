"""Whether a table still has the columns that the layout declares: a renamed heading is told before anything is read."""

from __future__ import annotations

from core.checks import nearest
from core.errors import BookError, listed

from ...books.workbook import Workbook
from ..layout.fields import TableLayout
from ..layout.sheets import TABLES

__all__ = ["CONTRACT_TABLES", "refuse_lost_columns", "refuse_lost_contract_columns", "refuse_other_columns"]

CONTRACT_TABLES = ("Universe", "Limits", "Tiers", "Hedges", "Scenarios")
"""The tables about contracts that the analyst fills."""


def refuse_lost_contract_columns(book: Workbook) -> None:
    """Nothing when each table that the analyst fills has its columns. Raises BookError that names the first other."""
    for name in CONTRACT_TABLES:
        refuse_lost_columns(book.header(name), TABLES[name])


def refuse_lost_columns(header: tuple[str, ...], table: TableLayout) -> None:
    """Nothing when all declared columns are there, in whatever order. Raises BookError that names the first other."""
    lost = [name for name in table.header if name not in header]
    if lost:
        raise BookError(
            f"table '{table.name}' on sheet '{table.sheet}' has no column '{lost[0]}'{nearest(lost[0], header)}; "
            f"it has: {listed(header)}; head the column so again"
        )


def refuse_other_columns(header: tuple[str, ...], table: TableLayout) -> None:
    """Nothing when a result table has its columns in their order, as results fill it. Raises BookError."""
    refuse_lost_columns(header, table)
    declared = table.header
    moved = next((there for there, name in zip(header, declared, strict=False) if there != name), None)
    where = f"table '{table.name}' on sheet '{table.sheet}'"
    if moved is not None:
        place = header.index(moved)
        raise BookError(f"{where} has '{moved}' where '{declared[place]}' belongs; put its columns back in their order")
    if len(header) > len(declared) and not table.free_columns:
        extra = header[len(declared)]
        raise BookError(f"{where} has the further column '{extra}', and results fill it whole; move that column out")
