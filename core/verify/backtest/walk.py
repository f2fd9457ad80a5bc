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

from collections import defaultdict
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

__all__ = ["Decide", "walk"]

Decide = Callable[[Standing], Array | None]
"""Weights `(N,)` to hold, from how the account stands; None: no trade."""


def walk(history: History, rows: Iterable[int], decide: Decide, terms: Terms, equity: float = 1.0) -> Ledger:
    """Walk a book that starts in cash through a history, and ask at the given rows what to hold.

    `rows` are counted from 0; nobody is asked once all is lost. Raises what `decide` raises, and ArgumentError (terms
    of another number of contracts).
    """
    last = len(history.prices) - 1
    asked = sorted({int(row) for row in rows if 0 <= row <= last})
    account = TradedAccount(history, terms, equity)
    if isinstance(decide, Given) and account.by_loop:
        _walk_given(account, asked, np.asarray(decide.weights), terms.delay)
    else:
        _walk_asking(account, asked, decide, terms.delay)
    account.hold_until(last)
    return account.ledger()


def _walk_asking(account: TradedAccount, asked: list[int], decide: Decide, delay: int) -> None:
    """From row to row of those in which somebody is asked or an order is due."""
    rows = set(asked)
    orders, last = defaultdict[int, list[Array]](list), len(account.bars.marks) - 1
    for row in sorted({*asked, *(row + delay for row in asked if row + delay <= last)}):
        account.hold_until(row)
        for weights in orders.pop(row, []):
            account.trade(weights)
        if account.equity == 0 or row not in rows:
            continue
        decided = decide(account.standing)
        account.decisions.append(row)
        if decided is not None and delay == 0:
            account.trade(decided)
        elif decided is not None:
            orders[row + delay].append(decided)


def _walk_given(account: TradedAccount, asked: list[int], weights: Array, delay: int) -> None:
    """At once, for nobody has to be asked."""
    rows, last = np.array(asked, dtype=np.int64), len(account.bars.marks) - 1
    ordered = rows[(rows + delay <= last) & ~np.isnan(weights[rows, 0])]
    account.go_on(last, Schedule(ordered + delay, weights[ordered]))
    ruined = np.flatnonzero(account.books.equity == 0)
    # Whoever is ruined by the trade of his own decision was asked in that row.
    ended = ruined[0] + int(delay == 0 and account.ruined_by_trade) if ruined.size else last + 1
    account.decisions += rows[rows < ended].tolist()
