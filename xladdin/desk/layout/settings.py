"""The desk's settings: every named input cell, declared once in its group, and what follows from them together.

`Settings` is what a job works with, typed; `SETTINGS` is the same as `template` and `read` see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from core.choices import LEARNED, REINFORCED
from core.records import dataclass

from .fields import Setting, declared
from .groups.account import Account
from .groups.backtesting import Backtesting
from .groups.estimation import Estimation
from .groups.hedging import Hedging
from .groups.live import LiveData
from .groups.market import MarketView
from .groups.models import Models
from .groups.optimiser import Optimiser
from .groups.risk import Risk
from .groups.running import Running
from .groups.sizing import NO_TILT, Sizing
from .groups.stressing import Stressing
from .groups.trading import Trading

__all__ = ["SETTINGS", "Settings", "written"]

SEEKING_MODELS = ("classical", "hybrid", "learned", REINFORCED)
"""Models that read an objective."""

SELF_SIZING_MODELS = ("volatility_target", "beta_neutral")
"""Models that decide themselves how much to hold."""

GROUPS = (
    *(Account, MarketView, Estimation, Optimiser, Models, Sizing, Trading, Hedging, Risk, Stressing, Backtesting),
    *(Running, LiveData),
)
"""The groups in the order of the sheet."""


@dataclass(frozen=True)
class Settings(
    Account,
    MarketView,
    Estimation,
    Optimiser,
    Models,
    Sizing,
    Trading,
    Hedging,
    Risk,
    Stressing,
    Backtesting,
    Running,
    LiveData,
):
    """The named cells of the Settings sheet; None = left blank."""

    @property
    def aim(self) -> str | None:
        """The objective, where the model reads one."""
        return self.objective if self.model in SEEKING_MODELS else None

    @property
    def net(self) -> float | None:
        """The sum of weights that the book must have; None where it is free or the model decides it."""
        return None if self.model in SELF_SIZING_MODELS else self.net_target

    @property
    def volatility(self) -> float | None:
        """The volatility to which a book is held; None for one that seeks its volatility itself."""
        seeks = self.aim == "target_volatility" or self.model == "volatility_target"
        return None if seeks else self.vol_target

    @property
    def tilt(self) -> str | None:
        """What weights lean with; None where they do not."""
        return None if self.leverage_tilt == NO_TILT else self.leverage_tilt

    @property
    def learns(self) -> bool:
        """Whether something is learned from all rows of Prices, not the window alone."""
        return self.model == LEARNED or self.learns_betas

    @property
    def learns_betas(self) -> bool:
        """Whether betas are."""
        return self.beta_method == LEARNED

    @property
    def sizes(self) -> bool:
        """Whether a book may be held larger or smaller than the model wants it."""
        return any(each is not None for each in (self.volatility, self.tilt, self.max_drawdown, self.month_stop))

    @property
    def sums_may_differ(self) -> bool:
        """Whether sums that limits fix are those of the book only nearly: it is sized, or held in a no-trade band."""
        return self.sizes or self.no_trade_band > 0

    @property
    def hedges_factors_in_past(self) -> bool:
        """Whether a backtest looks at the sheet Factors."""
        return self.hedge_in_past == "Y" and self.hedge_mode == "factor"

    def read_by(self, job: str) -> Mapping[str, float | str | datetime | None]:
        """The settings that a job reads, by name in the order of the sheet."""
        values = vars(self)
        return {item.field: values[item.field] for item in SETTINGS if job in item.read_by}

    def written(self, job: str) -> str:
        """The settings that a job reads as one line: `objective=max_sharpe; net_target=1; max_step=blank`."""
        return "; ".join(f"{name}={written(value)}" for name, value in self.read_by(job).items())


SETTINGS: tuple[Setting, ...] = tuple(declared(item, group.heading) for group in GROUPS for item in fields(group))
"""Each setting as it is declared, in the order of the sheet."""


def written(value: float | str | datetime | None) -> str:
    """A setting as the run log has it."""
    if value is None:
        return "blank"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value if isinstance(value, str) else f"{value:g}"
