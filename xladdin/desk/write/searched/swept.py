"""A sweep as the desk shows it: what came of all configurations, the best of them, and how two variables play."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.records import dataclass

__all__ = ["HeatMap", "Ranked", "Swept"]


@dataclass(frozen=True)
class Ranked:
    """One configuration; None where it has no figure. `chosen` is the share of splits in which it was the best."""

    configuration: str
    sharpe: float | None
    deflated_sharpe: float | None
    chosen: float | None
    annual_return: float | None
    annual_volatility: float | None
    max_drawdown: float | None
    turnover: float | None
    funding_paid: float | None
    costs: float | None
    liquidations: float | None
    answered: float | None
    reason: str = ""


@dataclass(frozen=True)
class HeatMap:
    """Sharpe ratios by the values of one variable down and another across; None where none was run."""

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Sequence[float | None]]


@dataclass(frozen=True)
class Swept:
    """All of it.

    fingerprint     of the desk's inputs that the sweep went by
    asked           what was tried, in words
    trials          configurations that were ever tried, which the ratios are deflated by
    failed          of them, how many have no run
    first, last     closes between which all are judged
    bars            returns between them
    best            the best ones, the best first, then those without a run
    own             the desk's own Settings among them; None: they were not tried
    by_luck         the best Sharpe ratio that so many without skill would show; None: not known
    overfitting     probability that the best in one half of the bars is below the median in the other; None: not known
    loss            share of splits in which that best one lost in the other half; None: not known
    file            where all of them are
    place           where it ran
    """

    fingerprint: str
    asked: str
    trials: int
    failed: int
    first: datetime
    last: datetime
    bars: int
    best: Sequence[Ranked]
    own: Ranked | None
    by_luck: float | None
    overfitting: float | None
    loss: float | None
    heat: HeatMap | None
    file: str
    place: str

    @property
    def headline(self) -> str:
        """The best of all, and what it is worth."""
        best = self.best[0]
        if best.sharpe is None:
            return f"none of {self.trials:,} configurations has a Sharpe ratio; all are in {self.file}"
        chance = "" if best.deflated_sharpe is None else f", no luck by {best.deflated_sharpe:.0%}"
        fit = "" if self.overfitting is None else f"; overfitting {self.overfitting:.0%}"
        return f"best of {self.trials:,}: {best.configuration}, Sharpe {best.sharpe:.2f}{chance}{fit}"
