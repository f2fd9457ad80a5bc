"""Drawdown buffer: capital held in reserve, more of it the nearer equity is to the loss that may not be passed.

    drawdown   d = 1 - E / M                           E: equity,  M: its peak
    surplus    s = (E - (1 - D) M) / (D E)             D: the largest drawdown allowed
               = (1 - d / D) / (1 - d)                 1 at the peak, 0 at the floor (1 - D) M
    deployed   (1 - reserve) s                         share of equity that positions may be sized on
    reserved   1 - (1 - reserve) s

At the peak the reserve is `reserve`. It grows with every loss, to all of equity at the floor, and is released along the
same line as the account recovers: what is deployed is always the same share of the surplus over the floor, the rule
that is optimal when the floor may never be passed. A book of leverage L on what is deployed cannot pass it unless its
contracts lose D / ((1 - reserve) L) between two looks.

Source: Grossman and Zhou, Optimal Investment Strategies for Controlling Drawdowns, Mathematical Finance 3 (1993).
"""

from __future__ import annotations

from ...checks import number
from ...records import dataclass

__all__ = ["DrawdownBuffer", "drawdown_buffer"]


@dataclass(frozen=True)
class DrawdownBuffer:
    """Drawdown from the peak, and the shares of equity that are reserved and deployed (sum 1), all decimals."""

    drawdown: float
    reserved: float
    deployed: float


def drawdown_buffer(
    equity: float, peak_equity: float, max_drawdown: float = 0.2, reserve: float = 0.0
) -> DrawdownBuffer:
    """The share of equity to keep in reserve at this drawdown.

    `equity` above its peak is a new peak. `max_drawdown` is in (0, 1], `reserve` (kept even at the peak) in 0..1.
    At the floor or below it, equity of zero or less included, all is reserved. Raises ArgumentError.
    """
    held = number(equity, "equity")
    peak = max(number(peak_equity, "peak_equity", above=0), held)
    worst = number(max_drawdown, "max_drawdown", above=0, at_most=1)
    kept = number(reserve, "reserve", at_least=0, at_most=1)
    above_floor = held - (1 - worst) * peak
    at_the_peak = held == peak  # where rounding must take nothing off
    surplus = 1.0 if at_the_peak else min(max(above_floor, 0.0) / (worst * abs(held)), 1.0) if held else 0.0
    deployed = (1 - kept) * surplus
    return DrawdownBuffer(1 - held / peak, 1 - deployed, deployed)
