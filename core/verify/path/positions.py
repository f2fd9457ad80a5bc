"""Positions as a compiled loop wants them, one array for each thing known of them, how one is closed, and what is told.

A straight move lets a position of notional v at the price now earn l v (r - f) up to the share l of the way. Of what
it must hold, `account` says that it is the largest of the lines of its tiers, here

    level_k + growth_k l        level_k = size rate_k - amount_k        size = share open x |v|
                                growth_k = size rate_k r (linear), -amount_k r (inverse)

Source: as in `account` and `statement`.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"
# Loops take their types when they are compiled.

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...arrays import Array, Mask, Rows
from ...tolerances import ACTIVE
from .account import Account

__all__ = [
    "FEES",
    "FIGURES",
    "FIRST",
    "FIRST_AT",
    "FUNDING",
    "LIQUIDATED",
    "LOST",
    "PNL",
    "STOPPED",
    "Positions",
    "lower_tier",
    "set_needed",
    "set_stops",
]

FIGURES = PNL, FUNDING, FEES, LOST, LIQUIDATED, STOPPED, FIRST, FIRST_AT = range(8)
"""What is told of a scenario; the last is the share of the way at which the first of the liquidated is."""


class Positions(NamedTuple):
    """N positions of an account, `(N,)` or by tiers `(K, N)`; `columns` are theirs in the account.

    `stops` are moves of the price to the stop, against the position: 0 or above where it is passed now, NaN without
    one. `levels` and `slopes` are the lines of maintenance by the return of the price, `level` and `slope` the one of
    them on which it lies now.
    """

    columns: Rows
    values: Array
    sizes: Array
    linear: Mask
    fees: Array
    isolated: Array
    tolerances: Array
    stops: Array
    rates: Array
    amounts: Array
    edges: Array
    levels: Array
    slopes: Array
    level: Array
    slope: Array

    @classmethod
    def of(cls, account: Account, columns: Rows) -> Positions:
        """These positions of the account."""
        own = account.only(columns)
        levels, slopes = own.lines
        tier = np.argmax(levels, axis=0)[np.newaxis]
        return cls(
            columns=columns,
            values=own.values,
            sizes=np.abs(own.values),
            linear=own.linear,
            fees=own.fees,
            isolated=own.isolated,
            tolerances=own.own_tolerance,
            stops=np.sign(own.values) * (own.stops - 1),
            rates=np.ascontiguousarray(own.rates),
            amounts=np.ascontiguousarray(own.amounts),
            edges=np.ascontiguousarray(own.edges),
            levels=np.ascontiguousarray(levels),
            slopes=np.ascontiguousarray(slopes),
            level=np.take_along_axis(levels, tier, axis=0)[0],
            slope=np.take_along_axis(slopes, tier, axis=0)[0],
        )


def set_needed(levels, slopes, r, needed) -> None:
    """What each position must hold at the end of the way; in loops that go several at a time."""
    for i in range(r.size):
        needed[i] = levels[0, i] + slopes[0, i] * r[i]
    for k in range(1, levels.shape[0]):
        level, slope = levels[k], slopes[k]
        for i in range(r.size):
            line = level[i] + slope[i] * r[i]
            needed[i] = line if line > needed[i] else needed[i]


def set_stops(values, stops, r, at) -> None:
    """Share of the way at which each position reaches its stop, infinite where it does not; see `stop_shares`."""
    for i in range(r.size):
        against = r[i] if values[i] > 0 else -r[i]
        share = stops[i] / against if against <= stops[i] else np.inf
        at[i] = 0.0 if stops[i] >= 0 else share


def lower_tier(edges: Array, i: int, size: float, unit: float, last: int) -> int:
    """The tier below the `last` to whose lower edge the exchange reduces a size; 0 where it closes the whole.

    As in `Statement.reduce`. An edge is so many units: 1 for a linear contract, the price's ratio to now for another.
    """
    tier = 0
    for k in range(1, last):
        tier += size > edges[k, i] * unit * (1 + ACTIVE)
    return min(tier, last - 1)
