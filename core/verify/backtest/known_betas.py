"""What was known of the betas after each row of a history: estimated at some rows, kept until the next of them.
Waits for the job `backtest`.

At a row t of `rows` the contracts are regressed on all factors over the last `window` returns up to t, newer ones
counting more where a half-life is given (`estimate.beta.factors`). Between them the last estimate stands. Nothing of a
later row is in any of them, so the bar that begins at row t may be attributed by the betas of row t.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array
from ...checks import aligned, as_matrix, whole
from ...errors import DataWarning, MissingDataError, UndefinedError, say
from ...estimate.beta.factors import factor_betas

__all__ = ["known_betas"]


def known_betas(
    returns: ArrayLike, factor_returns: ArrayLike, rows: Iterable[int], window: int, halflife: float | None = None
) -> Array:
    """Betas known after each row, `(T, N, K)`, of returns `(T, N)` on factors `(T, K)`; NaN while there are none.

    `rows` are counted from 0; `window` and `halflife` are bars. NaN: a return that is missing is left out of its pair;
    a contract with fewer than K + 2 returns in a window has no beta there. Where a window allows no estimate at all the
    last one stands, and that is said. Raises ArgumentError (shapes, window, halflife).
    """
    assets, factors = as_matrix(returns, "returns"), as_matrix(factor_returns, "factor_returns")
    aligned(assets, "returns", factors, "factor_returns")
    length = whole(window, "window", at_least=2)
    known = np.full((*assets.shape, factors.shape[1]), np.nan)
    asked = sorted({int(row) for row in rows if 0 <= row < len(assets)})
    none: list[tuple[int, str]] = []
    estimate = known[0]
    for row, end in zip(asked, [*asked[1:], len(assets)], strict=True):
        past = slice(max(row - length + 1, 0), row + 1)
        try:
            with warnings.catch_warnings():
                # A gap is told once, by whoever walks the history, and not again at each row that looks back on it.
                warnings.simplefilter("ignore", DataWarning)
                estimate = factor_betas(assets[past], factors[past], halflife).beta.T
        except (MissingDataError, UndefinedError) as error:
            none.append((row, str(error)))
        known[row:end] = estimate
    if none:
        row, reason = none[0]
        say(f"no betas could be estimated at {len(none)} of {len(asked)} rows, first at row {row + 1} ({reason})")
    return known
