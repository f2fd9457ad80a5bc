"""How the contracts move together: the correlations of those that bring most of the risk."""

from __future__ import annotations

import numpy as np

from core.arrays import Array, Rows
from core.records import dataclass
from core.verify.risk.concentration import correlations

from ...layout.risk_tables import MOST_CORRELATED

__all__ = ["Correlated", "correlated"]

DIGITS = 9
"""Of a correlation, from which on two are the same."""


@dataclass(frozen=True)
class Correlated:
    """Correlations `(k, k)` of the contracts at `shown` `(k,)`, NaN of one that does not move; `left_out` others.

    `variance` is their share of that of the target, of the book held where nothing is wanted; NaN without any.
    `closest` and `loosest` are pairs of places among those shown; None where there is no pair.
    """

    shown: Rows
    left_out: int
    variance: float
    matrix: Array
    mean: float
    closest: tuple[int, int] | None
    loosest: tuple[int, int] | None


def correlated(covariance: Array, shares: Array) -> Correlated:
    """The first MOST_CORRELATED contracts, in their order, of `covariance` `(n, n)`; `shares` `(n,)` of variance."""
    shown = np.arange(min(len(covariance), MOST_CORRELATED))
    matrix = correlations(covariance[np.ix_(shown, shown)])
    rows, columns = np.triu_indices(len(shown), 1)
    pairs = matrix[rows, columns]
    known = np.flatnonzero(~np.isnan(pairs))
    apart = np.round(pairs[known], DIGITS)  # of pairs that are as close the first is named, whatever the last bits are
    ends = [known[function(apart)] for function in (np.argmax, np.argmin)] if known.size else [None, None]
    closest, loosest = (None if end is None else (int(rows[end]), int(columns[end])) for end in ends)
    return Correlated(
        shown=shown,
        left_out=len(covariance) - len(shown),
        variance=float(shares[shown].sum()),
        matrix=matrix,
        mean=float(pairs[known].mean()) if known.size else np.nan,
        closest=closest,
        loosest=loosest,
    )
