"""What the hedge aims at, and where: the settings under the heading Hedge."""

from __future__ import annotations

from typing import ClassVar

from core.choices import AIMS, WEIGHINGS
from core.records import dataclass

from ..fields import BETA, LENGTH, TEXT, setting
from .readers import HEDGE, HEDGE_AND_BACKTEST, HEDGE_AND_STRESS

__all__ = ["Hedging"]


@dataclass(frozen=True)
class Hedging:
    """What the hedge aims at, and where."""

    heading: ClassVar[str] = "Hedge"

    target_beta: float = setting(
        "Target beta",
        "Beta of the whole book after the hedge, on equity.",
        0.30,
        BETA,
        HEDGE_AND_BACKTEST,
        minimum=-10,
        maximum=10,
    )
    hedge_mode: str = setting(
        "Hedge mode",
        "direct: match beta in the book itself. overlay: in a book apart. factor: match beta, clear the Factors too.",
        "direct",
        TEXT,
        HEDGE_AND_BACKTEST,
        choices=("direct", "factor", "overlay"),
    )
    hedge_band: float = setting(
        "No-trade band",
        "A hedge is due when beta is further than this from its target.",
        0.05,
        BETA,
        HEDGE_AND_BACKTEST,
        unit="beta",
        minimum=0,
        maximum=10,
    )
    hedge_aim: str = setting(
        "Trade out of that band",
        "target: to the target beta. edge: only to the nearest edge of the band, where costs are in proportion.",
        "target",
        TEXT,
        HEDGE_AND_BACKTEST,
        choices=AIMS,
    )
    hedge_horizon_days: float = setting(
        "Hedge horizon",
        "How long the hedge is to be held: funding, carry and decay until then are weighed. Read with rows on Hedges.",
        30.0,
        LENGTH,
        HEDGE,
        unit="days",
        minimum=0.01,
        maximum=3650,
    )
    hedge_weighing: str = setting(
        "Hedges are weighed by",
        "least_cost until the horizon. mean_variance: that and Risk aversion x variance / 2. Read with rows on Hedges.",
        WEIGHINGS[0],
        TEXT,
        HEDGE,
        choices=WEIGHINGS,
    )
    book_basis: str = setting(
        "Book looked at",
        "target: the book as Rebalance wants it. current: the positions held now.",
        "target",
        TEXT,
        HEDGE_AND_STRESS,
        choices=("target", "current"),
    )
