"""The slope of y on x in a window that slides down the rows, exact once a bad tick has left it.

Rows are cut into blocks as long as the window. A window that ends at row i of a block is the head of that block up to
i, and the tail of the block before from i + 1:

    block before  . . . . [ tail ]        block  [ head ] . . . .

Heads grow forward and tails backward, a row at a time, and the sums of the two are added: two steps a row whatever the
window, and no row is ever taken away again. (Running sums that subtract what leaves keep the rounding of the largest
value they ever held.) Every window that ends in a block holds the block's first row, so both parts are measured from
that row: it keeps their sums small, and where it is a bad tick, all of these windows hold it anyway.

Sources: van Herk (1992); Gil and Werman (1993). The sums and their slope are those of `sums`.
"""

from __future__ import annotations

import math

import numpy as np

from ...arrays import Array
from ...numeric.compiled import compiled, worth_compiling
from ...numeric.one_thread import one_thread
from ...numeric.sums import Pivot, Sums, each_row, pivot_at, present_pairs, running
from ...tolerances import ROUNDING, ROUNDING_OF_SQUARES
from .rolling_blocks import BLOCK, slopes_of_complete_rows

__all__ = ["rolling_slopes", "tails"]

PASSES = 40
"""Arrays as large as the assets that numpy goes through."""

WORTH_BLOCKS = 2 * BLOCK
"""Rows from which on a window has whole blocks to share."""

MUCH = 20_000
"""Elements of the assets from which on a few products, large ones, are quicker than sums row by row."""


