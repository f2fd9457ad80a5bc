"""The rules of a run as a spreadsheet states them: rows of the limits block that speak of the backtest.

    trials              strategies that were tried before this one was chosen; default 1
    when_unanswered     cash, min_variance or hold; default min_variance
    delay               rows from a decision to its trade; default 0
    liquidation_fee     share of the notional that the exchange keeps when it closes; default 0
    maintenance_rates   share of the notional that must be held; default 0.01; the policy keeps within it where stated

All other rows are limits of the policy, which counts the costs of the run unless `turnover_cost` states its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...checks import choice, nearest, number, numbers, whole
from ...decide.limits.declared import Limits
from ...decide.policy.named import Choices, policy_named
from ...decide.policy.protocol import Policy
from ...errors import ArgumentError
from ...units import BASIS_POINT
from ..walk.terms import Terms
from .decisions import WHEN_UNANSWERED

__all__ = ["Rules"]

OWN_ROWS = ("trials", "when_unanswered", "delay", "liquidation_fee")
MAINTENANCE = 0.01


@dataclass(frozen=True, eq=False)
class Rules:
    """The limits that the policy keeps, the terms of its trades, and how the run is judged."""

    limits: Limits
    terms: Terms
    trials: int = 1
    when_unanswered: str = "min_variance"

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], contracts: int, cost_bps: float) -> Rules:
        """The rules in a block of rows, trades costing `cost_bps` of their notional, fee and slippage together.

        Raises ArgumentError that names the row.
        """
        cost = number(cost_bps, "cost_bps", at_least=0) * BASIS_POINT
        own = _own_rows(rows)
        limits = Limits.from_rows([row for row in rows if _name(row) not in OWN_ROWS], contracts)
        stated = {_name(row) for row in rows if any(cell not in (None, "") for cell in row[1:])}
        if "turnover_cost" not in stated:
            limits = replace(limits, turnover_cost=cost)
        return cls(
            limits=limits,
            terms=Terms(
                fee=cost,
                maintenance_rates=_maintenance(limits, contracts),
                liquidation_fee=number(own.get("liquidation_fee", 0.0), "liquidation_fee", at_least=0, below=1),
                delay=whole(own.get("delay", 0), "delay", at_least=0),
            ),
            trials=whole(own.get("trials", 1), "trials", at_least=1),
            when_unanswered=choice(own.get("when_unanswered", cls.when_unanswered), "when_unanswered", WHEN_UNANSWERED),
        )

    def policy(self, name: str) -> Policy:
        """The desk's policy of that name, without those it falls back on; `volatility_target` takes the limits' target.

        Raises ArgumentError.
        """
        target = self.limits.target_volatility
        choices = Choices(falls_back=False) if target is None else Choices(falls_back=False, target_volatility=target)
        return policy_named(name, choices)


def _name(row: Sequence[Any]) -> str:
    return "" if not row or row[0] is None else str(row[0]).strip().lower()


def _own_rows(rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """The value of each row that speaks of the run; blank ones are not stated. Raises ArgumentError."""
    own: dict[str, Any] = {}
    for row in rows:
        name, values = _name(row), [cell for cell in row[1:] if cell not in (None, "")]
        if name not in Limits.TERMS and name not in OWN_ROWS and (meant := nearest(name, OWN_ROWS)):
            raise ArgumentError(f"limits row '{name}' is not known{meant}")
        if name not in OWN_ROWS or not values:
            continue
        if name in own:
            raise ArgumentError(f"limits row '{name}' is stated twice; keep one of them")
        if len(values) > 1:
            raise ArgumentError(f"limits row '{name}' takes one value, written right beside the name")
        own[name] = values[0]
    return own


def _maintenance(limits: Limits, contracts: int) -> ArrayLike:
    if limits.maintenance_rates is None:
        return MAINTENANCE
    return numbers(np.asarray(limits.maintenance_rates), "maintenance_rates", contracts, at_least=0, below=1)
