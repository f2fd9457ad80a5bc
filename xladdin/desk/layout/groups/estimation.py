"""How the past is read: the settings under the heading Estimation."""

from __future__ import annotations

from typing import ClassVar

from core.choices import BETA_METHODS, COVARIANCE_METHODS, LEARNED
from core.records import dataclass

from ..fields import COUNT, LENGTH, TEXT, YES_NO, setting
from .readers import EVERY_JOB

__all__ = ["Estimation"]


@dataclass(frozen=True)
class Estimation:
    """How the past is read."""

    heading: ClassVar[str] = "Estimation"

    bar_hours: float = setting(
        "Bar length",
        "Hours from one row of Prices to the next; Refresh sets it.",
        1.0,
        LENGTH,
        EVERY_JOB,
        unit="hours",
        minimum=0,
        needed=True,
    )
    window: float = setting(
        "Window",
        "Latest returns that the estimates use; 720 hourly bars = 30 days.",
        720.0,
        COUNT,
        EVERY_JOB,
        unit="bars",
        minimum=2,
        needed=True,
    )
    beta_method: str = setting(
        "Beta method",
        "ols: equal weights. ewma: recent bars count more. downside, upside: in such markets. learned: by trees.",
        "ols",
        TEXT,
        EVERY_JOB,
        choices=(*BETA_METHODS, LEARNED),
    )
    beta_halflife: float = setting(
        "Half-life",
        "Age at which a bar counts half, for the ewma methods.",
        168.0,
        LENGTH,
        EVERY_JOB,
        unit="bars",
        minimum=1,
    )
    regime_window: str = setting(
        "Start at the regime",
        "Y: the window starts anew where the volatility of the benchmark last changed, if that is later.",
        "N",
        TEXT,
        EVERY_JOB,
        unit="Y / N",
        choices=YES_NO,
    )
    funding_method: str = setting(
        "Expected funding",
        "mean: what settled in the window. forecast: mean-reverting, for the next day of settlements.",
        "mean",
        TEXT,
        EVERY_JOB,
        choices=("mean", "forecast"),
    )
    covariance_method: str = setting(
        "Covariance method",
        "How the risks of the contracts hang together; shrunk_correlation keeps the own volatility of each.",
        "shrunk_correlation",
        TEXT,
        EVERY_JOB,
        choices=COVARIANCE_METHODS,
    )
