"""Stress: what a book earns when the market moves, and in which order it is liquidated on the way there.

    return_i = (beta_i + beta shift) x market shock + idiosyncratic_i          a price cannot lose more than itself
    P&L      = sum q_i p_i return_i                 funding = -sum q_i p_i x funding shock (longs pay)

The figures of profit, equity and margin are those of the book held throughout. Beside them stands the path: prices
go straight from now to the shock, and where equity falls below maintenance the exchange closes the position with the
greatest price loss so far, at the price of that moment and without a fee, and looks again. Closing fixes its profit
and frees its maintenance. On a straight path every profit grows in proportion, so the order of closing is the order
of the final losses, and each liquidation stands at the root of a straight line: no steps, no error of a grid.

Source: exchanges' cross-margin liquidation rules, as summarised in each venue's margin pages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Array, aligned, as_matrix, as_vector, finite, number, numbers, positive_prices
from ..errors import ArgumentError
from ..market.contract import notional
from ..market.margin import maintenance_margin, margin_ratio

__all__ = ["Stress", "stress"]

ROUNDING = 1e-12
"""Equity short of maintenance by less than this share of the account's size is read as rounding."""


@dataclass(frozen=True, eq=False)
class Stress:
    """What each of S shocks does to a book of N contracts; money in quote currency, all (S,) but `contract_pnl` (S, N).

    pnl and funding     of the book held throughout; equity_after = equity + pnl + funding
    margin_ratio        maintenance / equity after the shock; infinite when no equity is left
    liquidated          how many positions the exchange closes on the way
    first_liquidated    column of the first of them, counted from 1; NaN when there is none
    shortfall           equity to add so that the book held throughout keeps its maintenance
    """

    market_shock: Array
    pnl: Array
    funding: Array
    equity_after: Array
    margin_ratio: Array
    liquidated: NDArray[np.int64]
    first_liquidated: Array
    shortfall: Array
    contract_pnl: Array


def stress(
    quantities: ArrayLike,
    prices: ArrayLike,
    betas: ArrayLike,
    equity: float,
    market_shocks: ArrayLike,
    maintenance_rates: ArrayLike = 0.01,
    funding_shock: ArrayLike = 0.0,
    beta_shift: ArrayLike = 0.0,
    idiosyncratic: ArrayLike | None = None,
    overrides: ArrayLike | None = None,
) -> Stress:
    """Revalue a cross-margined book of linear contracts under market shocks, and follow its liquidations.

    Shapes: `quantities`, `prices`, `betas` (N,); `maintenance_rates` and `idiosyncratic` (N,) or one for all;
    `market_shocks` (S,); `funding_shock` and `beta_shift` (S,) or one for all; `overrides` (S, N).
    Units: coins, quote a coin, pure numbers, quote, decimals.
    `overrides` replaces the return of a contract in a scenario; NaN leaves it.
    NaN: a contract of quantity 0 needs neither price nor beta.
    Raises ArgumentError (bounds, lengths) and MissingDataError (a value is missing).
    """
    amounts = numbers(quantities, "quantities")
    held = amounts != 0
    levels = _for_held(prices, "prices", held)
    slopes = _for_held(betas, "betas", held)
    capital = number(equity, "equity", above=0)
    shocks = numbers(market_shocks, "market_shocks", at_least=-1)
    rates = numbers(maintenance_rates, "maintenance_rates", len(amounts), at_least=0, below=1)
    funding_rates = numbers(funding_shock, "funding_shock", len(shocks))
    shifts = numbers(beta_shift, "beta_shift", len(shocks))
    own = numbers(0.0 if idiosyncratic is None else idiosyncratic, "idiosyncratic", len(amounts))

    returns = (slopes + shifts[:, np.newaxis]) * shocks[:, np.newaxis] + own
    returns = np.maximum(_overridden(returns, overrides), -1.0)
    values = notional(amounts, positive_prices(levels))
    contract_pnl = values * returns
    contract_funding = -values * funding_rates[:, np.newaxis]
    pnl, funding = contract_pnl.sum(axis=1), contract_funding.sum(axis=1)
    equity_after = capital + pnl + funding
    maintenance_after = maintenance_margin(values * (1 + returns), rates)
    liquidated, first = _liquidations(
        capital, contract_pnl, contract_pnl + contract_funding, np.abs(values) * rates, returns, held
    )
    return Stress(
        market_shock=shocks,
        pnl=pnl,
        funding=funding,
        equity_after=equity_after,
        margin_ratio=margin_ratio(maintenance_after, equity_after),
        liquidated=liquidated,
        first_liquidated=first,
        shortfall=np.maximum(maintenance_after - equity_after, 0.0),
        contract_pnl=contract_pnl,
    )


def _liquidations(
    equity: float, price_gain: Array, gain: Array, maintenance: Array, returns: Array, held: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Array]:
    """Number of positions closed on the straight path, and the column of the first (from 1, NaN if none), each (S,).

    At the share l of the way, the positions still open leave
        headroom(l) = locked equity + l x sum gain_i - sum maintenance_i (1 + l x return_i)
    which is a straight line in l until the next position is closed.
    """
    order = np.argsort(np.where(held, price_gain, np.inf), axis=1, kind="stable")
    gains = np.take_along_axis(gain, order, axis=1)
    needs = np.take_along_axis(np.broadcast_to(maintenance, returns.shape), order, axis=1)
    need_growth = needs * np.take_along_axis(returns, order, axis=1)
    needed = _from_each_on(needs)
    growth = _from_each_on(gains - need_growth)

    scenarios = len(returns)
    tolerance = ROUNDING * (equity + np.abs(gain).sum(axis=1) + maintenance.sum())
    locked = np.full(scenarios, equity)
    reached = np.zeros(scenarios)
    liquidated = np.zeros(scenarios, dtype=np.int64)
    for closing in range(int(held.sum())):
        start = locked - needed[:, closing]
        slope = growth[:, closing]
        below_now = start + reached * slope < -tolerance
        below_later = start + slope < -tolerance
        closes = (liquidated == closing) & (below_now | below_later)
        if not closes.any():
            break
        root = np.divide(start, -slope, out=reached.copy(), where=below_later & (slope < 0))
        reached = np.where(closes, np.clip(root, reached, 1.0), reached)
        locked = np.where(closes, locked + reached * gains[:, closing], locked)
        liquidated += closes
    return liquidated, np.where(liquidated > 0, order[:, 0] + 1.0, np.nan)


def _from_each_on(values: Array) -> Array:
    """Sum of each row from every column to the last."""
    return np.asarray(np.cumsum(values[:, ::-1], axis=1)[:, ::-1])


def _for_held(values: ArrayLike, name: str, held: NDArray[np.bool_]) -> Array:
    """One value a contract, 1 where nothing is held. Raises MissingDataError when a held contract has none."""
    vector = as_vector(values, name)
    aligned(held, "quantities", vector, name)
    return finite(np.where(held, vector, 1.0), name)


def _overridden(returns: Array, overrides: ArrayLike | None) -> Array:
    """The returns, replaced where an override is given."""
    if overrides is None:
        return returns
    replacements = as_matrix(overrides, "overrides")
    if replacements.shape != returns.shape:
        raise ArgumentError(
            f"overrides is {replacements.shape[0]} x {replacements.shape[1]} where there are {returns.shape[0]} shocks "
            f"and {returns.shape[1]} contracts; give one row a shock and one column a contract"
        )
    return np.where(np.isnan(replacements), returns, replacements)
