"""Whether numbers can be what an argument asks for: a date is no price, 5 is no rate of 5 %, and 1e160 is nothing.

Prices, amounts, rates and their squares and products lie between 1e-50 and 1e50 with room to spare. Beyond, squares and
products no longer fit into a number, and the figures made of them would be wrong without a sign of it.

A sheet hands a date over as a number, days since 1899-12-30, so a column of dates beside the prices reads as prices of
45,000. No market moves as a calendar does: by the same whole number of minutes in nearly every row, for ever. Such a
column is refused.

Rates, returns and volatilities are decimals here. Percent points are a hundred times as large, larger than what the
world has shown; since it may show more one day they are used as they stand, with a warning.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.checks import doubt_percent, place_of
from core.errors import ArgumentError, say
from core.records import dataclass

__all__ = [
    "ANNUAL_RATE",
    "ANNUAL_VARIANCE",
    "BAR_RETURNS",
    "FEE_RATE",
    "FUNDING_SETTLED",
    "MARGIN_RATE",
    "RISK_FREE_RATE",
    "SHOCK",
    "VOLATILITY",
    "Decimals",
    "refuse_date_column",
    "refuse_sizes",
]

LARGEST, SMALLEST = 1e50, 1e-50
"""Fourth powers of these are numbers still, and so are products of several."""

FIRST_SERIAL, LAST_SERIAL = 30_000.0, 80_000.0
"""Dates from 1982 to 2119, which hold every history of a market."""

FEWEST_DATES = 5
"""Rows below which equal steps may be chance."""

LONGEST_STEP = 7.0
"""Days from one row to the next: bars of up to a week."""

ALIKE = 0.75
"""Share of the steps that are the same: four of five in a calendar of working days."""

MINUTES_PER_DAY = 1_440
SECOND = 1 / 86_400
MOST_LOOKED_AT = 10_000
"""Values of a long history that tell its size as well as all of them."""


@dataclass(frozen=True)
class Decimals:
    """What a decimal does not exceed: each value, or, for a history, its typical (median) size apart from zeros."""

    largest: float
    typical: bool = False

    def doubt(self, values: Array, name: str) -> None:
        """Say that the values look like percent points, where they do."""
        if not self.typical:
            doubt_percent(values, name, self.largest)
            return
        sizes = np.abs(values.ravel()[:: max(1, values.size // MOST_LOOKED_AT)])
        sizes = sizes[sizes > 0]
        typical = float(np.median(sizes)) if sizes.size else 0.0
        if typical > self.largest:
            usual = f"{name}: values are {typical:.3g} in size as a rule"
            say(f"{usual}, which looks like percent; give decimals (1 % = 0.01)")


ANNUAL_RATE = Decimals(5.0)
"""Returns a year: a coin's may be 500 %."""
RISK_FREE_RATE = Decimals(1.0)
VOLATILITY = Decimals(5.0)
ANNUAL_VARIANCE = Decimals(25.0)
SHOCK = Decimals(2.0)
MARGIN_RATE = Decimals(0.3)
FEE_RATE = Decimals(0.01)
BAR_RETURNS = Decimals(0.2, typical=True)
"""A bar of a day rarely moves a coin by a tenth; percent points of an hour are above this already."""
FUNDING_SETTLED = Decimals(0.005, typical=True)
"""The base rate is 0.0001 a settlement, 0.01 in percent points."""


def refuse_sizes(values: Array, name: str) -> None:
    """Nothing unless a value is larger or smaller than any of a market. Raises ArgumentError that names it."""
    sizes = np.abs(values)
    if sizes.min(initial=SMALLEST) >= SMALLEST and sizes.max(initial=LARGEST) <= LARGEST:  # as in most ranges
        return
    for outside, words in (
        (sizes > LARGEST, "larger than any figure of a market; correct it"),
        ((sizes < SMALLEST) & (sizes > 0), "smaller than any figure of a market; enter 0, or correct it"),
    ):
        if outside.any():
            value = values[outside][0]
            written = f"{value:g}" if np.isfinite(value) else "infinite"
            raise ArgumentError(f"{name} is {written}{place_of(outside)}, {words}")


def refuse_date_column(block: Array, name: str) -> None:
    """Nothing unless a column `(T,)` of the block steps as dates do. Raises ArgumentError that names it."""
    last = block[-1]
    for place in np.flatnonzero(~((last <= FIRST_SERIAL) | (last >= LAST_SERIAL))):  # a gap at the end says nothing
        column = block[:, place]
        if _steps_as_dates(column):
            which = f"column {place + 1} of {name}" if block.shape[1] > 1 else name
            raise ArgumentError(
                f"{which} looks like dates ({column[np.isfinite(column)][0]:.10g} and so on, in equal steps); "
                "select the cells without the column of dates"
            )


def _steps_as_dates(column: Array) -> bool:
    serials = column[np.isfinite(column)]
    if serials.size < FEWEST_DATES or serials.min() <= FIRST_SERIAL or serials.max() >= LAST_SERIAL:
        return False
    steps = np.diff(serials)
    usual = float(np.median(steps))
    if (steps <= 0).any() or usual > LONGEST_STEP:
        return False
    whole_minutes = abs(usual - round(usual * MINUTES_PER_DAY) / MINUTES_PER_DAY) < SECOND
    return whole_minutes and float(np.mean(np.abs(steps - usual) < SECOND)) >= ALIKE
