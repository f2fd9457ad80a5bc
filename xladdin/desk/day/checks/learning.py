"""Checks of the training: it belongs to today's inputs, and a policy is followed only where its guard keeps it."""

from __future__ import annotations

from collections.abc import Iterator

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.last_run import belongs_to_inputs
from .found import Check, caution

__all__ = ["check_learning"]


def check_learning(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where nothing was trained."""
    block = book.table("Learning")
    if not block.rows:
        return
    fresh = belongs_to_inputs(book, desk, "train")
    yield caution("Learning belongs to today's inputs", fresh, None, None, "Inputs have changed since; train again")
    if desk.settings.model == "reinforced":
        kept = block.column("Followed")[0] == "Y"
        remedy = "The base answers; choose its own model, or train again once there is more history"
        yield caution("The trained policy is kept by its guard", kept, None, None, remedy)
