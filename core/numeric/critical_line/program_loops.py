"""The loop of the residuals along a frontier, for numba: see `kinked_program` for what they are and the numpy twin."""

from __future__ import annotations

import numpy as np

__all__ = ["residuals_loop"]


def residuals_loop(  # type: ignore[no-untyped-def]
    points, gradients, terms, values, lams, multipliers, places, pulls, rounding, row_size, size, tiny,
    count_of, reward, rows, row_lower, row_upper, lower, upper,
):  # fmt: skip
    """Primal, dual, stationarity and complementarity of each point `(k, 4)`, and its variance `(k,)`.

    A point that is not a number makes its own value none, and so the residuals that are measured by it.
    """
    residuals, variances = np.empty((len(points), 4)), np.empty(len(points))
    n, m = lower.size, row_size.size
    for k in range(len(points)):
        lam = lams[k]
        value, variance, beyond, steepest = 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            w, gradient, term = points[k, i], gradients[k, i], terms[k, i]
            value += abs(w) * (term + pulls[k])
            variance += w * gradient
            beyond = max(beyond, lower[i] - w, w - upper[i])
            place = places[k, i]
            for j in range((place - 1) // 2 if place > 0 else 0, min(place // 2 + 1, count_of[i])):
                slope = gradient - lam * reward[i, j]
                for r in range(m):
                    slope += multipliers[k, r] * rows[i, j, r]
                if place == 2 * j + 1:
                    slope = abs(slope)
                elif place <= 2 * j:
                    slope = -slope
                if slope > 0:
                    among = term + rounding[k] + abs(lam * reward[i, j])
                    for r in range(m):
                        among += abs(multipliers[k, r] * rows[i, j, r])
                    steepest = max(steepest, slope / among)
        floor = max(rounding[k] * size, tiny)
        if value < floor:
            value = floor

        dual, slack = 0.0, 0.0
        for r in range(m):
            force = multipliers[k, r]
            above, below = values[k, r] - row_upper[r], row_lower[r] - values[k, r]
            beyond = max(beyond, max(above, below) / row_size[r])
            gap = abs(above) if force > 0 else abs(below)
            if np.isinf(gap):
                dual += abs(force) * row_size[r]
            else:
                slack += abs(force) * gap
        residuals[k] = beyond / size, dual * size / value, steepest, slack / value
        variances[k] = variance
    return residuals, variances
