"""When the book is traded: the settings under the heading When to trade."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from core.choices import AIMS, CLOCKS
from core.records import dataclass

from ..fields import LENGTH, MONEY, PERCENT, TEXT, TIME, YES_NO, setting
from .readers import EVERY_JOB, REBALANCE, TODAY, TODAY_AND_HEDGE

__all__ = ["Trading"]


@dataclass(frozen=True)
class Trading:
    """When the book is traded."""

    heading: ClassVar[str] = "When to trade"

    clock: str = setting(
        "Clock",
        "every: so many hours after the last trade. drift: sooner when volatile. calm: later when volatile.",
        "every",
        TEXT,
        EVERY_JOB,
        choices=CLOCKS,
    )
    clock_hours: float = setting(
        "Hours between trades",
        "In usual times, and no less than a bar; drift and calm keep between 4 hours and a week.",
        24.0,
        LENGTH,
        EVERY_JOB,
        unit="hours",
        minimum=0.01,
    )
    last_trade: datetime | None = setting(
        "Last trade",
        "When the book was last traded. Until the clock is due, Rebalance orders nothing. Blank = not known, so due.",
        None,
        TIME,
        TODAY,
        unit="UTC",
    )
    trade_anyway: str = setting(
        "Trade anyway",
        "Y: Rebalance orders its trades whatever the clock says.",
        "N",
        TEXT,
        TODAY,
        unit="Y / N",
        choices=YES_NO,
    )
    no_trade_band: float = setting(
        "No-trade band, weights",
        "A contract is traded only where its weight is further than this from the one wanted. 0 = always.",
        0.0,
        PERCENT,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=10,
    )
    band_aim: str = setting(
        "Trade out of the band",
        "edge: to the nearest edge of the band, which cost a quarter less for the same risk. target: all the way.",
        "edge",
        TEXT,
        REBALANCE,
        choices=AIMS,
    )
    smallest_order: float = setting(
        "Smallest order",
        "What is worth less is dust: no order is made of it, and what is held stays. 0 = every order counts.",
        200.0,
        MONEY,
        TODAY_AND_HEDGE,
        unit="USDT",
        minimum=0,
    )
