"""The recursion behind every exponential average, without a loop over time.

    y_t = u_t + r y_{t-1}

One recursion: after pass k of doubling, y_t holds the last 2^k inputs, so T rows take log2 T passes (Hillis and
Steele, 1986). Many side by side: rows are cut into blocks, within which y is a product of u with the powers of r; the
last y of each block is the same recursion from block to block, with the power of r that a block has rows, doubled.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array

__all__ = ["Decay", "decayed"]

BLOCK = 16
"""Rows of a block: more make the products larger, fewer make more blocks to go through."""

STEPS = np.arange(BLOCK) - np.arange(BLOCK)[:, np.newaxis]
"""From the row of an input to the rows of a block that come after it."""


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


class Decay:
    """The recursions of k ratios `(k,)` in [-1, 1] over `rows` rows, each for any number of inputs."""

    def __init__(self, ratios: Array, rows: int) -> None:
        self.rows = -(-rows // BLOCK) * BLOCK
        """Rows that inputs have: those beyond the last one that counts may hold anything that is a number."""
        powers = ratios[:, np.newaxis] ** np.arange(BLOCK + 1.0)
        self._down = powers[:, np.newaxis, 1:]
        self._within = np.where(STEPS >= 0, powers[:, np.maximum(STEPS, 0)], 0.0)

    def __call__(self, inputs: Array, start: Array) -> Array:
        """y `(k, m, rows)` of inputs `(k, m, rows)` from y_{-1} = `start` `(k, m)`."""
        count, several, rows = inputs.shape
        values = np.matmul(inputs.reshape(count, -1, BLOCK), self._within).reshape(count, several, -1, BLOCK)
        before = np.empty(values.shape[:-1])
        before[:, :, 0], before[:, :, 1:] = start, values[:, :, :-1, -1]
        step, factor = 1, self._down[..., -1:]
        while step < before.shape[-1]:
            before[..., step:] += factor * before[..., :-step]
            step, factor = 2 * step, factor * factor
        values += before[..., np.newaxis] * self._down[:, np.newaxis]
        return np.asarray(values.reshape(count, several, rows))

    def backward(self, inputs: Array) -> Array:
        """y_t = inputs_t + ratio y_{t+1} up the rows of inputs `(k, T)`, from zero behind them, `(k, T)`.

        The recursion turned round: sum_t a_t y_t is the same whether y goes down from b or up from a.
        """
        count, rows = inputs.shape
        turned = np.zeros((count, 1, self.rows))
        turned[:, 0, :rows] = inputs[:, ::-1]
        return self(turned, np.zeros((count, 1)))[:, 0, rows - 1 :: -1]
