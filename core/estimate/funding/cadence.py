"""Funding cadence: when funding settled, read from where its rate changes.

Many collections carry a rate forward: every hourly row shows the rate that settled last. Its sum is several times what
was paid. Only a settlement changes a rate, so the rows at which it changes tell the interval; equal rates tell
nothing, for hourly venues pay the same base rate for days.

The intervals are the path through the changes that describes them in the fewest bits (Viterbi):

    a change on the grid of an interval of m rows     -log2 m    by chance one row in m is on it
    a change off that grid                            OFF_GRID
    an interval of m rows after one of m'             SWITCH x |log2 m - log2 m'|; before the first change m' = 1

So an interval of 8 rows is believed when its changes would fall on one row in eight by chance once in 8^10 times.
Where the interval changes inside a run of equal rates nobody can see when: the middle of the run is taken.

Sources: Viterbi (1967), IEEE Transactions on Information Theory 13; Rissanen (1978), "Modeling by Shortest Data
Description", Automatica 14.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ...arrays import Array, Mask, Rows, Times
from ...checks import as_vector, choice
from ...errors import ArgumentError
from ...records import dataclass

__all__ = ["READINGS", "FundingCadence", "funding_cadence"]

Seen = Literal["settled", "carried", "padded", "unclear", "irregular"]

READINGS = ("auto", "settled", "carried")

SWITCH = 10.0
OFF_GRID = 10.0
LIKELY = 7.0
"""Bits: the first two as above; from `LIKELY` on, a short history speaks rather for a carried rate than against it."""

HOUR = 3600
INTERVAL_HOURS = (1, 2, 3, 4, 6, 8, 12, 24)
"""Hours between settlements that venues have had; all divide a day."""

USUAL = 8 * HOUR
"""The interval of most contracts, and the longest that a short history is suspected of."""


@dataclass(frozen=True, eq=False)
class FundingCadence:
    """What a column of funding rates turned out to be, and the settlements in it.

    seen        settled: each row is a settlement; carried: rows repeat the last one; padded: zeros stand between
                settlements; unclear: too few changes to tell; irregular: rows closer than an hour, on no grid
    settled_at  (M,) datetime64[s], increasing
    rates       (M,) decimals
    hours       the intervals of a carried rate, longest first; what it may be when unclear
    """

    seen: Seen
    settled_at: Times
    rates: Array
    hours: tuple[float, ...] = ()


def funding_cadence(times: Times, rates: ArrayLike, reading: str = "auto") -> FundingCadence:
    """The settlements in a column of funding rates.

    Shapes: `times` (T,) datetime64 in UTC, increasing; `rates` (T,) decimals. NaN: a row without a rate is no row.
    `reading`: auto judges; settled takes each row; carried takes one row a settlement, every 8 hours from midnight
    where no interval can be seen. An unclear column is answered as carried when that is likelier, else as settled.
    Raises ArgumentError (lengths, order, reading).
    """
    wanted = choice(reading, "reading", READINGS)
    seconds, values = _given(times, rates)
    if wanted == "settled" or len(values) < 2 or not values.any():
        return _answer("settled", seconds, values)
    steps = np.diff(seconds)
    row = int(steps.min())
    longer = [hours * HOUR for hours in INTERVAL_HOURS if hours * HOUR > row and not hours * HOUR % row]
    grids = np.array([row, *longer])

    paid = values != 0
    if wanted == "auto" and 2 * paid.sum() < len(paid) and _path(seconds[paid], grids).all():
        on_grid, _ = _carried(seconds, seconds[paid], grids)
        rows = np.union1d(on_grid, np.flatnonzero(paid))
        return _answer("padded", seconds[rows], values[rows])

    changes = seconds[1:][(values[1:] != values[:-1]) & (steps == row)]
    if _path(changes, grids).any():
        rows, settled_at = _carried(seconds, changes, grids)
        return _answer("carried", settled_at, values[rows], _found(np.diff(settled_at), grids))
    suspects = grids[(grids <= USUAL) & (grids > row) & _always_on(changes, grids)]
    if wanted == "auto" and not suspects.size:
        return _answer("irregular" if row < HOUR and len(changes) > 1 else "settled", seconds, values)
    interval = suspects[-1:] if suspects.size else np.array([max(USUAL, row)])
    rows, settled_at = _carried(seconds, changes[:0] if not suspects.size else changes[:1], interval)
    if wanted == "carried":
        return _answer("carried", settled_at, values[rows], interval)
    if (len(changes) - 1) * np.log2(interval[0] / row) < LIKELY:
        return _answer("unclear", seconds, values, interval)
    return _answer("unclear", settled_at, values[rows], interval)


def _given(times: Times, rates: ArrayLike) -> tuple[Rows, Array]:
    """The rows that have a rate: seconds since 1970 and decimals. Raises ArgumentError."""
    values = as_vector(rates, "rates") if np.size(rates) else np.empty(0)
    seconds = np.asarray(times, dtype="datetime64[s]").reshape(-1).astype(np.int64)
    if len(seconds) != len(values):
        raise ArgumentError(f"times has {len(seconds)} rows and rates has {len(values)}; give one each")
    there = np.isfinite(values)
    seconds, values = seconds[there], values[there]
    if (np.diff(seconds) <= 0).any():
        raise ArgumentError("times must increase from row to row; sort the rows and remove duplicates")
    return seconds, values


def _answer(seen: Seen, seconds: Rows, rates: Array, intervals: Rows | None = None) -> FundingCadence:
    found = () if intervals is None else tuple(float(each) / HOUR for each in np.unique(intervals)[::-1])
    return FundingCadence(seen, seconds.astype("datetime64[s]"), rates, found)


def _found(gaps: Rows, grids: Rows) -> Rows:
    """The intervals of the grids that lie between settlements more than once."""
    lengths, counts = np.unique(gaps, return_counts=True)
    return np.intersect1d(lengths[counts > 1], grids)


def _phases(events: Rows, grids: Rows) -> Rows:
    """Where on each grid the events mostly fall, seconds after midnight; 0 without events."""
    if not len(events):
        return np.zeros(len(grids), dtype=np.int64)
    found = [np.unique(events % grid, return_counts=True) for grid in grids]
    return np.array([offsets[counts.argmax()] for offsets, counts in found])


def _always_on(events: Rows, grids: Rows) -> Mask:
    """Which grids have all events on them."""
    return np.asarray((events[:, np.newaxis] % grids == _phases(events, grids)).all(axis=0))


def _path(events: Rows, grids: Rows) -> Rows:
    """Number of the grid at each event, (K,), on the path of fewest bits; 0 is a settlement in each row."""
    levels = np.log2(grids / grids[0])
    on_grid = events[:, np.newaxis] % grids == _phases(events, grids)
    bits = np.where(on_grid, -levels, OFF_GRID)
    switches = SWITCH * np.abs(np.subtract.outer(levels, levels))
    total, came_from = switches[0], np.zeros(on_grid.shape, dtype=np.int64)
    every = np.arange(len(grids))
    for event, cost in enumerate(bits):
        ways = total[:, np.newaxis] + switches if event else np.broadcast_to(total, switches.shape)
        came_from[event] = ways.argmin(axis=0)
        total = ways[came_from[event], every] + cost
    path = np.zeros(len(events), dtype=np.int64)
    state = int(total.argmin())
    for event in range(len(events) - 1, -1, -1):
        path[event] = state
        state = int(came_from[event, state])
    return path


def _carried(seconds: Rows, events: Rows, grids: Rows) -> tuple[Rows, Rows]:
    """Rows that show a new settlement of a carried rate, and the instants at which those settled.

    A row shows the settlement of the last instant of its grid; it is new when no earlier row has shown it.
    """
    path = _path(events, grids) if len(events) else np.zeros(1, dtype=np.int64)
    middles = (events[1:] + events[:-1]) / 2
    grid = path[np.searchsorted(middles, seconds, side="right")]
    settled_at = seconds - (seconds - _phases(events, grids)[grid]) % grids[grid]
    before = np.concatenate([settled_at[:1] - 1 if settled_at[:1] == seconds[:1] else seconds[:1], seconds[:-1]])
    rows = np.flatnonzero(settled_at > before)
    return rows, settled_at[rows]
