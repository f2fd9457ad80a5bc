"""The walk: a book through a history, row by row, traded as somebody decides.

In row t, the close of bar t, this happens in this order, to q contracts at prices p:

    price          q_i (p_i,t - p_i,t-1)
    funding        - q_i p_i,t f_i,t                    on what was held through the bar
    margin         while E_t is below the maintenance of what is held, the exchange closes (`path.follow`)
    decide         weights w, from what is known at the close of row t and not later
    trade          `delay` rows later, at the close: q_i = whole lots of w_i E / p_i, E before the cost of it;
                   fee and slippage on |change of q_i| p_i; a contract without a price keeps its position
    margin         again: a book beyond its margin is closed where it was opened
    ruin           at E <= 0 all is closed, equity is 0 and stays; the exchange bears what is below

Between two events nothing changes but prices, so such a stretch is one block of arithmetic. One in which the margin
falls short goes to the engine of liquidations, from the last trade on: it closes first what has lost most since then.

Source: the settlement rules of perpetual futures; liquidation as in `core.verify.path.bars`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from ...arrays import Array
from ...market.contract import round_to_lot
from ...tolerances import ACTIVE
from ..path.book import as_book
from ..path.follow import Followed, follow
from .history import History
from .ledger import Ledger
from .standing import Standing, entered
from .terms import Terms

__all__ = ["Decide", "walk"]

Decide = Callable[[Standing], Array | None]
"""Weights `(N,)` to hold, from how the account stands; None: no trade."""


def walk(history: History, rows: Iterable[int], decide: Decide, terms: Terms, equity: float = 1.0) -> Ledger:
    """Walk a book that starts in cash through a history, and ask at the given rows what to hold.

    `rows` are counted from 0; nobody is asked once all is lost. Raises what `decide` raises, and ArgumentError (terms
    of another number of contracts).
    """
    last = len(history.prices) - 1
    asked = {int(row) for row in rows if 0 <= row <= last}
    account, orders = _Account(history, terms, equity), defaultdict[int, list[Array]](list)
    for row in sorted(asked | {row + terms.delay for row in asked if row + terms.delay <= last}):
        account.hold_until(row)
        for weights in orders.pop(row, []):
            account.trade(weights)
        if row not in asked or account.equity == 0:
            continue
        decided = decide(account.standing)
        account.decisions.append(row)
        if decided is not None and terms.delay == 0:
            account.trade(decided)
        elif decided is not None:
            orders[row + terms.delay].append(decided)
    account.hold_until(last)
    return account.ledger(equity)


class _Opened(NamedTuple):
    """What was held and owned after the last trade, and whether the exchange has closed of it since."""

    row: int
    quantities: Array
    equity: float
    cut: bool = False


class _Account:
    """The account on its way: what is held and what it is worth after row `row`, and the books of the rows so far."""

    def __init__(self, history: History, terms: Terms, equity: float) -> None:
        rows, contracts = history.prices.shape
        self.history, self.equity, self.row = history, equity, 0
        self.quantities, self._entries = np.zeros(contracts), np.full(contracts, np.nan)
        self.decisions: list[int] = []
        self._fee, self._slippage, self._maintenance, self._liquidation_fee, self._lots = (
            terms.of_each(name, contracts)
            for name in ("fee", "slippage", "maintenance_rates", "liquidation_fee", "lots")
        )
        self._moves = np.diff(history.marks, axis=0, prepend=history.marks[:1])
        self._payments = history.marks * history.settled
        self._opened = _Opened(0, self.quantities, equity)
        self._liquidated: list[tuple[int, int]] = []
        self._pnl, self._funding, self._fees, self._slipped, self._lost, self._held = np.zeros((6, rows, contracts))
        self._turnover, self._worth = np.zeros((2, rows))
        self._worth[0] = equity

    @property
    def weights(self) -> Array:
        """Notional / equity, `(N,)`."""
        return np.asarray(self.quantities * self.history.marks[self.row] / self.equity)

    @property
    def standing(self) -> Standing:
        """What whoever decides may know."""
        path = self._worth[: self.row + 1].copy()
        nobody = np.zeros(self.quantities.size, dtype=bool)
        return Standing(self.row, self.weights, self.equity, self._entries.copy(), nobody, path)

    def hold_until(self, last: int) -> None:
        """Hold what is held through the bars up to row `last`."""
        done = 0 if self._opened.cut else self._hold_undisturbed(slice(self.row + 1, last + 1))
        if self.row + done < last:
            self._follow(slice(self.row + done + 1, last + 1))
        self.row = max(self.row, last)

    def _hold_undisturbed(self, bars: slice) -> int:
        """Book the bars up to the first in which the margin falls short; how many they are."""
        pnl, funding = self.quantities * self._moves[bars], -self.quantities * self._payments[bars]
        worth = self.equity + np.cumsum((pnl + funding).sum(axis=1))
        needed = self.history.marks[bars] @ (np.abs(self.quantities) * self._maintenance)
        short = (worth <= needed * (1 + ACTIVE)) & self.quantities.any()
        done = int(short.argmax()) if short.any() else worth.size
        booked = slice(bars.start, bars.start + done)
        self._pnl[booked], self._funding[booked] = pnl[:done], funding[:done]
        self._worth[booked], self._held[booked] = worth[:done], self.quantities
        if done:
            self.equity = float(worth[done - 1])
        return done

    def trade(self, weights: Array) -> None:
        """Trade at the close of this row to the weights, as far as there are prices."""
        if self.equity == 0:
            return
        row, prices = self.row, self.history.marks[self.row]
        wanted = weights * self.equity / prices
        if self._lots.any():
            wanted = round_to_lot(wanted, self._lots)
        wanted = np.where(self.history.tradable[row], wanted, self.quantities)
        traded = np.abs(wanted - self.quantities) * prices
        fees, slipped = self._fee * traded, self._slippage * traded
        self._fees[row] += fees
        self._slipped[row] += slipped
        self._turnover[row] += traded.sum() / self.equity
        self._entries = entered(self._entries, self.quantities, wanted, prices)
        self.quantities = wanted
        self.equity -= float((fees + slipped).sum())
        self._opened = _Opened(row, self.quantities, self.equity)
        if 0 < self.equity <= float(np.abs(wanted) @ (prices * self._maintenance)) * (1 + ACTIVE):
            self._close_at_once()
        self._end_if_ruined(row)

    def _close_at_once(self) -> None:
        """Have the exchange close, where it was opened, what is beyond its margin."""
        row, nothing = self.row, np.zeros(self.quantities.size)
        followed = self._followed(self.history.marks[row : row + 1], nothing)
        self._lost[row] += followed.fees[-1] + followed.lost[-1]
        self._liquidated += [(row, column - 1) for column in followed.order]
        self.equity, self.quantities = followed.final_equity, self.quantities * followed.open_shares[-1]
        self._opened = _Opened(row, self.quantities, self.equity)

    def _follow(self, bars: slice) -> None:
        """Book the bars as the engine of liquidations follows them from the last trade on."""
        since = slice(self._opened.row + 1, bars.stop)
        followed = self._followed(self.history.marks[since], self.history.settled[since])
        new = slice(bars.start - since.start, None)
        for book, sums in (
            (self._pnl, followed.pnl),
            (self._funding, followed.funding),
            (self._lost, followed.fees + followed.lost),
        ):
            book[bars] = np.diff(sums[new], axis=0)
        self._worth[bars] = followed.equity[new][1:]
        self._held[bars] = self._opened.quantities * followed.open_shares[new][1:]
        rows, columns = np.nonzero(np.diff(followed.open_shares[new], axis=0) < 0)
        closed = zip((rows + bars.start).tolist(), columns.tolist(), strict=True)
        self._liquidated += sorted(closed, key=lambda place: (place[0], followed.order.index(place[1] + 1)))
        ruined = np.flatnonzero(self._worth[bars] <= 0)
        last = bars.start + int(ruined[0]) if ruined.size else bars.stop - 1
        for book in (self._pnl, self._funding, self._lost, self._held):
            book[last + 1 : bars.stop] = 0.0
        self.equity, self.quantities = float(self._worth[last]), self._held[last].copy()
        self._worth[last + 1 : bars.stop] = 0.0
        self._opened = self._opened._replace(cut=bool(followed.liquidated.any() and self.quantities.any()))
        self._end_if_ruined(last)

    def _followed(self, prices: Array, rates: Array) -> Followed:
        """What was opened at the last trade, along prices `(H, N)`."""
        opened = self._opened
        before, fee = self.history.marks[opened.row], self._liquidation_fee
        book = as_book(opened.quantities, before, opened.equity, self._maintenance, liquidation_fee=fee)
        return follow(book, prices, rates)

    def _end_if_ruined(self, row: int) -> None:
        """Enter what there is after a row; what is below zero is borne by the exchange, where it was lost."""
        if self.equity <= 0:
            spent = self._fees[row] + self._slipped[row] + self._lost[row]
            losses = np.maximum(spent - self._pnl[row] - self._funding[row], 0.0)
            self._lost[row] += self.equity * losses / losses.sum()
            self._liquidated += [(row, int(column)) for column in np.flatnonzero(self.quantities)]
            self.equity, self.quantities = 0.0, np.zeros(losses.size)
            self._opened = _Opened(row, self.quantities, self.equity)
        self._worth[row], self._held[row] = self.equity, self.quantities

    def ledger(self, start: float) -> Ledger:
        """The books."""
        return Ledger(
            equity=self._worth,
            quantities=self._held,
            marks=self.history.marks,
            pnl=self._pnl,
            funding=self._funding,
            fees=self._fees,
            slippage=self._slipped,
            liquidation=self._lost,
            interest=np.zeros(self._worth.size),
            turnover=self._turnover,
            decisions=np.array(self.decisions, dtype=np.int64),
            liquidated=tuple(self._liquidated),
            stopped=(),
            start=start,
            shortfall=0.0,
        )
