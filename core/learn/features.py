"""What a learned forecast may know: the state of one contract at a row, from that row and those before it.

    beta        over the long window; how far the betas over the medium and short windows are from it
    volatility  of contract and market: log of the medium over the long window's, so that its level does not matter
    link        correlation with the market over the long window: how well beta is known
    momentum    mean over standard deviation, scaled as a t-statistic, of contract and market
    extra       whatever else is known at each row (funding, the variance risk premium): mean over the medium window

Windows are short = 1, medium = 5 and long = 30 times the horizon of the forecast. All but the extra are free of the
scale of returns. A feature that cannot be had is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..arrays import Array, Rows

__all__ = ["LONG", "MEDIUM", "features", "least_rows", "trailing_moments"]

MEDIUM, LONG = 5, 30
"""Windows, in horizons."""


def features(
    asset: Array, market: Array, betas: Sequence[Array], extra: Sequence[Array], horizon: int, rows: Rows
) -> Array:
    """State of a contract at these rows, (M, K), rounded to single precision so that the last digits decide nothing.

    Shapes: `asset`, `market` and each of `extra` (T,); `betas` (T,) each, over the short, medium and long window;
    `rows` (M,).
    """
    short, medium, long = (beta[rows] for beta in betas)
    states = [long, medium - long, short - long]
    deviations = []
    for returns in (asset, market):
        mean, recent = trailing_moments(returns, MEDIUM * horizon, rows)
        long_mean, usual = trailing_moments(returns, LONG * horizon, rows)
        deviations.append(usual)
        states += [
            _log_ratio(recent, usual),
            _ratio(mean, usual) * np.sqrt(MEDIUM * horizon),
            _ratio(long_mean, usual) * np.sqrt(LONG * horizon),
        ]
    states.append(long * _ratio(deviations[1], deviations[0]))
    states += [trailing_moments(series, MEDIUM * horizon, rows)[0] for series in extra]
    return np.column_stack(states).astype(np.float32).astype(np.float64)


def trailing_moments(values: Array, window: int, rows: Rows) -> tuple[Array, Array]:
    """Mean and standard deviation of the `window` values that end at each of these rows, (M,) each.

    Shapes: `values` (T,), `rows` (M,). NaN where fewer than `least_rows(window)` are there. Each window is summed
    afresh, so a bad tick is forgotten once it has left.
    """
    padded = np.concatenate([np.full(window - 1, np.nan), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, window)[rows]
    present = np.isfinite(windows)
    count = present.sum(axis=1)
    count = np.where(count >= least_rows(window), count, np.nan)
    mean = np.where(present, windows, 0.0).sum(axis=1) / count
    squares = np.where(present, windows - mean[:, np.newaxis], 0.0) ** 2
    return mean, np.sqrt(squares.sum(axis=1) / count)


def least_rows(window: int) -> int:
    """Rows of a window that must be there: more than half, and two at least."""
    return max(2, window // 2 + 1)


def _ratio(top: Array, bottom: Array) -> Array:
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))


def _log_ratio(top: Array, bottom: Array) -> Array:
    ratio = _ratio(top, bottom)
    return np.asarray(np.log(ratio, out=np.full(ratio.shape, np.nan), where=ratio > 0))
