"""The settlements in a column of funding rates: which rows settled, what speaks for it, and what a desk should know."""

from __future__ import annotations

import numpy as np

from core.arrays import Array
from core.errors import FeedError
from core.estimate.funding.cadence import FundingCadence, funding_cadence
from core.units import HOURS_PER_YEAR

from .feed import Times

__all__ = ["settlements_in", "to_the_minute"]

LARGE = 0.005
"""A rate that is usual above half a per cent is more likely in per cent points than a decimal."""


def settlements_in(
    times: Times, rates: Array, reading: str, sure: bool, source: str, notes: list[str]
) -> tuple[Times, Array]:
    """When funding settled and at which rates; what was assumed is added to the notes.

    `reading`: auto, settled or carried. `sure`: the headings say that each row is a settlement. Times are brought to
    the minute: venues stamp a settlement some milliseconds late. Raises FeedError for rates at irregular times.
    """
    minutes, first = np.unique(to_the_minute(times), return_index=True)
    rates = rates[first]
    found = funding_cadence(minutes, rates, "settled" if sure and reading == "auto" else reading)
    if found.seen == "irregular":
        raise FeedError(
            f"the funding in {source} changes at irregular times less than an hour apart, as a predicted rate does; "
            "give the rates that settled, or say --funding settled or --funding carried"
        )
    each = " and ".join(f"{hours:g} h" for hours in found.hours)
    if found.seen == "carried":
        notes.append(f"the funding in {source} is carried forward: one settlement each {each} was taken")
    if found.seen == "unclear":
        notes.append(_both_readings(minutes, rates, found, source))
    typical = np.median(np.abs(found.rates[found.rates != 0])) if found.rates.any() else 0.0
    if typical > LARGE:
        notes.append(
            f"a funding of {typical:.2%} a settlement is usual in {source}; if they are per cent, divide them by 100"
        )
    return found.settled_at, found.rates


def to_the_minute(times: Times) -> Times:
    """The nearest minute of each time."""
    return (times + np.timedelta64(30, "s")).astype("datetime64[m]").astype("datetime64[s]")


def _both_readings(times: Times, rates: Array, found: FundingCadence, source: str) -> str:
    days = (times[-1] - times[0]) / np.timedelta64(24, "h") + np.diff(times).min() / np.timedelta64(24, "h")
    settled, hours = rates.sum() / days * HOURS_PER_YEAR / 24, found.hours[0]
    one_each = funding_cadence(times, rates, "carried").rates
    carried = one_each.mean() * HOURS_PER_YEAR / hours if len(one_each) else 0.0
    taken = "as it stands" if len(found.rates) == len(rates) else f"as one settlement each {hours:g} h"
    return (
        f"the funding in {source} changes too seldom to tell whether it is carried forward; it was read {taken}: "
        f"{settled:.1%} a year if every row settled, {carried:.1%} if one each {hours:g} h did; "
        "--funding settled or --funding carried decides"
    )
