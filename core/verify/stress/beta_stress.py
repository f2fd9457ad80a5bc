"""Beta-shift stress: what the book earns, and whether it stands, when every beta is higher or lower than estimated.

    P&L(x, d) = sum v_i max((beta_i + d) x, -1)

In a crash betas rise together, and a book that was neutral is not. For each market move x the critical shift is the
smallest d, of either sign, with which the move liquidates the account or a position of it: headroom along d is made of
straight pieces, and its first root is found as in `core.verify.path.first_breach`.

Source: Ang and Chen (2002), "Asymmetric correlations of equity portfolios" (betas rise in falls).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import for_held, numbers
from ...records import dataclass
from ..path.book import Book
from ..path.first_breach import first_breach

__all__ = ["BetaStress", "beta_stress"]


@dataclass(frozen=True, eq=False)
class BetaStress:
    """A grid of S market moves and D shifts of every beta; money in quote, of the book held throughout.

    market_shock (S,), beta_shift (D,)
    net_beta (D,)                  sum of notional x shifted beta over equity
    pnl, equity_after (S, D)       profit, and equity with it
    critical_shift (S,)            the shift nearest to 0 that liquidates under this move: 0 when none is needed, NaN
                                   when none does
    """

    market_shock: Array
    beta_shift: Array
    net_beta: Array
    pnl: Array
    equity_after: Array
    critical_shift: Array


def beta_stress(
    book: Book,
    betas: ArrayLike,
    market_shocks: ArrayLike,
    beta_shifts: ArrayLike,
) -> BetaStress:
    """Profit under every market move (S,) and every shift of the betas (D,), and the shift that would liquidate.

    Units: decimals, pure numbers. `betas` (N,) may be missing (NaN) where nothing is held.
    Raises ArgumentError (bounds, lengths) and MissingDataError (a value is missing).
    """
    slopes = np.where(book.held, for_held(betas, "betas", book.held), 0.0)
    market = numbers(market_shocks, "market_shocks", at_least=-1)
    shifts = numbers(beta_shifts, "beta_shifts")
    # One market move at a time, so that no more than shifts x contracts are held at once.
    moves = (np.maximum((slopes + shifts[:, np.newaxis]) * shock, -1.0) for shock in market)
    pnl = np.array([returns @ book.values for returns in moves])
    account = book.account
    critical = []
    for shock in market:
        start, step = slopes * shock, np.full(slopes.size, shock)
        up, down = first_breach(account, start, step), first_breach(account, start, -step)
        nearest = -down if down < up else up
        critical.append(nearest if np.isfinite(nearest) else np.nan)
    return BetaStress(
        market_shock=market,
        beta_shift=shifts,
        net_beta=(slopes @ book.values + shifts * book.values.sum()) / book.equity,
        pnl=pnl,
        equity_after=book.equity + pnl,
        critical_shift=np.array(critical),
    )
