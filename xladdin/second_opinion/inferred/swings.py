"""How a series swings: GARCH(1,1) by a search over its likelihood, and regimes by trying every cut."""

from __future__ import annotations

import math
from typing import Any

from ..tables import Vector

__all__ = ["garch_volatility", "last_regime"]

FEWEST_FOR_GARCH = 50
STARTS = ((0.95, 0.05), (0.95, 0.1), (0.99, 0.02), (0.8, 0.25), (0.5, 0.1), (0.6, 0.5), (0.2, 0.8), (0.3, 0.02))
"""Sums of alpha and beta, and shares of alpha in them, from which the search begins."""

CLEAR_GAIN, NO_GAIN = 40.0, 1e-7
"""Of log-likelihood over a constant variance: so much that no other start is asked, and so little that it is none."""

BOUNDS = ((None, None), (1e-10, None), (0.0, 1.0), (0.0, 1.0))
"""Of the mean, omega, the sum of alpha and beta, and the share of alpha in it."""

LEAST_ALPHA = 1e-9
"""An alpha below this is one that the search has not brought quite to its bound of zero."""

SHORTEST_REGIME = 48


def garch_volatility(returns: Vector) -> float:
    """Volatility of the next bar: h = omega + alpha e^2 + beta h, begun at the mean square; NaN for a short series.

    The search is over the mean, omega, alpha + beta and the share of alpha in it, so that each has bounds of its own.
    """
    import numpy as np

    returns = returns[~np.isnan(returns)]
    if len(returns) < FEWEST_FOR_GARCH or np.ptp(returns) == 0:
        return math.nan
    unit = float(returns.std())
    series = returns / unit
    constant = len(series) * (math.log(2 * math.pi) + 1) / 2
    starts = [np.array([series.mean(), 1 - persistence, persistence, share]) for persistence, share in STARTS]
    found: Any = None
    for start in sorted(starts, key=lambda at: _garch_loss(at, series)[0]):
        tried = _searched(start, series)
        # Without alpha a variance drifts from its start whatever the returns do: that is no clustering.
        if tried.x[2] * tried.x[3] > LEAST_ALPHA and (found is None or tried.fun < found.fun):
            found = tried
        if found is not None and constant - found.fun > CLEAR_GAIN:
            break
    if found is None or constant - found.fun <= NO_GAIN:
        return unit
    mean, omega, persistence, share = found.x
    alpha, beta = persistence * share, persistence * (1 - share)
    residuals = series - mean
    before = float(np.mean(residuals**2))
    pushed = omega + alpha * np.concatenate([[before], residuals**2])
    return float(math.sqrt(_decayed(pushed, beta, before)[-1])) * unit


def _searched(start: Vector, series: Vector) -> Any:
    """Where the likelihood is highest near a start: where a search stops, a new one goes on until it gains nothing."""
    from scipy.optimize import minimize

    def search(begin: Vector) -> Any:
        return minimize(
            _garch_loss, begin, (series,), "L-BFGS-B", jac=True, bounds=BOUNDS, options={"ftol": 1e-15, "gtol": 1e-9}
        )

    found = search(start)
    while (further := search(found.x)).fun < found.fun - NO_GAIN:
        found = further
    return found


def _garch_loss(at: Vector, series: Vector) -> tuple[float, Vector]:
    """Minus the Gaussian log-likelihood, and its slopes."""
    import numpy as np

    mean, omega, persistence, share = at
    alpha, beta = persistence * share, persistence * (1 - share)
    residuals = series - mean
    squares, before = residuals**2, float(np.mean(residuals**2))
    earlier = np.concatenate([[before], squares[:-1]])
    variances = _decayed(omega + alpha * earlier, beta, before)
    past = np.concatenate([[before], variances[:-1]])
    mean_slope = -2 * float(np.mean(residuals))
    by_mean = alpha * np.concatenate([[mean_slope], -2 * residuals[:-1]])
    slopes = [
        _decayed(by_mean, beta, mean_slope),
        _decayed(np.ones(len(series)), beta, 0.0),
        _decayed(share * earlier + (1 - share) * past, beta, 0.0),
        _decayed(persistence * (earlier - past), beta, 0.0),
    ]
    loss = 0.5 * float(np.sum(math.log(2 * math.pi) + np.log(variances) + squares / variances))
    weight = 0.5 * (1 - squares / variances) / variances
    gradient = np.array([float(weight @ slope) for slope in slopes])
    gradient[0] -= float(np.sum(residuals / variances))
    return loss, gradient


def _decayed(pushed: Vector, decay: float, before: float) -> Vector:
    """x_t = pushed_t + decay x_{t-1}, from `before` on."""
    import numpy as np
    from scipy.signal import lfilter

    path, _ = lfilter([1.0], [1.0, -decay], pushed, zi=np.array([decay * before]))
    return np.asarray(path)


def last_regime(returns: Vector) -> tuple[int, float]:
    """Where the last stretch of one variance begins (place in the series), and its root mean square.

    Every way to cut is weighed: minus twice the log-likelihood and a price a stretch, which fat tails raise.
    """
    import numpy as np

    known = np.flatnonzero(~np.isnan(returns))
    squares = returns[known] ** 2
    unit = float(np.median(squares[squares > 0]))
    squares = squares / unit
    price = 3 * math.log(len(squares))
    starts = _cuts(squares, price)
    stretches = [squares[a:b] for a, b in zip(starts, [*starts[1:], len(squares)], strict=True)]
    tails = sorted((float(np.mean(part**2) / np.mean(part) ** 2), len(part)) for part in stretches)
    rows = 0
    for tail, length in tails:
        rows += length
        if rows >= len(squares) / 2:
            price *= max(1.0, (tail - 1) / 2)
            break
    first = _cuts(squares, price)[-1]
    return int(known[first]), math.sqrt(float(np.mean(squares[first:])) * unit)


def _cuts(squares: Vector, price: float) -> list[int]:
    """Starts of the stretches of least total cost, none shorter than the shortest."""
    import numpy as np

    sums = np.concatenate([[0.0], np.cumsum(squares)])
    count = len(squares)
    best, came_from = np.full(count + 1, math.inf), np.zeros(count + 1, dtype=int)
    best[0] = 0.0
    for end in range(SHORTEST_REGIME, count + 1):
        begin = np.arange(end - SHORTEST_REGIME + 1)
        length = end - begin
        means = np.maximum((sums[end] - sums[begin]) / length, np.finfo(float).tiny)
        costs = best[begin] + length * np.log(means) + price
        came_from[end] = int(np.argmin(costs))
        best[end] = costs[came_from[end]]
    starts, end = [], count
    while end > 0:
        end = int(came_from[end])
        starts.append(end)
    return starts[::-1]
