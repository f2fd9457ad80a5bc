"""Units of time and money: the only place where such constants live.

Perpetual futures trade around the clock, so a year has 365 days and no holidays. Rates, returns and
volatilities are decimals (0.01 = 1 %); a basis point is 1e-4.
"""

from __future__ import annotations

import math

from .errors import ArgumentError

__all__ = ["BASIS_POINT", "DAYS_PER_YEAR", "HOURS_PER_DAY", "HOURS_PER_YEAR", "daily_volatility", "periods_per_year"]

DAYS_PER_YEAR = 365
HOURS_PER_DAY = 24
HOURS_PER_YEAR = DAYS_PER_YEAR * HOURS_PER_DAY
BASIS_POINT = 1e-4


def periods_per_year(bar_hours: float) -> float:
    """Bars in a year of 365 days: 8760 for hourly bars, 1095 for 8-hour bars, 365 for daily bars."""
    if not bar_hours > 0:
        raise ArgumentError(f"bar_hours is {bar_hours:g}; it must be a positive number of hours")
    return HOURS_PER_YEAR / bar_hours


def daily_volatility(annual_volatility: float) -> float:
    """Volatility of a day from that of a year: variance grows with time, so it is divided by the root of 365."""
    return annual_volatility / math.sqrt(DAYS_PER_YEAR)
