"""The recursion behind every exponential average, without a loop over time.

    y_t = u_t + r y_{t-1}

One recursion: after pass k of doubling, y_t holds the last 2^k inputs, so T rows take log2 T passes (Hillis and
Steele, 1986). Many side by side: rows are cut into blocks, within which y is a product of u with the powers of r; the
last y of each block is the same recursion from block to block, with the power of r that a block has rows, doubled.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array

__all__ = ["Decay", "decayed", "padded"]

BLOCK = 16
"""Rows of a block: more make the products larger, fewer make more blocks to go through."""

NEVER = BLOCK + 1
STEPS = np.arange(BLOCK) - np.arange(BLOCK)[:, np.newaxis]
STEPS[STEPS < 0] = NEVER
"""From the row of an input to the rows of a block that come after it; it never comes to those before it."""


def decayed(inputs: Array, ratio: float, start: Array | float) -> Array:
    """y_t = inputs_t + ratio y_{t-1} down the rows of `inputs` `(T,)` or `(T, K)`, from y_{-1} = `start`.

    `ratio` lies in [-1, 1]; NaN spreads to all later rows.
    """
    values = inputs.copy()
    values[0] += ratio * start
    step, factor = 1, ratio
    while step < len(values) and factor != 0:
        values[step:] += factor * values[:-step]
        step, factor = 2 * step, factor * factor
    return values


def padded(rows: int) -> int:
    """Rows of so many blocks that `rows` find room in them."""
    return -(-rows // BLOCK) * BLOCK


class Decay:
    """The recursions of k ratios `(k,)` in [-1, 1] over `rows` rows, each for any number of inputs."""

    def __init__(self, ratios: Array, rows: int) -> None:
        self.rows = padded(rows)
        """Rows that inputs have: those beyond the last one that counts may hold anything that is a number."""
        powers = np.zeros((ratios.size, BLOCK + 2))
        powers[:, 0], powers[:, 1:-1] = 1.0, ratios[:, np.newaxis]
        np.multiply.accumulate(powers[:, :-1], axis=1, out=powers[:, :-1])
        self._ratio, self._over_block = powers[:, 1:2, np.newaxis], powers[:, BLOCK : BLOCK + 1, np.newaxis]
        self._last = powers[:, BLOCK - 1 :: -1, np.newaxis].copy()
        self._within = powers.take(STEPS, axis=1)

    def __call__(self, inputs: Array, start: Array, out: Array) -> Array:
        """Put y `(k, m, rows)` of inputs `(k, m, rows)` from y_{-1} = `start` `(k, m)` into `out`.

        What a block has from the one before it is added to its first input, so `inputs` do not stay as they were.
        """
        count, several, _ = inputs.shape
        blocks = inputs.reshape(count, -1, BLOCK)
        ends = np.matmul(blocks, self._last).reshape(count, several, -1)
        before = np.empty(ends.shape)
        before[:, :, 0], before[:, :, 1:] = start, ends[:, :, :-1]
        step, factor = 1, self._over_block
        while step < before.shape[-1]:
            before[..., step:] += factor * before[..., :-step]
            step, factor = 2 * step, factor * factor
        before *= self._ratio
        blocks[..., 0] += before.reshape(count, -1)
        np.matmul(blocks, self._within, out=out.reshape(count, -1, BLOCK))
        return out
