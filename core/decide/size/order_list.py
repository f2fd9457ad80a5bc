"""One list of orders from several reasons to trade: netted by contract, in whole lots, with a limit on the tick.

    order_i     = sum of the trades in contract i, toward zero to the lot; none where it is worth less than the smallest
    limit_i     = price_i (1 + slippage_i)   of a buy, down to the tick
                = price_i (1 - slippage_i)   of a sale, up to the tick
    fee_i       = |order_i| value_i fee_i            slippage_i likewise

So a limit is never worse than the slippage that is counted on. What two reasons buy and sell of one contract is not
traded at all, and its cost is saved. An order only closes where it is no larger than what is held against it.

Source: the venues' order rules (Binance: filters LOT_SIZE, PRICE_FILTER and MIN_NOTIONAL, and reduceOnly).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_vector, finite, numbers, positive_prices
from ...market.contract import round_to_lot, round_to_tick
from ...records import dataclass
from ...tolerances import ACTIVE, ROUNDING
from .orders import is_dust

__all__ = ["OrderList", "limit_prices", "net_orders"]


@dataclass(frozen=True)
class OrderList:
    """What is ordered of each contract, `(N,)`, signed: positive = buy; 0 where nothing is.

    `before` and `after` are contracts held. `dust` are contracts of netted orders that were left out as too small, and
    `broken` those that are no whole lot and so cannot be ordered. `reduces` marks orders that only close.
    """

    contracts: Array
    before: Array
    after: Array
    dust: Array
    broken: Array
    reduces: Mask


def net_orders(trades: ArrayLike, held: ArrayLike, values: ArrayLike, lots: ArrayLike, smallest: float) -> OrderList:
    """The orders that come to all `trades` together.

    Args:
        trades: `(K, N)` contracts to trade of N contracts for K reasons, positive = buy.
        held: `(N,)` contracts held before.
        values: `(N,)` notional of one contract, above zero.
        lots: `(N,)` smallest steps of an order, in contracts; 0 = any.
        smallest: notional below which an order is left out.

    Raises ArgumentError (lengths differ, a value is out of range), MissingDataError.
    """
    wanted = finite(np.atleast_2d(np.asarray(trades, dtype=np.float64)), "trades").sum(axis=0)
    before = numbers(held, "held", wanted.size)
    worth = positive_prices(as_vector(values, "values", wanted.size), "values")
    steps = numbers(lots, "lots", wanted.size, at_least=0)
    whole = round_to_lot(wanted, steps)
    small = is_dust(whole * worth, smallest)
    contracts = np.where(small, 0.0, whole)
    rest = wanted - whole
    after = before + contracts
    near = round_to_lot(after, steps, "nearest")
    closing = (contracts != 0) & (np.sign(contracts) == -np.sign(before))
    return OrderList(
        contracts=contracts,
        before=before,
        after=np.where(np.abs(after - near) <= ACTIVE * steps, near, after),
        dust=np.where(small, whole, 0.0),
        broken=np.where(np.abs(rest) > ACTIVE * steps + ROUNDING * np.abs(wanted), rest, 0.0),
        reduces=closing & (np.abs(contracts) <= np.abs(before) * (1 + ROUNDING)),
    )


def limit_prices(sides: ArrayLike, prices: ArrayLike, slippage: ArrayLike, ticks: ArrayLike) -> tuple[Array, Mask]:
    """The limit of each order `(N,)`, and where it is on the grid of ticks `(N,)`.

    Args:
        sides: `(N,)` above zero = buy, below = sell, 0 = none (its limit is NaN).
        prices: `(N,)` now, above zero.
        slippage: `(N,)` share of the price that may be given up, below 1.
        ticks: `(N,)` smallest price steps; 0 = not known.

    Without a tick, or with one on which no price above zero is left, the limit stands as it is, off the grid.
    Raises ArgumentError, MissingDataError.
    """
    side = np.sign(numbers(sides, "sides"))
    now = positive_prices(as_vector(prices, "prices", side.size), "prices")
    given_up = numbers(slippage, "slippage", side.size, at_least=0, below=1)
    step = numbers(ticks, "ticks", side.size, at_least=0)
    stated = now * (1 + side * given_up)
    on_grid = np.where(side > 0, round_to_tick(stated, step, "down"), round_to_tick(stated, step, "up"))
    told = (step > 0) & (on_grid > 0)
    return np.where(side == 0, np.nan, np.where(told, on_grid, stated)), told & (side != 0)
