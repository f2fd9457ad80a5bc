"""Funding on the desk that can hardly have settled so: rates carried forward from row to row, or per cent points.

Refresh reads a file with the same judgement and takes one rate a settlement; on the sheet rates stand as they were
typed or pasted, so they are counted as they stand, and doubted aloud.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.arrays import Array, Times
from core.errors import listed
from core.estimate.funding.cadence import funding_cadence
from core.market.panel import Panel
from core.numeric.median import median
from core.units import HOURS_PER_DAY

from ....plausible import FUNDING_SETTLED

__all__ = ["doubts_of_funding"]

STANDS_STILL = 0.5
"""Share of the rows that repeat the rate before, from which on it may be carried: each settlement fills two rows."""


def doubts_of_funding(panel: Panel) -> Iterator[str]:
    """One sentence for each kind of doubt, with the contracts and the way out."""
    carried, large = [], []
    limit = FUNDING_SETTLED.largest * max(1.0, panel.bar_hours / HOURS_PER_DAY)
    for symbol, column in zip(panel.symbols, panel.funding.T, strict=True):
        rows = np.flatnonzero(np.isfinite(column))
        times, rates = panel.times[rows], column[rows]
        often = _times_counted(times, rates)
        if often > 1:
            carried.append(f"{symbol} ({often:.0f} times)")
        usual = median(np.abs(rates[rates != 0]))
        if usual > limit:
            large.append(f"{symbol} ({usual:.2%})")
    if carried:
        yield (
            f"Funding: rates carried forward from row to row are counted in each, more often than they settled, "
            f"for {listed(carried)}; leave each in the bar in which it settled, or Refresh from a file of them"
        )
    if large:
        yield f"Funding: usual rates are very large for {listed(large)}; if they are per cent, divide them by 100"


def _times_counted(times: Times, rates: Array) -> float:
    """How often a settlement is counted, 1 where nothing speaks for rates that are carried."""
    if len(rates) < 2 or np.mean(rates[1:] == rates[:-1]) < STANDS_STILL:
        return 1.0
    found = funding_cadence(times, rates)
    return len(rates) / len(found.rates) if found.seen in ("carried", "unclear") else 1.0
