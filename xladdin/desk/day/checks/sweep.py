"""Checks of the sweep: it belongs to today's inputs, and choosing the best of it is more than luck."""

from __future__ import annotations

from collections.abc import Iterator

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.last_run import belongs_to_inputs
from .found import Check, caution

__all__ = ["check_sweep"]

NO_LUCK = 0.95
"""Chance above which a ratio counts as more than luck."""

OVERFITTING = 0.5
"""Probability at which the best one is as often below the median as above: its choice says nothing."""


def check_sweep(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no sweep stands."""
    if not book.table("Sweep").rows:
        return
    block = book.table("SweepSummary")
    found = dict(zip(block.column("Measure"), block.column("Value"), strict=True))
    fresh = belongs_to_inputs(book, desk, "sweep")
    yield caution("Sweep belongs to today's inputs", fresh, None, None, "Inputs have changed since; run it again")
    chance, overfit = found["Deflated Sharpe ratio"], found["Overfitting"]
    if isinstance(chance, float):
        remedy = "So many were tried that the best would look as good without skill; do not trade it for its ratio"
        yield caution("The best of the sweep is no luck", chance >= NO_LUCK, chance, NO_LUCK, remedy)
    if isinstance(overfit, float):
        remedy = "The best of one half of the history is no better than the others in the other half"
        yield caution("Choosing from the sweep means something", overfit < OVERFITTING, overfit, OVERFITTING, remedy)
