"""The slope of y on x in a window that slides down the rows, exact once a bad tick has left it.

Rows are cut into blocks as long as the window. A window that ends at row i of a block is the head of that block up to
i, and the tail of the block before from i + 1:

    block before  . . . . [ tail ]        block  [ head ] . . . .

Heads grow forward and tails backward, a row at a time, and the two are joined: two steps a row whatever the window,
and no row is ever taken away again. (Running sums that subtract what leaves keep the rounding of the largest value
they ever held.)

Sources: van Herk (1992); Gil and Werman (1993). The steps and the join are those of `moments`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .compiled import compiled, worth_compiling
from .moments import ROUNDING, Moments, complete, no_moments, slope_of

__all__ = ["rolling_slopes", "tails"]

Array = NDArray[np.float64]

PASSES = 40
"""Arrays as large as the assets that numpy goes through."""


def rolling_slopes(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    """Slope of each asset `(T, N)` on the market `(T,)` over the last `window` rows, `(T, N)`.

    NaN where fewer than `needed` pairs are in the window, or the market is flat there. An infinite value is a gap. Also
    whether there may be a gap: False is certain.
    """
    if worth_compiling(PASSES * assets.size):
        return _by_loop(assets, market, window, needed)
    return _by_numpy(assets, market, window, needed)


def tails(rows: Iterable[Array], shape: tuple[int, ...]) -> list[Moments]:
    """Moments of the last 0, 1, 2 ... of `rows`, given newest first, each `(2, ...)`."""
    found = [no_moments(shape)]
    for row in rows:
        found.append(found[-1].with_row(row, complete(row)))
    return found


def _by_numpy(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    """Goes down all blocks at once."""
    rows, columns = assets.shape
    blocks = -(-rows // window)
    pairs = np.full((2, blocks * window, columns), np.nan)
    pairs[0, :rows], pairs[1, :rows] = market[:, np.newaxis], assets
    pairs = pairs.reshape(2, blocks, window, columns)
    before = np.full_like(pairs, np.nan)
    before[:, 1:] = pairs[:, :-1]

    behind = tails((before[:, :, i] for i in reversed(range(window))), (blocks, columns))
    head = no_moments((blocks, columns))
    slopes = np.empty((blocks, window, columns))
    for i in range(window):
        row = pairs[:, :, i]
        head = head.with_row(row, complete(row))
        slopes[:, i] = slope_of(head, behind[window - 1 - i], needed)
    gaps = not np.isfinite(pairs.reshape(2, -1, columns)[:, :rows]).all()
    return slopes.reshape(-1, columns)[:rows], gaps


def _by_loop(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    rows, columns = assets.shape
    whole_blocks = -(-rows // window) * window
    plan, shares = np.zeros((4, whole_blocks)), 1 / np.arange(1.0, window + 1)
    assets, slopes = np.ascontiguousarray(assets), np.empty((whole_blocks, columns))
    compiled(_market_loop)(market, shares, needed, ROUNDING, plan)
    compiled(_complete_loop)(assets, shares, plan, slopes)
    slopes = slopes[:rows]
    # The last row of a block has seen all of it, so a gap anywhere leaves its mark there.
    seen_all = np.append(np.arange(window - 1, rows, window), rows - 1)
    gaps = not np.isfinite(slopes[seen_all]).all()
    if gaps:
        compiled(_pairwise_loop)(assets, market, window, needed, ROUNDING, slopes)
    return slopes, gaps


def _market_loop(x, shares, needed, rounding, plan):  # type: ignore[no-untyped-def]
    """What all assets share when none has a gap: the market's own steps, and what joins its tails to its heads."""
    head_step, tail_step, shared, precision = plan
    window = shares.size
    tail_mean, tail_product = np.zeros(window + 1), np.zeros(window + 1)
    for start in range(0, x.size, window):
        size = min(window, x.size - start)
        mean, product = 0.0, 0.0
        for i in range(size):
            t, count = start + i, i + 1
            behind = window - count if start > 0 else 0
            step = (x[t] - mean) * shares[i]
            head_step[t] = x[t] - mean - step
            product += head_step[t] * (x[t] - mean)
            mean += step
            apart = tail_mean[i + 1] - mean
            weight = count + behind
            shared[t] = apart * (count * behind / weight)
            variation = product + tail_product[i + 1] + apart * shared[t]
            flat = rounding * weight * (mean + tail_mean[i + 1]) ** 2
            precision[t] = 1 / variation if weight >= needed and variation > flat else np.nan
        mean, product = 0.0, 0.0
        for i in range(size - 1, -1, -1):
            t = start + i
            step = (x[t] - mean) * shares[size - 1 - i]
            tail_step[t] = x[t] - mean - step
            product += tail_step[t] * (x[t] - mean)
            mean += step
            tail_mean[i], tail_product[i] = mean, product


