"""What Hedge would have done after a decision of the past: the trades of the job itself, on the weights of then.

The book is asked for without the contracts that only hedge (Include N, Hedge Y), and without the overlay. Both are held
beside it, and what Hedge trades from there is the job's own answer (`hedging.trades_due`), with two differences: trades
are not in whole lots, because the ledger rounds the position as a whole, and where no hedge can be traded the book
stands without one, which is said.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Array, Mask
from core.decide.policy.outlook import Outlook
from core.decide.policy.protocol import Holding, Paper, Target
from core.errors import PerpDeskError, say
from core.records import dataclass

from ...read.inputs import Desk
from ..asking import Question
from ..hedging import HedgeFigures, trades_due

__all__ = ["HedgedThen"]


@dataclass(frozen=True, eq=False)
class HedgedThen:
    """The policy of a question, and Hedge after it; asked with the contracts `among` `(N,)` of the desk, n of them.

    asked      the question of the book alone
    in_book    (N,) the contracts of that question
    figures    what the hedge goes by
    apart      (N,) weights that are held beside the book
    hedging    (N,) weights that hedge now, of which `apart` is a part
    """

    desk: Desk
    asked: Question
    in_book: Mask
    among: Mask
    figures: HedgeFigures
    apart: Array
    hedging: Array

    @property
    def name(self) -> str:
        """That of the policy."""
        return self.asked.policy.name

    @property
    def outlook(self) -> Outlook:
        """That of the book; the hedge goes by its figures."""
        return self.asked.outlook

    @property
    def holding(self) -> Holding:
        """All that is held, `(n,)`."""
        held, untraded = self.apart.copy(), np.ones(self.among.size, dtype=np.bool_)
        held[self.in_book] += self.asked.holding.held
        untraded[self.in_book] = self.asked.holding.fixed
        return Holding(held[self.among], self.asked.holding.equity, untraded=untraded[self.among])

    def __call__(self, outlook: Outlook, holding: Holding) -> Target:
        """The hedged book, `(n,)`; its baseline is the book before the trade of Hedge. Raises as the policy does."""
        book = self.asked.policy(outlook, self._of_book(holding))
        before = self.apart.copy()
        before[self.in_book] += book.weights
        trades = self._trades(before)
        hedge = (self.hedging if book.waits else self.apart) + trades
        return replace(
            book,
            weights=(before + trades)[self.among],
            baseline=before[self.among],
            hedge=hedge[self.among],
            paper=None if book.paper is None else self._spread(book.paper),
            waits="" if trades.any() else book.waits,
        )

    def _spread(self, paper: Paper) -> Paper:
        """What a learned model and its base want of the book, among all contracts that are asked with."""
        spread = np.zeros((3, self.among.size))
        spread[:, self.in_book] = paper.learned, paper.base, paper.costs
        learned, base, costs = spread[:, self.among]
        return Paper(learned, base, costs, paper.followed)

    def _of_book(self, holding: Holding) -> Holding:
        """What the policy is told of its own contracts, and of the account."""
        inside = self.in_book[self.among]
        return replace(
            self.asked.holding,
            equity=holding.equity,
            peak=holding.peak,
            month_high=holding.month_high,
            month_low=holding.month_low,
            hours_held=holding.hours_held,
            stopped=None if holding.stopped is None else holding.stopped[inside],
            untraded=None if holding.untraded is None else holding.untraded[inside],
            excess=holding.excess,
        )

    def _trades(self, weights: Array) -> Array:
        """What Hedge trades of a book of these weights, `(N,)` each; nothing where it cannot, which is said."""
        equity, trades = self.desk.settings.equity, np.zeros(weights.size)
        marked = self.desk.universe.hedges & self.figures.known
        if not marked.any():
            say("no contract marked Hedge had a price and enough returns; the book went without a hedge")
            return trades
        try:
            trades[marked] = trades_due(self.desk, self.figures, marked, weights * equity).notionals / equity
        except PerpDeskError as error:
            say(f"{error}; the book went without a new hedge")
        return trades
