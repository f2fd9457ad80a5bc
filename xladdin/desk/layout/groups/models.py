"""Which model decides, and how it leans: the settings under the heading Enhanced models."""

from __future__ import annotations

from typing import ClassVar

from core.choices import DESK_POLICIES, LEARNERS, RETRAIN_DAYS, WHEN_UNANSWERED
from core.records import dataclass

from ..fields import LENGTH, PERCENT, RATIO, TEXT, YES_NO, setting
from .readers import EVERY_JOB, REBALANCE

__all__ = ["Models"]


@dataclass(frozen=True)
class Models:
    """Which model decides, and how it leans."""

    heading: ClassVar[str] = "Enhanced models"

    model: str = setting(
        "Model",
        "classical: the optimum; hybrid, learned, reinforced tilt it, the last two guarded. Others expect no return.",
        "classical",
        TEXT,
        REBALANCE,
        choices=DESK_POLICIES,
    )
    policy_file: str | None = setting(
        "Policy file",
        "JSON file beside the workbook with what model reinforced has learned. Blank: nothing, and its base answers.",
        None,
        TEXT,
        REBALANCE,
    )
    overlay_cap: float = setting(
        "Overlay cap",
        "Away from the optimum, of its gross: most that hybrid buys and sells together, and learned each way.",
        0.20,
        PERCENT,
        REBALANCE,
        unit="of gross",
        minimum=0,
        maximum=1,
    )
    learner: str = setting(
        "Learned by",
        "ridge: a line. boosting: small trees. What corrects the premia of model learned; its guard keeps the optimum.",
        "ridge",
        TEXT,
        EVERY_JOB,
        choices=LEARNERS,
    )
    retrain_days: float = setting(
        "Train anew",
        "Days from one training to the next, counted from the first rows of Prices that suffice; of learned betas too.",
        RETRAIN_DAYS,
        LENGTH,
        EVERY_JOB,
        unit="days",
        minimum=1,
    )
    vrp_coefficient: float = setting(
        "Variance premium tilt",
        "Return added per unit of variance risk premium, where ImpliedVol is given. 0 = off, 0.1 is usual.",
        0.0,
        RATIO,
        EVERY_JOB,
        minimum=0,
        maximum=10,
    )
    semivariance_alpha: float = setting(
        "Share of variance",
        "1 = variance only, 0 = downside only; read by objective semivariance.",
        0.50,
        RATIO,
        REBALANCE,
        minimum=0,
        maximum=1,
    )
    fallback_allowed: str = setting(
        "Fall back",
        "Y: where a model has no answer another does, as the cell below says; the run says why. N: the run ends there.",
        "Y",
        TEXT,
        EVERY_JOB,
        unit="Y / N",
        choices=YES_NO,
    )
    when_unanswered: str = setting(
        "When unanswered",
        "Who answers then. min_variance: least risk, else hold. cash: close all. hold: what is held stays, a bet too.",
        "min_variance",
        TEXT,
        REBALANCE,
        choices=WHEN_UNANSWERED,
    )
