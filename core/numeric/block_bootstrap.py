"""The stationary bootstrap: new histories out of the rows of an old one, in blocks, so that what clusters stays so.

A path starts at a row drawn at random, and goes on with the next row (after the last comes the first), or, with
probability 1 / b at each bar, jumps to a row drawn anew. Blocks are b bars long on average. All contracts move by the
same row, so whatever ties them together in one bar, tails included, is kept as it was.

The rule for b trades bias against variance of the bootstrapped variance: with autocovariances R(k),

    b = (2 G^2 / D)^(1/3) T^(1/3)    G = sum_{|k| <= M} w(k/M) |k| R(k)    D = 2 (sum_{|k| <= M} w(k/M) R(k))^2

w is 1 up to 1/2 and falls to 0 at 1; M is twice the first lag after which K = max(5, sqrt(log10 T)) autocorrelations
stay within 2 sqrt(log10 T / T). b is at least 1 and at most min(3 sqrt T, T / 3).

Sources: Politis and Romano (1994) (stationary bootstrap); Politis and White (2004) with the correction of Patton,
Politis and White (2009) (rule for b).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ..arrays import Array

__all__ = ["best_block_length", "stationary_rows"]

FEWEST_LAGS = 5
"""Autocorrelations that must all be small before the memory of a series is taken to end."""


def stationary_rows(
    generator: np.random.Generator, length: int, paths: int, bars: int, block_length: float
) -> NDArray[np.int64]:
    """Rows, from 0, of a history of `length` rows, `(paths, bars)`."""
    drawn = generator.integers(length, size=(paths, bars))
    jumps = generator.random((paths, bars)) * block_length < 1
    jumps[:, 0] = True
    bar = np.arange(bars)
    latest = np.maximum.accumulate(np.where(jumps, bar, 0), axis=1)
    return np.asarray((np.take_along_axis(drawn, latest, axis=1) + bar - latest) % length)


def best_block_length(series: Array) -> float:
    """b for one series `(T,)` without gaps; 1 where it has no memory, or does not vary."""
    count = series.size
    largest = math.ceil(min(3 * math.sqrt(count), count / 3))
    deviations = series - series.mean()
    if not deviations.any():
        return 1.0
    window = max(FEWEST_LAGS, math.ceil(math.sqrt(math.log10(count))))
    lags = min(math.ceil(math.sqrt(count)) + window, count - 1)
    spectrum = np.abs(np.fft.rfft(deviations, 2 * count)) ** 2
    covariances = np.fft.irfft(spectrum, 2 * count)[: lags + 1] / count
    memory = min(_memory(covariances[1:] / covariances[0], window, count), lags)
    k = np.arange(1, memory + 1)
    weights = np.minimum(1, 2 * (1 - k / memory))
    g = 2 * float(weights * k @ covariances[1 : memory + 1])
    d = 2 * (covariances[0] + 2 * float(weights @ covariances[1 : memory + 1])) ** 2
    return float(np.clip((2 * g**2 / d * count) ** (1 / 3), 1, max(largest, 1))) if d > 0 else float(max(largest, 1))


def _memory(correlations: Array, window: int, count: int) -> int:
    """M: twice the lag after which `window` autocorrelations are small; of those that are not, the last, if none is."""
    small = np.abs(correlations) < 2 * math.sqrt(math.log10(count) / count)
    runs = np.convolve(small, np.ones(window), mode="valid") == window if small.size >= window else np.array([False])
    if runs.any():
        return 2 * max(int(runs.argmax()), 1)
    return 2 * int(np.flatnonzero(~small).max(initial=0) + 1)
