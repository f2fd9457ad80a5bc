"""The efficient frontier: the least volatility for each expected return that the limits can reach.

From the portfolio of least variance to the one of greatest expected return (net of risk-free and cost), equally
spaced in expected return; each point is a quadratic programme of its own, solved and certified.

Source: Markowitz, Portfolio Selection (1959).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import as_covariance, as_vector, finite
from ..errors import ArgumentError
from .infeasible import attainable_returns
from .limits import Limits
from .optimize import optimize

__all__ = ["Frontier", "efficient_frontier"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Frontier:
    """K points by rising return: `returns`, `volatilities`, `sharpes` `(K,)` and `weights` `(K, N)`.

    `sharpes` are on the return above risk-free; NaN for a point without risk and return.
    """

    returns: Array
    volatilities: Array
    sharpes: Array
    weights: Array


def efficient_frontier(
    expected_returns: ArrayLike, covariance: ArrayLike, points: int = 50, limits: Limits | None = None
) -> Frontier:
    """`points` portfolios from least variance to greatest expected return under `limits`.

    Inputs as for `optimize`; `target_return` among the limits is ignored, the sweep sets it. Where every portfolio
    earns the same, all points are that of least variance. Raises ArgumentError, MissingDataError, InfeasibleError,
    NotConvergedError.
    """
    if isinstance(points, bool) or int(points) != points or points < 2:
        raise ArgumentError(f"points is {points}; it must be a whole number of at least 2")
    mu = finite(as_vector(expected_returns, "expected_returns"), "expected_returns")
    risk = as_covariance(covariance, mu.size)
    free = replace(limits if limits is not None else Limits(), target_return=None)
    safest = optimize(mu, risk, "min_variance", free)
    _, richest = attainable_returns(free, mu.size, mu - free.risk_free)
    targets = np.linspace(safest.expected_return, max(richest, safest.expected_return), int(points))
    optima = [
        safest,
        *(optimize(mu, risk, "target_return", replace(free, target_return=target)) for target in targets[1:]),
    ]
    return Frontier(
        returns=np.array([optimum.expected_return for optimum in optima]),
        volatilities=np.array([optimum.volatility for optimum in optima]),
        sharpes=np.array([optimum.sharpe for optimum in optima]),
        weights=np.array([optimum.weights for optimum in optima]),
    )
