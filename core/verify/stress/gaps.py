"""Gap risk: a move that jumps over a stop fills it where it lands, and not where it stands.

    beyond_i = v_i (stop_i - max(r_i, -1))      where the move passes the stop; 0 elsewhere

with v_i the signed notional now, stop_i the move from now to the stop (0 where the price is beyond it already, so that
it is filled at once) and r_i the move of the scenario. It is what the holder loses on top of the loss that the stop was
to allow, never below zero.

Source: the definition of a stop order, which becomes a market order when its price is reached; e.g. BCBS, "Minimum
capital requirements for market risk" (2019), MAR 33, on gap risk.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Mask
from ...records import dataclass
from ..path.book import Book
from ..path.straight_move import stop_shares
from .shocks import Shocks

__all__ = ["Gaps", "stop_gaps"]


@dataclass(frozen=True, eq=False)
class Gaps:
    """Which stops each of S scenarios passes, `(S, N)`, and the loss beyond each of them, in quote, 0 elsewhere."""

    passed: Mask
    beyond: Array


def stop_gaps(book: Book, shocks: Shocks) -> Gaps:
    """The stops that each scenario runs through, and what is lost beyond them where it jumps."""
    account, returns = book.account, shocks.returns
    passed = stop_shares(account, returns) <= 1
    allowed = np.where(passed, account.stops - 1, 0.0)
    at_once = np.sign(account.values) * allowed >= 0
    beyond = account.values * (np.where(at_once, 0.0, allowed) - returns)
    return Gaps(passed, np.where(passed, np.maximum(beyond, 0.0), 0.0))
