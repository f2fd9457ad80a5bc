"""What all walks through one history share: the history itself, and what each window of it says of the contracts.

A sweep walks the same past a thousand times; what does not depend on what was decided is read once.
"""

from __future__ import annotations

from dataclasses import field

import numpy as np

from core.arrays import Array
from core.decide.policy.outlook import Methods
from core.decide.policy.outlooks import Outlooks, outlooks
from core.market.panel import Panel
from core.market.settlements import settlements
from core.numeric.rolling_moments import RollingMoments
from core.records import dataclass
from core.units import periods_per_year
from core.verify.walk.history import History, as_history

from ...read.inputs import Desk

__all__ = ["SharedPast"]

MOST = 64
"""Sets of outlooks that are kept: the latest of them, as configurations come in their order."""


@dataclass(eq=False)
class SharedPast:
    """The past of N contracts with a benchmark.

    history    as it is walked
    panel      of the contracts alone
    returns    (T, N + 1) of the contracts, net of funding, and of the benchmark; NaN where there is none
    """

    history: History
    panel: Panel
    returns: Array
    _moments: dict[int, RollingMoments] = field(default_factory=dict)
    _funding: dict[tuple[int, int], Array] = field(default_factory=dict)
    _outlooks: dict[tuple[int, Methods, tuple[int, ...]], Outlooks] = field(default_factory=dict)

    @classmethod
    def of(cls, desk: Desk) -> SharedPast:
        """That of a desk: of its contracts, with the benchmark of its Settings beside them."""
        panel, benchmark = desk.history.select(desk.universe.symbols), desk.history.select([desk.settings.benchmark])
        prices, funding = (np.ascontiguousarray(each) for each in (panel.prices, panel.funding))
        rates = np.where(panel.unread(), np.nan, np.nan_to_num(funding))
        history = as_history(prices, rates, benchmark.prices[:, 0], periods_per_year(desk.settings.bar_hours))
        returns = np.column_stack([panel.returns(), benchmark.returns()])
        return cls(history, panel, np.vstack([np.full(returns.shape[1], np.nan), returns]))

    def outlooks(self, window: int, methods: Methods, rows: tuple[int, ...]) -> Outlooks:
        """What the windows that end with these rows say, by methods that need moments alone."""
        key = window, methods, rows
        if key not in self._outlooks:
            if window not in self._moments:
                self._moments[window] = RollingMoments(self.returns, window)
            if len(self._outlooks) >= MOST:
                del self._outlooks[next(iter(self._outlooks))]
            self._outlooks[key] = outlooks(methods, self._moments[window], rows, self.history.periods_per_year)
        return self._outlooks[key]

    def funding(self, window: int, rows: tuple[int, ...]) -> Array:
        """Funding a year that longs paid in these windows, over the days of which it is known, `(D, N)`."""
        return np.array([self.paid(window, row) for row in rows]).reshape(len(rows), -1)

    def paid(self, window: int, row: int) -> Array:
        """The same in the window that ends with one row, `(N,)`."""
        if (window, row) not in self._funding:
            panel, bars = self.panel, slice(row - window, row + 1)
            found = settlements(
                panel.times[bars], panel.prices[bars], panel.funding[bars], panel.unread()[bars], panel.bar_hours
            )
            self._funding[window, row] = found.annual
        return self._funding[window, row]
