"""How a run is repeated and where its history lies: the settings under the heading Running."""

from __future__ import annotations

from typing import ClassVar

from core.records import dataclass

from ..fields import COUNT, TEXT, setting
from .readers import EVERY_JOB, STRESS_AND_BACKTEST

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
    history_file: str | None = setting(
        "History file",
        "Parquet file beside the workbook with all of the history; set by Refresh. Blank: Prices and Funding hold it.",
        None,
        TEXT,
        EVERY_JOB,
    )
