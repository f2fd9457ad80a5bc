"""A book along a path of prices, bar by bar: its equity, and who is closed when.

In each bar prices move, then in this order

    stops           a position whose price has passed its stop is closed at the stop (at once if it starts beyond it)
    funding         what is open pays rate x notional at the price of the bar (longs pay when the rate is positive)
    isolated        a position below its own maintenance is reduced; closed in whole, it loses what collateral is left
    cross           while the equity of all others is below their maintenance, the one that has lost most is reduced

To reduce is to close down to the edge of the next lower tier, and in the lowest tier to close in whole, at the price of
the bar and for the liquidation fee. Each liquidation takes a position at least one tier below the last. At the end

    equity after = equity + sum (P&L + funding - fees - collateral lost)

Bars are all the path knows: a breach between two of them is seen, and closed, at the next. (`stress` follows straight
paths without a grid.)

Source: exchanges' liquidation rules, e.g. Binance, "Liquidation Protocols": smaller tiers first, then in whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import as_matrix, finite, positive_prices
from ...errors import ArgumentError, MissingDataError
from .book import Book, Terms, as_book

__all__ = ["Followed", "follow"]

ROUNDING = 1e-12
"""Equity short of maintenance by less than this share of the account's size is read as rounding."""


@dataclass(frozen=True, eq=False)
class Followed:
    """What became of N positions over H bars, bar 0 being now; money in quote.

    equity (H + 1,)              of the whole account after each bar
    maintenance (H + 1,)         margin that what is then open must hold
    open_shares (H + 1, N)       share of each position open after each bar, 0 to 1
    pnl, funding, fees, lost (N,)     by contract: price P&L, funding (received positive), liquidation fees, collateral
                                 that the exchange kept (negative where it bore a loss beyond the collateral)
    closed_bar (N,)              bar in which the position was gone, NaN when it is still open or never was
    liquidated, stopped (N,)     liquidated, at least in part; closed by its stop
    order                        columns from 1, in the order of their first liquidation
    """

    equity: Array
    maintenance: Array
    open_shares: Array
    pnl: Array
    funding: Array
    fees: Array
    lost: Array
    closed_bar: Array
    liquidated: NDArray[np.bool_]
    stopped: NDArray[np.bool_]
    order: tuple[int, ...]

    @property
    def final_equity(self) -> float:
        """Equity of the whole account after the last bar."""
        return float(self.equity[-1])


def follow(
    quantities: ArrayLike,
    prices: ArrayLike,
    equity: float,
    maintenance_rates: ArrayLike = 0.01,
    *,
    funding_rates: ArrayLike = 0.0,
    **terms: Unpack[Terms],
) -> Followed:
    """Follow a book along a path of prices, bar by bar.

    Shapes: `quantities` (N,); `prices` (H + 1, N), the first row is now; `funding_rates` one, (N,), (H, 1) or (H, N),
    a bar, settled at its end (none in bar 0); the others (N,) or one for all, as in `as_book`.
    Units: coins (contracts when inverse), quote a coin, quote, decimals.
    NaN: a contract of quantity 0 needs no prices; `isolated` NaN = cross; `stops` NaN = none.
    Raises ArgumentError (bounds, lengths) and MissingDataError (a price of a held contract is missing).
    """
    path = as_matrix(prices, "prices")
    book = as_book(
        quantities,
        path[0],
        equity,
        maintenance_rates,
        **terms,
    )
    levels = positive_prices(finite(np.where(book.held, path, 1.0), "prices"))
    walk = _Walk(book)
    history = [walk.step(levels[0], levels[0], np.zeros(book.coins.size), 0)]
    for bar, rates in enumerate(_by_bar(funding_rates, len(levels) - 1, book), start=1):
        history.append(walk.step(levels[bar - 1], levels[bar], rates, bar))
    equities, needs, shares = zip(*history, strict=True)
    return Followed(
        equity=np.array(equities),
        maintenance=np.array(needs),
        open_shares=np.array(shares),
        pnl=walk.pnl,
        funding=walk.funding,
        fees=walk.fees,
        lost=walk.lost,
        closed_bar=walk.closed_bar,
        liquidated=walk.liquidated,
        stopped=walk.stopped,
        order=tuple(walk.order),
    )


