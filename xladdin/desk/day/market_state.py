"""The state of the market: since when the benchmark swings as it does now, and how often the clock trades then."""

from __future__ import annotations

import warnings
from datetime import datetime
from functools import lru_cache

import numpy as np

from core.errors import BookError, DataWarning, PerpDeskError
from core.estimate.volatility.methods import volatility
from core.estimate.volatility.regime import Regimes, variance_regimes
from core.records import dataclass
from core.units import periods_per_year

from ..read.inputs import Desk
from .policy.clock import desk_clock

__all__ = ["MarketState", "read_market"]


@dataclass(frozen=True)
class MarketState:
    """The benchmark over the window: its current regime, its volatilities a year, and what follows from them."""

    regime_began: datetime
    regime_bars: int
    regime_volatility: float
    usual_volatility: float
    rebalance_hours: float


def read_market(desk: Desk) -> MarketState:
    """The current regime of the benchmark. Raises BookError when its history cannot tell."""
    bars = periods_per_year(desk.settings.bar_hours)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DataWarning)  # what is missing is said with the estimates
            regimes = _regimes(desk.benchmark_returns.tobytes())
            usual = volatility(desk.benchmark_returns, periods_per_year=bars).item()
    except PerpDeskError as error:
        raise BookError(f"sheet 'Prices': the benchmark {desk.settings.benchmark} cannot be read: {error}") from None
    first = int(regimes.start_row[-1])
    now = float(regimes.volatility[-1]) * np.sqrt(bars)
    return MarketState(
        regime_began=desk.panel.times[first - 1].item(),
        regime_bars=len(desk.benchmark_returns) - first + 1,
        regime_volatility=now,
        usual_volatility=usual,
        rebalance_hours=desk_clock(desk.settings).interval_at(now, usual),
    )


@lru_cache(maxsize=1)
def _regimes(returns: bytes) -> Regimes:
    """The regimes of float64 returns: the jobs of a day ask for the same ones, and a year of hours takes a second."""
    return variance_regimes(np.frombuffer(returns))
