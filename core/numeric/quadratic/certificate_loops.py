"""The loop of the certificate, for numba: see `certificate` for the residuals and for the numpy twin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Array

__all__ = ["residuals"]


def residuals(
    P: Array, q: Array, A: Array, row_lower: Array, row_upper: Array, lower: Array, upper: Array,
    folded: NDArray[np.intp], x: Array, y: Array, z: Array, resolution: float, tiny: float,
) -> tuple[float, float, float, float]:  # fmt: skip
    """Primal, dual, stationarity and complementarity residual of `x` with multipliers `y` and `z`."""
    n, m, ties = len(q), len(A), len(folded)
    plain = n - ties
    size, largest, steepest = tiny, 0.0, 0.0
    for i in range(n):
        size = max(size, abs(x[i]))
        largest = max(largest, abs(q[i]))
    for i in range(plain):
        steepest = max(steepest, P[i, i])
    largest += steepest * size
    rounding = resolution * (largest if largest > 0 else 1.0)

    # The gradient and the sizes of its terms; P is symmetric, so its rows are its columns.
    gradient, terms = q + z, np.abs(q)
    for j in range(plain):
        at, far = x[j], abs(x[j])
        for i in range(plain):
            gradient[i] += P[j, i] * at
            terms[i] += abs(P[j, i]) * far
    value = 0.0
    for i in range(n):
        value += abs(x[i]) * terms[i]
    value = max(value, rounding * size)

    # Each limit in turn: how far it is passed, and what its multiplier stands on.
    primal, unfounded, slack = 0.0, 0.0, 0.0
    for k in range(n + m):
        if k < n:
            at, low, high, force, scale = x[k], lower[k], upper[k], z[k], 1.0
        else:
            r = k - n
            at, low, high, force, scale = 0.0, row_lower[r], row_upper[r], y[r], 0.0
            if r < ties:
                i, fold = folded[r], plain + r
                at, scale = x[i] - x[fold], 1.0
                gradient[i] += force
                gradient[fold] -= force
                terms[i] += abs(force)
                terms[fold] += abs(force)
            else:
                for i in range(n):
                    at += A[r, i] * x[i]
                    scale = max(scale, abs(A[r, i]))
                    gradient[i] += A[r, i] * force
                    terms[i] += abs(A[r, i] * force)
        passed = max(at - high, low - at)
        if passed > 0 or passed != passed:
            passed = passed / scale if scale > 0 else np.inf
            if passed > primal or passed != passed:
                primal = passed
        if force != 0:
            gap = abs(at - high) if force > 0 else abs(low - at)
            if np.isinf(gap):
                unfounded += abs(force) * scale * size
            else:
                slack += abs(force) * gap

    stationarity = 0.0
    for i in range(n):
        left = abs(gradient[i])
        if left > 0 or left != left:
            left = left / (terms[i] + rounding)
            if left > stationarity or left != left:
                stationarity = left
    dual = unfounded / value if unfounded != 0 else 0.0
    return primal / size, dual, stationarity, slack / value if slack != 0 else 0.0
