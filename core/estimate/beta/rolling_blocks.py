"""The slopes of `rolling_loops` where no row is missing, by numpy: small matrix products in place of sums row by row.

A stretch of as many rows as the window is cut into blocks of a few rows. A window that ends in block q is

    stretch before    . . .   tail of block q,  whole blocks behind it
    stretch           whole blocks before q,  head of block q

The whole blocks are the same for every window that ends in q, so they are summed once. Head and tail differ from window
to window; with m the mean of x in the window and V its variation,

    beta = (sum (x - m) y of head and tail  +  sum x y - m sum y of the whole blocks) / V

which is one matrix product a block: the factors of y, zero outside the window, times the rows of y and the two sums.
Nothing is taken away from a sum, and zero times a bad tick is zero: once it has left, no digit of it stays.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array

__all__ = ["BLOCK", "slopes_of_complete_rows"]

BLOCK = 16
"""Rows of a block: fewer make more whole blocks to add up, more make larger products that are mostly zero."""

HEAD, TAIL, PRODUCTS, SUMS = slice(0, BLOCK), slice(BLOCK, 2 * BLOCK), 2 * BLOCK, 2 * BLOCK + 1
"""What a block is made of: the rows of its head, those of its tail, and of the whole blocks sum x y and sum y."""


def slopes_of_complete_rows(assets: Array, market: Array, window: int, mean: Array, variation: Array) -> Array:
    """Slope of each asset `(T, N)` on the market `(T,)` over the last `window` rows, `(T, N)`.

    `mean`, measured from the first row of its stretch, and `variation` `(T,)` are those of the market in each window;
    NaN there is NaN in the slopes. All rows must be finite, and so their squares.
    """
    rows, columns = assets.shape
    blocks = -(-window // BLOCK)
    slopes = np.empty((rows + BLOCK - 1, columns))
    parts = np.zeros((blocks, SUMS + 1, columns))
    factors = np.empty((blocks, BLOCK, SUMS + 1))
    in_head = np.tri(BLOCK)
    for start in range(0, rows, window):
        end = min(start + window, rows)
        used = -(-(end - start) // BLOCK)
        head = _in_blocks(market[start:end] - market[start], blocks)
        m, precision = _in_blocks(mean[start:end], blocks), _in_blocks(1 / variation[start:end], blocks)
        np.subtract(head[:, np.newaxis], m[..., np.newaxis], out=factors[..., HEAD])
        factors[..., HEAD] *= in_head
        _lay_out(assets[start:end], assets[start], parts[:, HEAD])
        whole = parts[:, PRODUCTS:]
        whole[0] = 0
        np.cumsum(_sums_of_blocks(head[: used - 1], parts[: used - 1, HEAD]), axis=0, out=whole[1:used])
        if start:
            tail = _in_blocks(market[start - window : start] - market[start], blocks)
            np.subtract(tail[:, np.newaxis], m[..., np.newaxis], out=factors[..., TAIL])
            factors[..., TAIL] *= 1 - in_head
            _lay_out(assets[start - window : start], assets[start], parts[:, TAIL])
            behind = np.cumsum(_sums_of_blocks(tail[:0:-1], parts[:0:-1, TAIL]), axis=0)[::-1]
            whole[: blocks - 1] += behind
        else:
            factors[..., TAIL] = 0
        factors[..., PRODUCTS], factors[..., SUMS] = 1, -m
        factors *= precision[..., np.newaxis]
        # The last block of a stretch may reach into the next stretch, which is written later.
        room = slopes[start : start + used * BLOCK].reshape(used, BLOCK, columns)
        np.matmul(factors[:used], parts[:used], out=room)
    return slopes[:rows]


def _in_blocks(values: Array, blocks: int) -> Array:
    """Values of a stretch in blocks `(blocks, BLOCK)`, with zeros behind them."""
    padded = np.zeros(blocks * BLOCK)
    padded[: values.size] = values
    return padded.reshape(blocks, BLOCK)


def _lay_out(rows: Array, pivot: Array, room: Array) -> None:
    """Rows of a stretch, measured from `pivot`, into the blocks of `room`; zeros behind them in the last one."""
    whole, left = divmod(len(rows), BLOCK)
    np.subtract(rows[: whole * BLOCK].reshape(whole, BLOCK, rows.shape[1]), pivot, out=room[:whole])
    if left:
        np.subtract(rows[whole * BLOCK :], pivot, out=room[whole, :left])
        room[whole, left:] = 0


def _sums_of_blocks(x: Array, y: Array) -> Array:
    """Sum x y and sum y of each block, `(blocks, 2, N)`."""
    return np.asarray(np.matmul(np.stack([x, np.ones_like(x)], axis=1), y))
