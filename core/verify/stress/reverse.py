"""Reverse stress: not what a move does to the book, but which move liquidates it.

    market      every price goes by beta_i x: the nearest x below 0, and the nearest above, at which the cross account
                or a position that stands alone has no more than its maintenance margin
    contract    one price alone goes by y, all others at their mark: for each contract the nearest y of each sign

Both are exact: headroom is made of straight pieces along such a move (see `core.verify.path.first_breach`). A move that
liquidates one position counts, also where the account would go on without it.

Source: Financial Services Authority (2009), "Stress and scenario testing", on reverse stress tests.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector, for_held
from ...errors import ArgumentError, UndefinedError
from ...records import dataclass
from ..path.account import Account, needs
from ..path.book import Book
from ..path.first_breach import first_breach, nearest_roots

__all__ = ["LiquidationLadder", "MarketReach", "ReverseStress", "liquidation_ladder", "market_reach", "reverse_stress"]


@dataclass(frozen=True)
class ReverseStress:
    """`adverse_shock`: the smallest market move of either sign that liquidates; `price` (N,) of each contract there.

    Both are NaN when no market move does.
    """

    adverse_shock: float
    price: Array


@dataclass(frozen=True)
class MarketReach:
    """The nearest market moves of each sign that liquidate, and the prices `(N,)` there; NaN where none does."""

    fall: float
    rise: float
    price_at_fall: Array
    price_at_rise: Array


@dataclass(frozen=True)
class LiquidationLadder:
    """How far each contract can go alone, all others at their mark; (N,), NaN where no price of it liquidates.

    down, up     relative moves of its price that liquidate the account, or the position that stands alone
    price        where the nearer of the two leads
    distance     that nearer move, signed
    sigmas       its size in volatilities of a day; NaN without a volatility
    """

    down: Array
    up: Array
    price: Array
    distance: Array
    sigmas: Array


def reverse_stress(book: Book, betas: ArrayLike) -> ReverseStress:
    """The smallest move of the market, up or down, that liquidates a book: the nearer of the two of `market_reach`.

    `betas` (N,), pure numbers. NaN and errors as there.
    """
    reach = market_reach(book, betas)
    if np.isnan(reach.rise) or -reach.fall <= reach.rise:
        return ReverseStress(reach.fall, reach.price_at_fall)
    return ReverseStress(reach.rise, reach.price_at_rise)


def market_reach(book: Book, betas: ArrayLike) -> MarketReach:
    """How far the market can fall, and how far it can rise, until the book is liquidated.

    Every contract moves by `betas` (N,) x shock, down to a price of zero; the market falls by no more than all. At the
    shock, equity is the maintenance margin.
    NaN: a contract of quantity 0 needs no beta, and has no price in the answer without one.
    Raises ArgumentError (lengths), MissingDataError, UndefinedError (no position, or below maintenance now).
    """
    slopes = np.where(book.held, for_held(betas, "betas", book.held), 0.0)
    account = _standing(book)
    at = np.zeros(slopes.size)
    fall, rise = 0.0 - first_breach(account, at, -slopes, 1.0), first_breach(account, at, slopes)
    fall, rise = (move if np.isfinite(move) else np.nan for move in (fall, rise))
    there = [book.prices * np.maximum(1 + as_vector(betas, "betas") * move, 0.0) for move in (fall, rise)]
    return MarketReach(fall, rise, *there)


def liquidation_ladder(book: Book, daily_volatilities: ArrayLike | None = None) -> LiquidationLadder:
    """For each contract, the price at which it alone liquidates the account, or itself where it stands alone.

    `daily_volatilities` (N,) or one for all, decimals, NaN where unknown. Raises as `market_reach`.
    """
    account = _standing(book)
    size = account.values.size
    cross, _ = account.headroom
    backing = np.where(account.alone, account.isolated, cross + needs(account, np.ones(size)))
    down, up = nearest_roots(backing, account.values, *account.lines, book.held)
    distance = np.where(np.abs(down) <= np.where(np.isnan(up), np.inf, up), down, up)
    a_day = as_vector(np.nan if daily_volatilities is None else daily_volatilities, "daily_volatilities", size)
    if (a_day <= 0).any():
        raise ArgumentError(f"daily_volatilities is {a_day[a_day <= 0][0]:g}; it must be above 0, or blank if unknown")
    return LiquidationLadder(down, up, book.prices * (1 + distance), distance, np.abs(distance) / a_day)


def _standing(book: Book) -> Account:
    """The account. Raises UndefinedError when there is nothing to liquidate, or it is below maintenance now."""
    if not book.held.any():
        raise UndefinedError("quantities holds no position, so nothing can be liquidated; enter at least one")
    account = book.account
    if account.short:
        raise UndefinedError(
            f"equity is below the maintenance margin by {account.lacking:g} before any move; "
            "add equity or reduce positions"
        )
    return account
