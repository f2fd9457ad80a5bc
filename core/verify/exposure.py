"""What a book is exposed to: its expected return, risk, beta and funding, from weights and estimates.

return     = risk_free + w'(mu - risk_free)      idle equity earns the risk-free rate
volatility = sqrt(w' S w)
sharpe     = (return - risk_free) / volatility
beta       = w' beta
funding    = w' f                                positive = the book pays
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..checks import as_covariance, as_vector, finite
from ..records import dataclass

__all__ = ["Exposure", "exposure"]


@dataclass(frozen=True)
class Exposure:
    """Figures of a book, a year, on equity. `sharpe` is NaN for a book without risk."""

    expected_return: float
    volatility: float
    sharpe: float
    beta: float
    funding: float
    net: float
    gross: float


def exposure(
    weights: ArrayLike,
    expected_returns: ArrayLike,
    covariance: ArrayLike,
    betas: ArrayLike,
    funding: ArrayLike,
    risk_free: float = 0.0,
) -> Exposure:
    """Exposure of the book with these `(N,)` weights, notional / equity.

    Expected returns, `(N, N)` covariance and funding are a year, decimals; see the module for the formulas.

    Raises:
        ArgumentError: lengths differ, or the covariance is not one.
        MissingDataError: a value is missing.
    """
    w = finite(as_vector(weights, "weights"), "weights")
    mu = finite(as_vector(expected_returns, "expected_returns", w.size), "expected_returns")
    beta = finite(as_vector(betas, "betas", w.size), "betas")
    rates = finite(as_vector(funding, "funding", w.size), "funding")
    risk = as_covariance(covariance, w.size)
    excess = float(w @ (mu - risk_free))
    volatility = math.sqrt(max(float(w @ risk @ w), 0.0))
    return Exposure(
        expected_return=risk_free + excess,
        volatility=volatility,
        sharpe=excess / volatility if volatility > 0 else np.nan,
        beta=float(w @ beta),
        funding=float(w @ rates),
        net=float(w.sum()),
        gross=float(np.abs(w).sum()),
    )
