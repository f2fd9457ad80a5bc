"""Outlook: what a policy makes of the past, each figure by its estimator, a year.

    expected return = risk-free + beta (market return - risk-free) - expected funding
    score           from downside risk relative to volatility, and the variance risk premium where options are quoted

Nothing here is fitted to the future: an estimator sees the rows of `Past` and no others.

Sources: those of its parts, `estimate.premium` (CAPM less funding), `estimate.variance_premium` and `scores`.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...estimate.beta.methods import estimate_beta
from ...estimate.premium.expected_return import expected_return
from ...estimate.premium.variance import variance_risk_premium
from ...estimate.regression import quotient
from ...estimate.volatility.methods import realised_variance
from ..portfolio.scores import overlay_scores
from .protocol import Past

__all__ = ["betas", "expected_returns", "market", "scores"]


def market(past: Past) -> Array:
    """Returns of the benchmark `(T,)`: as given, or else the mean of the contracts known in each bar, NaN for none."""
    if past.market_returns is not None:
        return np.asarray(past.market_returns)
    block = np.asarray(past.returns)
    known = np.isfinite(block)
    counts = known.sum(axis=1)
    total = np.where(known, block, 0.0).sum(axis=1)
    return quotient(total, counts)


def betas(past: Past, method: str = "ols") -> Array:
    """Beta of each contract `(N,)` by one of the methods of `estimate_beta`, and with its gaps and errors."""
    return estimate_beta(past.returns, market(past), method)


def expected_returns(past: Past, beta_method: str = "ols") -> Array:
    """Expected return of a long in each contract a year, `(N,)`, net of expected funding.

    Where `Past` states no market return it is the mean of the benchmark so far. Raises MissingDataError (a contract
    without history) and whatever the estimator of beta raises.
    """
    benchmark = market(past)
    slopes = estimate_beta(past.returns, benchmark, beta_method)
    earned = past.market_return
    if earned is None:
        earned = past.periods_per_year * float(np.mean(benchmark[np.isfinite(benchmark)]))
    return expected_return(slopes, past.risk_free, earned, past.funding).total


def scores(past: Past) -> Array:
    """Overlay score of each contract `(N,)`: low where falls outweigh swings and options charge too little for risk.

    A contract that has not moved is scored on its variance premium alone. Raises MissingDataError (no history).
    """
    block = np.asarray(past.returns)
    variance = realised_variance(block, past.periods_per_year)
    downside = np.sqrt(realised_variance(np.minimum(block, 0.0), past.periods_per_year))
    volatility = np.sqrt(np.where(variance > 0, variance, np.nan))
    premium = None
    if past.implied_vols is not None:
        premium = variance_risk_premium(past.implied_vols, block, past.periods_per_year)
    return overlay_scores(downside, premium, volatility)
