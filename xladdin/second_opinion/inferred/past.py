"""The past of the contracts: what a long earned in each bar, and what funding took a year. pandas, bar by bar."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from itertools import pairwise

from ..inputs import Inputs
from ..tables import Frame, Series

__all__ = ["forecast_funding", "known_share", "mean_funding", "next_settlement", "returns_of"]

HOURS_A_YEAR = 365 * 24
NEXT_SETTLEMENTS = 3
HALF_LIFE = 21
"""Of the level to which rates return, in settlements."""

MOST_PERSISTENT = 0.999


def returns_of(inputs: Inputs) -> Frame:
    """close / close before - 1 - funding, of rows that are just one bar apart."""
    import pandas as pd

    paid = inputs.funding.fillna(0.0).mask(inputs.unread)
    moves = inputs.closes / inputs.closes.shift(1) - 1 - paid
    bar = pd.Timedelta(hours=inputs.number("BarHours"))
    together = inputs.closes.index.to_series().diff() == bar
    return moves.where(together, float("nan"), axis=0).iloc[1:]


def mean_funding(closes: Series, rates: Series, unread: Series, bar: float) -> float:
    """What settled, a year, over the hours of which it is known."""
    settled, hours, covered = _settlements(closes, rates, unread, bar)
    return HOURS_A_YEAR * sum(settled) / covered if hours else 0.0


def known_share(closes: Series, rates: Series, unread: Series, bar: float) -> float:
    """Of the time from the first price to the last, the share of which the funding is known; NaN without two prices."""
    priced = closes.dropna().index
    if len(priced) < 2:
        return math.nan
    _, _, covered = _settlements(closes, rates, unread, bar)
    return float(covered / ((priced[-1] - priced[0]).total_seconds() / 3600))


def forecast_funding(closes: Series, rates: Series, unread: Series, bar: float) -> float:
    """The mean of the next day of settlements, a year, where a rate goes back to its weighted mean.

    How much of a deviation is left after one settlement is learned from those so far, each against the mean of its own
    time.
    """
    settled, hours, _ = _settlements(closes, rates, unread, bar)
    if not hours:
        return 0.0
    yearly = [rate * HOURS_A_YEAR / span for rate, span in zip(settled, hours, strict=True)]
    levels = []
    total = weight = 0.0
    for rate in yearly:
        total, weight = 0.5 ** (1 / HALF_LIFE) * total + rate, 0.5 ** (1 / HALF_LIFE) * weight + 1
        levels.append(total / weight)
    products = squares = 0.0
    for before, level, after in zip(yearly, levels, yearly[1:], strict=False):
        products += (after - level) * (before - level)
        squares += (before - level) ** 2
    left = min(max(products / squares, 0.0), MOST_PERSISTENT) if squares > 0 else 0.0
    deviation, level = yearly[-1] - levels[-1], levels[-1]
    ahead = [level + left**step * deviation for step in range(1, NEXT_SETTLEMENTS + 1)]
    return float(sum(ahead)) / NEXT_SETTLEMENTS


def next_settlement(
    closes: Series, rates: Series, unread: Series, bar: float
) -> tuple[float, datetime] | tuple[None, None]:
    """Hours that the last settlement stands for, and when the next is, so many hours on; None where none settled."""
    _, hours, _ = _settlements(closes, rates, unread, bar)
    if not hours:
        return None, None
    priced = closes.dropna().index
    due = rates[(rates.index > priced[0]) & (rates.index <= priced[-1])].dropna().index[-1].to_pydatetime()
    while due <= closes.index[-1].to_pydatetime():
        due += timedelta(hours=hours[-1])
    return hours[-1], due


def _settlements(closes: Series, rates: Series, unread: Series, bar: float) -> tuple[list[float], list[float], float]:
    """The rates that settled while the contract was priced, the hours each stands for, and the hours known in all.

    One stands for the time since the one before it; after more than a day of silence, or one with a rate that cannot be
    read, for the usual time only. After the last, a time no longer than the longest interval counts as well: its
    settlement is still to come.
    """
    priced = closes.dropna().index
    if len(priced) < 2:
        return [], [], 0.0
    held = rates[(rates.index > priced[0]) & (rates.index <= priced[-1])].dropna()
    if held.empty:
        return [], [], 0.0
    clock = [(time - priced[0]).total_seconds() / 3600 for time in held.index]
    gaps = [later - earlier for earlier, later in pairwise(clock)]
    silence = max(24.0, bar)
    lost_before = unread.index[unread].searchsorted(held.index, side="right")
    hidden = [before < after for before, after in pairwise(lost_before.tolist())]
    regular = sorted(gap for gap, lost in zip(gaps, hidden, strict=True) if gap <= silence and not lost)
    middle = len(regular) // 2
    usual = (regular[middle] + regular[~middle]) / 2 if regular else silence
    longest = regular[-1] if regular else silence
    hours = [usual]
    hours += [gap if gap <= silence and not lost else usual for gap, lost in zip(gaps, hidden, strict=True)]
    head = clock[0]
    tail = (priced[-1] - held.index[-1]).total_seconds() / 3600
    covered = sum(hours[1:]) + (head if head <= longest else usual) + (tail if tail <= longest else 0.0)
    return held.tolist(), hours, covered
