"""How an account stands at the close of a row: all that whoever decides may know of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask

__all__ = ["Standing", "entered"]


class Standing(NamedTuple):
    """An account of N contracts before the trade of a row.

    row         counted from 0
    weights     notional / equity, `(N,)`
    equity      quote
    entries     mean price at which what is held was entered, `(N,)`; NaN where nothing is held
    stopped     left at its stop since the last trade, `(N,)`
    path        equity after each row up to this one, `(row + 1,)`: whoever looks back finds peaks and months in it
    """

    row: int
    weights: Array
    equity: float
    entries: Array
    stopped: Mask
    path: Array


def entered(entries: Array, before: Array, after: Array, prices: Array) -> Array:
    """Mean price at which coins were entered that a trade at `prices` took from `before` to `after`, `(N,)` each.

    What is added enters at the price, what is taken off leaves the mean as it is; NaN where nothing is held.
    """
    added = np.abs(after) - np.abs(before)
    turned = before * after <= 0
    with np.errstate(invalid="ignore"):
        mixed = (np.abs(before) * entries + added * prices) / np.where(after == 0, 1.0, np.abs(after))
    kept = np.where(turned, prices, np.where(added > 0, mixed, entries))
    return np.where(after == 0, np.nan, kept)
