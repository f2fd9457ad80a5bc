"""A stretch of the past, hour by hour, on a book with margin.

The stretch gives each contract its growth since the first row, and the rates of funding that were settled. From today's
prices p the book is taken along p_i h_{i,t} / h_{i,0}, and after each row

    marked equity     equity + sum v_i (h_{i,t} / h_{i,0} - 1) - sum of funding paid so far     held throughout
    equity            the same with what stops and the exchange close on the way (`follow`)
    margin ratio      maintenance / equity of what is open; at 1 the exchange steps in

Prices that are those of the first row replay the stretch as it was.

Source: the settlement rules of perpetual futures; liquidation as in `core.verify.path.bars`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, enough, finite, positive_prices
from ...errors import ArgumentError
from ...market.margin import margin_ratio
from ...records import dataclass
from ..path.book import Book, of_contracts
from ..path.follow import follow

__all__ = ["Replay", "replay"]


@dataclass(frozen=True, eq=False)
class Replay:
    """H + 1 rows, row 0 being the start; money in quote.

    marked_equity (H + 1,)      of the book held throughout
    equity (H + 1,)             of the account with its stops and liquidations
    maintenance, margin_ratio (H + 1,)      of what is open after the row; 0 once nothing is
    contract_pnl, contract_funding (H + 1, N)     of the book held throughout, since the start
    order                       columns from 1 in the order of their first liquidation
    liquidated_row (N,)         row, from 0, after which the position was first liquidated; NaN where it was not
    """

    marked_equity: Array
    equity: Array
    maintenance: Array
    margin_ratio: Array
    contract_pnl: Array
    contract_funding: Array
    order: tuple[int, ...]
    liquidated_row: Array

    @property
    def pnl(self) -> float:
        """Price P&L and funding of the account from start to end, liquidations included."""
        return float(self.equity[-1] - self.equity[0])

    @property
    def lowest_row(self) -> int:
        """Row, from 0, after which equity was lowest."""
        return int(self.equity.argmin())


def replay(book: Book, history: ArrayLike, funding: ArrayLike | None = None) -> Replay:
    """Take today's book through a stretch of price history, row by row.

    Shapes: `history` and `funding` (H + 1, N), the oldest row first.
    Units: `history` in any currency, only its growth counts; `funding` the rates settled at each row, decimals,
    positive paid by longs; the first row is before the start and is not used.
    NaN: a contract of quantity 0 needs nothing; missing funding means that none was settled.
    Raises ArgumentError (bounds, lengths) and MissingDataError (a price of a held contract is missing, fewer than 2
    rows).
    """
    enough(len(as_matrix(history, "history")), 2, "history")
    stretch = of_contracts(book, history, "history")
    levels = positive_prices(finite(np.where(book.held, stretch, 1.0), "history"), "history")
    growth, rates = levels / levels[0], _settled(funding, stretch, book)
    followed = follow(book, (book.prices * growth)[1:], rates[1:])
    pnl = book.values * (growth - 1)
    paid = np.cumsum(np.sign(book.values) * book.account.sizes(growth) * rates, axis=0)
    return Replay(
        marked_equity=book.equity + (pnl - paid).sum(axis=1),
        equity=followed.equity,
        maintenance=followed.maintenance,
        margin_ratio=margin_ratio(followed.maintenance, followed.equity),
        contract_pnl=pnl,
        contract_funding=-paid,
        order=followed.order,
        liquidated_row=_first_cut(followed.open_shares, followed.liquidated),
    )


def _settled(funding: ArrayLike | None, stretch: Array, book: Book) -> Array:
    """Rates by row, 0 where none was settled, where nothing is held, and before the start."""
    rates = np.zeros_like(stretch)
    if funding is not None:
        given = as_matrix(funding, "funding")
        aligned(stretch, "history", given, "funding")
        if given.shape != stretch.shape:
            raise ArgumentError(f"funding has {given.shape[1]} columns where history has {stretch.shape[1]}")
        rates[1:] = np.where(book.held, np.nan_to_num(given), 0.0)[1:]
    return rates


def _first_cut(open_shares: Array, liquidated: Mask) -> Array:
    """Row after which each liquidated position was first smaller than at the start, `(N,)`, NaN for the others."""
    return np.where(liquidated, (open_shares < 1).argmax(axis=0), np.nan)
