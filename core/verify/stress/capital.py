"""Capital sufficiency: the smallest equity with which nothing would have been liquidated.

At the share l of the way an account needs its maintenance, less what it has earned by then:

    cross account       E*  = max over l of sum_cross (M_i(l) - G_i(l)) - what the positions closed at stops brought
    position alone      E_i = max over l of M_i(l) - G_i(l)
    whole account       E* + sum E_i

Maintenance is convex in l and earnings are straight, so between two stops the greatest lack stands at an end: now, at a
stop, or at the shock. Equity of E* stands on maintenance there; a breath less, and it is liquidated.

Source: the identity equity = maintenance margin at liquidation; see `core.verify.path.straight_move`.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array
from ...records import dataclass
from ..blocks import blocks
from ..path.account import Account, needs
from ..path.straight_move import stop_shares
from .scenarios import Stress

__all__ = ["Capital", "capital_needed"]


@dataclass(frozen=True, eq=False)
class Capital:
    """Equity that survives, in quote; S scenarios, N contracts.

    needed (S,)             of the whole account in each scenario: cross + sum of isolated
    cross (S,)              what must back the positions in cross margin
    isolated (N,)           collateral that each position alone needs to survive every scenario, NaN = cross
    every                   equity that survives every scenario: the greatest cross + sum of isolated
    missing                 what the account's equity lacks of `every`, 0 when it suffices
    worst                   the scenario that needs most, counted from 0
    """

    needed: Array
    cross: Array
    isolated: Array
    every: float
    missing: float
    worst: int


def capital_needed(result: Stress) -> Capital:
    """The smallest equity that survives each scenario of a stress, and every one of them, exact; fees play no part."""
    account = result.book.account
    count, size = result.market_shock.size, account.values.size
    cross, own = np.empty(count), np.empty(count)
    most = np.zeros(size)
    for block in blocks(count, size):
        returns, funding = result.shocks.moves.part(block).returns(), result.shocks.funding[block]
        gains = account.values * (returns - funding[:, np.newaxis])
        stops = np.minimum(stop_shares(account, returns), 1.0)
        alone = _alone(account, returns, gains, stops)
        cross[block] = _cross(account, returns, gains, stops, alone)
        own[block] = alone.sum(axis=1)
        most = np.maximum(most, alone.max(axis=0))
    needed = cross + own
    every = float(cross.max() + most.sum())
    return Capital(
        needed=needed,
        cross=cross,
        isolated=np.where(account.alone, most, np.nan),
        every=every,
        missing=max(every - account.equity, 0.0),
        worst=int(needed.argmax()),
    )


def _alone(account: Account, returns: Array, gains: Array, stops: Array) -> Array:
    """Collateral that each position alone needs, `(S, N)`, 0 for the others: the more of now and where it ends."""
    now = needs(account, np.ones(account.values.size))
    later = needs(account, 1 + stops * returns) - stops * gains
    # Closed at its stop at once, a position needs nothing; at a stop on the way it is open up to there.
    return np.where(account.alone & (stops > 0), np.maximum(np.maximum(now, later), 0.0), 0.0)


def _cross(account: Account, returns: Array, gains: Array, stops: Array, alone: Array) -> Array:
    """Equity that the cross account needs, `(S,)`: the greatest lack of all moments at which one can be."""
    lack = np.zeros(len(returns))
    for share in _moments(stops):
        is_open = stops > share
        # At the very stop the position still stands, and a breath later it is gone.
        for standing in (is_open, stops >= share) if share.any() else (is_open,):
            open_now = standing | (stops >= 1)
            shared = open_now & ~account.alone
            needed = np.where(shared, needs(account, 1 + share * returns) - share * gains, 0.0)
            brought = np.where(open_now, 0.0, stops * gains + alone)
            lack = np.maximum(lack, (needed - brought).sum(axis=1))
    return lack


def _moments(stops: Array) -> list[Array]:
    """Now, each stop in the order of the way, and the end, as `(S, 1)` shares."""
    inside = np.sort(np.where((stops > 0) & (stops < 1), stops, 1.0), axis=1)
    distinct = int((inside < 1).sum(axis=1).max(initial=0))
    ends: list[Array] = [np.zeros((len(stops), 1)), np.ones((len(stops), 1))]
    return [ends[0], *(inside[:, [column]] for column in range(distinct)), ends[1]]
