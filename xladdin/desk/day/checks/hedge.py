"""Checks of the hedge: beta is where it should be, the book with its hedge is not too large, and it can be paid for."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np

from core.errors import DataWarning
from core.tolerances import ACTIVE

from ....books.workbook import Workbook
from ...read.inputs import Desk
from ...read.positions import read_positions
from ..instruments.valued import value_instruments
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
        positions = read_positions(book, desk, hedged=True)
    held, units = positions.contracts * desk.universe.contract_values, positions.instruments
    exposures = value_instruments(desk).exposures * units
    gross = float(np.abs(held).sum() + np.abs(exposures).sum()) / desk.settings.equity
    limit = desk.settings.gross_max
    remedy = "The hedge takes the book beyond its gross limit; choose a nearer TargetBeta, or hold less"
    yield caution("Gross exposure with the hedge is within its limit", gross <= limit + ACTIVE, gross, limit, remedy)
    if units.any():
        from ..instruments.set_aside import tied_up

        equity = desk.settings.equity
        tied = tied_up(desk, units) + float(np.abs(held) @ desk.universe.initial_margin_rates)
        remedy = "Instruments and initial margin take more than Equity; hold less, or choose hedges that take no cash"
        yield caution(
            "Equity pays for the instruments and the margin of the hedged book", tied <= equity, tied, equity, remedy
        )
