"""The account: the settings under the heading Account."""

from __future__ import annotations

from typing import ClassVar

from core.records import dataclass

from ..fields import MONEY, PERCENT, setting
from .readers import EVERY_JOB, REBALANCE

__all__ = ["Account"]


@dataclass(frozen=True)
class Account:
    """The account."""

    heading: ClassVar[str] = "Account"

    equity: float = setting(
        "Equity",
        "Account value: wallet balance plus open profit. Weights are notional / equity.",
        10_000_000.0,
        MONEY,
        EVERY_JOB,
        unit="USDT",
        minimum=1,
        needed=True,
    )
    margin_buffer: float = setting(
        "Margin buffer",
        "Share of equity the optimiser keeps free of initial margin.",
        0.30,
        PERCENT,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=1,
    )
