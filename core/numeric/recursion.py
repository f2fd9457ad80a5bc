"""The recursion behind every exponential average, without a loop over time.

    y_t = u_t + r y_{t-1}

After pass k of doubling, y_t holds the last 2^k inputs, so T rows take log2 T passes (Hillis and Steele, 1986).
"""

from __future__ import annotations

from ..arrays import Array

__all__ = ["decayed"]


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
