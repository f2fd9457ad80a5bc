"""What the desk's policy is told of the account today: the peak and the month's high, and when it was last traded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from core.decide.policy.protocol import Holding
from core.errors import say

from ..layout.settings import Settings

__all__ = ["as_of_today"]


def as_of_today(holding: Holding, settings: Settings, now: datetime) -> Holding:
    """The holding with what Settings say of the account; what is blank there and was assumed is said.

    A high below equity is an old one: equity now is the high. A last trade that is still to come was just now.
    """
    equity, traded = holding.equity, settings.last_trade
    _say_what_is_assumed(settings)
    return replace(
        holding,
        peak=max(settings.peak_equity or equity, equity),
        month_high=max(settings.month_high_equity or equity, equity),
        hours_held=np.inf if traded is None else max((now - traded) / timedelta(hours=1), 0.0),
    )


def _say_what_is_assumed(settings: Settings) -> None:
    """Name the cells that are blank though a setting rests on them."""
    if settings.max_drawdown is not None and settings.peak_equity is None:
        say("Settings PeakEquity is blank: equity now was taken for the peak, so the drawdown buffer takes nothing off")
    if settings.month_stop is not None and settings.month_high_equity is None:
        say("Settings MonthHighEquity is blank: equity now was taken for the month's high, so its stop cannot act")
