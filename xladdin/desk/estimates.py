"""Estimate: what the desk infers from the window of prices and funding, for every contract in play."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import BookError
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
    bars = periods_per_year(settings.bar_hours)
    betas = estimate_beta(returns, desk.benchmark_returns, settings.beta_method, settings.beta_halflife)
    return Estimates(
        betas=betas,
        fit=capm(returns, desk.benchmark_returns, settings.risk_free, bars),
        covariance=covariance(
            returns, settings.covariance_method, bars, settings.beta_halflife, desk.benchmark_returns
        ),
        expected=expected_return(
            betas, settings.risk_free, settings.market_return, desk.panel.funding_annual(), universe.views
        ),
        observations=observations,
        missing_bars=len(returns) - observations,
    )
