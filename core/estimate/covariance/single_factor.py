"""Covariance by one factor: contracts move together through the market and in no other way.

    Cov(i, j) = beta_i beta_j Var(r_m)        Var(i) = the contract's own

Each contract over its own rows. Where those are fewer than the market's, its correlation with the market is the one
that its beta has over all of the market's rows, rho = beta s_m / sqrt(beta^2 s_m^2 + rest), as in unequal_histories.py;
so the matrix is positive semidefinite whoever was listed when.

Source: Sharpe (1963), "A Simplified Model for Portfolio Analysis".
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...checks import enough
from ..beta.methods import ols_beta

__all__ = ["single_factor"]


def single_factor(returns: Array, market: Array) -> Array:
    """Covariance (N, N) per bar of `returns` (T, N) that share nothing but the `market` (T,).

    NaN: left out, contract by contract, with a DataWarning. Raises MissingDataError (a contract with fewer than two
    rows beside the market) and UndefinedError (constant market).
    """
    there = np.isfinite(returns) & np.isfinite(market)[:, np.newaxis]
    enough(int(there.sum(axis=0).min()), 2, "returns")
    betas = ols_beta(returns, market)
    if there.all():
        loadings, variances = betas * market.std(ddof=1), returns.var(axis=0, ddof=1)
    else:
        variances = np.nanvar(returns, axis=0, ddof=1)
        loadings = _market_correlations(returns, np.where(there, market[:, np.newaxis], np.nan), betas, market)
        loadings = loadings * np.sqrt(variances)
    matrix: Array = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, variances)
    return matrix


def _market_correlations(returns: Array, beside: Array, betas: Array, market: Array) -> Array:
    """Correlations (N,) with the market over all of its rows; `beside` (T, N) is the market where both are there."""
    explained = betas**2 * np.nanvar(market)
    total = explained + np.nanvar(returns - betas * beside, axis=0)
    shares = np.divide(explained, total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(np.sign(betas) * np.sqrt(shares))
