"""One book along one path of prices, bar by bar, with a record of the way: its equity, and who is closed when.

The order of events in a bar is that of `bars`. After each bar

    equity = equity at the start + sum (P&L + funding - fees - collateral lost)

Source: exchanges' liquidation rules, as in `bars`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import finite, positive_prices
from ...errors import ArgumentError, MissingDataError
from ...records import dataclass
from .account import needs
from .bars import OverBars
from .book import Book, of_contracts
from .statement import STOP

__all__ = ["Followed", "follow"]


@dataclass(frozen=True, eq=False)
class Followed:
    """What became of N positions over H bars, bar 0 being now; money in quote.

    equity (H + 1,)              of the whole account after each bar
    maintenance (H + 1,)         margin that what is then open must hold
    open_shares (H + 1, N)       share of each position open after each bar, 0 to 1
    pnl, funding, fees, lost (H + 1, N)     by contract, since the start: price P&L, funding (received positive),
                                 liquidation fees, collateral that the exchange kept (negative where it bore a loss
                                 beyond the collateral)
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
    liquidated: Mask
    stopped: Mask
    order: tuple[int, ...]

    @property
    def final_equity(self) -> float:
        """Equity of the whole account after the last bar."""
        return float(self.equity[-1])


def follow(book: Book, prices: ArrayLike, funding_rates: ArrayLike = 0.0) -> Followed:
    """Follow a book along a path of prices, bar by bar.

    Shapes: `prices` (H, N) at the end of each bar, from those of the book on; `funding_rates` one, (N,), (H, 1) or
    (H, N), a bar, settled at its end. Units: quote a coin, decimals.
    NaN: a contract of quantity 0 needs no prices.
    Raises ArgumentError (bounds, lengths) and MissingDataError (a price or rate of a held contract is missing).
    """
    path = of_contracts(book, prices, "prices")
    levels = positive_prices(finite(np.where(book.held, path, 1.0), "prices"))
    ratios = levels / np.where(book.held, book.prices, 1.0)
    account, on_the_way = book.account, OverBars(book.account, 1)
    on_the_way.liquidate(0)
    record = [_now(on_the_way)]
    for bar, rates in enumerate(_by_bar(funding_rates, len(ratios), book), start=1):
        on_the_way.move(ratios[bar - 1 : bar], rates, bar)
        on_the_way.liquidate(bar)
        record.append(_now(on_the_way))
    shares, pnl, funding, fees, lost = (np.concatenate(each) for each in zip(*record, strict=True))
    events, size = on_the_way.closings, book.coins.size
    closed_bar, stopped = np.full(size, np.nan), np.zeros(size, dtype=bool)
    closed_bar[events.column[events.left == 0]] = events.moment[events.left == 0]
    stopped[events.column[events.reason == STOP]] = True
    return Followed(
        equity=account.equity + (pnl + funding - fees - lost).sum(axis=1),
        maintenance=needs(account, np.vstack([np.ones(size), ratios]), shares).sum(axis=1),
        open_shares=shares,
        pnl=pnl,
        funding=funding,
        fees=fees,
        lost=lost,
        closed_bar=closed_bar,
        liquidated=on_the_way.liquidated[0],
        stopped=stopped,
        order=tuple(dict.fromkeys((events.column[events.reason != STOP] + 1).tolist())),
    )


def _now(on_the_way: OverBars) -> tuple[Array, ...]:
    """What is recorded after a bar, `(1, N)` each."""
    parts = (on_the_way.shares, on_the_way.pnl, on_the_way.funding, on_the_way.fees, on_the_way.lost)
    return tuple(part.copy() for part in parts)


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
