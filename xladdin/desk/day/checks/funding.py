"""Checks of funding: a year's of part of the time is an extrapolation, and of rates carried forward it is several."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.errors import listed

from ....books.workbook import Workbook
from ...read.doubts.funding import doubts_of_funding
from ...read.history import FULLY
from ...read.inputs import Desk
from .found import Check, caution

__all__ = ["check_funding"]


def check_funding(book: Workbook, desk: Desk) -> Iterator[Check]:
    """That the funding of each contract in play is known for the window, and looks as if it had settled so."""
    known = np.nan_to_num(desk.panel.funding_coverage())
    partly = [
        f"{symbol} {share:.0%}" for symbol, share in zip(desk.universe.symbols, known, strict=True) if share < FULLY
    ]
    remedy = f"Refresh with the funding of the whole window; a year's is that of the days known: {listed(partly)}"
    yield caution("Funding is known for the window", not partly, float(known.min()), FULLY, remedy)
    doubts = list(doubts_of_funding(desk.panel))
    yield caution("Funding is as it settled", not doubts, float(len(doubts)), 0.0, "; ".join(doubts))
