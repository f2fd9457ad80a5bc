"""How large the book is held: the settings under the heading Size."""

from __future__ import annotations

from typing import ClassVar

from core.choices import TILTS
from core.records import dataclass

from ..fields import LENGTH, MONEY, PERCENT, TEXT, TIMES, setting
from .readers import BACKTEST, REBALANCE, TODAY

__all__ = ["NO_TILT", "Sizing"]

NO_TILT = "none"


@dataclass(frozen=True)
class Sizing:
    """How large the book is held."""

    heading: ClassVar[str] = "Size"

    vol_target: float | None = setting(
        "Volatility target",
        "Hold the book to this volatility; target_volatility and volatility_target seek it instead. Blank = off.",
        None,
        PERCENT,
        REBALANCE,
        unit="a year",
        minimum=0,
        maximum=10,
    )
    vol_mode: str = setting(
        "Volatility mode",
        "down: a book above the target is held smaller. both: one below it is held larger too, up to the limits.",
        "down",
        TEXT,
        REBALANCE,
        choices=("down", "both"),
    )
    leverage_tilt: str = setting(
        "Leverage tilt",
        "volatility: each weight grows where its contract is calm now. premium: where it is better paid. none: off.",
        NO_TILT,
        TEXT,
        REBALANCE,
        choices=(NO_TILT, *TILTS),
    )
    tilt_most: float = setting(
        "Largest tilt",
        "Most that the tilt multiplies a weight by.",
        1.5,
        TIMES,
        REBALANCE,
        unit="x weight",
        minimum=0.01,
        maximum=10,
    )
    tilt_reference: float = setting(
        "Usual premium",
        "Expected return over risk-free at which tilt premium leaves a weight as it is.",
        0.25,
        PERCENT,
        REBALANCE,
        unit="a year",
        minimum=0.001,
        maximum=10,
    )
    risk_per_trade: float | None = setting(
        "Risk per trade",
        "Most that a contract may lose at its Stop of Universe: its weight is held to this over Stop. Blank = off.",
        None,
        PERCENT,
        REBALANCE,
        unit="of equity",
        minimum=0.0001,
        maximum=1,
    )
    max_drawdown: float | None = setting(
        "Drawdown buffer",
        "Largest fall from the peak; the nearer equity is to it, the smaller the book. Blank = off.",
        None,
        PERCENT,
        REBALANCE,
        unit="of the peak",
        minimum=0.001,
        maximum=1,
    )
    buffer_reserve: float = setting(
        "Reserve at the peak",
        "Share of equity that the drawdown buffer keeps out of the book even at the peak.",
        0.0,
        PERCENT,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=1,
    )
    peak_equity: float | None = setting(
        "Peak equity",
        "Highest equity of the last months, for the drawdown buffer. Blank = equity now.",
        None,
        MONEY,
        TODAY,
        unit="USDT",
        minimum=1,
    )
    peak_days: float = setting(
        "Days of the peak",
        "A backtest takes the highest equity of so many days for the peak; one of all time would end in cash for good.",
        90.0,
        LENGTH,
        BACKTEST,
        unit="days",
        minimum=1,
    )
    month_stop: float | None = setting(
        "Month's stop",
        "Fall from the month's high after which all is closed until the month ends. Blank = off.",
        None,
        PERCENT,
        REBALANCE,
        unit="of the high",
        minimum=0.001,
        maximum=0.999,
    )
    month_high_equity: float | None = setting(
        "Month's high",
        "Highest equity of this month, for the month's stop. Blank = equity now.",
        None,
        MONEY,
        TODAY,
        unit="USDT",
        minimum=1,
    )
