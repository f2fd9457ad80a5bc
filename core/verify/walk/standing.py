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


def entered(entries: Array, before: Array, after: Array, prices: Array, linear: Mask) -> Array:
    """Mean price at which is held what a trade at `prices` took from `before` to `after`, `(N,)` each.

    What is added enters at the price, what is taken off leaves the mean as it is; NaN where nothing is held. Amounts
    are coins of a linear contract, of whose entries the mean is taken, and quote of an inverse one, whose coins count.
    """
    added = np.abs(after) - np.abs(before)
    if not linear.all():
        entries, prices = (np.where(linear, each, 1 / each) for each in (entries, prices))
    mixed = (np.abs(before) * entries + added * prices) / np.where(after == 0, 1.0, np.abs(after))
    kept = np.where(before * after <= 0, prices, np.where(added > 0, mixed, entries))
    kept[after == 0] = np.nan
    return kept if linear.all() else np.where(linear, kept, 1 / kept)
