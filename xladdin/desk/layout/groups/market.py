"""What the desk believes of the market: the settings under the heading Market view."""

from __future__ import annotations

from typing import ClassVar

from core.records import dataclass

from ..fields import PERCENT, TEXT, setting
from .readers import EVERY_JOB

__all__ = ["MarketView"]


@dataclass(frozen=True)
class MarketView:
    """What the desk believes of the market."""

    heading: ClassVar[str] = "Market view"

    benchmark: str = setting(
        "Benchmark",
        "The market that betas are measured against; a symbol of the Prices sheet.",
        "BTCUSDT",
        TEXT,
        EVERY_JOB,
        unit="symbol",
        needed=True,
    )
    risk_free: float = setting(
        "Risk-free rate",
        "What idle collateral earns, for instance the 3-month bill.",
        0.05,
        PERCENT,
        EVERY_JOB,
        unit="a year",
        minimum=-1,
        maximum=1,
    )
    market_return: float = setting(
        "Market return",
        "Expected return of the benchmark; less the risk-free rate it is the premium.",
        0.30,
        PERCENT,
        EVERY_JOB,
        unit="a year",
        minimum=-1,
        maximum=10,
    )
