"""How far prices can go until something is liquidated: the market with all of them, and each alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.errors import UndefinedError
from core.units import daily_volatility
from core.verify.path.book import Book
from core.verify.stress.reverse import LiquidationLadder, MarketReach, liquidation_ladder, market_reach

from ...read.inputs import Desk
from ...read.positions import Positions
from .safeguards import Safeguards, safeguards

if TYPE_CHECKING:
    from ..estimates import Estimates

__all__ = ["reach_of", "reach_of_book"]


def reach_of(desk: Desk, positions: Positions) -> tuple[Safeguards, Book, LiquidationLadder | None]:
    """What stands behind positions, their book without its stops, and how far each price alone can go.

    None of that for an account below its maintenance. Sigmas are not known: nothing here is estimated.
    """
    behind = safeguards(desk, positions)
    book = behind.book(desk, positions, stopped=False)
    try:
        return behind, book, liquidation_ladder(book)
    except UndefinedError:
        return behind, book, None


def reach_of_book(book: Book, estimates: Estimates) -> tuple[MarketReach | None, LiquidationLadder | None]:
    """How far the market, and each price alone, can go; None of either for an account below its maintenance."""
    known = np.where(estimates.volatilities > 0, estimates.volatilities, np.nan)  # no move is sigmas of none
    daily_volatilities = daily_volatility(1.0) * np.where(book.held, known, 1.0)
    try:
        return market_reach(book, estimates.betas), liquidation_ladder(book, daily_volatilities)
    except UndefinedError:
        return None, None