def rolling_slopes(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    """Slope of each asset `(T, N)` on the market `(T,)` over the last `window` rows, `(T, N)`.

    NaN where fewer than `needed` pairs are in the window, or the market is flat there. An infinite value is a gap. Also
    whether there may be a gap: False is certain.
    """
    if worth_compiling(PASSES * assets.size):
        return _by_loop(assets, market, window, needed)
    return _by_numpy(assets, market, window, needed)


def tails(rows: Sums, axis: int) -> Sums:
    """Sums of the last 0, 1, 2 ... of the rows along `axis`, but for the sums of all."""
    return Sums(*(_from_the_end(values, axis) for values in rows))


def _from_the_end(values: Array, axis: int) -> Array:
    newest_first = np.moveaxis(values, axis, 0)[:0:-1]
    sums = np.zeros_like(values)
    np.cumsum(newest_first, axis=0, out=np.moveaxis(sums, axis, 0)[1:])
    return sums


def _by_numpy(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    if window >= WORTH_BLOCKS and assets.size >= MUCH:
        with one_thread(assets.size):  # each product has some microseconds
            slopes = _by_blocks(assets, market, window, needed)
        if slopes is not None:
            return slopes, False
    rows, columns = assets.shape
    with np.errstate(over="ignore", invalid="ignore"):
        sums, pivot = _window_sums(market, assets, window)
        slopes = sums.slope(pivot, needed).reshape(-1, columns)[:rows]
    return slopes, not (np.isfinite(assets).all() and np.isfinite(market).all())


def _by_blocks(assets: Array, market: Array, window: int, needed: int) -> Array | None:
    """The slopes where no row is missing, else None."""
    with np.errstate(over="ignore", invalid="ignore"):
        # A gap, an infinity or a square that overflows shows in a sum of squares.
        if not math.isfinite(np.vdot(assets, assets) + np.vdot(market, market)):
            return None
        sums, pivot = _window_sums(market, market[:, np.newaxis], window)
        mean, variation = (values.reshape(-1)[: len(market)] for values in sums.spread(pivot, needed))
        return slopes_of_complete_rows(assets, market, window, mean, variation)


def _window_sums(market: Array, assets: Array, window: int) -> tuple[Sums, Pivot]:
    """Sums of every window, by blocks `(blocks, window, ...)`, and what those of each block are measured from."""
    rows, columns = assets.shape
    blocks = -(-rows // window)
    padded = np.full((blocks + 1, window, columns + 1), np.nan)  # before the first block, and after the last row
    pairs = padded.reshape(-1, columns + 1)[window : window + rows]
    pairs[:, 0], pairs[:, 1:] = market, assets
    x, y = padded[..., :1], padded[..., 1:]

    pivot, present = pivot_at(x[1:, :1], y[1:, :1]), present_pairs(x, y)
    heads = running(each_row(x[1:], y[1:], pivot, present[1:]), axis=1)
    behind = tails(each_row(x[:-1], y[:-1], pivot, present[:-1]), axis=1)
    return heads.joined(Sums(*(np.flip(values, axis=1) for values in behind))), pivot


def _by_loop(assets: Array, market: Array, window: int, needed: int) -> tuple[Array, bool]:
    rows, columns = assets.shape
    whole_blocks = -(-rows // window) * window
    assets, slopes, plan = np.ascontiguousarray(assets), np.empty((whole_blocks, columns)), np.zeros((2, whole_blocks))
    compiled(_market_loop)(market, window, needed, ROUNDING_OF_SQUARES, plan)
    compiled(_complete_loop)(assets, market, window, plan, slopes)
    slopes = slopes[:rows]
    # The last row of a block has seen all of it, so a gap anywhere leaves its mark there.
    seen_all = np.append(np.arange(window - 1, rows, window), rows - 1)
    gaps = not np.isfinite(slopes[seen_all]).all()
    if gaps:
        compiled(_pairwise_loop)(assets, market, window, needed, ROUNDING_OF_SQUARES, ROUNDING, slopes)
    return slopes, gaps


def _market_loop(x, window, needed, rounding, plan):  # type: ignore[no-untyped-def]
    """What all assets share when none has a gap: mean of x from the pivot and 1 / variation of x, of each window."""
    mean, precision = plan
    tail = np.zeros((2, window + 1))
    for start in range(0, x.size, window):
        s_x, s_xx = 0.0, 0.0
        for i in range(min(window, x.size - start)):
            t = start + i
            count = window if start > 0 else i + 1
            from_x = x[t] - x[start]
            s_x += from_x
            s_xx += from_x * from_x
            total = s_x + tail[0, i + 1]
            mean[t] = total / count
            variation = s_xx + tail[1, i + 1] - mean[t] * total
            flat = rounding * count * (x[start] + mean[t]) ** 2
            precision[t] = 1 / variation if count >= needed and variation > flat else np.nan
        following = start + window
        if following < x.size:
            for i in range(window - 1, 0, -1):
                from_x = x[start + i] - x[following]
                tail[0, i] = tail[0, i + 1] + from_x
                tail[1, i] = tail[1, i + 1] + from_x * from_x


def _complete_loop(y, x, window, plan, slopes):  # type: ignore[no-untyped-def]
    """Each tail meets one head only, whose market is known already: its part of the slope waits in the slope's place.

    Two rows at a time, which halves how often the sums go to memory and back. Where their number is odd, the first row
    of the block evens it out: measured from itself, it adds nothing. `slopes` has whole blocks of rows; those beyond
    the last of `y` are left half done.
    """
    mean, precision = plan
    rows, columns = y.shape
    sums = np.empty((2, columns))
    slopes[:window] = 0
    for start in range(0, rows, window):
        if start > 0:
            sums[:] = 0
            slopes[start + window - 1] = 0
            for t in range(start - window % 2, start - window + 1, -2):
                meets = t + window - 1
                from_x, before_x = x[t] - x[start], x[t - 1] - x[start]
                apart, before_apart = mean[meets], mean[meets - 1]
                for j in range(columns):
                    from_y = y[t, j] - y[start, j]
                    s_y, s_xy = sums[0, j] + from_y, sums[1, j] + from_x * from_y
                    slopes[meets, j] = s_xy - apart * s_y
                    from_y = y[t - 1, j] - y[start, j]
                    s_y, s_xy = s_y + from_y, s_xy + before_x * from_y
                    slopes[meets - 1, j] = s_xy - before_apart * s_y
                    sums[0, j], sums[1, j] = s_y, s_xy
        sums[:] = 0
        size = min(window, rows - start)
        if size % 2 == 1:
            slopes[start] *= precision[start]
        for t in range(start + size % 2, start + size, 2):
            from_x, next_x = x[t] - x[start], x[t + 1] - x[start]
            apart, next_apart = mean[t], mean[t + 1]
            scale, next_scale = precision[t], precision[t + 1]
            for j in range(columns):
                from_y = y[t, j] - y[start, j]
                s_y, s_xy = sums[0, j] + from_y, sums[1, j] + from_x * from_y
                slopes[t, j] = (slopes[t, j] + s_xy - apart * s_y) * scale
                from_y = y[t + 1, j] - y[start, j]
                s_y, s_xy = s_y + from_y, s_xy + next_x * from_y
                slopes[t + 1, j] = (slopes[t + 1, j] + s_xy - next_apart * s_y) * next_scale
                sums[0, j], sums[1, j] = s_y, s_xy


def _pairwise_loop(y, x, window, needed, rounding, cancelled, slopes):  # type: ignore[no-untyped-def]
    """The same with a count and a market of each pair's own: count and sums of x, y, xx and xy."""
    rows, columns = y.shape
    tail = np.zeros((window + 1, 5, columns))
    head = np.zeros((5, columns))
    for start in range(0, rows, window):
        c = x[start] if np.isfinite(x[start]) else 0.0
        d = np.where(np.isfinite(y[start]), y[start], 0.0)
        if start > 0:
            for i in range(window - 1, 0, -1):
                t = start - window + i
                for j in range(columns):
                    tail[i, :, j] = tail[i + 1, :, j]
                    if np.isfinite(x[t]) and np.isfinite(y[t, j]):
                        from_x, from_y = x[t] - c, y[t, j] - d[j]
                        tail[i, 0, j] += 1
                        tail[i, 1, j] += from_x
                        tail[i, 2, j] += from_y
                        tail[i, 3, j] += from_x * from_x
                        tail[i, 4, j] += from_x * from_y
        head[:] = 0
        for i in range(min(window, rows - start)):
            t, behind = start + i, tail[i + 1]
            for j in range(columns):
                if np.isfinite(x[t]) and np.isfinite(y[t, j]):
                    from_x, from_y = x[t] - c, y[t, j] - d[j]
                    head[0, j] += 1
                    head[1, j] += from_x
                    head[2, j] += from_y
                    head[3, j] += from_x * from_x
                    head[4, j] += from_x * from_y
                count, s_x = head[0, j] + behind[0, j], head[1, j] + behind[1, j]
                mean = s_x / max(count, 1.0)
                variation = head[3, j] + behind[3, j] - mean * s_x
                together = head[4, j] + behind[4, j] - mean * (head[2, j] + behind[2, j])
                flat = rounding * count * (c + mean) ** 2 + cancelled * (head[3, j] + behind[3, j])
                slopes[t, j] = together / variation if count >= needed and variation > flat else np.nan
