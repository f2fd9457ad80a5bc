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

__all__ = ["Outlooks", "need_moments_alone", "outlooks"]


class Outlooks(NamedTuple):
    """Figures a year of N contracts at D rows, each of which holds where it is `known` `(D,)`.

    covariances        (D, N, N)
    betas              (D, N)
    market             (D,) mean return of the benchmark
    """

    covariances: Array
    betas: Array
    market: Array
    known: Mask

    def expected_returns(self, risk_free: float, market_return: float | None, funding: Array) -> Array:
        """Returns a year net of `funding` `(D, N)`, `(D, N)`; the market earns its mean where none is stated."""
        with np.errstate(all="ignore"):  # where they are not known
            earned = self.market if market_return is None else np.full(self.market.size, market_return)
            return np.asarray(risk_free + self.betas * (earned - risk_free)[:, np.newaxis] - funding)


def need_moments_alone(methods: Methods) -> bool:
    """Whether these methods read nothing of a window without gaps but its moments."""
    return methods.beta == "ols" and methods.covariance in FROM_MOMENTS and methods.variance_tilt == 0


def outlooks(methods: Methods, moments: RollingMoments, rows: Sequence[int], periods_per_year: float) -> Outlooks:
    """The outlooks at the close of D rows, counted from 0, by methods that need moments alone.

    `moments` are those of the returns and then the benchmark. There are no views and no implied volatilities.
    """
    found, known = moments.ending_at_each(rows)
    with np.errstate(all="ignore"):  # where it is not known
        covariances = covariance_of_moments(found, methods.covariance, periods_per_year)
        products = found.products[:, -1]
        betas = products[:, :-1] / products[:, -1:]
        market = periods_per_year * found.mean[:, -1]
    return Outlooks(covariances, betas, market, known & (products[:, -1] > 0))
