"""What an optimum seeks, and the limits it keeps: the settings under the heading Optimiser."""

from __future__ import annotations

from typing import ClassVar

from core.choices import OBJECTIVES
from core.records import dataclass

from ..fields import BETA, PERCENT, RATIO, TEXT, TIMES, setting
from .readers import REBALANCE, REBALANCE_AND_HEDGE

__all__ = ["Optimiser"]


@dataclass(frozen=True)
class Optimiser:
    """What an optimum seeks, and the limits it keeps."""

    heading: ClassVar[str] = "Optimiser"

    objective: str = setting(
        "Objective",
        "What models classical and hybrid seek. The two cells below belong to it; robust needs uncertainty on Limits.",
        "max_sharpe",
        TEXT,
        REBALANCE,
        choices=OBJECTIVES,
    )
    target_return: float | None = setting(
        "Target return",
        "Return to reach at least risk; read by objective target_return only.",
        0.20,
        PERCENT,
        REBALANCE,
        unit="a year",
        minimum=-10,
        maximum=10,
    )
    risk_aversion: float = setting(
        "Risk aversion",
        "Price of variance against return; read by objectives utility and robust, and by hedges weighed mean_variance.",
        3.0,
        RATIO,
        REBALANCE_AND_HEDGE,
        minimum=0,
    )
    net_target: float | None = setting(
        "Net exposure",
        "Sum of the weights. Blank = free; models volatility_target and beta_neutral decide it themselves.",
        1.0,
        TIMES,
        REBALANCE,
        unit="x equity",
        minimum=-10,
        maximum=10,
    )
    gross_max: float = setting(
        "Gross limit",
        "Largest sum of absolute weights.",
        2.0,
        TIMES,
        REBALANCE_AND_HEDGE,
        unit="x equity",
        minimum=0,
        maximum=125,
    )
    portfolio_beta: float | None = setting(
        "Portfolio beta",
        "Beta the book must have. Blank = free; model beta_neutral hedges to 0 then.",
        None,
        BETA,
        REBALANCE,
        minimum=-10,
        maximum=10,
    )
    turnover_cost: float | None = setting(
        "Turnover cost",
        "Cost of trading one unit of notional. Blank = fee + slippage of the Universe.",
        None,
        PERCENT,
        REBALANCE,
        unit="of traded",
        minimum=0,
        maximum=1,
    )
    max_step: float | None = setting(
        "Largest step",
        "Largest change of one weight in a run. Blank = free.",
        None,
        PERCENT,
        REBALANCE,
        unit="of equity",
        minimum=0,
        maximum=10,
    )
