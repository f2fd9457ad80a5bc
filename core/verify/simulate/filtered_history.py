"""Filtered historical simulation: the shocks of the past at the volatility of today.

GARCH takes the volatility out of each contract's log returns, and the paths put it back, starting from now:

    past      z_t = (x_t - mu) / sqrt(h_t)                       h_t of the fit
    path      x = mu + sqrt(h) z        h <- omega + alpha (x - mu)^2 + beta h        h of the next bar to begin with

The z of a bar are drawn as one row of the past, in blocks, so that what ties contracts together stays; their tails are
those that were. A contract without GARCH (it never moves, or no maximum is found) keeps its mean and variance.

Sources: Barone-Adesi, Giannopoulos and Vosper (1999), "VaR without Correlations for Portfolios of Derivative
Securities"; Barone-Adesi, Engle and Mancini (2008); the fit is that of `core.estimate.volatility.garch`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from ...arrays import Array
from ...errors import DataWarning, SolveError, listed, say
from ...estimate.volatility.garch import garch
from ...numeric.block_bootstrap import best_block_length, stationary_rows
from ...numeric.recursion import decayed
from ...records import dataclass
from ..path.sampled_paths import Sampled

__all__ = ["FilteredHistory"]


@dataclass(frozen=True, eq=False)
class FilteredHistory:
    """Residuals `(T, N)`, the blocks they are drawn in, and GARCH parameters and next variance of each contract."""

    residuals: Array
    block_length: float
    mu: Array
    omega: Array
    alpha: Array
    beta: Array
    next_variance: Array

    @classmethod
    def of(
        cls, history: Array, values: Array, block_length: float | None, names: Sequence[str] | None = None
    ) -> FilteredHistory:
        """Fitted to complete simple returns `(T, N)`; blocks by rule for the residuals of the book `values`.

        A DataWarning names the contracts without GARCH, by `names` or the place of their columns.
        """
        logs = np.log1p(history)
        called = names or [f"held contract {column}" for column in range(1, logs.shape[1] + 1)]
        mu, omega, alpha, beta, next_variance = _parameters(logs, called)
        errors = logs - mu
        variances = np.empty_like(errors)
        for i, column in enumerate(errors.T):
            start = float(np.mean(column**2))
            before = np.append(start, column[:-1] ** 2)
            variances[:, i] = decayed(omega[i] + alpha[i] * before, beta[i], start)
        residuals = np.divide(errors, np.sqrt(variances), out=np.zeros_like(errors), where=variances > 0)
        if block_length is None:
            block_length = best_block_length(np.abs(residuals @ (values * np.sqrt(next_variance))))
        return cls(residuals, block_length, mu, omega, alpha, beta, next_variance)

    def draw(self, generator: np.random.Generator, paths: int, bars: int) -> Sampled:
        """Paths whose volatility starts from now and answers to what they go through."""
        rows = stationary_rows(generator, len(self.residuals), paths, bars, self.block_length)
        logs = np.empty((paths, bars, self.mu.size))
        variance = np.tile(self.next_variance, (paths, 1))
        for bar in range(bars):
            errors = self.residuals.take(rows[:, bar], axis=0)
            errors *= np.sqrt(variance)
            np.add(errors, self.mu, out=logs[:, bar])
            variance *= self.beta
            variance += self.omega + self.alpha * errors**2
        table = np.expm1(logs, out=logs).reshape(paths * bars, self.mu.size)
        return Sampled(table, np.arange(paths * bars).reshape(paths, bars))


def _parameters(logs: Array, names: Sequence[str]) -> tuple[Array, ...]:
    """mu, omega, alpha, beta and the variance of the next bar, `(N,)` each."""
    mean, variance, none = logs.mean(axis=0), logs.var(axis=0), np.zeros(logs.shape[1])
    plain = (mean, variance, none, none, variance)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # of standard errors and long runs, which play no part here
            fit = garch(logs)
    except SolveError:
        without, fitted = none == 0, plain
    else:
        without = np.isnan(fit.omega)
        fitted = (fit.mu, fit.omega, fit.alpha, fit.beta, fit.volatility_now**2)
    if without.any():
        plain_ones = listed(name for name, flat in zip(names, without, strict=True) if flat)
        say(f"returns of {plain_ones}: no GARCH could be fitted, so the variance is taken as constant")
    return tuple(np.where(without, flat, own) for flat, own in zip(plain, fitted, strict=True))
