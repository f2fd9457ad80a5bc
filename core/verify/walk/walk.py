"""The walk: a book through a history, row by row, traded as somebody decides.

In row t, the close of bar t, this happens in this order, to q coins at prices p:

    stops          a long whose low is at its stop or below is left at the lower of stop and open, a short mirrored
    range          the margin where all stand at their lows, then where all stand at their highs (`Terms.margin`)
    price          q_i (p_i,t - p_i,t-1)
    funding        - q_i p_i,t f_i,t                    on what was held through the bar
    interest       E_{t-1} r                            on the equity before it, after the first row that is asked
    margin         while E_t is below the maintenance of what is held, the exchange closes (`path.bars`)
    decide         weights w, from what is known at the close of row t and not later
    trade          `delay` rows later, at the close and before what is decided there: q_i = whole lots of w_i E / p_i,
                   E before the cost of it; fee and slippage on |change of q_i| p_i; a contract without a price keeps
                   its position
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
from .programmed import Programmed, Programs
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
    account.begin(asked)
    if isinstance(decide, Given):
        _walk_given(account, asked, decide.orders(asked, history.prices.shape), last)
    elif isinstance(decide, Programmed) and account.by_loop:
        _walk_by_programs(account, asked, decide, last)
    else:
        _walk_asking(account, asked, decide, last)
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
    account.begin(ledger.decisions)
    _walk_given(account, ledger.decisions, ledger.ordered, len(history.prices) - 1)
    return account.ledger()


def _walk_asking(account: TradedAccount, asked: Rows, decide: Decide, last: int) -> None:
    """From row to row of those in which somebody is asked; what is ordered is traded on the way to the next."""
    course = _Course(account, decide)
    for row in asked.tolist():
        if not course.ask(row):
            break
    course.end(last)


def _walk_by_programs(account: TradedAccount, asked: Rows, decide: Programmed, last: int) -> None:
    """The same, but that runs of decisions whose programs are known are taken at once."""
    course, left = _Course(account, decide), asked
    while left.size:
        programs = decide.stated(left)
        number, size = 0, programs.rows.size
        while number < size:
            if programs.known[number]:
                begun, before = number, len(course.decided)
                number = course.go_on_by(programs, begun)
                rows = programs.rows[begun:number].tolist()
                decide.answered(rows, [row for row, _ in course.decided[before:]])
            if number < size and not course.ask(int(programs.rows[number])):
                return course.end(last)
            number += 1
        left = left[size:]
    course.end(last)


class _Course:
    """A walk in which somebody is asked: what was decided so far, and what of it waits for its row."""

    def __init__(self, account: TradedAccount, decide: Decide) -> None:
        self.account, self.decide = account, decide
        self.decisions: list[int] = []
        self.decided: list[tuple[int, Array]] = []
        self.waiting: list[tuple[int, Array]] = []

    def ask(self, row: int) -> bool:
        """Go on to a row and ask what to hold; False where all is lost, and nobody is asked any more."""
        self._go_on(row)
        if self.account.equity == 0:
            return False
        weights = self.decide(self.account.standing)
        self.decisions.append(row)
        if weights is not None:
            weights = as_vector(weights, "weights", self.account.size)
            self.decided.append((row, weights))
            self.waiting.append((row + self.account.terms.delay, weights))
        return True

    def go_on_by(self, programs: Programs, number: int) -> int:
        """Go on by programs from that number on, up to one that needs another way, or the last; its number."""
        waiting, delay = Orders.of(self.waiting, self.account.size), self.account.terms.delay
        end, orders, traded = self.account.go_on_by(programs, number, waiting)
        self.decisions += programs.rows[number:end].tolist()
        known = list(zip(orders.rows.tolist(), orders.weights, strict=True))
        self.decided += [(row - delay, weights) for row, weights in known[len(self.waiting) :]]
        self.waiting = known[traded:]
        return end

    def end(self, last: int) -> None:
        """Go on to the last row, and hand over what was decided."""
        self._go_on(last)
        account, size = self.account, self.account.size
        account.decisions, account.ordered = np.array(self.decisions, dtype=np.int64), Orders.of(self.decided, size)

    def _go_on(self, row: int) -> None:
        """Go on to the row with the orders that are due up to it."""
        due = [order for order in self.waiting if order[0] <= row]
        self.account.go_on(row, Orders.of(due, self.account.size))
        self.waiting = self.waiting[len(due) :]


def _walk_given(account: TradedAccount, asked: Rows, orders: Orders, last: int) -> None:
    """At once, for nobody has to be asked."""
    delay = account.terms.delay
    account.go_on(last, Orders(orders.rows + delay, orders.weights).until(last))
    ruined = np.flatnonzero(account.books.equity == 0)
    # Whoever is ruined by the trade of his own decision was asked in that row.
    ended = int(ruined[0]) - int(delay > 0 or not account.ruined_by_trade) if ruined.size else last
    account.decisions, account.ordered = asked[asked <= ended], orders.until(ended)
