"""Beta over a window that slides down the rows, for a whole history and one new bar at a time.

    beta_t = Cov(r, r_m) / Var(r_m)        over the last `window` rows up to t

A bad tick changes only the windows that hold it. Once it has left, the betas are those of a history without it, to the
last digit: nothing is ever subtracted from a running sum.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, whole
from ...errors import MissingDataError, UndefinedError, say
from ...numeric.sums import Pivot, Sums, each_row, no_rows, pivot_at, present_pairs
from ...records import dataclass
from ..regression import new_row, say_what_is_missing
from .rolling_loops import rolling_slopes, tails

__all__ = ["RollingBeta", "rolling_beta"]


def rolling_beta(
    asset_returns: ArrayLike, market_returns: ArrayLike, window: int, min_periods: int | None = None
) -> Array:
    """OLS beta, with an intercept, of each asset over the last `window` rows.

    Shapes: (T, N) and (T,) -> (T, N). Units: decimals per bar in, a pure number out.
    NaN: where fewer than `min_periods` pairs are complete in the window (default: all of its rows, so that a gap costs
    each window it is in), and where the market is flat there. A DataWarning says how many rows have a gap.
    Raises ArgumentError (shapes, window below 2, min_periods outside 2 .. window), MissingDataError (no window has
    enough rows) and UndefinedError (the market is flat in every window).
    """
    assets = as_matrix(asset_returns, "asset_returns", infinite=True)
    market = as_vector(market_returns, "market_returns")
    aligned(assets, "asset_returns", market, "market_returns")
    window, needed = _window(window, min_periods)
    if len(market) < needed:
        raise MissingDataError(
            f"window needs {needed} rows and there are {len(market)}; shorten the window or select a longer history"
        )
    # A window longer than the history is the history so far.
    slopes, gaps = rolling_slopes(assets, market, min(window, len(market)), needed)
    if gaps:
        as_matrix(assets, "asset_returns")  # an infinity would be one
        _say_gaps(assets, market, window, needed)
    if math.isnan(slopes[-1, 0]) and np.isnan(slopes).all():
        _raise_why_none(assets, market, window, needed)
    return slopes


@dataclass(frozen=True, eq=False)
class RollingBeta:
    """What one more bar needs to know of the window before it; `update` makes the next state and leaves this one.

    A bar costs the same whatever the window, but for one bar in `window`, in which the tails are laid out anew.
    """

    window: int
    needed: int
    pivot: Pivot
    """The first row of the present block, from which everything is measured."""
    tails: Sums
    """Of the block before: the sums of its last 0, 1, ... rows, `(window, ...)`."""
    head: Sums
    """Of the rows in the present block."""
    rows: tuple[Array, ...]
    """The present block, oldest first, each `(2, N)`: the market and the assets."""

    @classmethod
    def start(
        cls, asset_returns: ArrayLike, market_returns: ArrayLike, window: int, min_periods: int | None = None
    ) -> RollingBeta:
        """The state after a history, whose length does not matter. Arguments and errors as in `rolling_beta`."""
        assets = as_matrix(asset_returns, "asset_returns")
        market = as_vector(market_returns, "market_returns")
        aligned(assets, "asset_returns", market, "market_returns")
        window, needed = _window(window, min_periods)
        nothing = no_rows(assets.shape[1])
        no_tails = Sums(*(np.zeros((window, np.size(values))) for values in nothing))
        last_blocks = max(0, (len(market) - 1) // window - 1) * window
        first = _first_row(market[last_blocks], assets[last_blocks])
        state = cls(window, needed, first, no_tails, nothing, ())
        for row, market_return in zip(assets[last_blocks:], market[last_blocks:], strict=True):
            state = state.update(row, market_return)
        return state

    def update(self, asset_returns: ArrayLike, market_return: float) -> RollingBeta:
        """The state one bar later; `asset_returns` (N,), NaN where missing. Raises ArgumentError."""
        row, present = new_row(asset_returns, market_return, self.pivot.y.size)
        state = self._next_block(row) if len(self.rows) == self.window else self
        head = state.head.joined(each_row(float(row[0, 0]), row[1], state.pivot, present))
        return RollingBeta(state.window, state.needed, state.pivot, state.tails, head, (*state.rows, row))

    @property
    def beta(self) -> Array:
        """Beta of each asset over the window that ends with the latest bar, (N,); NaN as in `rolling_beta`."""
        behind = (values[self.window - len(self.rows)] for values in self.tails)
        # One number is a float: many times quicker than an array of one.
        tail = Sums(*(values.item() if values.size == 1 else values for values in behind))
        return self.head.joined(tail).slope(self.pivot, self.needed)

    def _next_block(self, first: Array) -> RollingBeta:
        """The state before the first row of a new block."""
        block = np.array(self.rows)
        x, y = block[:, 0, :1], block[:, 1]
        pivot = _first_row(first[0, 0], first[1])
        behind = tails(each_row(x, y, pivot, present_pairs(x, y)), axis=0)
        return replace(self, pivot=pivot, tails=behind, head=no_rows(first.shape[1]), rows=())


def _first_row(market_return: float, asset_returns: Array) -> Pivot:
    pivot = pivot_at(market_return, asset_returns)
    return Pivot(float(pivot.x), pivot.y)


def _window(window: int, min_periods: int | None) -> tuple[int, int]:
    size = whole(window, "window", at_least=2)
    return size, size if min_periods is None else whole(min_periods, "min_periods", at_least=2, at_most=size)


def _say_gaps(assets: Array, market: Array, window: int, needed: int) -> None:
    present = np.isfinite(assets) & np.isfinite(market)[:, np.newaxis]
    say_what_is_missing(present.sum(axis=0), len(market), needed)
    if needed == window and not present.all():
        message = f"a window with a gap has no beta because min_periods is all {window} rows; give fewer to allow gaps"
        say(message)


def _raise_why_none(assets: Array, market: Array, window: int, needed: int) -> None:
    present = np.isfinite(assets) & np.isfinite(market)[:, np.newaxis]
    sums = np.vstack([np.zeros(assets.shape[1], dtype=np.int64), present.cumsum(axis=0)])
    most = int((sums[window:] - sums[:-window]).max()) if len(market) > window else int(sums[-1].max())
    if most < needed:
        raise MissingDataError(
            f"asset_returns have at most {most} complete rows in a window of {window} and {needed} are needed; "
            "give a lower min_periods or a longer window"
        )
    raise UndefinedError("market_returns are constant in every window, so no beta exists; choose a market that moves")
