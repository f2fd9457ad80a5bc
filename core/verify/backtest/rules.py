"""The rules of a run as a spreadsheet states them: rows of the limits block that speak of the backtest.

They are those of `run_rows`, and `maintenance_rates`, which the policy keeps within where it is stated and which the
exchange asks for in any case (0.01 unless stated). All other rows are limits of the policy, which counts the costs of
the run unless `turnover_cost` states its own. A hedge stands beside the book: its contracts are in the book only as far
as their own limits allow. With stated `betas` a hedge to the market is static, else it is estimated at each decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import choice, nearest, number, numbers, whole
from ...choices import WHEN_UNANSWERED
from ...decide.limits.declared import Limits
from ...decide.policy.around.hedged import on_contracts, stated
from ...decide.policy.clock import Clock
from ...decide.policy.named import Choices, HedgeChoices, Sizes, policy_named
from ...errors import ArgumentError
from ...records import dataclass
from ...units import BASIS_POINT
from ..walk.history import History
from ..walk.terms import Terms
from .decisions import PEAK_DAYS, Decisions
from .run_rows import RUN_ROWS

__all__ = ["Rules"]

MAINTENANCE = 0.01
HEDGED_TO = ("market", "hedges")


@dataclass(frozen=True, eq=False)
class Rules:
    """The limits that the policy keeps, what goes around it, the terms of its trades, and how the run is judged."""

    limits: Limits
    terms: Terms
    choices: Choices = field(default_factory=Choices)
    trials: int = 1
    when_unanswered: str = "min_variance"
    peak_days: float = PEAK_DAYS

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], contracts: int, cost_bps: float) -> Rules:
        """The rules in a block of rows, trades costing `cost_bps` of their notional, fee and slippage together.

        Raises ArgumentError that names the row.
        """
        cost = number(cost_bps, "cost_bps", at_least=0) * BASIS_POINT
        own = _own_rows(rows)
        limits = Limits.from_rows([row for row in rows if _name(row) not in RUN_ROWS], contracts)
        named = {_name(row) for row in rows if any(cell not in (None, "") for cell in row[1:])}
        if "turnover_cost" not in named:
            limits = replace(limits, turnover_cost=cost)
        return cls(
            limits=limits,
            terms=Terms(
                fee=cost,
                maintenance_rates=_maintenance(limits, contracts),
                liquidation_fee=number(own.get("liquidation_fee", 0.0), "liquidation_fee", at_least=0, below=1),
                delay=whole(own.get("delay", 0), "delay", at_least=0),
                isolated=np.nan if (alone := _stated(own, "isolated", above=0)) is None else alone,
                stops=np.nan if (loss := _stated(own, "stop_loss", above=0)) is None else loss,
                interest=number(own.get("interest", 0.0), "interest"),
            ),
            choices=_choices(own, limits, contracts),
            trials=whole(own.get("trials", 1), "trials", at_least=1),
            when_unanswered=choice(own.get("when_unanswered", cls.when_unanswered), "when_unanswered", WHEN_UNANSWERED),
            peak_days=number(own.get("peak_days", PEAK_DAYS), "peak_days", above=0),
        )

    def decisions(self, history: History, name: str, window: int) -> Decisions:
        """The decisions of the desk's policy of that name; where it has no answer the rule for that decides.

        `volatility_target` takes the target of the limits. Raises ArgumentError.
        """
        target = self.limits.target_volatility
        chosen = self.choices if target is None else replace(self.choices, target_volatility=target)
        return Decisions(
            history,
            policy_named(name, chosen),
            window,
            self.limits,
            when_unanswered=self.when_unanswered,
            around=chosen.around,
            peak_days=self.peak_days,
        )


def _choices(own: Mapping[str, Any], limits: Limits, contracts: int) -> Choices:
    """What goes around the policy. Raises ArgumentError that names the row."""
    hours, sizes = own.get("clock_hours"), Sizes()
    sizes = replace(
        sizes,
        volatility_ceiling=_stated(own, "volatility_ceiling", above=0),
        volatility=_stated(own, "volatility_target", above=0),
        leverage_tilt=own.get("leverage_tilt"),
        tilt_most=number(own.get("tilt_most", sizes.tilt_most), "tilt_most", above=0),
        tilt_reference=number(own.get("tilt_reference", sizes.tilt_reference), "tilt_reference", above=0),
        max_drawdown=_stated(own, "drawdown_buffer", above=0, at_most=1),
        reserve=number(own.get("buffer_reserve", 0.0), "buffer_reserve", at_least=0, at_most=1),
    )
    kind = own.get("clock")
    if kind is None and hours is not None:
        raise ArgumentError("limits row 'clock_hours' needs a row 'clock': every, drift or calm")
    return Choices(
        hedged=_hedge(own, limits, contracts),
        sizes=sizes,
        no_trade_band=number(own.get("no_trade_band", 0.0), "no_trade_band", at_least=0),
        band_aim=own.get("band_aim", "edge"),
        clock=None if kind is None else Clock(kind) if hours is None else Clock(kind, hours),
        month_stop=_stated(own, "month_stop", above=0, below=1),
        falls_back=False,
    )


def _hedge(own: Mapping[str, Any], limits: Limits, contracts: int) -> HedgeChoices | None:
    """The hedge beside the book; None where no contract is marked."""
    if "hedges" not in own:
        beside = [name for name in own if name.startswith("hedge_")]
        if beside:
            raise ArgumentError(f"limits row '{beside[0]}' needs a row 'hedges': 1 for each contract to hedge with")
        return None
    cells = numbers(own["hedges"], "hedges")
    if cells[contracts:].any():
        raise ArgumentError(f"limits row 'hedges' has more than {contracts} values, one for each contract")
    marked = tuple(np.flatnonzero(cells[:contracts]).tolist())
    if not marked:
        raise ArgumentError("limits row 'hedges' marks no contract; write 1 below each to hedge with")
    target = number(own.get("hedge_target", 0.0), "hedge_target")
    halflife = _stated(own, "hedge_halflife", above=0)
    if choice(own.get("hedge_to", "market"), "hedge_to", HEDGED_TO) == "hedges":
        return HedgeChoices(marked, target, on_contracts(marked, halflife))
    if halflife is not None:
        raise ArgumentError("limits row 'hedge_halflife' belongs to hedge_to hedges; leave it out")
    return HedgeChoices(marked, target, None if limits.betas is None else stated(limits.vector("betas", contracts)))


def _stated(own: Mapping[str, Any], name: str, **within: float) -> float | None:
    """The number of a row; None where it is not stated. Raises ArgumentError."""
    return number(own[name], name, **within) if name in own else None


def _name(row: Sequence[Any]) -> str:
    return "" if not row or row[0] is None else str(row[0]).strip().lower()


def _own_rows(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The value of each row that speaks of the run, or its values; blank ones are not stated. Raises ArgumentError."""
    own: dict[str, Any] = {}
    for row in rows:
        name, values = _name(row), [cell for cell in row[1:] if cell not in (None, "")]
        if name not in Limits.TERMS and name not in RUN_ROWS and (meant := nearest(name, RUN_ROWS)):
            raise ArgumentError(f"limits row '{name}' is not known{meant}")
        if name not in RUN_ROWS or not values:
            continue
        if name in own:
            raise ArgumentError(f"limits row '{name}' is stated twice; keep one of them")
        if RUN_ROWS[name].each:
            own[name] = [0.0 if cell in (None, "") else cell for cell in row[1:]]
            continue
        if len(values) > 1:
            raise ArgumentError(f"limits row '{name}' takes one value, written right beside the name")
        own[name] = values[0]
    return own


def _maintenance(limits: Limits, contracts: int) -> ArrayLike:
    if limits.maintenance_rates is None:
        return MAINTENANCE
    return numbers(np.asarray(limits.maintenance_rates), "maintenance_rates", contracts, at_least=0, below=1)
