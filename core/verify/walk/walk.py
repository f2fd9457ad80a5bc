"""The walk: a book through a history, row by row, traded as somebody decides.

In row t, the close of bar t, this happens in this order, to q coins at prices p:

    stops          a long whose low is at its stop or below is left at the lower of stop and open, a short mirrored
    range          the margin where all stand at their lows, then where all stand at their highs (`Terms.margin`)
    price          q_i (p_i,t - p_i,t-1)
    funding        - q_i p_i,t f_i,t                    on what was held through the bar
    interest       E_{t-1} r                            on the equity before it
    margin         while E_t is below the maintenance of what is held, the exchange closes (`path.bars`)
    decide         weights w, from what is known at the close of row t and not later
    trade          `delay` rows later, at the close: q_i = whole lots of w_i E / p_i, E before the cost of it;
                   fee and slippage on |change of q_i| p_i; a contract without a price keeps its position
    collateral     a position that stands alone is given its share of the notional anew, all together at most E
    margin         again: a book beyond its margin is closed where it was opened
    ruin           at E <= 0 all is closed, equity is 0 and stays; the exchange bears what is below

An inverse contract is held at its value in quote, |q| m, and earns what its coins do since the last trade.

Source: the settlement rules of perpetual futures; liquidation as in `core.verify.path.bars`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ...arrays import Array, Rows
from ...checks import as_vector
from ...errors import ArgumentError
from .given import Given, Orders
from .history import History
from .ledger import Ledger
from .standing import Standing
from .terms import Terms
from .traded_account import TradedAccount

__all__ = ["Decide", "walk", "walk_again"]

Decide = Callable[[Standing], Array | None]
"""Weights `(N,)` to hold, from how the account stands; NaN for a contract that is not traded, None where none is."""


def walk(history: History, rows: Iterable[int], decide: Decide, terms: Terms, equity: float = 1.0) -> Ledger:
    """Walk a book that starts in cash through a history, and ask at the given rows what to hold.

    `rows` are counted from 0; nobody is asked once all is lost. Raises what `decide` raises, and ArgumentError (terms
    or weights of another number of contracts, terms that the history does not know).
    """
    last = len(history.prices) - 1
    asked = np.unique(np.fromiter((row for row in rows if 0 <= row <= last), np.int64))
    account = TradedAccount(history, terms, equity)
    if isinstance(decide, Given):
        _walk_given(account, asked, decide.orders(asked, history.prices.shape), last)
    else:
        _walk_asking(account, asked.tolist(), decide, last)
    return account.ledger()


def walk_again(history: History, ledger: Ledger, terms: Terms) -> Ledger:
    """Walk on other terms what was decided in a run: the same weights from the same rows, to the same history.

    Raises ArgumentError (terms that the history does not know, or of another number of contracts).
    """
    if ledger.marks.shape != history.prices.shape:
        raise ArgumentError(
            f"the run has shape {ledger.marks.shape} and prices {history.prices.shape}; give its history"
        )
    account = TradedAccount(history, terms, ledger.start)
    _walk_given(account, ledger.decisions, ledger.ordered, len(history.prices) - 1)
    return account.ledger()


def _walk_asking(account: TradedAccount, asked: list[int], decide: Decide, last: int) -> None:
    """From row to row of those in which somebody is asked; what is ordered is traded on the way to the next."""
    delay, decisions, decided = account.terms.delay, [], []
    waiting: list[tuple[int, Array]] = []
    for row in asked:
        waiting = _go_on(account, row, waiting)
        if account.equity == 0:
            break
        weights = decide(account.standing)
        decisions.append(row)
        if weights is not None:
            weights = as_vector(weights, "weights", account.size)
            decided.append((row, weights))
            waiting.append((row + delay, weights))
    _go_on(account, last, waiting)
    account.decisions, account.ordered = np.array(decisions, dtype=np.int64), Orders.of(decided, account.size)


def _go_on(account: TradedAccount, row: int, waiting: list[tuple[int, Array]]) -> list[tuple[int, Array]]:
    """Go on to the row with the orders that are due up to it; those that are not yet."""
    account.go_on(row, Orders.of([order for order in waiting if order[0] <= row], account.size))
    return [order for order in waiting if order[0] > row]


def _walk_given(account: TradedAccount, asked: Rows, orders: Orders, last: int) -> None:
    """At once, for nobody has to be asked."""
    delay = account.terms.delay
    account.go_on(last, Orders(orders.rows + delay, orders.weights).until(last))
    ruined = np.flatnonzero(account.books.equity == 0)
    # Whoever is ruined by the trade of his own decision was asked in that row.
    ended = int(ruined[0]) - int(delay > 0 or not account.ruined_by_trade) if ruined.size else last
    account.decisions, account.ordered = asked[asked <= ended], orders.until(ended)
