"""How far ahead the sheet Risk looks: the settings under the heading Risk."""

from __future__ import annotations

from typing import ClassVar

from core.records import dataclass

from ..fields import LENGTH, setting
from .readers import TODAY

__all__ = ["Risk"]


@dataclass(frozen=True)
class Risk:
    """How far ahead the sheet Risk looks."""

    heading: ClassVar[str] = "Risk"

    risk_horizon_hours: float = setting(
        "Risk horizon",
        "Hours that the losses on Risk are counted over, beside a day; 72 = a weekend without new collateral.",
        72.0,
        LENGTH,
        TODAY,
        unit="hours",
        minimum=0.01,
        maximum=8760,
    )
