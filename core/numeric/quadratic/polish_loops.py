"""The loop that puts a guess on the bounds that its multipliers name, for numba: see `polish` for the numpy twin."""

from __future__ import annotations

import numpy as np

from ...arrays import Array

__all__ = ["snapped"]


def snapped(
    P: Array, q: Array, A: Array, lower: Array, upper: Array, x: Array, y: Array, z: Array
) -> tuple[Array, Array]:
    """The point on its bounds, and the multipliers of the bounds that stationarity gives it."""
    n = len(q)
    on, gradient = np.empty(n), q.copy()
    for i in range(n):
        inside = min(max(x[i], lower[i]), upper[i])
        on[i] = upper[i] if z[i] > 0 else lower[i] if z[i] < 0 else inside
    for j in range(n):
        for i in range(n):
            gradient[i] += P[j, i] * on[j]
    for r in range(len(A)):
        for i in range(n):
            gradient[i] += A[r, i] * y[r]
    for i in range(n):
        gradient[i] = -gradient[i] if z[i] != 0 else 0.0
    return on, gradient
