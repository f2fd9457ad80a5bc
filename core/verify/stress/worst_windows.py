"""The worst stretches of a price history, replayed on today's book.

A window of h rows that starts at row t moves each contract by its own growth, and today's notionals v earn

    P&L_t = sum v_i (p_{i,t+h} / p_{i,t} - 1)        t = 1, ..., T - h

on the book held throughout; they are ranked by that. Windows overlap, and the neighbours of a crash are the same crash:
the worst window is taken first, then the worst of those that share no bar with it, and so on (two windows may meet in
one price, where the first ends and the second starts). On the windows found, the book is followed row by row, with its
liquidations.

Source: historical simulation, e.g. Jorion, Value at Risk (2007), 10.3 and 14.3 (scenarios of the past, today's book).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask, Rows
from ...checks import as_vector, positive_prices, whole
from ...errors import ArgumentError, MissingDataError, say
from ...records import dataclass
from ..path.book import Book, of_contracts
from ..path.sampled_paths import Sampled, ends

__all__ = ["WorstWindows", "worst_windows"]

LONGEST_HORIZON = 1_000_000
"""Rows of a window: more than a century of hours."""


@dataclass(frozen=True, eq=False)
class WorstWindows:
    """K windows, the worst first; all `(K,)`, money in quote.

    window              1, 2, ..., K; fewer than were asked for where the history holds no more
    start_row, end_row  rows of the price history, counted from 1: the prices from which and to which it moves
    pnl                 of the book held throughout; equity_after = equity + pnl
    liquidated          1 where the exchange closes a position in the window, at least in part, else 0
    path_equity         equity at the end of the window after the closings on the way
    windows, left_out   how many windows there were to choose from, and how many had a gap and were not
    """

    window: Rows
    start_row: Rows
    end_row: Rows
    pnl: Array
    equity_after: Array
    liquidated: Rows
    path_equity: Array
    windows: int
    left_out: int


def worst_windows(
    book: Book, price_history: ArrayLike, horizon: int = 1, worst: int = 10, beside: ArrayLike | None = None
) -> WorstWindows:
    """The worst windows of `horizon` rows in a price history, on today's book, no two of them overlapping.

    Shapes: `price_history` (T, N), the oldest row first, in any currency: only its growth counts; `beside`
    (T - horizon,) is what each window brings of what is held and does not back the account, in quote: it counts in
    profit and equity, and liquidates nothing.
    NaN: a contract of quantity 0 needs no prices; a window in which a held contract or `beside` has a gap is left out,
    and a DataWarning says how many are.
    Raises ArgumentError (bounds, lengths, no position) and MissingDataError (a history not longer than `horizon`, or
    without a whole window).
    """
    rows = whole(horizon, "horizon", at_least=1, at_most=LONGEST_HORIZON)
    wanted = whole(worst, "worst", at_least=1)
    history = _history(price_history, book, rows)
    others = np.zeros(len(history) - rows) if beside is None else as_vector(beside, "beside", len(history) - rows)
    pnl, present = _window_pnl(history, book.values[book.held], rows, others)
    starts = _apart(np.where(present, pnl, np.inf), rows, wanted)

    moves = Sampled(history[1:] / history[:-1] - 1, starts[:, np.newaxis] + np.arange(rows))
    account = book.account.only(np.flatnonzero(book.held))
    followed = ends(account, np.zeros(len(account.values)), moves)
    return WorstWindows(
        window=np.arange(1, len(starts) + 1),
        start_row=starts + 1,
        end_row=starts + 1 + rows,
        pnl=pnl[starts],
        equity_after=book.equity + pnl[starts],
        liquidated=np.minimum(followed.liquidated, 1),
        path_equity=followed.equity + others[starts],
        windows=len(pnl),
        left_out=int((~present).sum()),
    )


def _history(price_history: ArrayLike, book: Book, horizon: int) -> Array:
    """Prices of the held contracts only. Raises ArgumentError, MissingDataError."""
    history = of_contracts(book, price_history, "price_history")
    if not book.held.any():
        raise ArgumentError("quantities are all 0, so no window is worse than another; enter a position")
    if len(history) <= horizon:
        raise MissingDataError(
            f"price_history has {len(history)} rows and a window of {horizon} moves needs {horizon + 1}; select a "
            "longer history or a shorter horizon"
        )
    return positive_prices(history[:, book.held], "price_history")


def _window_pnl(history: Array, values: Array, horizon: int, others: Array) -> tuple[Array, Mask]:
    """Profit of each window, and whether it is without a gap. Raises MissingDataError when none is."""
    growth = history[horizon:] / history[:-horizon]
    pnl = (growth - 1) @ values + others
    gaps = np.append(0, np.cumsum(np.isnan(history).any(axis=1)))
    present = (gaps[horizon + 1 :] == gaps[: -horizon - 1]) & ~np.isnan(others)
    left_out = int((~present).sum())
    if left_out == len(present):
        raise MissingDataError(
            f"price_history has a gap in each window of {horizon} rows; fill the gaps, or choose a shorter horizon"
        )
    if left_out:
        message = f"price_history: {left_out} of {len(present)} windows left out because a price is missing in them"
        say(message)
    return pnl, present


def _apart(pnl: Array, horizon: int, wanted: int) -> Rows:
    """Starts of the worst windows, worst first, at least `horizon` rows apart; infinite profit is not taken."""
    left = pnl.copy()
    starts: list[int] = []
    while len(starts) < wanted:
        start = int(left.argmin())
        if np.isinf(left[start]):
            break
        starts.append(start)
        left[max(start - horizon + 1, 0) : start + horizon] = np.inf
    return np.array(starts, dtype=np.int64)