def _complete_loop(y, shares, plan, slopes):  # type: ignore[no-untyped-def]
    """Each tail meets one head only, whose market is known already: its part of the slope waits in the slope's place.

    `slopes` has whole blocks of rows; those beyond the last of `y` are left half done.
    """
    head_step, tail_step, shared, precision = plan
    rows, columns = y.shape
    window = shares.size
    moments = np.zeros((2, columns))
    slopes[:window] = 0
    for start in range(0, rows, window):
        moments[:] = 0
        for i in range(min(window, rows - start)):
            t, share = start + i, shares[i]
            step, apart, scale = head_step[t], shared[t], precision[t]
            for j in range(columns):
                deviation = y[t, j] - moments[0, j]
                mean, product = moments[0, j] + deviation * share, moments[1, j] + deviation * step
                moments[0, j], moments[1, j] = mean, product
                slopes[t, j] = (slopes[t, j] + product - apart * mean) * scale
        following = start + window
        if following >= rows:
            break
        moments[:] = 0
        slopes[following + window - 1 : following + window] = 0
        for i in range(window - 1, 0, -1):
            t, share, step = start + i, shares[window - 1 - i], tail_step[start + i]
            meets = t + window - 1
            apart = shared[meets]
            for j in range(columns):
                deviation = y[t, j] - moments[0, j]
                mean, product = moments[0, j] + deviation * share, moments[1, j] + deviation * step
                moments[0, j], moments[1, j] = mean, product
                slopes[meets, j] = product + apart * mean


def _pairwise_loop(y, x, window, needed, rounding, slopes):  # type: ignore[no-untyped-def]
    """The same with a count and a market of each pair's own."""
    rows, columns = y.shape
    tail = np.zeros((window + 1, 5, columns))
    head = np.zeros((5, columns))
    for start in range(0, rows, window):
        size = min(window, rows - start)
        head[:] = 0
        for i in range(size):
            t = start + i
            now, slope, behind = y[t], slopes[t], tail[i + 1]
            for j in range(columns):
                if np.isfinite(x[t]) and np.isfinite(now[j]):
                    head[0, j] += 1
                    x_deviation, y_deviation = x[t] - head[1, j], now[j] - head[2, j]
                    head[1, j] += x_deviation / head[0, j]
                    head[2, j] += y_deviation / head[0, j]
                    head[3, j] += x_deviation * (x[t] - head[1, j])
                    head[4, j] += y_deviation * (x[t] - head[1, j])
                weight = head[0, j] + behind[0, j]
                apart = behind[1, j] - head[1, j]
                shared = apart * (head[0, j] * behind[0, j] / max(weight, 1.0))
                variation = head[3, j] + behind[3, j] + apart * shared
                flat = rounding * weight * (head[1, j] + behind[1, j]) ** 2
                together = head[4, j] + behind[4, j] + (behind[2, j] - head[2, j]) * shared
                slope[j] = together / variation if weight >= needed and variation > flat else np.nan
        for i in range(size - 1, -1, -1):
            t = start + i
            now, longer, behind = y[t], tail[i], tail[i + 1]
            for j in range(columns):
                longer[:, j] = behind[:, j]
                if np.isfinite(x[t]) and np.isfinite(now[j]):
                    longer[0, j] += 1
                    x_deviation, y_deviation = x[t] - behind[1, j], now[j] - behind[2, j]
                    longer[1, j] += x_deviation / longer[0, j]
                    longer[2, j] += y_deviation / longer[0, j]
                    longer[3, j] += x_deviation * (x[t] - longer[1, j])
                    longer[4, j] += y_deviation * (x[t] - longer[1, j])
