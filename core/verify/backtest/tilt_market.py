"""The market in which a tilt is learned, of a history: its base is walked through it, and asked at each decision.

What the base is told there is what a policy is told on the desk, and so is the state: the same `Situation`. Between two
decisions the funding of a bar is on the price of its bar, as the walk books it; lows and highs are those of the closes
on the way, of the bars where the history has them.

A decision that the base's rule for unanswered ones took is not tilted; what it left the book with is the base there.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...arrays import Array, Rows
from ...checks import enough, whole
from ...decide.policy.learned.tilt import box_around, told
from ...decide.policy.protocol import Target
from ...learn.allocation.market import Market
from ..walk.history import History
from ..walk.terms import Terms
from ..walk.walk import walk
from .decisions import Decisions, Situation

__all__ = ["TiltMarket", "tilt_market"]


class TiltMarket:
    """A market, and the rows of the history at which its decisions are made, `(D,)`; each ends `every` rows later."""

    def __init__(self, market: Market, rows: Rows, every: int, periods_per_year: float) -> None:
        self.market, self.rows, self.every = market, rows, every
        self.decisions_per_year = periods_per_year / every


def tilt_market(decisions: Decisions, terms: Terms, every: int, first: int) -> TiltMarket:
    """Walk the base that `decisions` ask through their history, every so many rows from row `first` on.

    The terms give costs and maintenance; the walk itself is without delay and lots, which the tilt does not see.
    Raises ArgumentError (every, first, terms) and MissingDataError (fewer than two decisions).
    """
    history, apart = decisions.history, whole(every, "every", at_least=1)
    begin = whole(first, "first", at_least=decisions.window, at_most=len(history.prices) - 1)
    rows = np.arange(begin, len(history.prices), apart)
    enough(rows.size, 2, "decisions")
    contracts = history.prices.shape[1]
    listening = _Listening(rows, contracts)
    decisions.heard = listening
    ledger = walk(history, rows, decisions, replace(terms, delay=0, lots=0.0, stops=np.nan))
    unheard = ~listening.tilts
    # What a rule without a situation decided is known from the book alone.
    listening.base[unheard] = ledger.weights[rows[unheard]]
    for bound in (listening.lower, listening.upper):
        bound[unheard] = listening.base[unheard]
    moved = _between(history, rows)
    market = Market(
        base=listening.base[:-1],
        figures=listening.figures[:-1],
        regimes=listening.regimes[:-1],
        lower=listening.lower[:-1],
        upper=listening.upper[:-1],
        tilts=listening.tilts[:-1],
        **moved,
        costs=terms.of_each("fee", contracts) + terms.of_each("slippage", contracts),
        maintenance=terms.of_each("maintenance_rates", contracts),
    )
    return TiltMarket(market, rows[:-1], apart, history.periods_per_year)


class _Listening:
    """What was known and wanted at each decision that was answered."""

    def __init__(self, rows: Rows, contracts: int) -> None:
        self._place = {row: place for place, row in enumerate(rows.tolist())}
        block = (rows.size, contracts)
        self.base, self.lower, self.upper = np.zeros((3, *block))
        self.figures, self.regimes = np.full((*block, 4), np.nan), np.full(rows.size, np.nan)
        self.tilts = np.zeros(rows.size, dtype=np.bool_)

    def __call__(self, row: int, situation: Situation, target: Target) -> None:
        place, known = self._place[row], situation.known
        state = told(situation.outlook)
        self.figures[place, known], self.regimes[place] = state
        self.base[place, known] = target.weights
        self.lower[place, known], self.upper[place, known] = box_around(target.weights, situation.holding)
        self.tilts[place] = True


def _between(history: History, rows: Rows) -> dict[str, Array]:
    """Moves, returns, lows and highs from each of these rows to the next, `(D - 1, N)` each."""
    marks, start = history.marks, history.marks[rows[:-1]]
    paid = np.cumsum(marks * history.settled, axis=0)
    low, high = history.ranges or (marks, marks)
    lows, highs = (
        np.stack([take(each[begin + 1 : end + 1], axis=0) for begin, end in pairwise(rows.tolist())])
        for take, each in ((np.min, low), (np.max, high))
    )
    moves = marks[rows[1:]] / start - 1
    return {
        "moves": moves,
        "returns": moves - (paid[rows[1:]] - paid[rows[:-1]]) / start,
        "lows": np.minimum(lows / start - 1, 0.0),
        "highs": np.maximum(highs / start - 1, 0.0),
    }
