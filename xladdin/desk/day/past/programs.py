"""The programs of the desk's decisions, where its Settings leave nothing else to decide by.

That is the least variance, utility or the greatest Sharpe ratio of what is included, in a book that nothing else
limits, asked whenever a decision is due and not sized, banded, hedged or learned: each decision then is one optimum
of figures that are known before the walk. All else is decided row by row, and so is each row in whose window something
is missing, or whose program does not settle; the two agree as far as certified optima do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np

from core.arrays import Array, Rows
from core.decide.policy.models import MeanVariance
from core.decide.policy.outlook import Methods
from core.decide.policy.outlooks import need_moments_alone
from core.decide.portfolio.objectives.objective import Objective
from core.decide.portfolio.objectives.plain_book import PlainBook, knows_its_program
from core.decide.portfolio.objectives.registry import objective_named
from core.tolerances import ROUNDING
from core.verify.walk.programmed import Programmed, Programs
from core.verify.walk.standing import Standing

from ...layout.settings import Settings
from ...read.inputs import Desk
from ...read.limits import desk_limits
from ..enough import FEWEST_RETURNS
from ..policy.chosen import desk_policy
from .shared import SharedPast

__all__ = ["desk_programs"]

AT_ONCE = 1_000_000
"""Numbers that the covariances of the programs stated at once may take (8 MB)."""


class _Recorded(Protocol):
    """What is asked of the decisions of a desk: how they are made, and where it is noted."""

    desk: Desk
    shared: SharedPast
    window: int
    answers: list[tuple[int, str]]
    betas: list[tuple[int, Array]]
    stated_betas: dict[int, Array]
    traded: int | None

    @property
    def choose(self) -> Callable[..., Any]:
        """Makes the policy."""

    @property
    def moved(self) -> Callable[[int], None]:
        """Is told the row of a decision."""

    def __call__(self, now: Standing) -> Array | None:
        """The decision, asked."""


def desk_programs(decisions: _Recorded) -> Programmed | None:
    """The decisions with their programs; None where Settings leave more to decide by. Raises BookError (limits)."""
    desk = decisions.desk
    objective, methods = _objective(desk), _methods(desk.settings)
    if objective is None or decisions.choose is not desk_policy or decisions.window < FEWEST_RETURNS:
        return None
    if not need_moments_alone(methods):
        return None
    everything = np.ones(len(desk.universe.symbols), dtype=np.bool_)
    limits = desk_limits(_in_cash(desk), everything, everything.astype(np.float64), np.zeros(everything.size))
    kind = objective_named(objective)
    book = PlainBook.of(kind, limits, everything.size) if knows_its_program(kind, limits) else None
    if book is None:
        return None
    stated = partial(_stated, decisions, kind, book, limits.risk_aversion)
    return Programmed(decisions, stated, partial(_answered, decisions, MeanVariance(objective).name))


def _objective(desk: Desk) -> str | None:
    """What is sought at every decision, and nothing else looked at; None where more is."""
    settings = desk.settings
    sought = {"classical": settings.objective, "min_variance": "min_variance"}.get(settings.model)
    asks_more = (
        settings.sizes
        or settings.no_trade_band > 0
        or settings.hedge_in_past == "Y"
        or settings.regime_window == "Y"
        or settings.funding_method != "mean"
        or settings.clock != "every"
        or settings.clock_hours > settings.decide_every * settings.bar_hours * (1 + ROUNDING)
        or not desk.universe.included.all()
    )
    return None if asks_more else sought


def _methods(settings: Settings) -> Methods:
    """How the past is read; there is no variance premium in it, as no implied volatility is known of then."""
    return Methods(settings.beta_method, settings.covariance_method, settings.beta_halflife)


def _in_cash(desk: Desk) -> Desk:
    nothing = np.zeros(len(desk.universe.symbols))
    return replace(desk, universe=replace(desk.universe, positions=nothing))


def _stated(decisions: _Recorded, kind: type[Objective], book: PlainBook, risk_aversion: float, rows: Rows) -> Programs:
    """The programs of the first of these rows, of as many as there is room for."""
    settings, shared, window = decisions.desk.settings, decisions.shared, decisions.window
    some = rows[: max(AT_ONCE // (book.cost.size + 3) ** 2, 1)]
    asked, sought = tuple(some.tolist()), kind.in_a_plain_book
    found = shared.outlooks(window, _methods(settings), asked)
    decisions.stated_betas.update(zip(asked, found.betas, strict=True))
    gains = np.zeros(found.betas.shape)
    if sought != "risk":
        market = None if settings.market_in_past == "mean" else settings.market_return
        expected = found.expected_returns(settings.risk_free, market, shared.funding(window, asked))
        gains = expected - settings.risk_free
    return Programs(
        rows=some,
        risks=risk_aversion * found.covariances if sought == "utility" else found.covariances,
        gains=gains,
        known=found.known & np.isfinite(gains).all(axis=1),
        cost=book.cost,
        lower=book.lower,
        upper=book.upper,
        total=book.net,
        ratio=sought == "ratio",
    )


def _answered(decisions: _Recorded, who: str, rows: list[int], traded: list[int]) -> None:
    """Enter the decisions of these rows as if each had been asked."""
    decisions.answers += [(row, who) for row in rows]
    if traded:
        decisions.traded = traded[-1]
    decisions.betas += [(row, decisions.stated_betas[row]) for row in rows]
    if rows:
        decisions.moved(rows[-1])
