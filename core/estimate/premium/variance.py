"""The variance risk premium: what options charge for variance, less what variance turns out to be.

    vrp = implied^2 - realised        realised = mean r^2 x periods a year

Buyers of insurance pay it, so it is above zero most of the time. A holder of perpetuals also swings with the funding
paid, so the realised leg may be taken net of it: r - f. Tilting expected returns by it leans toward the contracts in
which fear is dear:

    tilted mu = mu + coefficient x vrp

Sources: Carr and Wu (2009), "Variance Risk Premiums"; Bollerslev, Tauchen and Zhou (2009), "Expected Stock Returns and
Variance Risk Premia".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_matrix, as_vector, doubt_percent, number
from ...errors import ArgumentError, MissingDataError, say
from ...market.returns import settled_rates
from ..volatility.methods import realised_variance

__all__ = ["tilt_expected_returns", "variance_risk_premium"]

LARGEST_DECIMAL = 5.0
"""Implied volatility above which it is more likely percent points than a decimal: 500 % a year."""


def variance_risk_premium(
    implied_vol: ArrayLike, returns: ArrayLike, periods_per_year: float = 1, funding: ArrayLike | None = None
) -> Array:
    """Implied variance less realised variance of each contract, a year.

    Shapes: `implied_vol` (N,), one for all or one each; `returns` (T, N) -> (N,); `funding` (T, N) rates settled in
    each bar, longs pay when positive.
    Units: implied volatility a year, decimals (0.6 = 60 %); returns per bar; squared decimals a year out.
    NaN: a missing return, or one whose funding is missing, is left out with a DataWarning; a contract without implied
    volatility is NaN, with a DataWarning. A DataWarning also says where an implied volatility above 5 looks like
    percent; it is used as it stands. Where none settled funding is 0.
    Raises ArgumentError (shapes, negative implied volatility, periods_per_year) and MissingDataError (no implied
    volatility, or no return, at all).
    """
    block = as_matrix(returns, "returns")
    implied = _implied(implied_vol, block.shape[1])
    net = block - settled_rates(funding, block, "returns")
    return implied**2 - realised_variance(net, periods_per_year)


def tilt_expected_returns(expected_returns: ArrayLike, vrp: ArrayLike, coefficient: float = 0.1) -> Array:
    """Expected returns plus `coefficient` x variance risk premium, contract by contract.

    Shapes: (N,) and (N,), one premium for all or one each -> (N,). Units: a year, decimals.
    NaN: where either is missing, with a DataWarning: a missing premium is not one of zero.
    Raises ArgumentError (lengths, coefficient) and MissingDataError (no expected return, or no premium, at all).
    """
    mu = as_vector(expected_returns, "expected_returns")
    premium = as_vector(vrp, "vrp", mu.size)
    slope = number(coefficient, "coefficient")
    _say_missing(mu, "expected_returns")
    _say_missing(premium, "vrp")
    return mu + slope * premium


def _implied(implied_vol: ArrayLike, contracts: int) -> Array:
    implied = as_vector(implied_vol, "implied_vol", contracts)
    _say_missing(implied, "implied_vol")
    if (implied < 0).any():
        place = int(np.argmax(implied < 0))
        raise ArgumentError(f"implied_vol is {implied[place]:g} at position {place + 1}; a volatility is not negative")
    doubt_percent(implied, "implied_vol", LARGEST_DECIMAL)
    return implied


def _say_missing(values: Array, name: str) -> None:
    known = np.isfinite(values)
    if not known.any():
        raise MissingDataError(f"{name} is missing for every contract; fill in at least one")
    if not known.all():
        said = f"{name} is missing at position {int(np.argmin(known)) + 1}, so there is no result there"
        say(said)
