"""Plain books: limits of nothing but each weight and the net, and a cost of trading; most desks have no other.

A limit that no book of these weights and this net can reach is none: one without shorts whose weights sum to 1 has a
gross of 1 whatever its gross limit. With P the longs, shorts S = P - net, so

    gross = 2 P - net <= 2 min(sum of greatest longs, net + sum of greatest shorts) - net
    sum |w_i| rate_i <= gross x the greatest rate

Such a program needs no rows and no folds, and where the loops are loaded, or trading costs nothing, it is solved as it
stands (see `numeric.quadratic.certified_sum`), certified as any other. What is not plain, or does not settle, goes the
ordinary way.

Sources: those of `fixed_sum`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ....arrays import Array
from ....numeric.compiled import compiled, in_rows, worth_compiling
from ....numeric.quadratic.certificate import RESOLUTION, TINY, Certificate
from ....numeric.quadratic.certified_sum import bounded_sum, certified_sum
from ....numeric.quadratic.solve import FEW, FINE, QpSolution
from ...limits.declared import Limits
from ...limits.feasible_set import box
from .objective import Answer, Objective

__all__ = ["PlainBook", "knows_its_program", "plain_answer"]

MOST_CONTRACTS = 100
"""Contracts up to which it is quicker than the ordinary way, whose products of matrices are quicker in turn."""

STEPS = 100
"""Arrays of n x n elements that the ordinary way goes through."""

BENDS = tuple(
    name
    for name, term in Limits.TERMS.items()
    if term.bounds.startswith("row") and name not in ("net", "net_min", "net_max")
)
"""Limits that make a book more than plain."""


class PlainBook(NamedTuple):
    """What limits say of a plain book: least and greatest weights and the cost of trading, `(N,)` each, and the net."""

    lower: Array
    upper: Array
    cost: Array
    net: float

    @classmethod
    def of(cls, kind: type[Objective], limits: Limits, contracts: int) -> PlainBook | None:
        """That of N contracts in which the objective is sought; None where it is not plain, or too large to gain by it.

        Raises ArgumentError (lengths).
        """
        if not kind.in_a_plain_book or contracts > MOST_CONTRACTS or not _is_plain(limits, contracts):
            return None
        low, high = limits.net_range()
        # At a net of zero every multiple may have the same ratio.
        if low != high or (kind.in_a_plain_book == "ratio" and low == 0):
            return None
        pays = kind.in_a_plain_book != "risk"
        cost = limits.vector("turnover_cost", contracts) if pays else np.zeros(contracts)
        return cls(*box(limits, contracts), cost, low)


def plain_answer(sought: Objective) -> Answer | None:
    """The best weights with their certified solution; None where the book is not plain, or this is not the way."""
    limits, contracts, kind = sought.limits, sought.premium.size, sought.in_a_plain_book
    by_loop = worth_compiling(STEPS * contracts**2)
    free = kind == "risk" or (kind == "utility" and not limits.states("turnover_cost"))
    if not by_loop and (contracts > FEW or not free):
        return None
    book = PlainBook.of(type(sought), limits, contracts)
    if book is None:
        return None
    risk = limits.risk_aversion * sought.risk if kind == "utility" else sought.risk
    gain = np.zeros(contracts) if kind == "risk" else sought.premium
    if not by_loop:
        solution = bounded_sum(risk, gain, book.lower, book.upper, book.net, FINE)
        return None if solution is None else (solution.x, solution)
    start = limits.vector("current_weights", contracts)
    arrays = in_rows(risk, gain, book.cost, start, book.lower, book.upper)
    settled, residuals, x, y, z = compiled(certified_sum)(*arrays, book.net, kind == "ratio", RESOLUTION, TINY)
    certificate = Certificate(*residuals.tolist())
    if not settled or not certificate.passes(FINE):
        return None
    return x[:contracts], QpSolution(x, y, z, certificate, "pairs")


def knows_its_program(kind: type[Objective], limits: Limits) -> bool:
    """Whether premium, covariance and what is held are all that the program of a plain book still needs."""
    steps = limits.max_step is not None or limits.max_volume_share is not None
    return bool(kind.in_a_plain_book) and kind.risk is Objective.risk and not (kind.needs or steps)


def _is_plain(limits: Limits, contracts: int) -> bool:
    return (
        all(getattr(limits, name) is None or _is_out_of_reach(limits, name, contracts) for name in BENDS)
        and limits.cvar_max is None
        and not (limits.groups or limits.factors)
        and not (limits.states("market_impact") and np.any(limits.market_impact))
    )


def _is_out_of_reach(limits: Limits, name: str, contracts: int) -> bool:
    """Whether no book of N contracts within its least and greatest weights and its net can be at the limit."""
    if name == "gross_max":
        return limits.gross_max is not None and _largest_gross(limits, contracts) <= limits.gross_max
    if name == "margin_buffer":
        allowed = 1 - (limits.margin_buffer or 0.0)
        return _largest_gross(limits, contracts) * _largest(limits, "initial_margin_rates", contracts) <= allowed
    return False


def _largest_gross(limits: Limits, contracts: int) -> float:
    low, high = box(limits, contracts)
    longs, shorts = float(np.maximum(high, 0).sum()), float(np.maximum(-low, 0).sum())
    least, most = limits.net_range()
    return min(2 * longs - least, 2 * shorts + most, longs + shorts)


def _largest(limits: Limits, name: str, contracts: int) -> float:
    return float(limits.vector(name, contracts).max())
