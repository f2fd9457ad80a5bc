"""What a learned policy would have been worth: its days on paper since the first training, beside its base.

On every day the model that was then the last, which had learned from earlier rows only, is asked what it wants to hold,
and its base too, in an account on paper for each (`learned.paper_accounts`). A day on which the base has no answer is
spent in cash by both. Of the days known at a training a verdict is given (`learned.judgement`), which stands until the
next; it is followed from there on, unless its kill switch acts.

What is on paper is optimised without the cost of trades, which the accounts pay, and without limits that hang on one
moment: positions, steps, volumes, funding and betas. It sees the window, the methods and the stated market return of
now, and expects the funding that settled in the window. Each day is noted once, and all of it depends on the rows so
far alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...arrays import Array
from ...errors import DataWarning, MissingDataError, SolveError
from ...learn.training import AsOf
from ...units import DAYS_PER_YEAR
from ..limits.declared import Limits
from .learned.judgement import Judgement, judge
from .learned.paper_accounts import PaperAccounts
from .outlook import Outlook
from .past import Past
from .protocol import Excess, Holding, Paper, Policy

__all__ = ["WHATEVER", "DaysOnPaper", "days_on_paper"]

FEWEST_RETURNS = 30
"""Of a contract in a window, to be on paper."""

OF_ONE_MOMENT = (
    *("current_weights", "max_step", "max_turnover", "turnover_cost", "market_impact"),
    *("max_volume_share", "daily_volumes", "funding_buffer_days", "funding_rates", "target_beta", "betas"),
)
"""Limits and costs that are left out on paper."""

WHATEVER = Judgement(True, 0.0, 0.0, 0.0, 0.0, 0)
"""The verdict on paper, where a model is asked whatever it is worth."""

Guard = Callable[[Judgement], Policy]
"""A policy behind its guard, by the verdict on it."""


class DaysOnPaper:
    """The days of a policy, noted as far as they have been asked for; made by `days_on_paper`."""

    def __init__(self, guarded: Guard, outlook: Outlook, as_of: AsOf, limits: Limits, costs: Array) -> None:
        self._guarded, self._outlook, self._as_of, self._limits, self._costs = guarded, outlook, as_of, limits, costs
        training = as_of.training
        self._returns = training.lessons.assets[:, as_of.places]
        self._accounts = PaperAccounts(self._returns, training.periods_per_year)
        self._window = len(outlook.returns)
        self._next = max(training.first, self._window)
        self._judged: dict[int, Array] = {}
        self._verdicts: dict[int, Judgement] = {}
        self._kept: dict[int, bool] = {}

    @property
    def noted(self) -> int:
        """The row after the last one that is noted."""
        return self._next - self._as_of.training.day + 1

    def go_on(self, row: int) -> None:
        """Note all days before a row."""
        while self._next < row:
            self._note(self._next)
            self._next += self._as_of.training.day

    def verdict(self, trained: int) -> Judgement:
        """That of the days known at a training."""
        if trained not in self._verdicts:
            self._verdicts[trained] = judge(self._known_at(trained))
        return self._verdicts[trained]

    @property
    def verdicts(self) -> list[Judgement]:
        """Those of the trainings so far, by their rows."""
        return [self.verdict(trained) for trained in sorted(self._judged)]

    def over_base(self, row: int) -> Array:
        """Log growth over the base on each day, `(D,)`, as known at a row."""
        return self._accounts.over_base(row)

    def excess(self, row: int) -> Excess | None:
        """What was made over the base up to a row; None where no day is noted."""
        return self._accounts.excess(row)

    def _note(self, row: int) -> None:
        """Note what model and base wanted at the close of a row."""
        rows = slice(row - self._window + 1, row + 1)
        known = np.isfinite(self._returns[rows]).sum(axis=0) >= min(FEWEST_RETURNS, self._window)
        wanted = np.zeros((2, known.size))
        followed = False
        if known.any():
            outlook = self._then(row, rows)
            if not known.all():
                outlook = outlook.select(known)
            held = Holding(np.zeros(int(known.sum())), limits=self._limits.select(known), excess=self.excess(row))
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DataWarning)  # a gap is told by whoever is asked of now
                    target = self._guarded(WHATEVER)(outlook, held)
            except (MissingDataError, SolveError):
                pass
            else:
                wanted[:, known] = target.weights
                if target.paper is not None:
                    wanted[:, known] = target.paper.learned, target.paper.base
                    followed = target.paper.followed and self._is_kept(self._as_of.training.trained_at(row))
        self._accounts.note(row, Paper(wanted[0], wanted[1], self._costs, followed))

    def _is_kept(self, trained: int) -> bool:
        """Whether the verdict at a training is in favour: nobody reads the interval of one that is past."""
        if trained not in self._kept:
            self._kept[trained] = judge(self._known_at(trained), interval=False).kept
        return self._kept[trained]

    def _known_at(self, trained: int) -> Array:
        """The days that are judged at a training: those noted when it is first asked about, at its own row."""
        if trained not in self._judged:
            self._judged[trained] = self._accounts.over_base(trained)
        return self._judged[trained]

    def _then(self, row: int, rows: slice) -> Outlook:
        """What was known at the close of a row."""
        training, now = self._as_of.training, self._outlook.past
        lessons, places = training.lessons, self._as_of.places
        past = Past(
            self._returns[rows],
            lessons.market[rows],
            funding=lessons.extra["funding"][rows][:, places].mean(axis=0) * now.periods_per_year,
            periods_per_year=now.periods_per_year,
            risk_free=now.risk_free,
            market_return=now.market_return,
        )
        return Outlook(past, self._outlook.methods, learned=AsOf(self._as_of.source, row, places))


def days_on_paper(guarded: Guard, name: str, outlook: Outlook, as_of: AsOf, limits: Limits) -> DaysOnPaper:
    """The days of a policy of that name up to now, by the limits that hold now.

    They are kept with the training, by all that they depend on, so that a walk goes on where it was.
    Raises MissingDataError (too little history, bars longer than a day) and NotInstalledError.
    """
    if as_of.training.periods_per_year < DAYS_PER_YEAR:
        raise MissingDataError("bars are longer than a day, and a model is judged by days; load shorter ones")
    size, training, past = as_of.places.size, as_of.training, outlook.past
    costs = limits.vector("turnover_cost", size)
    paper = _on_paper(limits, size)
    read = (name, len(outlook.returns), outlook.methods, past.risk_free, past.market_return, past.periods_per_year)
    what = ("days", repr(read), as_of.places.tobytes(), costs.tobytes(), _bytes(paper))

    def begun() -> DaysOnPaper:
        return DaysOnPaper(guarded, outlook, as_of, paper, costs)

    days: DaysOnPaper = training.kept(what, begun)
    if days.noted > as_of.row:
        days = begun()  # somebody asks about an earlier row than before
    days.go_on(as_of.row)
    return days


def _on_paper(limits: Limits, size: int) -> Limits:
    """The limits without those of one moment; a contract that they fix at what is held of it is free."""
    low, high = (limits.vector(name, size) for name in ("min_weight", "max_weight"))
    pinned = (low == high) & (low != 0)
    usual: dict[str, Any] = {name: getattr(Limits(), name) for name in OF_ONE_MOMENT}
    usual["min_weight"], usual["max_weight"] = (np.where(pinned, np.nan, bound) for bound in (low, high))
    return replace(limits, **usual)


def _bytes(limits: Limits) -> tuple[object, ...]:
    """What limits say, to be compared."""
    parts: list[object] = []
    for name in limits.TERMS:
        value = getattr(limits, name)
        parts.append(np.asarray(value).tobytes() if isinstance(value, np.ndarray) else repr(value))
    loadings = [np.asarray(each.loadings).tobytes() for each in (*limits.groups, *limits.factors)]
    return (*parts, repr(limits.groups), repr(limits.factors), *loadings)
