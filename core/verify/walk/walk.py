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

from ...arrays import Array
from .given import Given
from .history import History
from .ledger import Ledger
from .standing import Standing
from .stretch_loops import Schedule
from .terms import Terms
from .traded_account import TradedAccount

__all__ = ["Decide", "walk", "walk_again"]

Decide = Callable[[Standing], Array | None]
"""Weights `(N,)` to hold, from how the account stands; NaN for a contract that is not traded, None where none is."""


def walk(history: History, rows: Iterable[int], decide: Decide, terms: Terms, equity: float = 1.0) -> Ledger:
    """Walk a book that starts in cash through a history, and ask at the given rows what to hold.

    `rows` are counted from 0; nobody is asked once all is lost. Raises what `decide` raises, and ArgumentError (terms
    of another number of contracts).
    """
    last = len(history.prices) - 1
    asked = sorted({int(row) for row in rows if 0 <= row <= last})
    account = TradedAccount(history, terms, equity)
    if isinstance(decide, Given):
        weights = np.asarray(decide.weights)
        _walk_given(account, asked, [(row, weights[row]) for row in asked if not np.isnan(weights[row, 0])], last)
    else:
        _walk_asking(account, asked, decide, last)
    return account.ledger()


def walk_again(history: History, ledger: Ledger, terms: Terms) -> Ledger:
    """Walk on other terms what was decided in a run: the same weights from the same rows, to the same history.

    Raises ArgumentError (terms that the history does not know, or of another number of contracts).
    """
    account = TradedAccount(history, terms, ledger.start)
    _walk_given(account, ledger.decisions.tolist(), list(ledger.ordered), len(history.prices) - 1)
    return account.ledger()


def _walk_asking(account: TradedAccount, asked: list[int], decide: Decide, last: int) -> None:
    """From row to row of those in which somebody is asked; what is ordered is traded on the way to the next."""
    waiting: list[tuple[int, Array]] = []
    for row in [*asked, None]:
        end = last if row is None else row
        account.go_on(end, Schedule.of([order for order in waiting if order[0] <= end], account.size))
        waiting = [order for order in waiting if order[0] > end]
        if row is None or account.equity == 0:
            return
        decided = decide(account.standing)
        account.decisions.append(row)
        if decided is not None:
            account.ordered.append((row, decided))
            waiting.append((row + account.terms.delay, decided))


def _walk_given(account: TradedAccount, asked: list[int], ordered: list[tuple[int, Array]], last: int) -> None:
    """At once, for nobody has to be asked."""
    delay = account.terms.delay
    due = [(row + delay, weights) for row, weights in ordered if row + delay <= last]
    account.go_on(last, Schedule.of(due, account.size))
    ruined = np.flatnonzero(account.books.equity == 0)
    # Whoever is ruined by the trade of his own decision was asked in that row.
    ended = int(ruined[0]) + int(delay == 0 and account.ruined_by_trade) if ruined.size else last + 1
    account.decisions += [row for row in asked if row < ended]
    account.ordered += [order for order in ordered if order[0] < ended]
