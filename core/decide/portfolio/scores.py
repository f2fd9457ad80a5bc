"""Scores of contracts for the overlay: which to hold more of, which less.

    standardised    z_i = (x_i - mean x) / standard deviation of x        across the contracts
    score           (z of -(downside_i / volatility_i) + z of vrp_i) / 2

A contract whose falls are larger than its swings let expect scores low; so does one whose options charge less for
variance than it delivers (a negative variance risk premium): its risk is not paid for. Each leg is standardised, so
both count the same whatever their units.

Sources: Ang, Chen and Xing (2006), "Downside Risk"; Carr and Wu (2009), "Variance Risk Premiums".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import as_vector
from ...errors import ArgumentError, say
from ...estimate.regression import quotient
from ...tolerances import ROUNDING

__all__ = ["overlay_scores", "standardised"]


def standardised(values: ArrayLike, name: str = "scores") -> Array:
    """Each value as standard deviations from the mean of all: mean 0, population standard deviation 1.

    Shape: (N,). NaN stays and counts for nothing. Values that are all the same have no spread: they become 0.
    Raises ArgumentError (not numbers, infinite).
    """
    vector = as_vector(values, name)
    known = np.isfinite(vector)
    if not known.any():
        return vector
    size = float(np.abs(vector[known]).max())
    if np.ptp(vector[known]) <= ROUNDING * size:
        return np.where(known, 0.0, np.nan)
    # Scaled first: the squares of very large or very small scores would leave the range of a number.
    scaled = vector / size
    centred = scaled - scaled[known].mean()
    return np.asarray(centred / np.sqrt(np.mean(centred[known] ** 2)))


def overlay_scores(
    downside_risk: ArrayLike, variance_premium: ArrayLike | None = None, volatility: ArrayLike | None = None
) -> Array:
    """Score of each contract from its downside risk and its variance risk premium; higher = hold more.

    Shapes: `(N,)` each -> `(N,)`. Units: `downside_risk` (downside semideviation) and `volatility` of the same period;
    without volatility the downside is compared across the contracts as it stands. `variance_premium` as from
    `variance_risk_premium`; None = scored on the downside alone.
    NaN: a contract is scored on the leg that is known; one without any is NaN, with a DataWarning.
    Raises ArgumentError (lengths, downside risk below zero, volatility not above zero).
    """
    downside = as_vector(downside_risk, "downside_risk")
    if (downside < 0).any():
        place = int(np.argmax(downside < 0))
        raise ArgumentError(f"downside_risk is {downside[place]:g} at position {place + 1}; it must be at least 0")
    if volatility is not None:
        deviation = as_vector(volatility, "volatility", downside.size)
        if (deviation <= 0).any():
            place = int(np.argmax(deviation <= 0))
            raise ArgumentError(f"volatility is {deviation[place]:g} at position {place + 1}; it must be above 0")
        downside = downside / deviation
    legs = [standardised(-downside, "downside_risk")]
    if variance_premium is not None:
        premium = as_vector(variance_premium, "variance_premium", downside.size)
        legs.append(standardised(premium, "variance_premium"))
    return _mean_of_known(np.array(legs))


def _mean_of_known(legs: Array) -> Array:
    """Mean of each column over the legs that are known; NaN where none is, with a DataWarning."""
    known = np.isfinite(legs)
    counts = known.sum(axis=0)
    if not counts.all():
        place = int(np.argmin(counts)) + 1
        say(f"no score at position {place}: nothing is known of that contract")
    return quotient(np.where(known, legs, 0.0).sum(axis=0), counts)