class _Walk:
    """The account on its way: what is open, and what each position has earned, paid and lost so far."""

    def __init__(self, book: Book) -> None:
        self.book = book
        size = book.coins.size
        self.shares = np.where(book.held, 1.0, 0.0)
        self.pnl, self.funding, self.fees, self.lost = np.zeros((4, size))
        self.closed_bar = np.full(size, np.nan)
        self.liquidated, self.stopped = np.zeros((2, size), dtype=bool)
        self.last_tier = np.full(size, len(book.edges))
        self.order: list[int] = []
        self.tolerance = ROUNDING * (book.equity + float(np.abs(book.values).sum()))

    @property
    def equity(self) -> float:
        return self.book.equity + float((self.pnl + self.funding - self.fees - self.lost).sum())

    @property
    def own_equity(self) -> Array:
        """Equity of each position that stands alone and is open, 0 for the others."""
        alone = self.book.alone & (self.shares > 0)
        return np.where(alone, self.book.isolated + self.pnl + self.funding - self.fees, 0.0)

    def step(self, before: Array, now: Array, rates: Array, bar: int) -> tuple[float, float, Array]:
        """One bar; returns equity, maintenance and open shares after it."""
        self._move(before, now, bar)
        self.funding -= self.book.notionals(self.shares, now) * np.sign(self.book.coins) * rates
        self._liquidate_alone(now, bar)
        self._liquidate_cross(now, bar)
        return self.equity, float(self.book.maintenance(self.shares, now).sum()), self.shares.copy()

    def _move(self, before: Array, now: Array, bar: int) -> None:
        """Prices move; a position whose stop they pass earns as far as the stop, and is closed."""
        stops, long = self.book.stops, self.book.coins > 0
        passed = (self.shares > 0) & np.where(long, now <= stops, now >= stops)
        reached = np.clip(stops, np.minimum(before, now), np.maximum(before, now))
        self.pnl += self.book.coins * self.shares * (np.where(passed, reached, now) - before)
        self.stopped |= passed
        self._close(passed, bar)

    def _liquidate_alone(self, now: Array, bar: int) -> None:
        while True:
            short = self.own_equity < self.book.maintenance(self.shares, now) - self.tolerance
            short &= self.book.alone & (self.shares > 0)
            if not short.any():
                return
            for column in np.flatnonzero(short).tolist():
                self._reduce(column, now, bar)

    def _liquidate_cross(self, now: Array, bar: int) -> None:
        earned = np.where(self.book.alone, np.inf, self.book.coins * (now - self.book.prices))
        while True:
            is_open = (self.shares > 0) & ~self.book.alone
            needed = float(self.book.maintenance(self.shares, now)[is_open].sum())
            if not is_open.any() or self.equity - self.own_equity.sum() >= needed - self.tolerance:
                return
            self._reduce(int(np.argmin(np.where(is_open, earned, np.inf))), now, bar)

    def _reduce(self, column: int, now: Array, bar: int) -> None:
        """Close one position down to the edge of a lower tier, or in whole when there is none."""
        size = self.book.counted(self.shares, now)
        tier = min(int(self.book.tier(size)[column]), self.last_tier[column] - 1)
        left = self.shares[column] * min(self.book.edges[tier, column] / size[column], 1.0) if tier > 0 else 0.0
        closed = self.book.notionals(self.shares, now)[column] * (1 - left / self.shares[column])
        own, fee = self.own_equity[column], self.book.fees[column] * closed
        # Whoever stands alone pays with the collateral, and no more than it.
        self.fees[column] += min(fee, max(own, 0.0)) if self.book.alone[column] else fee
        if left == 0 and self.book.alone[column]:
            self.lost[column] = self.own_equity[column]
        if not self.liquidated[column]:
            self.order.append(column + 1)
        self.liquidated[column], self.last_tier[column] = True, tier
        self.shares[column] = left
        self._close(self.shares == 0, bar)

    def _close(self, gone: NDArray[np.bool_], bar: int) -> None:
        """Note the bar of those that are gone now."""
        self.shares[gone] = 0.0
        self.closed_bar[gone & self.book.held & np.isnan(self.closed_bar)] = bar


def _by_bar(rates: ArrayLike, bars: int, book: Book) -> Array:
    """Funding rates of each bar, `(bars, N)`, 0 where nothing is held. Raises ArgumentError, MissingDataError."""
    try:
        every = np.broadcast_to(np.asarray(rates, dtype=np.float64), (bars, book.coins.size))
    except ValueError:
        raise ArgumentError(
            f"funding_rates has shape {np.shape(rates)}; give one rate, one a contract, or {bars} bars x "
            f"{book.coins.size} contracts"
        ) from None
    if not np.isfinite(every[:, book.held]).all():
        raise MissingDataError("funding_rates has gaps for a contract that is held; fill them in, 0 for no settlement")
    return np.where(book.held, every, 0.0)
