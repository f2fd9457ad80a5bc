"""Judging a forecast on data it has not seen: walk forward in time, purged and embargoed.

A forecast made at row t is about rows t+1 .. t+horizon, so it can only be scored, or learned from, once those rows
have passed. Walking forward, a block of rows is forecast by a model that has learned from earlier rows only:

    purged       no example is learned from whose outcome reaches past the first row of the block
    embargoed    nor one whose outcome ends fewer than `embargo` rows before it, because neighbours resemble each other

    out-of-sample R2 = 1 - sum (actual - forecast)^2 / sum (actual - rule)^2        above 0: better than the rule

Sources: Lopez de Prado (2018), "Advances in Financial Machine Learning", chapter 7 (purging and embargo); Campbell and
Thompson (2008), "Predicting Excess Stock Returns Out of Sample" (R2 against a simple rule).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..arrays import Array
from ..checks import enough, number
from ..errors import ArgumentError, MissingDataError
from ..records import dataclass

__all__ = ["Fold", "out_of_sample_r2", "walk_forward"]

Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Fold:
    """One step of the walk: which examples are learned from and which are forecast, as positions among `rows`."""

    train: Positions
    test: Positions


def walk_forward(rows: ArrayLike, horizon: int, folds: int = 5, embargo: int = 0) -> tuple[Fold, ...]:
    """Folds of examples made at these rows: the first half is only learned from, the second is forecast in blocks.

    Shapes: `rows` (M,), the row numbers at which forecasts are made, increasing (gaps are allowed); examples made at
    the same row stay together. Units of `horizon` and `embargo`: rows. Each test block is tested once, and its training
    examples all have row + horizon + embargo <= first row of the block.
    Raises ArgumentError (order of rows, a number out of bounds) and MissingDataError (too few rows to learn from).
    """
    made_at = np.asarray(rows, dtype=np.int64).reshape(-1)
    outcome = int(number(horizon, "horizon", at_least=1)) + int(number(embargo, "embargo", at_least=0))
    blocks = int(number(folds, "folds", at_least=1))
    if (np.diff(made_at) < 0).any():
        raise ArgumentError("rows must increase; sort them")
    moments, first_of = np.unique(made_at, return_index=True)
    enough(len(moments), 2 * blocks, "rows")

    walk = []
    edges = np.append(first_of, len(made_at))
    for block in np.array_split(np.arange(len(moments))[len(moments) // 2 :], blocks):
        first = moments[block[0]]
        train = np.flatnonzero(made_at + outcome <= first)
        if not train.size:
            raise MissingDataError(
                f"rows leave nothing to learn from before row {first} with a horizon and embargo of {outcome} rows; "
                "select a longer history"
            )
        walk.append(Fold(train, np.arange(edges[block[0]], edges[block[-1] + 1])))
    return tuple(walk)


def out_of_sample_r2(actual: Array, forecast: Array, rule: Array) -> float:
    """One less the forecast's sum of squared errors over the rule's; 0 when the rule is never wrong.

    Shapes: (M,) each, without gaps. Unbounded below; 1 is a perfect forecast.
    """
    errors = float(((actual - rule) ** 2).sum())
    return 1.0 - float(((actual - forecast) ** 2).sum()) / errors if errors > 0 else 0.0
