"""How a run is repeated: the settings under the heading Running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..fields import COUNT, setting
from .readers import STRESS_AND_BACKTEST

__all__ = ["Running"]


@dataclass(frozen=True)
class Running:
    """How a run is repeated."""

    heading: ClassVar[str] = "Running"

    seed: float = setting(
        "Seed",
        "Start of the random numbers that Stress and Backtest draw, so that a run can be repeated to the digit.",
        7.0,
        COUNT,
        STRESS_AND_BACKTEST,
        minimum=0,
    )
