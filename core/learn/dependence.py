"""What a model has made of two features: its mean answer where they are at chosen values, all else as it was.

    answer(x, y) = mean over the examples of model(state with feature a = x and feature b = y)

on a grid of quantiles, so that a line that bends, or two features that only matter together, can be seen in a small
table. It tells of the model and not of the market: whether the model is worth anything is said by its R2.

Source: Friedman (2001), "Greedy Function Approximation", section 8.2 (partial dependence).
"""

from __future__ import annotations

import numpy as np

from ..arrays import Array
from ..checks import whole
from ..records import dataclass
from .models import Predict

__all__ = ["QUANTILES", "Dependence", "partial_dependence"]

QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Of each feature among the examples: beyond them there are few."""

AT_ONCE = 200_000
"""Examples that a model is asked with together."""


@dataclass(frozen=True, eq=False)
class Dependence:
    """The answers of a model at values of two features, all others as they were.

    features   places of the two
    across     (P,) values of the first, down the rows of `answers`
    along      (Q,) values of the second, along its columns
    answers    (P, Q) in the unit of the errors that were learned
    """

    features: tuple[int, int]
    across: Array
    along: Array
    answers: Array


def partial_dependence(answer: Predict, states: Array, first: int, second: int) -> Dependence:
    """The dependence of a model on two features of these examples, `states` `(M, K)`, at their quantiles.

    A value that is the quantile of several shares stands once. A feature that is known nowhere has one value, NaN.
    Raises ArgumentError (features). To be called inside `models.one_thread`.
    """
    features = states.shape[1]
    places = [whole(place, "feature", at_least=0, at_most=features - 1) for place in (first, second)]
    grid = [_values(states[:, place]) for place in places]
    at_once = max(1, AT_ONCE // len(states))
    pairs = [(x, y) for x in grid[0] for y in grid[1]]
    answers: list[float] = []
    for begin in range(0, len(pairs), at_once):
        some = pairs[begin : begin + at_once]
        asked = np.tile(states, (len(some), 1))
        for place, values in zip(places, zip(*some, strict=True), strict=True):
            asked[:, place] = np.repeat(values, len(states))
        answers += answer(asked).reshape(len(some), -1).mean(axis=1).tolist()
    across, along = grid
    table = np.array(answers).reshape(across.size, along.size)
    return Dependence((places[0], places[1]), across, along, table)


def _values(column: Array) -> Array:
    known = column[np.isfinite(column)]
    return np.unique(np.quantile(known, QUANTILES)) if known.size else np.array([np.nan])
