"""The past: what is known at a rebalance, and nothing of what comes after.

A walk through history hands each rebalance the rows up to then, so no policy can look ahead, and a job on the desk
hands over its window: both are judged by the same rule.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask
from ...checks import aligned, as_matrix, as_vector, number, numbers
from ...estimate.regression import quotient
from ...records import dataclass
from ...units import DAYS_PER_YEAR

__all__ = ["Past"]


@dataclass(frozen=True)
class Past:
    """What is known at a rebalance, the last row of `returns` being the latest bar that has closed.

    returns           (T, N) per bar; a gap is NaN
    market_returns    (T,) of the benchmark; None: the mean of the contracts
    funding           (N,) or one for all: expected funding a year, positive = longs pay
    implied_vols      (N,) a year, NaN where none is quoted; None: none
    views             (N,) own expected returns a year before funding, NaN for no view; None: none
    periods_per_year  bars in a year
    risk_free         a year
    market_return     expected return of the benchmark a year; None: its mean so far

    Raises ArgumentError (shapes, values out of range), MissingDataError (a gap in the funding).
    """

    returns: ArrayLike
    market_returns: ArrayLike | None = None
    funding: ArrayLike = 0.0
    implied_vols: ArrayLike | None = None
    views: ArrayLike | None = None
    periods_per_year: float = float(DAYS_PER_YEAR)
    risk_free: float = 0.0
    market_return: float | None = None

    def __post_init__(self) -> None:
        block = as_matrix(self.returns, "returns")
        keep = {"returns": block, "funding": numbers(self.funding, "funding", block.shape[1])}
        if self.market_returns is not None:
            keep["market_returns"] = as_vector(self.market_returns, "market_returns")
            aligned(block, "returns", keep["market_returns"], "market_returns")
        for name in ("implied_vols", "views"):
            if getattr(self, name) is not None:
                keep[name] = as_vector(getattr(self, name), name, block.shape[1])
        number(self.periods_per_year, "periods_per_year", above=0)
        number(self.risk_free, "risk_free")
        if self.market_return is not None:
            number(self.market_return, "market_return")
        for name, values in keep.items():
            object.__setattr__(self, name, values)

    @property
    def benchmark(self) -> Array:
        """Returns of the benchmark `(T,)`: as given, or the mean of the contracts known in each bar, NaN for none."""
        if self.market_returns is not None:
            return np.asarray(self.market_returns)
        block = np.asarray(self.returns)
        known = np.isfinite(block)
        return quotient(np.where(known, block, 0.0).sum(axis=1), known.sum(axis=1))

    @property
    def benchmark_return(self) -> float:
        """Expected return of the benchmark a year: as stated, or its mean so far."""
        if self.market_return is not None:
            return self.market_return
        seen = self.benchmark
        return self.periods_per_year * float(np.mean(seen[np.isfinite(seen)]))

    def over(self, rows: slice, funding: Array) -> Past:
        """The past that these rows of it were, with the funding `(N,)` that was expected then; none is checked again.

        It is without implied volatilities and views, which are those of one moment.
        """
        other = object.__new__(Past)
        other.__dict__.update(
            self.__dict__,
            returns=np.asarray(self.returns)[rows],
            market_returns=self.benchmark[rows],
            funding=funding,
            implied_vols=None,
            views=None,
        )
        return other

    def select(self, chosen: Mask) -> Past:
        """The past of the contracts where `chosen` `(N,)` is true, against the same benchmark."""
        parts: dict[str, Any] = {
            name: np.asarray(values)[..., chosen]
            for name in ("returns", "funding", "implied_vols", "views")
            if (values := getattr(self, name)) is not None
        }
        return replace(self, market_returns=self.benchmark, **parts)
