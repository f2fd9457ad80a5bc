"""When to trade: a clock that is asked with the outlook and the holding, and says whether it is time, and why.

    every     so many hours after the last trade
    drift     sooner when volatile: hours x (usual / now)^2, so that weights always drift as far
    calm      later when volatile: hours x (now / usual)^2, so that spikes are not traded through

Now is the volatility of the benchmark in the regime that it is in, usual that over the whole past. A book that was
never traded, or of which nobody knows when it was, is due.

Sources: `schedule` for the intervals, `estimate.volatility.regime` for the regimes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...checks import choice, number
from ...choices import CLOCKS
from ...errors import MissingDataError, UndefinedError
from ...estimate.volatility.methods import volatility
from ...estimate.volatility.regime import variance_regimes
from ...records import dataclass
from ...tolerances import ROUNDING
from .schedule import LONGEST_HOURS, SHORTEST_HOURS, USUAL_HOURS, rebalance_interval

if TYPE_CHECKING:
    from .outlook import Outlook
    from .protocol import Holding

__all__ = ["Clock", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """Whether a trade is due, in how many hours it is (0: now), the interval between two, and why."""

    due: bool
    hours_left: float
    interval: float
    why: str


@dataclass(frozen=True)
class Clock:
    """A clock of one of CLOCKS: `hours` from trade to trade in usual times, and never outside `shortest`..`longest`.

    Raises ArgumentError (kind, an interval not above zero, longest below shortest).
    """

    kind: str = "every"
    hours: float = USUAL_HOURS
    shortest: float = SHORTEST_HOURS
    longest: float = LONGEST_HOURS

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", choice(self.kind, "clock", CLOCKS))
        number(self.hours, "clock_hours", above=0)
        number(self.longest, "longest", at_least=number(self.shortest, "shortest", above=0))

    def __call__(self, outlook: Outlook, holding: Holding) -> Verdict:
        """Whether it is time."""
        return self.verdict(self.interval(outlook), holding.hours_held)

    def interval(self, outlook: Outlook) -> float:
        """Hours from trade to trade as the market is now; where its past cannot tell, those of usual times."""
        if self.kind == "every":
            return self.hours
        past = outlook.past.benchmark
        known = past[np.isfinite(past)]
        try:
            now = float(variance_regimes(known).volatility[-1])
            usual = float(volatility(known).item())
        except (MissingDataError, UndefinedError):
            return self.hours
        return self.interval_at(now, usual)

    def interval_at(self, volatility_now: float, usual_volatility: float) -> float:
        """Hours from trade to trade at two volatilities of the same unit. Raises ArgumentError."""
        if self.kind == "every":
            return self.hours
        lean = "drift" if self.kind == "drift" else "calm"
        return rebalance_interval(volatility_now, usual_volatility, self.hours, self.shortest, self.longest, lean)

    def verdict(self, interval: float, hours_held: float) -> Verdict:
        """Whether it is time so many hours after the last trade."""
        if math.isinf(hours_held):
            return Verdict(True, 0.0, interval, "when the book was last traded is not known")
        left = max(interval - hours_held, 0.0)
        due = left <= ROUNDING * interval
        words = (
            f"every {interval:.4g} h" if self.kind == "every" else f"{self.kind} asks for every {interval:.4g} h now"
        )
        return Verdict(due, 0.0 if due else left, interval, f"{words}; last traded {hours_held:.4g} h ago")
