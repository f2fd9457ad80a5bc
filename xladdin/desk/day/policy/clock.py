"""The desk's clock: when its policy trades, as Settings have it."""

from __future__ import annotations

from core.decide.policy.clock import Clock
from core.decide.policy.schedule import LONGEST_HOURS, SHORTEST_HOURS

from ...layout.settings import Settings

__all__ = ["desk_clock"]


def desk_clock(settings: Settings) -> Clock:
    """When to trade: never more often than there are bars to decide on."""
    bar = settings.bar_hours
    shortest = max(SHORTEST_HOURS, bar)
    return Clock(settings.clock, max(settings.clock_hours, bar), shortest, max(LONGEST_HOURS, shortest))
