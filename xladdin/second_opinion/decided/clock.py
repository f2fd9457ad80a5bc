"""Whether the book is traded now: so many hours after the last trade, more or fewer as the market swings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ..inputs import Inputs
from .sizes import Size

__all__ = ["clock_of", "waits"]


def clock_of(inputs: Inputs, every: float) -> dict[str, Any]:
    """The measures of Market that tell of the clock, `every` so many hours."""
    now, last = inputs.closes.index[-1].to_pydatetime(), inputs.last_trade
    left = 0.0 if last is None else every - max((now - last).total_seconds() / 3600, 0.0)
    return {
        "Last trade": last,
        "Trades due": "Y" if left <= 1e-12 * every else "N",
        "Next due": now + timedelta(hours=max(left, 0.0)),
    }


def waits(inputs: Inputs, every: float) -> bool:
    """Whether orders wait: nothing is urgent and nobody asks for them anyway."""
    due = clock_of(inputs, every)["Trades due"] == "Y"
    return not (due or Size.of(inputs).urgent or inputs.words["TradeAnyway"] == "y")
