"""Accounts that follow tilts of one base, taken a decision further: M of them beside each other.

    trade          w = tilted base, on the equity before its cost
    on the way     liquidated where 1 - cost + w'x <= maintenance'|w (1 + x)|, x: all at their lows, or their highs
    growth         g = 1 - cost + w' returns; liquidated also where g <= maintenance'|w (1 + moves)|
    drift          w (1 + moves) / g
    reward         log g - penalty x rise of max(drawdown, free)

The rule for what a step is stands here for numpy, and in `rollout_loops` for the machine; tests hold the two together.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Array, Mask
from ...records import dataclass
from .market import Market, Stakes
from .tilt import tilted

__all__ = ["Accounts", "advanced"]


@dataclass(frozen=True, eq=False)
class Accounts:
    """How M accounts stand before a decision.

    held      (M, N) weights
    equity    (M,) of 1 at the start; 0 after a liquidation
    peak      (M,) the highest so far
    """

    held: Array
    equity: Array
    peak: Array

    @classmethod
    def at(cls, base: Array, accounts: int) -> Accounts:
        """So many new ones that hold the base `(N,)`."""
        return cls(np.tile(base, (accounts, 1)), np.ones(accounts), np.ones(accounts))

    @property
    def drawdown(self) -> Array:
        """The share of the peak that is lost, `(M,)`."""
        return np.asarray(1 - self.equity / self.peak)

    @property
    def alive(self) -> Mask:
        """Those that were not liquidated, `(M,)`."""
        return np.asarray(self.equity > 0)


def advanced(market: Market, row: int, accounts: Accounts, actions: Array, stakes: Stakes) -> tuple[Accounts, Array]:
    """The accounts at the decision after `row`, and what each was rewarded, `(M,)`, for its action `(M, N)`.

    One that has been liquidated stays as it is, and is rewarded nothing.
    """
    base, costs, maintenance = market.base[row], market.costs, market.maintenance
    cap = stakes.cap if market.tilts[row] else 0.0
    weights = tilted(base, actions, cap, market.lower[row], market.upper[row])
    paid = np.abs(weights - accounts.held) @ costs
    lost = np.zeros(len(weights), dtype=np.bool_)
    for moved, earned in (
        (market.lows[row], market.lows[row]),
        (market.highs[row], market.highs[row]),
        (market.moves[row], market.returns[row]),
    ):
        growth = 1 - paid + weights @ earned
        lost |= growth <= np.abs(weights * (1 + moved)) @ maintenance
    growth = np.where(lost, 1.0, growth)
    alive, free = accounts.alive, stakes.drawdown_free
    equity = np.where(lost, 0.0, accounts.equity * growth)
    peak = np.maximum(accounts.peak, equity)
    rise = np.maximum(1 - equity / peak, free) - np.maximum(accounts.drawdown, free)
    reward = np.where(
        lost, -stakes.liquidation_penalty, np.log(growth) - stakes.drawdown_penalty * np.maximum(rise, 0.0)
    )
    drifted = weights * (1 + market.moves[row]) / growth[:, np.newaxis]
    held = np.where((alive & ~lost)[:, np.newaxis], drifted, 0.0)
    return Accounts(held, np.where(alive, equity, 0.0), peak), np.where(alive, reward, 0.0)
