"""Round numbers and dates for the axis of a chart."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

__all__ = ["date_ticks", "power_ticks", "round_ticks"]

ALIKE, TINIEST = 1e-9, 1e-290
"""Values nearer to each other than this, relative to them or to nothing, are drawn as one."""

MOST_DATES = 8
DAYS = (1, 2, 7, 14)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def round_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Steps of 1, 2, 2.5 or 5 times a power of ten that reach around `low` and `high`."""
    if high - low <= ALIKE * max(abs(low), abs(high), TINIEST):
        pad = abs(high) * 0.1 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / about
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * nice for nice in (1, 2, 2.5, 5, 10) if size * nice >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [number * step for number in range(first, last + 1)]


def power_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten, those that reach around `low` and `high`, both above zero."""
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    every = [number * 10.0**power for power in powers for number in (1, 2, 5)]
    first = max(place for place, tick in enumerate(every) if tick <= low)
    last = min(place for place, tick in enumerate(every) if tick >= high)
    return every[first : last + 1]


def date_ticks(first: datetime, last: datetime) -> list[tuple[datetime, str]]:
    """Days or first days of months between two moments, at most about eight, each with its label."""
    for days in DAYS:
        if (last - first) <= timedelta(days=days * MOST_DATES):
            start = datetime(first.year, first.month, first.day) + timedelta(days=1)
            count = int((last - start) / timedelta(days=days)) + 1
            moments = [start + timedelta(days=days * number) for number in range(max(count, 0))]
            return [(moment, f"{moment.day} {moment:%b}") for moment in moments]
    start_month, end_month = (moment.year * 12 + moment.month - 1 for moment in (first, last))
    step = next((each for each in MONTHS if (end_month - start_month) <= each * MOST_DATES), MONTHS[-1])
    months = range(-(-(start_month + 1) // step) * step, end_month + 1, step)
    return [(datetime(month // 12, month % 12 + 1, 1), _month(month, step)) for month in months]


def _month(month: int, step: int) -> str:
    moment = datetime(month // 12, month % 12 + 1, 1)
    return f"{moment:%Y}" if step >= 12 else f"{moment:%b %Y}"
