"""Plain books: limits of nothing but each weight and the net, and a cost of trading; most desks have no other.

Such a program needs no rows and no folds, and where the loops are loaded it is solved as it stands (see
`numeric.quadratic.fixed_sum`), certified as any other. What is not plain, or does not settle, goes the ordinary way.

Sources: those of `fixed_sum`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ....numeric.compiled import compiled, in_rows, worth_compiling
from ....numeric.quadratic.certificate import certify
from ....numeric.quadratic.fixed_sum import greatest_ratio, least
from ....numeric.quadratic.solve import FINE, QpSolution, QuadraticProgram
from ...limits.declared import Limits
from ...limits.feasible_set import box
from .objective import Answer, Objective

__all__ = ["plain_answer"]

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


def plain_answer(sought: Objective) -> Answer | None:
    """The best weights with their certified solution; None where the book is not plain, or the loops do not answer."""
    limits, contracts, kind = sought.limits, sought.premium.size, sought.in_a_plain_book
    if not kind or contracts > MOST_CONTRACTS or not worth_compiling(STEPS * contracts**2) or not _is_plain(limits):
        return None
    low, high = limits.net_range()
    if low != high or (kind == "ratio" and low == 0):  # at a net of zero every multiple may have the same ratio
        return None
    lower, upper = box(limits, contracts)
    start = limits.vector("current_weights", contracts)
    risk, gain, cost = sought.risk, sought.premium, limits.vector("turnover_cost", contracts)
    if kind == "risk":
        gain, cost = np.zeros(contracts), np.zeros(contracts)
    elif kind == "utility":
        risk = limits.risk_aversion * risk
    arrays = in_rows(risk, gain, cost, start, lower, upper)
    settled, left, x, y, z, program = (compiled(greatest_ratio) if kind == "ratio" else compiled(least))(*arrays, low)
    if not settled:
        return None
    q, rows, row_lower, row_upper, lower, upper, folded = program
    certificate = certify(
        QuadraticProgram(
            P=risk, q=q, rows=rows, row_lower=row_lower, row_upper=row_upper, lower=lower, upper=upper, folded=folded
        ),
        *(x, y, z),
    )
    certificate = replace(certificate, stationarity=max(certificate.stationarity, left))
    if not certificate.passes(FINE):
        return None
    return x[:contracts], QpSolution(x, y, z, certificate, "pairs")


def _is_plain(limits: Limits) -> bool:
    return (
        all(getattr(limits, name) is None for name in BENDS)
        and limits.cvar_max is None
        and not (limits.groups or limits.factors or np.any(limits.market_impact))
    )
