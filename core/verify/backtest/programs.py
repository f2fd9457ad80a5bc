"""The programs of decisions, where limits, objective and methods leave nothing else to decide by.

That is a mean-variance optimum of risk alone, utility or Sharpe ratio, in a book that nothing limits but each weight
and the net, with nothing around it, read from moments alone. All else is decided row by row, and so is each row in
whose window something is missing.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from ...arrays import Rows
from ...decide.policy.models import MeanVariance
from ...decide.policy.outlooks import need_moments_alone, outlooks
from ...decide.portfolio.objectives.objective import Objective
from ...decide.portfolio.objectives.plain_book import PlainBook, knows_its_program
from ...decide.portfolio.objectives.registry import objective_named
from ..walk.programmed import Programmed, Programs
from ..walk.walk import Decide
from .decisions import Decisions

__all__ = ["programmed"]

AT_ONCE = 1_000_000
"""Numbers that the covariances of the programs stated at once may take (8 MB), and some five times on the way there."""


def programmed(decisions: Decisions) -> Decide:
    """The decisions, with their programs where all that they are made of is known before the walk.

    Raises ArgumentError (limits of another number of contracts).
    """
    policy, limits = decisions.policy, decisions.limits
    if type(decisions) is not Decisions or type(policy) is not MeanVariance:
        return decisions
    if not need_moments_alone(decisions.methods):
        return decisions
    kind, contracts = objective_named(policy.objective), decisions.history.prices.shape[1]
    book = PlainBook.of(kind, limits, contracts) if knows_its_program(kind, limits) else None
    if book is None:
        return decisions
    return Programmed(decisions, partial(_stated, decisions, kind, book), partial(_answered, decisions, policy.name))


def _stated(decisions: Decisions, kind: type[Objective], book: PlainBook, rows: Rows) -> Programs:
    """The programs of the first of these rows, of as many as there is room for."""
    some = rows[: max(AT_ONCE // (book.cost.size + 3) ** 2, 1)]
    sought, window = kind.in_a_plain_book, decisions.window
    funding = np.zeros((some.size, book.cost.size))
    if sought != "risk":
        funding[:] = [decisions.paid(slice(row - window + 1, row + 1)) for row in some.tolist()]
    past = decisions.past
    found = outlooks(decisions.methods, decisions.moments, some.tolist(), past.periods_per_year)
    expected, known = found.expected_returns(past.risk_free, past.market_return, funding), found.known
    risks = found.covariances
    return Programs(
        rows=some,
        risks=decisions.limits.risk_aversion * risks if sought == "utility" else risks,
        gains=np.zeros(expected.shape) if sought == "risk" else expected - decisions.limits.risk_free,
        known=known,
        cost=book.cost,
        lower=book.lower,
        upper=book.upper,
        total=book.net,
        ratio=sought == "ratio",
    )


def _answered(decisions: Decisions, who: str, rows: list[int], traded: list[int]) -> None:
    """Enter the decisions of these rows among those that the policy answered."""
    decisions.answers += [(row, who) for row in rows]
    if traded:
        decisions.traded = traded[-1]
