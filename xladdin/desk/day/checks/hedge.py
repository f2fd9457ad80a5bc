"""Checks of the hedge: beta is where it should be, and the book with its hedge is not too large."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from core.errors import DataWarning
from core.tolerances import ACTIVE

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.positions import read_positions
from .found import Check, caution, column_of_numbers, rule

__all__ = ["check_hedge"]


def check_hedge(book: Workbook, desk: Desk) -> Iterator[Check]:
    """Nothing where no hedge stands."""
    block = book.table("Hedge")
    if not block.rows:
        return
    after, target = column_of_numbers(block, "BetaAfter")[0], desk.settings.target_beta
    dust = desk.settings.smallest_order * float(np.abs(column_of_numbers(block, "Beta")).max()) / desk.settings.equity
    near = abs(after - target) <= desk.settings.hedge_band + dust + ACTIVE
    remedy = "Run Hedge again, allow smaller lots or orders (SmallestOrder), or widen the band"
    yield rule("Beta after the hedge is within the band", near, after, target, remedy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # Hedge has said which book it hedged
        held = read_positions(book, desk, hedged=True).contracts * desk.universe.contract_values
    gross, limit = float(np.abs(held).sum()) / desk.settings.equity, desk.settings.gross_max
    remedy = "The hedge takes the book beyond its gross limit; choose a nearer TargetBeta, or hold less"
    yield caution("Gross exposure with the hedge is within its limit", gross <= limit + ACTIVE, gross, limit, remedy)
