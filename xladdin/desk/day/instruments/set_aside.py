"""What of Equity stands behind the instruments that are held, and so behind none of the contracts.

What is fully paid (spot, bought options, stablecoins) takes its price, a perpetual elsewhere its initial margin.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.errors import BookError

from ...read.inputs import Desk

__all__ = ["set_aside", "shares", "tied_up"]


def tied_up(desk: Desk, units: Array) -> float:
    """What of Equity so many units take: their price where fully paid, the initial margin of a perp."""
    return float((np.abs(units * desk.instruments.prices) * shares(desk)).sum()) if units.any() else 0.0


def set_aside(desk: Desk, units: Array) -> float:
    """The same of what is held. Raises BookError where that is as much as the whole Equity."""
    tied = tied_up(desk, units)
    if tied >= desk.settings.equity:
        raise BookError(
            f"sheet 'Hedges': what is held there ties up {tied:,.0f}, and the Equity of {desk.settings.equity:,.0f} on "
            "Settings includes it; correct Position, or enter the Equity of the whole account"
        )
    return tied


def shares(desk: Desk) -> Array:
    """Of its notional, what a unit of each instrument ties up, `(H,)`."""
    instruments = desk.instruments
    margins = desk.universe.initial_margin_rates[instruments.underlying]
    return np.where(instruments.fully_paid, 1.0, margins)
