"""Scenarios: what each of them does to the price of each contract.

    r_i = (beta_i + c (sigma_i / sigma_m - beta_i) + d) x + k own_i        and never below -1

with x the market's move, d a shift of every beta, c how far correlation goes to one, own_i the contract's own part and
k the multiple of volatility in which it comes. A beta is rho_i sigma_i / sigma_m: at c = 1 the correlation rho_i with
the market is one, and every contract moves by its own volatility in the market's direction. A move that is known
replaces the formula (an override).

Source: Sharpe (1963), the single-index model; Basel Committee, "Stress testing principles" (2018), for the shocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, as_vector, finite, numbers
from ...errors import ArgumentError, PerpDeskError
from ..path.many_scenarios import Moves

__all__ = ["Shocks", "as_shocks", "scenario_faults"]


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
    quantities: ArrayLike,
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
    """The scenarios, checked; see the module for the formula.

    Shapes: `quantities`, `betas`, `volatility_ratios` (N,); `idiosyncratic` (N,) or one for all; `market_shocks` (S,);
    `funding_shock`, `beta_shift`, `volatility_multiplier`, `correlation_shock` (S,) or one for all; `overrides` (S, N).
    Units: decimals; `correlation_shock` 0 (as it is) to 1 (all move as one).
    NaN: an override that leaves the formula; a beta that no scenario needs (quantity 0, or overridden in all of them).
    Raises ArgumentError (bounds, lengths) and MissingDataError (a value is missing).
    """
    held = numbers(quantities, "quantities") != 0
    size = held.size
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


def scenario_faults(
    quantities: ArrayLike,
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
) -> tuple[str, ...]:
    """Why each scenario cannot be run, '' where it can: the reason that `as_shocks` gives for it alone.

    Arguments as for `as_shocks`. What is wrong with the book is wrong in each scenario. Raises ArgumentError when the
    scenarios cannot be told apart (their lengths differ).
    """
    market = np.atleast_1d(np.asarray(market_shocks, dtype=np.float64)).reshape(-1)
    named = {
        "funding_shock": funding_shock,
        "beta_shift": beta_shift,
        "volatility_multiplier": volatility_multiplier,
        "correlation_shock": correlation_shock,
    }
    each = {name: as_vector(values, name, market.size, "shock") for name, values in named.items()}
    rows = None if overrides is None else np.asarray(overrides, dtype=np.float64)
    if rows is not None and len(rows) != market.size:
        raise ArgumentError(
            f"overrides has {len(rows)} rows where there are {market.size} shocks; give one row a shock"
        )
    reasons = []
    for row, shock in enumerate(market):
        try:
            as_shocks(
                quantities,
                betas,
                shock,
                idiosyncratic=idiosyncratic,
                overrides=None if rows is None else rows[row : row + 1],
                volatility_ratios=volatility_ratios,
                **{name: values[row] for name, values in each.items()},
            )
        except PerpDeskError as fault:
            reasons.append(str(fault))
        else:
            reasons.append("")
    return tuple(reasons)


def _ratios(ratios: ArrayLike | None, slopes: Array, needed: Array, closer: Array) -> Array:
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
