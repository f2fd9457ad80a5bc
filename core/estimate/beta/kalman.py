"""Beta and alpha that walk at random, followed bar by bar with a Kalman filter.

    r_t = alpha_t + beta_t m_t + e_t                Var(e) = s^2
    beta_t = beta_{t-1} + step                      Var(step) = q s^2 / mean(m^2)
    alpha_t = alpha_{t-1} + step                    Var(step) = q_alpha s^2

The signal-to-noise ratios q have no unit: each says how much of the noise variance the true line moves in one bar,
through beta (the market's mean square brings its step to the scale of a return) and through alpha. With both at zero
the line stands still and the filter is recursive least squares; the larger q, the shorter its memory.

A ratio that is not given is the one of greatest likelihood, each asset's own (see `signal_to_noise`); on real returns
alpha mostly stands still. The start is exactly diffuse: nothing is assumed of alpha and beta, and two bars with
different markets make them known.

Sources: Harvey (1989), "Forecasting, Structural Time Series Models and the Kalman Filter", ch. 3 and 4; Faff, Hillier
and Hillier (2000), "Time Varying Beta Risk", for betas that walk at random.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, enough, numbers
from ...errors import ArgumentError, UndefinedError, say
from ...records import dataclass
from ...tolerances import ROUNDING_OF_SQUARES
from ..regression import new_row, say_what_is_missing
from .kalman_loops import Line, filter_lines, next_line
from .signal_to_noise import log_likelihood, most_likely_ratios, noise_variance

__all__ = ["KalmanBeta", "KalmanState", "kalman_beta"]

NORMAL_95 = 1.959963984540054
"""Half the width of a band that holds 95 % of a normal distribution, in standard deviations."""

FEWEST_KNOWN, FEWEST_ESTIMATED = 3, 10
"""Complete rows that are needed when both ratios are given, and when one is estimated as well."""


@dataclass(frozen=True, eq=False)
class KalmanState:
    """What one more bar needs to know; `update` makes the next state and leaves this one. Each property is (N,)."""

    line: Line
    """The lines in units of the market's root mean square."""
    scale: float
    """Root mean square of the market's returns."""
    signal_to_noise: Array
    alpha_signal_to_noise: Array

    def update(self, asset_returns: ArrayLike, market_return: float) -> KalmanState:
        """The state one bar later; `asset_returns` (N,), NaN where missing. Raises ArgumentError."""
        (market, assets), _ = new_row(asset_returns, market_return, self.signal_to_noise.size)
        with np.errstate(invalid="ignore"):
            line = next_line(self.line, assets, market / self.scale, self.alpha_signal_to_noise, self.signal_to_noise)
        return replace(self, line=line)

    @property
    def alpha(self) -> Array:
        """Alpha per bar after the latest bar; NaN before two markets differ."""
        return np.asarray(self.line.estimates[0])

    @property
    def beta(self) -> Array:
        """Beta after the latest bar; NaN before two markets differ."""
        return np.asarray(self.line.estimates[1] / self.scale)

    @property
    def noise(self) -> Array:
        """Volatility s of the noise per bar, from all innovations so far; NaN before the first."""
        return np.sqrt(noise_variance(self.line.squares, self.line.innovations))

    @property
    def beta_se(self) -> Array:
        """Standard error of the latest beta."""
        return np.asarray(self.noise * np.sqrt(self.line.estimates[2]) / self.scale)

    @property
    def log_likelihood(self) -> Array:
        """Gaussian log-likelihood of all innovations so far, at the noise of greatest likelihood."""
        return log_likelihood(self.line.squares, self.line.logarithms, self.line.innovations)


@dataclass(frozen=True, eq=False)
class KalmanBeta:
    """The filtered line after each bar, (T, N) each, and the state after the last.

    `beta_se` takes the noise from the whole history; beta and alpha know no more than the bars up to their own, but
    for ratios that were estimated.
    """

    beta: Array
    alpha: Array
    beta_se: Array
    state: KalmanState

    @property
    def lower(self) -> Array:
        """Lower end of the 95 % band of beta, (T, N)."""
        return self.beta - NORMAL_95 * self.beta_se

    @property
    def upper(self) -> Array:
        """Upper end of the 95 % band of beta, (T, N)."""
        return self.beta + NORMAL_95 * self.beta_se

    def bands(self) -> Array:
        """Beta, lower and upper end of one asset side by side, (T, 3). Raises ArgumentError for several assets."""
        if self.beta.shape[1] != 1:
            raise ArgumentError(
                f"asset_returns has {self.beta.shape[1]} columns and bands are shown for one; select one contract"
            )
        return np.hstack([self.beta, self.lower, self.upper])


def kalman_beta(
    asset_returns: ArrayLike,
    market_returns: ArrayLike,
    signal_to_noise: ArrayLike | None = None,
    alpha_signal_to_noise: ArrayLike | None = None,
) -> KalmanBeta:
    """Filtered beta of each asset against the market, with alpha and standard errors.

    Shapes: (T, N) and (T,) -> (T, N); each ratio one number, (N,), or None for maximum likelihood.
    Units: decimals per bar in; beta is a pure number, alpha and the noise are per bar.
    NaN: a bar with a missing pair brings nothing but time: beta stays, its band widens; said through a DataWarning.
    Before two bars with different markets there is no line, and the result is NaN.
    Raises ArgumentError (shapes, a ratio below 0), MissingDataError (no asset has 3 rows; 10 to estimate a ratio) and
    UndefinedError (constant market).
    """
    assets = as_matrix(asset_returns, "asset_returns")
    market = as_vector(market_returns, "market_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    columns = assets.shape[1]
    q_beta = None if signal_to_noise is None else numbers(signal_to_noise, "signal_to_noise", columns, at_least=0)
    q_alpha = alpha_signal_to_noise
    if q_alpha is not None:
        q_alpha = numbers(q_alpha, "alpha_signal_to_noise", columns, at_least=0)
    known = q_beta is not None and q_alpha is not None
    usable = _usable(assets, market, FEWEST_KNOWN if known else FEWEST_ESTIMATED)
    if not usable.all():
        assets = np.where(usable, assets, np.nan)
    scale = math.sqrt(np.nanmean(market**2))
    x = market / scale

    with np.errstate(invalid="ignore", divide="ignore"):
        q_alpha, q_beta = most_likely_ratios(assets, x, q_alpha, q_beta)
        (alpha, beta, variance), line = filter_lines(assets, x, q_alpha, q_beta)
    state = KalmanState(line, scale, np.where(usable, q_beta, np.nan), np.where(usable, q_alpha, np.nan))
    for column in np.flatnonzero(usable & np.isnan(beta[-1])):
        message = f"market_returns are constant over the rows of column {column + 1}, so its beta is missing"
        say(message)
    beta /= scale
    beta_se = np.sqrt(variance, out=variance)
    beta_se *= state.noise / scale
    return KalmanBeta(beta, alpha, beta_se, state)


def _usable(assets: Array, market: Array, needed: int) -> NDArray[np.bool_]:
    """Which assets have `needed` complete rows, (N,); what is missing is said, and a constant market refused."""
    present = np.isfinite(assets) & np.isfinite(market)[:, np.newaxis]
    observations = present.sum(axis=0)
    enough(int(observations.max()), needed, "asset_returns")
    if not present.all():
        say_what_is_missing(observations, len(market), needed)
    if np.nanvar(market) <= ROUNDING_OF_SQUARES * np.nanmean(market**2):
        raise UndefinedError("market_returns are constant, so no beta exists; choose a market that moves")
    return np.asarray(observations >= needed)
