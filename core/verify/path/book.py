"""A book under test: its positions, what each must hold to stay open, and which of them stand alone.

Every position is worth its coins times the price, whichever kind of contract it is:

    linear      coins = q                 P&L = q (p1 - p0)                        in quote
    inverse     coins = q m / p0          P&L = q m (1/p0 - 1/p1) coins, which at p1 are worth q m (p1/p0 - 1)

so the profit in quote is coins x (p1 - p0) for both. They differ in what the margin counts: a linear notional grows
with the price, |q| p in quote; an inverse one is |q| m in quote whatever the price, and its tiers count it in coin,
|q| m / p. With the tiers of a contract (one rate is one tier without an amount), the maintenance margin is

    M = max_k (rate_k c - amount_k) u         c = |q| p, u = 1 (linear)        c = |q| m / p, u = p (inverse)

`account` has the same in quote, with prices as ratios to now.

Equity is that of the whole account. A position with isolated collateral has that part of it and no more; what is left
backs all the others (cross margin). Coins held as collateral of an inverse book are not in the account's quote
equity: add them as a linear long with a maintenance rate of 0.

Source: exchanges' contract and margin pages; the profit of an inverse contract is that of `core.market.contract`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import as_matrix, as_vector, number, numbers, positive_prices, prices_for_held
from ...errors import ArgumentError
from ...market.tiers import Tiers
from ...records import dataclass
from ...tolerances import ROUNDING
from .account import Account

__all__ = ["Book", "as_book", "margin_tables", "of_contracts"]


@dataclass(frozen=True, eq=False)
class Book:
    """N positions and their account; built by `as_book`, which checks everything.

    coins        (N,) signed; profit is coins x price change, in quote
    prices       (N,) now, as given: whatever it is where nothing is held
    account      the same in quote, with what each must hold and what backs them
    """

    coins: Array
    prices: Array
    account: Account

    @property
    def held(self) -> Mask:
        """Where there is a position."""
        return np.asarray(self.coins != 0)

    @property
    def values(self) -> Array:
        """Signed notional now, in quote."""
        return self.account.values

    @property
    def equity(self) -> float:
        """Of the whole account."""
        return self.account.equity


def as_book(
    quantities: ArrayLike,
    prices: ArrayLike,
    equity: float,
    maintenance_rates: ArrayLike = 0.01,
    *,
    isolated: ArrayLike | None = None,
    tiers: Tiers | Sequence[Tiers | None] | None = None,
    liquidation_fee: ArrayLike = 0.0,
    stops: ArrayLike | None = None,
    inverse: ArrayLike | None = None,
    multipliers: ArrayLike = 1.0,
) -> Book:
    """The book with these positions, checked.

    Args:
        quantities: (N,) coins of a linear contract, contracts of an inverse one; negative is short.
        prices: (N,) quote a coin.
        equity: quote, of the whole account, isolated collateral included.
        maintenance_rates: (N,) or one for all, decimals of the notional.
        isolated: (N,) collateral of the position alone, quote; NaN = cross.
        tiers: one table for all or one a contract, in place of the rate; None leaves the rate.
        liquidation_fee: (N,) or one for all, decimals of the notional that the exchange liquidates.
        stops: (N,) prices at which the position is closed; NaN = none.
        inverse: (N,) whether the contract is margined in its coin.
        multipliers: (N,) or one for all, quote a contract of an inverse one.

    NaN: a contract of quantity 0 needs no price. Raises ArgumentError (bounds, lengths), MissingDataError.
    """
    amounts = numbers(quantities, "quantities")
    held, size = amounts != 0, amounts.size
    levels = prices_for_held(prices, "prices", held)
    capital = number(equity, "equity", above=0)
    kinds = np.zeros(size, dtype=bool) if inverse is None else numbers(inverse, "inverse", size) != 0
    worth = numbers(multipliers, "multipliers", size, above=0)
    tables = margin_tables(numbers(maintenance_rates, "maintenance_rates", size, at_least=0, below=1), tiers)
    nothing = np.full(size, np.nan)
    collateral = nothing if isolated is None else _isolated(as_vector(isolated, "isolated", size), held, capital)
    fees = numbers(liquidation_fee, "liquidation_fee", size, at_least=0, below=1)
    closing = nothing if stops is None else positive_prices(as_vector(stops, "stops", size), "stops")
    coins, unit = np.where(kinds, amounts * worth / levels, amounts), np.where(kinds, levels, 1.0)
    return Book(
        coins=coins,
        prices=as_vector(prices, "prices"),
        account=Account(
            values=coins * levels,
            linear=~kinds,
            rates=tables[0],
            amounts=tables[1] * unit,
            edges=tables[2] * unit,
            isolated=collateral,
            equity=capital,
            fees=fees,
            stops=np.where(held, closing / levels, np.nan),
        ),
    )


def of_contracts(book: Book, values: ArrayLike, name: str) -> Array:
    """A table with one column for each contract of the book, `(T, N)`. Raises ArgumentError."""
    table = as_matrix(values, name)
    if table.shape[1] != book.coins.size:
        raise ArgumentError(
            f"{name} has {table.shape[1]} columns where {book.coins.size} are needed, one for each contract"
        )
    return table


def margin_tables(rates: Array, tiers: Tiers | Sequence[Tiers | None] | None) -> Array:
    """Rates, amounts and lower edges of the tiers, `(3, K, N)`. Raises ArgumentError when their number is wrong."""
    size = rates.size
    each = [tiers] * size if tiers is None or isinstance(tiers, Tiers) else list(tiers)
    if len(each) != size:
        raise ArgumentError(f"tiers has {len(each)} tables where {size} are needed, one for each contract")
    depth = max((len(table.maintenance_rate) for table in each if table is not None), default=1)
    filled = np.zeros((3, depth, size))
    filled[0], filled[2, 1:] = rates, np.inf
    for column, table in enumerate(each):
        if table is not None:
            rows = slice(len(table.maintenance_rate))
            filled[0, :, column] = table.maintenance_rate[0]
            filled[:, rows, column] = table.maintenance_rate, table.maintenance_amount, table.min_notional
    return filled


def _isolated(collateral: Array, held: Mask, equity: float) -> Array:
    """The collateral of held positions. Raises ArgumentError when it is not above zero, or more than there is."""
    if (collateral <= 0).any():
        first = int(np.argmax(collateral <= 0))
        raise ArgumentError(
            f"isolated is {collateral[first]:g} at position {first + 1}; it must be above 0, or blank for cross margin"
        )
    set_aside = np.where(held, collateral, np.nan)
    total = float(np.nansum(set_aside))
    if total > equity * (1 + ROUNDING):
        raise ArgumentError(
            f"isolated adds up to {total:g}, more than the equity of {equity:g}; equity is that of the whole account"
        )
    return set_aside
