"""How days are simulated: the settings under the heading Stress."""

from __future__ import annotations

from typing import ClassVar

from core.choices import SIMULATIONS
from core.records import dataclass

from ..fields import TEXT, setting
from .readers import STRESS

__all__ = ["Stressing"]


@dataclass(frozen=True)
class Stressing:
    """How days are simulated."""

    heading: ClassVar[str] = "Stress"

    simulation_method: str = setting(
        "Simulated days",
        "bootstrap: blocks of past bars. student_copula: joint crashes beyond them. filtered: at today's volatility.",
        SIMULATIONS[0],
        TEXT,
        STRESS,
        choices=SIMULATIONS,
    )
