"""Scenarios: what each of them does to the price of each contract.

    r_i = (beta_i + c (sigma_i / sigma_m - beta_i) + d) x + k own_i        and never below -1

with x the market's move, d a shift of every beta, c how far correlation goes to one, own_i the contract's own part and
k the multiple of volatility in which it comes. A beta is rho_i sigma_i / sigma_m: at c = 1 the correlation rho_i with
the market is one, and every contract moves by its own volatility in the market's direction. A move that is known
replaces the formula (an override).

Source: Sharpe (1963), the single-index model; Basel Committee, "Stress testing principles" (2018), for the shocks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, as_vector, finite, numbers
from ...errors import ArgumentError
from ...records import dataclass
from ..path.book import Book
from ..path.outcomes import Moves

__all__ = ["Shocks", "as_shocks"]


@dataclass(frozen=True, eq=False)
class Shocks:
    """S scenarios: the market's move and the funding rate `(S,)`, and what makes the returns of the N contracts."""

    market: Array
    funding: Array
    moves: Moves

    @property
    def returns(self) -> Array:
        """Return of each contract in each scenario, `(S, N)`."""
        return self.moves.returns()

    def one(self, scenario: int) -> tuple[Array, Array]:
        """Returns `(1, N)` and funding `(1,)` of one scenario, counted from 0."""
        row = slice(scenario, scenario + 1)
        return self.moves.part(row).returns(), self.funding[row]


def as_shocks(
    book: Book,
    betas: ArrayLike,
    market_shocks: ArrayLike,
    funding_shock: ArrayLike = 0.0,
    beta_shift: ArrayLike = 0.0,
    idiosyncratic: ArrayLike | None = None,
    overrides: ArrayLike | None = None,
    *,
    volatility_multiplier: ArrayLike = 1.0,
    correlation_shock: ArrayLike = 0.0,
    volatility_ratios: ArrayLike | None = None,
) -> Shocks:
    """The scenarios for a book, checked; see the module for the formula.

    Args:
        book: says which contracts are held.
        betas: (N,) to the market; missing (NaN) where no scenario needs it: nothing held, or overridden.
        market_shocks: (S,) moves of the market, decimals, at least -1.
        funding_shock: (S,) or one for all, rate settled in the scenario, decimals; longs pay it.
        beta_shift: (S,) or one for all, added to every beta.
        idiosyncratic: (N,) or one for all, own return of each contract, decimals.
        overrides: (S, N) returns in place of the formula, decimals; NaN leaves the formula.
        volatility_multiplier: (S,) or one for all, multiple in which the own returns come.
        correlation_shock: (S,) or one for all, from 0 (as it is) to 1 (all move as one).
        volatility_ratios: (N,) volatility over that of the market; needed with a correlation shock.

    Raises ArgumentError (bounds, lengths) and MissingDataError (a value is missing).
    """
    held, size = book.held, book.coins.size
    market = numbers(market_shocks, "market_shocks", at_least=-1)
    count = market.size
    given = _overrides(overrides, count, size)
    slopes = as_vector(betas, "betas")
    aligned(held, "quantities", slopes, "betas")
    needed = held & (np.isnan(given).any(axis=0) if given is not None else True)
    slopes = finite(np.where(needed, slopes, 0.0), "betas")
    closer = numbers(correlation_shock, "correlation_shock", count, at_least=0, at_most=1, each="shock")
    own = numbers(0.0 if idiosyncratic is None else idiosyncratic, "idiosyncratic", size)
    multiples = numbers(volatility_multiplier, "volatility_multiplier", count, at_least=0, each="shock")
    parts = [
        (market, slopes),
        (market * numbers(beta_shift, "beta_shift", count, each="shock"), np.ones(size)),
        (market * closer, _ratios(volatility_ratios, slopes, needed, closer) - slopes),
        (multiples, own),
    ]
    used = [(factor, loading) for factor, loading in parts if factor.any() and loading.any()]
    factors = np.column_stack([factor for factor, _ in used]) if used else np.empty((count, 0))
    loadings = np.array([loading for _, loading in used]) if used else np.empty((0, size))
    return Shocks(market, numbers(funding_shock, "funding_shock", count, each="shock"), Moves(factors, loadings, given))


def _ratios(ratios: ArrayLike | None, slopes: Array, needed: Mask, closer: Array) -> Array:
    """sigma_i / sigma_m `(N,)`; the betas themselves where correlation stays as it is."""
    if not closer.any():
        return slopes
    if ratios is None:
        raise ArgumentError(
            "correlation_shock needs volatility_ratios, volatility over that of the market, each contract"
        )
    given = as_vector(ratios, "volatility_ratios", slopes.size)
    given = finite(np.where(needed, given, 0.0), "volatility_ratios")
    if (given < 0).any():
        first = int(np.argmax(given < 0))
        raise ArgumentError(f"volatility_ratios is {given[first]:g} at position {first + 1}; it must be at least 0")
    return given


def _overrides(overrides: ArrayLike | None, count: int, size: int) -> Array | None:
    if overrides is None:
        return None
    given = as_matrix(overrides, "overrides")
    if given.shape != (count, size):
        raise ArgumentError(
            f"overrides is {given.shape[0]} x {given.shape[1]} where there are {count} shocks "
            f"and {size} contracts; give one row a shock and one column a contract"
        )
    below = np.argwhere(given < -1)
    if below.size:
        row, column = below[0]
        raise ArgumentError(
            f"overrides is {given[row, column]:g} at row {row + 1}, column {column + 1}; it must be at least -1, "
            "the loss of the whole price"
        )
    return None if np.isnan(given).all() else given
