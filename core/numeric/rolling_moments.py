"""Moments of windows of rows, shared by all that a window is read for: means, products, fourth power of the size.

    mean = sum x / W        products = sum (x - mean)(x - mean)'        fourth = sum |x - mean|^4

Rows are summed in blocks, and blocks from the two ends of each stretch of them, so a window is the tail of one stretch
and the head of the next, with the rows at its ragged ends. Nothing is ever subtracted from a sum: what has left a
window, however large, leaves no bit behind, and what comes after it has none in it.

Products are taken about zero and centred at the end, which costs digits where a mean is large beside the deviation.
Where it costs more than two, or anything is missing, there is no answer: the rows themselves then have to be read.

Source: Chan, Golub and LeVeque (1983), "Algorithms for Computing the Sample Variance", for the sums by blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..arrays import Array, Mask

__all__ = ["RollingMoments", "WindowMoments"]

BLOCK = 24
"""Rows of a block. Windows that move by a day of hours then have no ragged ends."""

LARGEST = 4_000_000
"""Numbers that the sums of a stretch may take (32 MB); beyond it reading the rows is as quick."""

LOST = 100.0
"""Sum of squares about zero, relative to that about the mean, up to which at most two digits are lost."""


class WindowMoments(NamedTuple):
    """Moments of as many `rows` of C columns, in which nothing is missing; of D windows in stacks, `(D, ...)`.

    mean      (C,)
    products  (C, C) sum of (x - mean)(x - mean)'
    fourth    sum over the rows of |x - mean|^4, x without the last column
    """

    rows: int
    mean: Array
    products: Array
    fourth: Array | float


class RollingMoments:
    """Moments of the last `window` rows of `values` (T, C), whichever row they end with.

    Quickest where rows are asked for in order; NaN is a missing value. The last column, the benchmark of the others,
    has no part in the fourth power.
    """

    def __init__(self, values: Array, window: int) -> None:
        self._values, self._window = values, window
        self._per_stretch = max(window // BLOCK, 1)
        self._origin: int | None = None
        self._heads: dict[int, Array] = {}
        self._tails: dict[int, Array] = {}

    def ending_at(self, row: int) -> WindowMoments | None:
        """The moments of the window that ends with `row`, counted from 0; None where the rows have to be read."""
        (rows, mean, products, fourth), known = self.ending_at_each([row])
        return WindowMoments(rows, mean[0], products[0], np.asarray(fourth)[0]) if known[0] else None

    def ending_at_each(self, rows: Sequence[int]) -> tuple[WindowMoments, Mask]:
        """The moments of the windows that end with each of D rows, and where they are known `(D,)`: not elsewhere."""
        size = self._values.shape[1] + 2
        sums = np.full((len(rows), size, size), np.nan)
        with np.errstate(all="ignore"):  # what is missing or beyond all size comes out as such
            if self._per_stretch * size**2 <= LARGEST:
                for place, row in enumerate(rows):
                    if row + 1 >= self._window:
                        self._add_up(row + 1 - self._window, row + 1, sums[place])
            return _centred(sums, self._window)

    def _add_up(self, first: int, past: int, total: Array) -> None:
        """The products of the rows from `first` up to `past`, with one and the squared size as further columns."""
        if self._origin is None:
            self._origin = first
        origin, length = self._origin, self._per_stretch
        begin, end = -((origin - first) // BLOCK), (past - origin) // BLOCK
        if begin >= end or begin < 0:
            total[:] = _products(self._values[first:past])
            return
        stretch, start = divmod(begin, length)
        beyond = end - (stretch + 1) * length
        if start == 0:
            total[:] = self._head(stretch)[end - begin - 1]
        elif beyond > 0:
            np.add(self._tail(stretch)[start], self._head(stretch + 1)[beyond - 1], out=total)
        else:
            total[:] = self._tail(stretch)[start]
        for ragged in (slice(first, origin + begin * BLOCK), slice(origin + end * BLOCK, past)):
            if ragged.start < ragged.stop:
                total += _products(self._values[ragged])

    def _head(self, stretch: int) -> Array:
        """Sums of the first block of a stretch, the first two, and so on."""
        if stretch not in self._heads:
            self._heads = {stretch: np.cumsum(self._blocks(stretch), axis=0)}
        return self._heads[stretch]

    def _tail(self, stretch: int) -> Array:
        """Sums of all blocks of a stretch, of all but the first, and so on."""
        if stretch not in self._tails:
            self._tails = {stretch: np.cumsum(self._blocks(stretch)[::-1], axis=0)[::-1]}
        return self._tails[stretch]

    def _blocks(self, stretch: int) -> Array:
        """Products of the rows of each whole block of a stretch."""
        first = (self._origin or 0) + stretch * self._per_stretch * BLOCK
        whole = min((len(self._values) - first) // BLOCK, self._per_stretch)
        return _products(self._values[first : first + whole * BLOCK].reshape(whole, BLOCK, -1))


def _products(rows: Array) -> Array:
    """Products `(..., C + 2, C + 2)` of rows `(..., T, C)`, with one and their squared size as further columns."""
    columns = rows.shape[-1]
    extended = np.empty((*rows.shape[:-1], columns + 2))
    extended[..., :columns] = rows
    extended[..., columns] = 1.0
    others = rows[..., : columns - 1]
    extended[..., columns + 1] = np.einsum("...c,...c->...", others, others)
    return np.asarray(np.swapaxes(extended, -1, -2) @ extended)


def _centred(sums: Array, count: int) -> tuple[WindowMoments, Mask]:
    """The moments about the means, and where each is a number whose digits reach."""
    columns = sums.shape[-1] - 2
    raw, totals, sized = sums[:, :columns, :columns], sums[:, columns], sums[:, columns + 1]
    # The fourth powers of all that is missing or beyond all size are in it.
    known = np.isfinite(sized.sum(axis=1))
    mean = totals[:, :columns] / count
    products = raw - totals[:, :columns, np.newaxis] * totals[:, np.newaxis, :columns] / count
    left = products.diagonal(axis1=1, axis2=2)
    known &= (raw.diagonal(axis1=1, axis2=2) <= LOST * left).all(axis=1)
    centre = mean[:, :-1]
    size = np.einsum("di,di->d", centre, centre)
    drawn = np.einsum("dij,dj->di", raw[:, :-1, :-1], centre) - sized[:, : columns - 1]
    fourth = sized[:, columns + 1] + 4 * np.einsum("di,di->d", centre, drawn) + 2 * size * sized[:, columns]
    return WindowMoments(count, mean, products, fourth - 3 * count * size**2), known
