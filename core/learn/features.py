"""What a learned forecast may know: the state of a contract at a row, from that row and those before it.

    beta        over the long window; how far the betas over the medium and short windows are from it
    volatility  of contract and market: log of the medium over the long window's, so that its level does not matter
    momentum    mean over standard deviation, scaled as a t-statistic, of contract and market; over the short window,
                of the contract
    link        correlation with the market over the long window: how well beta is known
    regime      log of the market's volatility over the long window, over that of the longest
    funding     what settled, mean over the medium and over the short window
    variance    implied less realised variance, mean over the medium window
    volume      log of the traded volume, mean over the medium less mean over the long window

Windows are short = 1, medium = 5, long = 30 and longest = 120 times the horizon of the forecast. All but funding and
variance are free of the scale of returns. A feature that cannot be had is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ..arrays import Array, Rows

__all__ = [
    "EXTRAS",
    "LONG",
    "LONGEST",
    "MEDIUM",
    "MarketState",
    "feature_names",
    "features",
    "least_rows",
    "market_state",
    "trailing_moments",
]

MEDIUM, LONG, LONGEST = 5, 30, 120
"""Windows, in horizons."""

NAMES = (
    "beta",
    "beta, medium less long",
    "beta, short less long",
    "volatility",
    "momentum, medium",
    "momentum, long",
    "market volatility",
    "market momentum, medium",
    "market momentum, long",
    "link",
    "regime",
    "momentum, short",
)

OF_EXTRAS = {
    "funding": ("funding", "funding, short"),
    "variance premium": ("variance premium",),
    "volume": ("volume",),
}
"""Series of a contract that may be known beside its returns, and their features."""

EXTRAS = tuple(OF_EXTRAS)

AT_ONCE = 20_000
"""Values of windows that are looked at together: more would leave the processor's cache."""


def feature_names(extra: Iterable[str]) -> tuple[str, ...]:
    """What the columns of `features` are called, `extra` being known."""
    return (*NAMES, *(name for series, names in OF_EXTRAS.items() if series in extra for name in names))


class MarketState(NamedTuple):
    """The state of the market at M rows: its features `(M, 4)`, and its volatility over the long window, `(M,)`."""

    features: Array
    usual: Array


def market_state(market: Array, horizon: int, rows: Rows) -> MarketState:
    """The state of a market of these returns `(T,)` at these rows `(M,)`, which all contracts share."""
    swings, usual = _swings_and_momentum(market, horizon, rows)
    regime = _log_ratio(usual, trailing_moments(market, LONGEST * horizon, rows)[1])
    return MarketState(np.column_stack([*swings, regime]), usual)


def features(
    assets: Array, market: MarketState, betas: Sequence[Array], extra: Mapping[str, Array], horizon: int, rows: Rows
) -> Array:
    """States of N contracts at these rows, (M, N, K), in single precision so that the last digits decide nothing.

    Shapes: `assets` and each of `extra`, by a name of EXTRAS, (T, N); `betas` (T, N) each, over the short, medium and
    long window; `market` and `rows` of the same M rows.
    """
    short, medium, long = (beta[rows] for beta in betas)
    swings, usual = _swings_and_momentum(assets, horizon, rows)
    shared = [column[:, np.newaxis] for column in market.features.T]
    link = long * _ratio(market.usual[:, np.newaxis], usual)
    states = [long, medium - long, short - long, *swings, *shared[:3], link, shared[3]]
    states.append(_ratio(_mean_of_last(assets, horizon, rows), usual) * np.sqrt(horizon))
    if "funding" in extra:
        states.append(trailing_moments(extra["funding"], MEDIUM * horizon, rows)[0])
        states.append(_mean_of_last(extra["funding"], horizon, rows))
    if "variance premium" in extra:
        states.append(trailing_moments(extra["variance premium"], MEDIUM * horizon, rows)[0])
    if "volume" in extra:
        traded = extra["volume"]
        logs = np.log(traded, out=np.full(traded.shape, np.nan), where=traded > 0)
        now, usually = (trailing_moments(logs, horizons * horizon, rows)[0] for horizons in (MEDIUM, LONG))
        states.append(now - usually)
    return np.stack(np.broadcast_arrays(*states), axis=-1).astype(np.float32).astype(np.float64)


def _mean_of_last(values: Array, horizon: int, rows: Rows) -> Array:
    """Mean over the short window, which may be one row."""
    return values[rows] if horizon == 1 else trailing_moments(values, horizon, rows)[0]


def _swings_and_momentum(returns: Array, horizon: int, rows: Rows) -> tuple[list[Array], Array]:
    """Volatility, both momenta, and the volatility over the long window that they are measured in."""
    mean, recent = trailing_moments(returns, MEDIUM * horizon, rows)
    long_mean, usual = trailing_moments(returns, LONG * horizon, rows)
    swings = [
        _log_ratio(recent, usual),
        _ratio(mean, usual) * np.sqrt(MEDIUM * horizon),
        _ratio(long_mean, usual) * np.sqrt(LONG * horizon),
    ]
    return swings, usual


def trailing_moments(values: Array, window: int, rows: Rows) -> tuple[Array, Array]:
    """Mean and standard deviation of the `window` values that end at each of these rows, (M,) or (M, N) each.

    Shapes: `values` (T,) or (T, N), `rows` (M,). NaN where fewer than `least_rows(window)` are there. Each window is
    summed afresh, so a bad tick is forgotten once it has left.
    """
    contracts = values[0].size
    before = np.full((*values.shape[1:], window - 1), np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([before, values.T], axis=-1), window, axis=-1)
    pieces = np.array_split(rows, max(1, -(-rows.size * window * contracts // AT_ONCE)))
    found = [_moments(windows[..., piece, :], window) for piece in pieces]
    mean, deviation = (np.concatenate(parts, axis=-1).T for parts in zip(*found, strict=True))
    return mean, deviation


def _moments(windows: Array, window: int) -> tuple[Array, Array]:
    """Mean and standard deviation of each window, which lies along the last axis."""
    present = np.isfinite(windows)
    count = present.sum(axis=-1)
    count = np.where(count >= least_rows(window), count, np.nan)
    mean = np.where(present, windows, 0.0).sum(axis=-1) / count
    squares = np.where(present, windows - mean[..., np.newaxis], 0.0) ** 2
    return mean, np.sqrt(squares.sum(axis=-1) / count)


def least_rows(window: int) -> int:
    """Rows of a window that must be there: more than half, and two at least."""
    return max(2, window // 2 + 1)


def _ratio(top: Array, bottom: Array) -> Array:
    shape = np.broadcast_shapes(top.shape, bottom.shape)
    return np.asarray(np.divide(top, bottom, out=np.full(shape, np.nan), where=bottom > 0))


def _log_ratio(top: Array, bottom: Array) -> Array:
    ratio = _ratio(top, bottom)
    return np.asarray(np.log(ratio, out=np.full(ratio.shape, np.nan), where=ratio > 0))
