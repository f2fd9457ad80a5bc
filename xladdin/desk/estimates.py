"""Estimate: what the desk infers from the window of prices and funding, for every contract in play."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BookError, DataWarning
from core.estimate.beta import estimate_beta
from core.estimate.capm import CapmFit, capm
from core.estimate.covariance import covariance
from core.estimate.premium import ExpectedReturn, expected_return
from core.units import periods_per_year

from .inputs import Desk

__all__ = ["Estimates", "estimate"]

Array = NDArray[np.float64]

FEWEST_RETURNS = 30
"""A beta on fewer returns than this says more about chance than about the contract."""


@dataclass(frozen=True)
class Estimates:
    """Figures of each contract in play, a year, `(N,)`; the covariance is `(N, N)`."""

    betas: Array
    fit: CapmFit
    covariance: Array
    expected: ExpectedReturn
    observations: NDArray[np.int_]
    missing_bars: NDArray[np.int_]

    @property
    def volatilities(self) -> Array:
        """Volatility of each contract a year, from the covariance that the optimiser uses."""
        return np.sqrt(np.diag(self.covariance))


def estimate(desk: Desk) -> Estimates:
    """Beta, CAPM fit, covariance and expected return net of funding over the desk's window.

    Raises:
        BookError: a contract has too few returns in the window; the message names its column.
        UndefinedError: the benchmark does not vary.
    """
    settings, universe = desk.settings, desk.universe
    returns = desk.panel.returns()
    usable = ~np.isnan(returns) & ~np.isnan(desk.benchmark_returns)[:, np.newaxis]
    observations = usable.sum(axis=0)
    for symbol, count in zip(universe.symbols, observations, strict=True):
        if count < FEWEST_RETURNS:
            raise BookError(
                f"sheet 'Prices': {symbol} has {count} of {len(returns)} returns in the window and {FEWEST_RETURNS} "
                "are needed; refresh with more bars, or set Include and Hedge to N"
            )
    _say_what_is_missing(desk, len(returns) - observations)
    bars = periods_per_year(settings.bar_hours)
    with warnings.catch_warnings():
        # The core speaks of rows and columns; what is dropped has just been said in the desk's words.
        warnings.simplefilter("ignore", DataWarning)
        betas = estimate_beta(returns, desk.benchmark_returns, settings.beta_method, settings.beta_halflife)
        fit = capm(returns, desk.benchmark_returns, settings.risk_free, bars)
        risk = covariance(returns, settings.covariance_method, bars, settings.beta_halflife, desk.benchmark_returns)
    funding = desk.panel.funding_annual()
    return Estimates(
        betas=betas,
        fit=fit,
        covariance=risk,
        expected=expected_return(betas, settings.risk_free, settings.market_return, funding, universe.views),
        observations=observations,
        missing_bars=len(returns) - observations,
    )


def _say_what_is_missing(desk: Desk, missing: NDArray[np.int_]) -> None:
    gaps = [f"{symbol} {count}" for symbol, count in zip(desk.universe.symbols, missing, strict=True) if count]
    if gaps:
        warnings.warn(
            f"Prices: returns missing in the window of {desk.settings.window:g}: {', '.join(gaps)}; "
            "those rows were left out, none was filled",
            DataWarning,
            stacklevel=3,
        )
