"""The outlooks of many rows at once: what `Outlook` estimates from the window that ends with each, in stacks.

Where no row of a window is missing anything, and the methods need its moments alone (`sample` or `ledoit_wolf`, and
`ols`), nothing depends on what was decided before: a run is estimated before it is walked, each row from its own
window. The figures are those of `Outlook`, and what is not known here is left to it.

Sources: those of `outlook`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask
from ...estimate.covariance.methods import FROM_MOMENTS, covariance_of_moments
from ...numeric.rolling_moments import RollingMoments
from .outlook import Methods
from .past import Past

__all__ = ["Outlooks", "need_moments_alone", "outlooks"]


class Outlooks(NamedTuple):
    """Figures a year of N contracts at D rows, each of which holds where it is `known` `(D,)`.

    covariances        (D, N, N)
    expected_returns   (D, N) net of funding
    """

    covariances: Array
    expected_returns: Array
    known: Mask


def need_moments_alone(methods: Methods) -> bool:
    """Whether these methods read nothing of a window without gaps but its moments."""
    return methods.beta == "ols" and methods.covariance in FROM_MOMENTS and methods.variance_tilt == 0


def outlooks(past: Past, methods: Methods, moments: RollingMoments, rows: Sequence[int], funding: Array) -> Outlooks:
    """The outlooks at the close of these rows, by methods that need moments alone.

    Args:
        past: all rows; no views and no implied volatilities.
        methods: how they are read.
        moments: of their returns and then the benchmark.
        rows: D rows, counted from 0.
        funding: `(D, N)` what was expected at each, a year.
    """
    found, known = moments.ending_at_each(rows)
    with np.errstate(all="ignore"):  # where it is not known
        covariances = covariance_of_moments(found, methods.covariance, past.periods_per_year)
        products = found.products[:, -1]
        betas = products[:, :-1] / products[:, -1:]
        market = past.market_return
        earned = past.periods_per_year * found.mean[:, -1] if market is None else np.full(len(rows), market)
        expected = past.risk_free + betas * (earned - past.risk_free)[:, np.newaxis] - funding
    return Outlooks(covariances, expected, known & (products[:, -1] > 0))
