"""A book under test: its positions, what each must hold to stay open, and which of them stand alone.

Every position is worth its coins times the price, whichever kind of contract it is:

    linear      coins = q                 P&L = q (p1 - p0)                        in quote
    inverse     coins = q m / p0          P&L = q m (1/p0 - 1/p1) coins, which at p1 are worth q m (p1/p0 - 1)

so the profit in quote is coins x (p1 - p0) for both. They differ in what the margin counts: a linear notional grows
with the price, |q| p in quote; an inverse one is |q| m in quote whatever the price, and its tiers count it in coin,
|q| m / p. With the tiers of a contract (one rate is one tier without an amount), the maintenance margin is

    M = max_k (rate_k c - amount_k) u         c = |q| p, u = 1 (linear)        c = |q| m / p, u = p (inverse)

Equity is that of the whole account. A position with isolated collateral has that part of it and no more; what is left
backs all the others (cross margin). Coins held as collateral of an inverse book are not in the account's quote
equity: add them as a linear long with a maintenance rate of 0.

Source: exchanges' contract and margin pages; the profit of an inverse contract is that of `core.market.contract`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...arrays import Array
from ...checks import as_vector, number, numbers, positive_prices, prices_for_held
from ...errors import ArgumentError
from ...market.tiers import Tiers
from .straight import SAME_EDGE, Account

__all__ = ["Book", "Terms", "as_book"]

ROUNDING = 1e-12
"""Isolated collateral above equity by less than this share of it is read as rounding."""


@dataclass(frozen=True, eq=False)
class Book:
    """N positions and their account; built by `as_book`, which checks everything.

    coins        (N,) signed; profit is coins x price change, in quote
    prices       (N,) now, 1 where nothing is held
    inverse      (N,) whether the contract is margined in its coin
    rates, amounts, edges    (K, N) of each tier: maintenance rate, amount, and the notional at which it begins; for
                 contracts with fewer tiers the line of the first again, which changes nothing, from infinity on
    isolated     (N,) collateral of the position alone, NaN = cross
    equity       of the whole account, isolated collateral included
    fees         (N,) charged on the notional that the exchange liquidates
    stops        (N,) price at which the position is closed, NaN = none
    """

    coins: Array
    prices: Array
    inverse: NDArray[np.bool_]
    rates: Array
    amounts: Array
    edges: Array
    isolated: Array
    equity: float
    fees: Array
    stops: Array

    @property
    def held(self) -> NDArray[np.bool_]:
        """Where there is a position."""
        return np.asarray(self.coins != 0)

    @property
    def values(self) -> Array:
        """Signed notional now, in quote."""
        return self.coins * self.prices

    @property
    def alone(self) -> NDArray[np.bool_]:
        """Where a position stands on its own collateral."""
        return self.held & ~np.isnan(self.isolated)

    def counted(self, shares: Array, prices: Array) -> Array:
        """Notional as the tiers count it, of the share of each position that is open, `(..., N)`."""
        return np.abs(self.coins) * shares * np.where(self.inverse, self.prices / prices, prices)

    def unit(self, prices: Array) -> Array:
        """Quote value of one unit of what the tiers count, `(..., N)`."""
        return np.where(self.inverse, prices, 1.0)

    def notionals(self, shares: Array, prices: Array) -> Array:
        """Size of each position in quote, `(..., N)`."""
        return np.abs(self.coins) * shares * np.where(self.inverse, self.prices, prices)

    def maintenance(self, shares: Array, prices: Array) -> Array:
        """Maintenance margin of each position in quote, `(..., N)`."""
        size = self.counted(shares, prices)
        needed = self.rates[0] * size
        for rate, amount in zip(self.rates[1:], self.amounts[1:], strict=True):
            needed = np.maximum(needed, rate * size - amount)
        return np.asarray(needed * self.unit(prices))

    def account(self) -> Account:
        """The same for a straight path, which counts in quote and in moves from now."""
        unit = self.unit(self.prices)
        return Account(
            values=self.values,
            linear=~self.inverse,
            rates=self.rates,
            amounts=self.amounts * unit,
            edges=self.edges * unit,
            isolated=self.isolated,
            equity=self.equity,
            fees=self.fees,
            stop_moves=np.where(self.held, self.stops / self.prices - 1, np.nan),
        )

    def tier(self, counted: Array) -> NDArray[np.int64]:
        """Tier, from 0, that a notional as the tiers count it stands in, `(..., N)`."""
        above = [counted > edge * (1 + SAME_EDGE) for edge in self.edges[1:]]
        return np.sum(above, axis=0, dtype=np.int64) if above else np.zeros(counted.shape, dtype=np.int64)


class Terms(TypedDict, total=False):
    """What `as_book` may be told beside positions, prices, equity and rates; see there for shapes and units."""

    isolated: ArrayLike | None
    tiers: Tiers | Sequence[Tiers | None] | None
    liquidation_fee: ArrayLike
    stops: ArrayLike | None
    inverse: ArrayLike | None
    multipliers: ArrayLike


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
    """The book with these positions `(N,)`, checked.

    quantities: coins of a linear contract, contracts of an inverse one (`inverse` True, `multipliers` quote a
    contract); prices: quote a coin; equity: quote, of the whole account; maintenance_rates: one or (N,), decimals;
    isolated: collateral in quote (N,), NaN = cross; tiers: one for all or one a contract, in place of the rate (None
    leaves the rate); liquidation_fee: one or (N,), decimals of the notional liquidated; stops: prices (N,).
    NaN: a contract of quantity 0 needs no price. Raises ArgumentError (bounds, lengths), MissingDataError.
    """
    amounts = numbers(quantities, "quantities")
    held, size = amounts != 0, amounts.size
    levels = prices_for_held(prices, "prices", held)
    capital = number(equity, "equity", above=0)
    kinds = np.zeros(size, dtype=bool) if inverse is None else numbers(inverse, "inverse", size) != 0
    worth = numbers(multipliers, "multipliers", size, above=0)
    tables = _tables(numbers(maintenance_rates, "maintenance_rates", size, at_least=0, below=1), tiers)
    nothing = np.full(size, np.nan)
    return Book(
        coins=np.where(kinds, amounts * worth / levels, amounts),
        prices=levels,
        inverse=kinds,
        rates=tables[0],
        amounts=tables[1],
        edges=tables[2],
        isolated=nothing if isolated is None else _isolated(as_vector(isolated, "isolated", size), held, capital),
        equity=capital,
        fees=numbers(liquidation_fee, "liquidation_fee", size, at_least=0, below=1),
        stops=nothing if stops is None else positive_prices(as_vector(stops, "stops", size), "stops"),
    )


def _isolated(collateral: Array, held: NDArray[np.bool_], equity: float) -> Array:
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


def _tables(rates: Array, tiers: Tiers | Sequence[Tiers | None] | None) -> Array:
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
