"""The critical line through a set of portfolios, and the point of it with the greatest Sharpe ratio.

All limits and costs are linear in the weights or in |w_i - c|, so the portfolios of least variance for each expected
excess return e(w) are straight pieces between turning points (see `numeric.critical_line.line`). The tangency portfolio
has the greatest e(w) / sqrt(w'S w). On a piece both e = e0 + t e1 and lam = l0 + t l1, the half of what a unit of e
costs in variance, are linear, so that w'S w = v0 + 2 t l0 e1 + t^2 l1 e1, and the greatest is at

    t = (e0 l0 - v0) / (e1 l0 - e0 l1)

Source: Bailey and Lopez de Prado, Algorithms 6 (2013) for the tangency.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...numeric.critical_line.line import CriticalLine, KinkedProgram
from ...tolerances import ACTIVE
from ..limits.feasible_set import Expression, FeasibleSet

__all__ = ["line_program", "tangency_of"]


def line_program(risk: Array, allowed: FeasibleSet, excess: Expression) -> KinkedProgram:
    """The program of the line: least w'S w / 2 - lam e(w) over the portfolios that are allowed."""
    stated = np.array([name != "" for name in allowed.names], dtype=np.bool_)
    contracts = allowed.contracts
    return KinkedProgram(
        P=risk,
        reward=excess.coefficients,
        rows=allowed.rows[stated],
        row_lower=allowed.row_lower[stated],
        row_upper=allowed.row_upper[stated],
        lower=allowed.lower[:contracts],
        upper=allowed.upper[:contracts],
        kink_variable=allowed.kink_contract,
        kink_at=allowed.kink_at,
    )


def tangency_of(line: CriticalLine, constant: float, least: float) -> Array:
    """The weights `(N,)` of the greatest Sharpe ratio on the line, of equal ones the last; NaN where nothing earns.

    They are where lam e first exceeds the variance; `constant` is that of e, `least` the least variance.
    Along the line the variance grows from its `least` by 2 lam for a unit of e, and lam is linear in e on each piece.
    """
    earned = line.rewards + constant
    earns = earned > ACTIVE * np.abs(line.problem.reward).max() * np.abs(line.weights[-1]).max()
    if not earns[-1]:
        return np.full(line.weights.shape[1], np.nan)
    if earns[0] and least == 0:
        return np.asarray(line.weights[0])
    grown = (line.lams[1:] + line.lams[:-1]) * (earned[1:] - earned[:-1])
    variance = least + np.concatenate([[0.0], np.cumsum(grown)])
    past = earns & (line.lams * earned > variance * (1 + ACTIVE))
    if not past.any():
        return np.asarray(line.weights[-1])
    end = max(int(np.argmax(past)), 1)
    start, along = line.weights[end - 1], line.weights[end] - line.weights[end - 1]
    e0, e1 = earned[end - 1], earned[end] - earned[end - 1]
    l0, l1 = line.lams[end - 1], line.lams[end] - line.lams[end - 1]
    below = e1 * l0 - e0 * l1
    share = (e0 * l0 - variance[end - 1]) / below if below < 0 else 0.0
    return np.asarray(start + min(max(share, 0.0), 1.0) * along)
