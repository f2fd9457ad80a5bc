"""Newey-West standard errors: honest where residuals are autocorrelated or their variance changes.

A regression coefficient is a sum of the influences of its rows, b - true b = sum psi_t. The classical error takes
the influences for independent and alike. Bars of a market are neither, so nearby rows are let co-vary:

    Var(b) = sum_t psi_t^2 + 2 sum_{l=1..L} (1 - l / (L + 1)) sum_t psi_t psi_{t-l}         (Bartlett weights)
    L      = floor(4 (T / 100)^(2/9))                                                       (rule of thumb)

For a least-squares line psi_t = (x_t - mean x) e_t / sum (x - mean x)^2 for the slope, and e_t / T - mean x psi_t for
the intercept, which gives the sandwich (X'X)^-1 S (X'X)^-1 without building it. No small-sample correction.

Sources: Newey and West (1987), "A Simple, Positive Semi-Definite, Heteroskedasticity and Autocorrelation Consistent
Covariance Matrix"; Newey and West (1994) for the rule; Datta and Du (2012), "Nonparametric HAC Estimation for Time
Series Data with Missing Observations" (missing rows keep their place).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array

__all__ = ["lag_rule", "long_run_error"]


def lag_rule(observations: ArrayLike) -> NDArray[np.int64]:
    """Lags for so many observations, floor(4 (T / 100)^(2/9)): 3 for 60, 4 for 100, 10 for a year of hours."""
    return np.asarray(np.floor(4 * (np.asarray(observations) / 100) ** (2 / 9)), dtype=np.int64)


def long_run_error(influence: Array, lags: NDArray[np.int64]) -> Array:
    """Standard error of the sum of each column of `influence` (T, N) with so many lags each (N,) -> (N,).

    A missing row has the influence 0: it keeps its place, so that a lag is a distance in time across a gap too.
    No lags give White's errors.
    """
    variance = np.einsum("tn,tn->n", influence, influence)
    for lag in range(1, min(int(lags.max()), len(influence) - 1) + 1):
        weight = np.maximum(1 - lag / (lags + 1), 0.0)
        variance = variance + 2 * weight * np.einsum("tn,tn->n", influence[lag:], influence[:-lag])
    # Bartlett weights cannot give a variance below zero; rounding can.
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
