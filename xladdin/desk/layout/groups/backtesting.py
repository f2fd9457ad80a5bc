"""How the past is walked: the settings under the heading Backtest."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from core.records import dataclass

from ..fields import COUNT, PERCENT, TEXT, TIME, YES_NO, setting
from .readers import BACKTEST

__all__ = ["Backtesting"]


@dataclass(frozen=True)
class Backtesting:
    """How the past is walked."""

    heading: ClassVar[str] = "Backtest"

    backtest_from: datetime | None = setting(
        "Backtest from",
        "The first decision is at this close or the next. Blank = as soon as the window is full.",
        None,
        TIME,
        BACKTEST,
        unit="UTC",
    )
    decide_every: float = setting(
        "Decide every",
        "Bars from one decision of the backtest to the next; 24 hourly bars = a day.",
        24.0,
        COUNT,
        BACKTEST,
        unit="bars",
        minimum=1,
    )
    trade_delay: float = setting(
        "Delay",
        "Bars from a decision to its trade. 0 = at the same close, which nobody can quite do; 1 is cautious.",
        0.0,
        COUNT,
        BACKTEST,
        unit="bars",
        minimum=0,
    )
    market_in_past: str = setting(
        "Market return then",
        "What the past expected of the market. stated: MarketReturn, which is hindsight. mean: that of each window.",
        "stated",
        TEXT,
        BACKTEST,
        choices=("stated", "mean"),
    )
    hedge_in_past: str = setting(
        "Hedge then",
        "Y: after each decision the past is hedged as Hedge does now, by the settings and contracts of Hedge. N: not.",
        "N",
        TEXT,
        BACKTEST,
        choices=YES_NO,
    )
    collateral_interest: float = setting(
        "Interest on collateral",
        "What the venue pays on the equity of the account in the backtest; most pay nothing on USDT.",
        0.0,
        PERCENT,
        BACKTEST,
        unit="a year",
        minimum=-1,
        maximum=1,
    )
    liquidation_fee: float = setting(
        "Liquidation fee",
        "Share of what is closed that the exchange keeps, in the backtest, when it liquidates; see your venue's terms.",
        0.0125,
        PERCENT,
        BACKTEST,
        unit="of notional",
        minimum=0,
        maximum=0.99,
    )
    trials: float = setting(
        "Trials",
        "How many policies and settings were tried before these; the deflated Sharpe ratio allows for them.",
        1.0,
        COUNT,
        BACKTEST,
        minimum=1,
    )
