"""The state that a learned tilt acts on, as one row of numbers: of each contract, and of the account.

    of a contract    weight held, weight of the base (both on equity);
                     beta; momentum = mean / deviation x sqrt(rows) of its returns; funding a year;
                     volatility ratio = log of the deviation of the latest sixth of the rows over that of all
    of the account   regime = the volatility ratio of the benchmark; drawdown = the share of the peak that is lost

A tilt takes from some contracts what it gives to others, so beta, momentum, funding and volatility ratio are told as
how far they are from their mean over the contracts; the regime, from its mean over the rows that were learned from.
They are in deviations of those rows, at most 5, so that one size fits every figure. What cannot be had stands at the
mean.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array

__all__ = ["FIGURES", "LARGEST", "MARKET_FIGURES", "Scales", "contract_figures", "observed", "regime_of", "scales_of"]

FIGURES = ("weight", "base weight", "beta", "momentum", "funding", "volatility ratio")
"""Of each contract, in the order of the state."""

MARKET_FIGURES = ("regime", "drawdown")
"""Of the account, behind those of all contracts."""

LATEST_SHARE = 6
LARGEST = 5.0
"""Deviations beyond which a figure counts as no larger."""

LARGEST_WEIGHT = 10.0
"""The space of states is bounded; a weight beyond this is told as this."""


class Scales(NamedTuple):
    """What figures are scaled by.

    spread          deviations `(5,)` of beta, momentum, funding and volatility ratio about their means over the
                    contracts, and of the regime
    usual_regime    the mean of the regime
    """

    spread: Array
    usual_regime: float

    def of_contracts(self, figures: Array) -> Array:
        """Figures `(..., N, 4)` from their means over the contracts, in deviations, 0 where there is none."""
        return _in_deviations(_relative(figures), self.spread[:4])

    def of_regimes(self, regimes: Array) -> Array:
        """Regimes `(...)` from their mean, in deviations, 0 where there is none."""
        return _in_deviations(regimes - self.usual_regime, self.spread[4])


def _in_deviations(away: Array, spread: Array | float) -> Array:
    return np.clip(np.nan_to_num(away / spread, nan=0.0, posinf=LARGEST, neginf=-LARGEST), -LARGEST, LARGEST)


def _relative(figures: Array) -> Array:
    known = np.isfinite(figures)
    count = np.maximum(known.sum(axis=-2, keepdims=True), 1)
    away: Array = figures - np.where(known, figures, 0.0).sum(axis=-2, keepdims=True) / count
    return away


def contract_figures(returns: Array, betas: Array, funding: Array) -> Array:
    """Beta, momentum, funding and volatility ratio of N contracts, `(N, 4)`; NaN where one cannot be had.

    Shapes: `returns` `(T, N)` of a window, NaN = missing; `betas` and `funding` (a year) `(N,)`.
    """
    count = np.isfinite(returns).sum(axis=0)
    total = np.nansum(returns, axis=0)
    spread = _deviations(returns)
    momentum = np.divide(total, spread * np.sqrt(count), out=np.full(spread.shape, np.nan), where=spread > 0)
    return np.column_stack([betas, momentum, funding, _volatility_ratios(returns)])


def regime_of(benchmark: Array) -> float:
    """The volatility ratio of the benchmark `(T,)`; NaN where it cannot be had."""
    return float(_volatility_ratios(benchmark[:, np.newaxis])[0])


def scales_of(figures: Array, regimes: Array) -> Scales:
    """Scales of figures `(D, N, 4)` and regimes `(D,)`; one that does not vary, or is not there, is left as it is."""
    columns = [*_relative(figures).reshape(-1, figures.shape[-1]).T, regimes]
    known = [column[np.isfinite(column)] for column in columns]
    spread = np.array([each.std() if each.size else 0.0 for each in known])
    return Scales(np.where(spread > 0, spread, 1.0), float(known[-1].mean()) if known[-1].size else 0.0)


def observed(held: Array, base: Array, figures: Array, regime: float, drawdown: float) -> Array:
    """The state as one row, `(6 N + 2,)`, of scaled figures `(N, 4)`: each figure of all contracts, then the next."""
    weights = np.clip(np.concatenate([held, base]), -LARGEST_WEIGHT, LARGEST_WEIGHT)
    return np.concatenate([weights, figures.T.ravel(), [regime, drawdown]])


def _volatility_ratios(returns: Array) -> Array:
    latest = _deviations(returns[-max(len(returns) // LATEST_SHARE, 2) :])
    usual = _deviations(returns)
    known = (latest > 0) & (usual > 0)
    return np.log(np.divide(latest, usual, out=np.ones(usual.shape), where=known), where=known, out=_missing(usual))


def _missing(like: Array) -> Array:
    return np.full(like.shape, np.nan)


def _deviations(returns: Array) -> Array:
    """Of each column, of the rows that are there; NaN of fewer than two."""
    there = np.isfinite(returns)
    count = there.sum(axis=0)
    few = count < 2
    mean = np.where(there, returns, 0.0).sum(axis=0) / np.maximum(count, 1)
    squares = np.where(there, returns - mean, 0.0) ** 2
    return np.where(few, np.nan, np.sqrt(squares.sum(axis=0) / np.maximum(count - 1, 1)))
