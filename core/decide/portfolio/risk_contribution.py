"""Risk contributions: how much of a portfolio's variance each contract brings.

    share_i = w_i (S w)_i / w'S w        sum of shares = 1

By Euler's theorem the volatility, which grows in proportion to the weights, is the sum of w_i d(volatility)/dw_i, and
share_i is that part of it. A contract that hedges the others has a share below zero.

Source: Litterman, Goldman Sachs Risk Management Series (1996), "Hot Spots and Hedges".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_covariance, numbers
from ...errors import UndefinedError

__all__ = ["RISKLESS", "risk_contribution"]

RISKLESS = 1e-14
"""Variance, relative to the terms it is summed from, that is read as none: finer than rounding elsewhere, since a book
hedged to a millionth of its volatility still has contributions."""


def risk_contribution(weights: ArrayLike, covariance: ArrayLike) -> Array:
    """Each contract's share of the variance of the portfolio, `(N,)`, sum 1.

    Shapes: `weights` `(N,)`, `covariance` `(N, N)`, in any units: the shares have none. No gaps.
    Raises ArgumentError (lengths, a matrix that is not a covariance), MissingDataError (gaps) and UndefinedError (the
    portfolio has no variance: no weights, or a perfect hedge).
    """
    held = numbers(weights, "weights")
    risk = as_covariance(covariance, held.size)
    marginal = risk @ held
    variance = float(held @ marginal)
    if not variance > RISKLESS * float(np.abs(held) @ np.abs(risk) @ np.abs(held)):
        raise UndefinedError("weights and covariance give a portfolio without variance: there is no risk to share out")
    return held * marginal / variance
